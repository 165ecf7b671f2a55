"""One way to change what themes are: do it, say so, and have the comments read again, so that the change is seen in seconds."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from crm.commands.jobs import ask
from crm.ui import flash, forms
from crm.ui.session import current

JOB, PROPOSALS = "themes", "theme_proposals"
# Which dialog is open: a job that ends meanwhile draws the page anew, and must not close it over what is being typed.
DIALOG = "theme_dialog"


def asked(which: str, form: str) -> None:
    """Open a dialog, in a callback, with nothing in its form."""
    forms.clear(form)
    st.session_state[DIALOG] = which


def is_open(which: str) -> bool:
    """Whether a dialog is open."""
    return st.session_state.get(DIALOG) == which


def closed() -> None:
    """The dialog is done with, or was dismissed."""
    st.session_state.pop(DIALOG, None)


def attempt(action: Callable[[], Any], done: str | Callable[[Any], str], form: str = "flash") -> Any:
    """In a callback: the change, then the job that carries it over to all comments."""
    return flash.attempt(form, partial(_then_read, action), done)


def then_read(save: Callable[..., Any]) -> Callable[..., Any]:
    """The same for the save of a form."""

    def saved(**values: Any) -> Any:
        return _then_read(partial(save, **values))

    return saved


def _then_read(action: Callable[[], Any]) -> Any:
    found = action()
    closed()
    ask(current(), JOB)
    return found
