"""What should I do now? My goal, what is due, who is going quiet, what is promised; done, logged or put off in place."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import streamlit as st

from crm.queries import employees, lists, tasks, today, traits
from crm.ui import cards, complaints, enps, goalcard, start, taking, todo, words
from crm.ui.header import header
from crm.ui.places import CUSTOMERS, PIPELINE
from crm.ui.session import cached, current

NOUNS = ("interactions", "orders", "customers", "deals", "stages", "employees", "customer_values")
MINE, EVERYONE = "Mine", "Everyone’s"
SHOWN = 6


def greeting() -> str:
    """By the company's clock, by name where it is known."""
    session = current()
    hour = session.local(session.now).hour
    part = "morning" if 4 <= hour < 12 else "afternoon" if hour < 18 else "evening"
    name = "" if session.actor.name in {"You", "System"} else f", {session.actor.name.split()[0]}"
    return f"Good {part}{name}"


def whose() -> UUID | None:
    """Mine; but who owns nothing is helped more by everybody's."""
    session = current()
    default = MINE if employees.owns_something(session, session.actor.employee_id) else EVERYONE
    key = f"whose_{session.actor.employee_id}"  # each person begins with the own
    chosen = st.segmented_control(
        "Whose", [MINE, EVERYONE], default=default, required=True, key=key, label_visibility="collapsed"
    )
    return session.actor.employee_id if chosen == MINE else None


def counts(todo_rows: list[dict[str, Any]], quiet: list[dict[str, Any]], late: list[dict[str, Any]]) -> None:
    """Four cards: my goal, overdue, going quiet, deals past their close."""
    session = current()
    currency = session.settings["currency"]
    overdue = [row for row in todo_rows if row["due_on"] and row["due_on"] < session.today]
    goal, others = st.columns([2, 3])
    with goal:
        goalcard.draw(session)
    with others, st.grid(3, min_column_width=100, height="stretch"):
        cards.number("Overdue", len(overdue), "tasks due before today")
        stake = words.money(sum(row["yearly_amount"] for row in quiet), currency)
        cards.number("Going quiet", len(quiet), f"{words.plain(stake)} a year at stake")
        amount = words.money(sum(row["potential_amount"] or 0 for row in late), currency)
        cards.number("Past close", len(late), f"deals worth {words.plain(amount)}")


def work(rows: list[dict[str, Any]]) -> None:
    """What is due today and before."""
    with st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader("Next", anchor=False)
            if rows:
                taking.offer("tasks", "Open tasks", partial(lists.batches, kind="tasks", is_open=True, owner=owner))
        todo.tasks(rows[: 2 * SHOWN])
        if not rows:
            st.markdown("Nothing is waiting.")
            st.page_link(CUSTOMERS, label="Look who has not heard from us in a while", query_params={"sort": "By longest silent"})


def people(quiet: list[dict[str, Any]], promised: list[dict[str, Any]]) -> None:
    """Whom to call, and what they were promised."""
    with st.container(border=True):
        st.subheader("Customers to call", anchor=False)
        todo.to_call(quiet[:SHOWN])
        if len(quiet) > SHOWN:
            label = f"{len(quiet) - SHOWN} more, each with less at stake"
            st.page_link(CUSTOMERS, label=label, query_params={"sort": "By longest silent"})
        if not quiet:
            st.caption("Nobody has been silent for longer than usual.")
    if promised:
        with st.container(border=True):
            st.subheader("Promised", anchor=False)
            todo.promises(promised)


def late_deals(rows: list[dict[str, Any]]) -> None:
    """Deals that should have closed by now."""
    if rows:
        with st.container(border=True):
            st.subheader("Past expected close", anchor=False)
            todo.past_close(rows[:SHOWN])
            if len(rows) > SHOWN:
                st.page_link(PIPELINE, label=f"{len(rows) - SHOWN} more in the pipeline")


session = current()
with header(greeting(), f"{session.today:%A, %d %B %Y}"):
    owner = whose()
if start.is_empty(session):
    start.ways_in()
    st.stop()
start.demo_notice(session)
due = tasks.of_owner(session, owner, session.today + timedelta(days=1), 30)
quiet_ones = cached(session, today.quiet, NOUNS, owner)
late = cached(session, today.past_close, NOUNS, owner)
counts(due, quiet_ones, late)
left, right = st.columns(2, gap="medium")
with left:
    work(due)
    late_deals(late)
with right:
    complaints.waiting(session, owner)
    people(quiet_ones, traits.promises(session, owner, SHOWN))
    complaints.changes(session, owner)
enps.ways_in(session)
