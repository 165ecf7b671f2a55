"""Themes that the comments without one propose: accepted under a name of our own, or turned down; both can be taken back."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from crm.commands.history import undo_change, undone_in_words
from crm.commands.jobs import ask
from crm.commands.themes import accept_proposal, dismiss_proposal
from crm.queries import jobs, theme_proposals
from crm.store.session import Session
from crm.ui import flash, theme_change, words
from crm.ui.session import current

Row = dict[str, Any]
FIRST, QUOTES, PHRASES = 4, 2, 6
SHOWN = "proposals_shown"


def draw(session: Session, corpus: str) -> None:
    """What is proposed, the largest first, for those who may decide; then what was turned down."""
    if not session.may("manager"):
        return
    with st.container(border=True, key="proposals"):
        found = theme_proposals.proposals(session, corpus)
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.subheader(f"Proposed themes ({len(found)})" if found else "Proposed themes", anchor=False)
            button(session, corpus)
        st.caption("Found in comments that have no theme yet. Nothing becomes a theme until somebody accepts it.")
        many = st.session_state.get(SHOWN, FIRST)
        for row in found[:many]:
            _proposal(session, row)
        if len(found) > many:
            st.button("More", key="more_proposals", type="tertiary", on_click=_more, args=(many,))
        _dismissed(session, corpus)


def _more(many: int) -> None:
    st.session_state[SHOWN] = many + 2 * FIRST


def button(session: Session, corpus: str, key: str = "propose", **look: Any) -> None:
    """The button that has the comments looked through for themes."""
    is_busy = jobs.is_under_way(jobs.latest(session, theme_change.PROPOSALS))
    st.button("Propose themes", key=key, icon=":material/lightbulb:", on_click=_propose, args=(corpus,), disabled=is_busy, **look)


def _propose(corpus: str) -> None:
    flash.attempt("flash", lambda: ask(current(), theme_change.PROPOSALS, corpus=corpus), "Looking for themes in what has none")


def _proposal(session: Session, row: Row) -> None:
    """A name to keep or to change, the words that find it, and two of its comments."""
    key = str(row["theme_proposal_id"])
    form = f"proposal_{key}"
    with st.container(border=True, gap="small", key=form):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.session_state.setdefault(f"{form}.name", row["name"])
            st.text_input("Name of the theme", key=f"{form}.name", max_chars=80, label_visibility="collapsed", width="stretch")
            st.button("Accept", key=f"accept_{key}", icon=":material/check:", on_click=_accept, args=(key, form))
            st.button("Dismiss", key=f"dismiss_{key}", type="tertiary", on_click=_dismiss, args=(key, row["name"]))
        flash.problem(form)
        found_by = " ".join(f":gray-badge[{words.plain(phrase)}]" for phrase in row["phrases"][:PHRASES])
        st.markdown(f"{words.count(row['comment_count'], 'comment')} with {found_by}")
        for quote in row["quotes"][:QUOTES]:
            st.caption(f"“{words.plain(words.cut(quote['text'], 220))}”")


def _accept(key: str, form: str) -> None:
    name = st.session_state.get(f"{form}.name", "").strip()
    theme_change.attempt(
        partial(accept_proposal, current(), key, name=name or None), f"{name or 'The theme'} is a theme now", form
    )


def _dismiss(key: str, name: str) -> None:
    flash.attempt("flash", partial(dismiss_proposal, current(), key), f"{name} is not proposed again")


def _dismissed(session: Session, corpus: str) -> None:
    found = theme_proposals.dismissals(session, corpus)
    if not found:
        return
    with st.expander(f"Dismissed ({len(found)})", key="dismissed"):
        for row in found:
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                when = f"{session.local(row['made_at']):%d %b %Y}"
                who = words.plain(row["dismissed_by"] or "somebody")
                st.markdown(f"{words.plain(row['name'])}  \n:small[:gray[{when} · {who}]]", width="content")
                back = partial(flash.attempt, "flash", partial(undo_change, current(), row["change_set_id"]), undone_in_words)
                st.button("Bring back", key=f"bring_{row['theme_dismissal_id']}", type="tertiary", on_click=back)
