"""Past erasures: when, by whom, how much, and the proof. Whom is known nowhere any more."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.commands.erasure import ERASER, bytes_in_words, counted, proof, repeat_search
from crm.errors import CrmError
from crm.queries import erasures
from crm.ui import cards, shelf, words
from crm.ui.session import current


def draw() -> None:
    """The list, and the search of the proof once more."""
    session = current()
    shelf.who_may(ERASER, "who was erased")
    if not session.may(ERASER):
        return
    found = erasures.past(session)
    for row in found:
        _one(row)
    if not found:
        cards.empty("person_off", "Nobody has been erased. A contact's “Erase…” does it, and its proof will stand here.")
    with st.container(border=True, key="erasure_search"):
        st.subheader("Search everything", anchor=False)
        st.caption("Every text of every table and of the history, for a name, an e-mail or a number. What you type is not kept.")
        wanted = st.text_input("Name, e-mail or number", key="erasure_search_text", max_chars=300)
        if wanted and wanted.strip():
            st.markdown(words.plain(_searched(wanted.strip())))


def _searched(text: str) -> str:
    try:
        return repeat_search(current(), text)
    except CrmError as error:
        return error.message


def _one(row: dict[str, Any]) -> None:
    session = current()
    with st.container(border=True, gap="small", key=f"erasure_{row['erasure_id']}"):
        st.markdown(f"**{session.local(row['made_at']):%d %b %Y, %H:%M}** · {words.plain(row['actor_name'])}")
        st.markdown(words.plain(proof(row["search"])))
        st.caption(words.plain(f"{counted(row['counts'])} {bytes_in_words(session, row['rewritten_at'] is not None)}"))
