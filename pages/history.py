"""Who changed what, when; and the way back."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from crm.commands.history import undo_change, undone_in_words
from crm.queries import employees, history
from crm.ui import cards, dialogs, flash, goaloutlook, tables, taking, words
from crm.ui.header import header
from crm.ui.session import current

MANY = 30
KINDS_SHOWN = 6


def counts(row: dict[str, Any]) -> str:
    """“1 customer, 2 contacts”; where something was added, what was only changed is told apart. Of many kinds, the largest."""
    found = [
        (number, table, " changed" if kind == "update" and len(kinds) > 1 else "")
        for table, kinds in (row["counts"] or {}).items()
        for kind, number in kinds.items()
    ]
    more = len(found) - KINDS_SHOWN
    if more > 0:
        found = sorted(found, key=lambda part: -part[0])[:KINDS_SHOWN]
    things = [words.count(number, _thing(table)) + how for number, table, how in found]
    return ", ".join(things) + (f" and {words.count(more, 'kind')} more" if more > 0 else "")


def _thing(table: str) -> str:
    return table.removesuffix("s").replace("_", " ").replace("enps", "eNPS")


@dialogs.dialog("What it did", width="large")
def details(row: dict[str, Any]) -> None:
    """Every row that a change touched, before and after; and what undoing it would do."""
    session = current()
    st.markdown(
        f"**{words.plain(row['title'])}** · {words.plain(row['actor_name'])} · {session.local(row['made_at']):%d %b %Y, %H:%M}"
    )
    tables.draw(history.rows_of(session, row["change_set_id"], limit=200), key="rows_of_change", alt="The rows of this change")
    everything = partial(history.rows_of, change_set_id=row["change_set_id"], limit=taking.MOST)
    taking.offer("rows_of_change", "Rows of a change", everything)
    blocked = history.blocked(session, row["change_set_id"]) if not row["undone_by"] else "Already undone."
    if blocked:
        st.caption(words.plain(blocked))
    elif may_undo(row):
        key = row["change_set_id"]
        if st.button("Undo all of it", key="undo_all", type="primary", icon=":material/undo:", on_click=undo, args=(key,)):
            st.rerun()


def may_undo(row: dict[str, Any]) -> bool:
    """One's own change, or anybody's for a manager."""
    mine = row["actor_id"] is not None and row["actor_id"] == session.actor.employee_id
    return not row["undone_by"] and (mine or session.may("manager"))


def undo(change_set_id: Any) -> None:
    flash.attempt("flash", lambda: undo_change(current(), change_set_id), undone_in_words)


def line(row: dict[str, Any]) -> None:
    """One change: what, who, when, how much. The session is the page's: to look up anew who is there costs more than to draw."""
    key = row["change_set_id"]
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            title = words.plain(row["title"])
            st.markdown(f"~~{title}~~ undone" if row["undone_by"] else f"**{title}**")
            when = session.local(row["made_at"])
            st.caption(f"{words.plain(row['actor_name'])} · {when:%d %b %Y, %H:%M} · {counts(row)}")
        if st.button("Details", key=f"details_{key}", type="tertiary"):
            details(row)
        if may_undo(row):
            st.button("Undo", key=f"undo_{key}", icon=":material/undo:", on_click=undo, args=(key,))


session = current()
with header("History"):
    who = st.selectbox(
        "Who",
        ["Everyone", *[row["name"] for row in employees.active(session)]],
        key="who",
        label_visibility="collapsed",
        width=200,
    )
goaloutlook.past_news(session)
many = MANY * st.session_state.get("history_pages", 1)
found = history.change_sets(session, actor=None if who == "Everyone" else who, limit=many)
for change in found:
    line(change)
if not found:
    cards.empty("history", "Nothing has been changed yet.")
if len(found) == many:
    st.button("Older", key="older", on_click=lambda: st.session_state.update(history_pages=many // MANY + 1))
