"""My goal, as Today shows it: how far, and whether that is fast enough."""

from __future__ import annotations

import streamlit as st

from crm.queries import goals
from crm.store.session import Session
from crm.ui import goallines, words
from crm.ui.session import cached

NOUNS = (
    "goals",
    "objectives",
    "deals",
    "stages",
    "stage_changes",
    "products",
    "customers",
    "orders",
    "interactions",
    "feedback",
    "tasks",
    "employees",
    "teams",
)


def draw(session: Session) -> None:
    """Draw my goal, else my team's, else the company's; or say that there is none."""
    goal = cached(session, goals.mine, NOUNS, session.actor.employee_id)
    with st.container(border=True, height="stretch", gap="small", key="my_goal"):
        if goal is None:
            st.metric("My goal", words.NOTHING)
            st.caption("No goal is set for today.")
            return
        currency = session.settings["currency"]
        whose = "My goal" if goal.scope == "employee" else f"{goal.scope_name}’s goal"
        value = goallines.share(goal) or words.figure(goal.actual, goal.figure.unit, currency)
        st.metric(f"{words.plain(whose)} · {goal.period.label}", value)
        goallines.bar(goal)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(words.plain(f"{goal.figure.title}: {goallines.progress(goal, currency)}"), width="content")
            goallines.badge(goal)
