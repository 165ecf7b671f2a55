"""What was just done, with its undo, in the next run; what was refused, beside the form it belongs to.

A toast cannot hold a button, and one shown inside a callback is lost with the rerun: so the message waits in the
session's state and the next page draws it in its header, where one click takes the change back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import streamlit as st

from crm.commands.history import undo_change, undone_in_words
from crm.errors import CrmError
from crm.ui import keys, words
from crm.ui.session import current


@dataclass(frozen=True)
class Flash:
    """A sentence about what happened, and the change set to undo, if there is one."""

    text: str
    change_set_id: UUID | None = None


def attempt(form: str, action: Callable[[], Any], done: str | Callable[[Any], str]) -> Any:
    """Do it in a callback: keep the good news for the next run, or the refusal for the form; None when refused."""
    try:
        result = action()
    except CrmError as error:
        st.session_state[keys.PROBLEM] = (form, error.message, error.field)
        return None
    st.session_state.pop(keys.PROBLEM, None)
    text = done(result) if callable(done) else done
    st.session_state[keys.FLASH] = Flash(text, getattr(result, "change_set_id", None))
    return result


def problem(form: str) -> None:
    """Draw the refusal that belongs to this form."""
    of, message, _ = st.session_state.get(keys.PROBLEM, ("", "", None))
    if of == form:
        st.error(words.plain(message), icon=":material/error:")


def problem_at(form: str, field: str) -> None:
    """Draw the refusal at the input that it is about, where the form's button is out of sight of it."""
    of, message, about = st.session_state.get(keys.PROBLEM, ("", "", None))
    if (of, about) == (form, field):
        st.markdown(f":red[:material/error: {words.plain(message)}]")


def dismiss(form: str) -> None:
    """Let go of this form's refusal: what it was about has moved or is gone."""
    if st.session_state.get(keys.PROBLEM, ("",))[0] == form:
        del st.session_state[keys.PROBLEM]


def show() -> None:
    """Draw what was just done, once, with its undo."""
    flash: Flash | None = st.session_state.pop(keys.FLASH, None)
    st.session_state[keys.SHOWN] = flash
    if not flash:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="flash"):
        st.markdown(f":material/check_circle: {words.plain(flash.text)}", width="content")
        if flash.change_set_id:
            st.button(
                "Undo",
                key="flash_undo",
                type="tertiary",
                icon=":material/undo:",
                on_click=_undo,
                args=(flash.change_set_id,),
            )


def again() -> None:
    """Before a page is drawn anew by itself: what its head says, and its undo, stay."""
    if shown := st.session_state.get(keys.SHOWN):
        st.session_state[keys.FLASH] = shown


def pass_on() -> None:
    """First thing in a fragment or a dialog: when something was just saved, run the whole page, so that its head says so."""
    if keys.FLASH in st.session_state:
        st.rerun()


def _undo(change_set_id: UUID) -> None:
    attempt("flash", lambda: undo_change(current(), change_set_id), undone_in_words)
