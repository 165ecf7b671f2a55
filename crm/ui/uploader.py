"""Take a file from a person who may bring one: the only uploader of the house, because it admits its visitor."""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from crm.commands import uploads
from crm.store.session import Session


def draw(session: Session, label: str, *, key: str, role: str = "manager", **options: Any) -> Any:
    """A file uploader; only drawn where `session.may(role)`."""
    context = get_script_run_ctx()
    if context:
        uploads.admit(session, context.session_id, role)
    return st.file_uploader(label, key=key, **options)


def limit() -> str:
    """How large an upload may be."""
    return f"{st.get_option('server.maxUploadSize')} MB"
