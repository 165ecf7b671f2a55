"""A person's rights, beside their name: all we hold on them as a file, and the way to be forgotten."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from crm.commands.erasure import ERASER, EXPORTER, export_person
from crm.store.session import Session
from crm.ui.places import ERASE
from crm.ui.session import current


def draw(key: Any, name: str) -> None:
    """What the person at the page may do; nothing where that is nothing."""
    session = current()
    if not session.may(EXPORTER):
        return
    with st.container(horizontal=True, vertical_alignment="center", key=f"rights_{key}"):
        download(key, name)
        if session.may(ERASER):
            st.page_link(ERASE, label="Erase…", icon=":material/person_remove:", query_params={"person": str(key)})


def download(key: Any, name: str) -> None:
    """All we hold on them, as one page to read and print."""
    st.download_button(
        "Export all we hold",
        data=partial(_file, current(), key),
        file_name=f"all we hold on {name}.html",
        mime="text/html",
        key=f"person_file_{key}",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
        help="Every row of every table that hangs on this person, with its history, as one page that prints.",
    )


def _file(session: Session, key: Any) -> bytes:
    """Runs beside the page when the button is pressed."""
    return export_person(Session(session.database, session.actor), key)
