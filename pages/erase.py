"""Erase a person: look at what goes and what stays, confirm, and read the proof."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from crm.commands.erasure import CONFIRM, ERASER, backups_in_words, erase_confirmed
from crm.errors import Refused
from crm.queries import backups, erasures
from crm.ui import cards, flash, forgetting, rights, words
from crm.ui.header import header
from crm.ui.places import CUSTOMERS, SETTINGS
from crm.ui.session import current


def proof(done: Any) -> None:
    """What was erased, and what the search found after it."""
    with st.container(border=True, key="erase_proof"):
        st.subheader("Erased, and proven", anchor=False)
        for sentence in done.sentences():
            st.markdown(words.plain(sentence))
        st.page_link(SETTINGS, label="All erasures", icon=":material/list:", query_params={"settings_tab": "Erasures"})


def erase(person: str, also: list[str], places: list[Any]) -> None:
    """Do it, if the word stands there; the proof is kept for the page."""
    action = partial(erase_confirmed, current(), person, st.session_state.get("confirm") or "", also=also, places=places)
    done = flash.attempt("erase", action, "Erased. Nobody can take it back.")
    if done:
        st.session_state["erased"] = (person, done)
        st.session_state.pop("erase_previews", None)
        st.session_state.pop("confirm", None)
        st.cache_data.clear()


def confirm(person: str, also: list[str], places: list[Any]) -> None:
    """The last question."""
    with st.container(border=True, key="erase_confirm"):
        st.subheader("Erase for good", anchor=False)
        st.markdown("Nobody can take this back: not with undo, not with a backup.")
        for sentence in backups_in_words([each.file.name for each in backups.kept(current())]):
            st.caption(words.plain(sentence))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(f"Type {CONFIRM} to confirm", key="confirm", width=260, validate="")
            st.button(
                "Erase this person",
                key="erase",
                type="primary",
                icon=":material/person_remove:",
                on_click=erase,
                args=(person, also, places),
            )
        flash.problem("erase")


def looked_at(*people: str) -> erasures.Preview:
    """What erasing them would do, searched for once a visit: each tick on the page would search everything again."""
    known = st.session_state.setdefault("erase_previews", {})
    if people not in known:
        known[people] = erasures.preview(current(), people[0], people[1:])
    found: erasures.Preview = known[people]
    return found


def nobody(sentence: str) -> None:
    """Nothing to erase here, and the way on."""
    with header("Erase a person"):
        pass
    with cards.empty("person_off", words.plain(sentence)):
        st.page_link(CUSTOMERS, label="All customers")
    st.stop()


wanted = st.query_params.get("person") or ""
erased, result = st.session_state.get("erased", ("", None))
if result and erased == wanted:
    with header("Erase a person"):
        pass
    proof(result)
    st.stop()
if not current().may(ERASER):
    nobody(f"Erasing a person needs the role of {ERASER}. Ask one of them.")
if not cards.is_key(wanted):
    nobody("Choose whom: open a contact, or a customer who is a person, and there “Erase…”.")
try:
    found = looked_at(wanted)
except Refused as refused:
    nobody(refused.message)
with header(f"Erase {found.name}", "Look at what goes and what stays. Nothing is erased yet."):
    rights.download(wanted, found.name)
left, right = st.columns([3, 2], gap="large")
with left:
    others = forgetting.alike(found.alike)
    found = looked_at(wanted, *others)
    confirm(wanted, others, forgetting.mentions(found.mentions))
with right:
    forgetting.outcome(found)
