"""The dialog that is open: drawn again with every run until it is saved, dismissed or left.

A job that ends draws the page anew, and Streamlit closes a dialog that this run does not draw: also over what is being typed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from crm.ui import forms, keys


def asked(form: str, dialog: Callable[..., Any], *args: Any) -> None:
    """Open a dialog, in a callback, with nothing in its form."""
    forms.clear(form)
    st.session_state[keys.DIALOG] = (dialog, args, _place(), False)


def draw() -> None:
    """The dialog that is open; one that was asked for at another place is left."""
    dialog, args, place, _ = st.session_state.get(keys.DIALOG, (None, (), None, True))
    if dialog and place == _place():
        st.session_state[keys.DIALOG] = (dialog, args, place, True)
        dialog(*args)
    else:
        closed()


def pass_on() -> None:
    """First thing in a fragment whose buttons ask for dialogs: run the whole page, which draws them."""
    if keys.DIALOG in st.session_state and not st.session_state[keys.DIALOG][-1]:
        st.rerun()


def closed() -> None:
    """It is done with, or was dismissed."""
    st.session_state.pop(keys.DIALOG, None)


def on_page(path: str) -> None:
    """Another page leaves the dialog of the last one."""
    if st.session_state.get(keys.PAGE) != path:
        st.session_state[keys.PAGE] = path
        closed()


def _place() -> tuple[str | None, ...]:
    return tuple(st.query_params.get(name) for name in ("feedback_tab", "theme"))
