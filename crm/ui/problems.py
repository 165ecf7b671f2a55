"""An unexpected error: a short message with a reference number, and the same number in the log with the trace."""

from __future__ import annotations

import logging
import secrets

import streamlit as st

from crm.errors import CrmError
from crm.ui import words

log = logging.getLogger("crm")


def show_problem(error: Exception) -> bool:
    """Tell the person, and log the rest; True: Streamlit need not show its own."""
    if isinstance(error, CrmError):
        st.error(words.plain(error.message), icon=":material/error:")
        return True
    reference = secrets.token_hex(4)
    log.error("problem %s", reference, exc_info=error)
    st.error(
        f"Something went wrong on our side, and nothing was lost. Reload the page; if it comes back, "
        f"tell your admin the number {reference}.",
        icon=":material/error:",
    )
    return True
