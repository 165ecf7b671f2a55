"""Dialogs that stay open when a job ends: it draws the page anew, and Streamlit closes a dialog that the run does not draw.

Every other run of the page closes them, as everywhere in Streamlit: after saving, after a click on a link.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import streamlit as st

from crm.ui import forms, keys

Opening = Callable[..., None]


def dialog(title: str, **look: Any) -> Callable[[Opening], Opening]:
    """Like `st.dialog`: what it decorates is called in a run, or `asked` for in a callback."""

    def made(content: Opening) -> Opening:
        @wraps(content)
        def drawn(*args: Any, **named: Any) -> None:
            pass_on()
            content(*args, **named)

        shown = st.dialog(title, on_dismiss=left, **look)(drawn)

        @wraps(content)
        def opened(*args: Any, **named: Any) -> None:
            st.session_state[keys.DIALOG] = partial(opened, *args, **named)
            shown(*args, **named)

        return opened

    return made


def asked(form: str, opened: Opening, *args: Any, **named: Any) -> None:
    """Open a dialog in the next run, with nothing in its form."""
    forms.clear(form)
    st.session_state[keys.ASKED] = partial(opened, *args, **named)


def left() -> None:
    """It was dismissed, or a new run of the page leaves it: the next job must not open it again."""
    st.session_state.pop(keys.DIALOG, None)


def draw() -> None:
    """The dialog that was asked for. After the head's news: a form in it would run the page once more to show them."""
    opened = st.session_state.pop(keys.ASKED, None)
    if opened:
        opened()


def again() -> None:
    """Before a page is drawn anew by itself: the dialog that is open stays."""
    if keys.DIALOG in st.session_state:
        st.session_state[keys.ASKED] = st.session_state[keys.DIALOG]


def pass_on() -> None:
    """First thing in a fragment whose buttons ask for dialogs, as in every dialog: run the whole page, which draws them."""
    if keys.ASKED in st.session_state:
        st.rerun()
