"""My goal, as Today shows it: how far, and whether that is fast enough."""

from __future__ import annotations

import streamlit as st

from crm.queries import goals
from crm.store.session import Session
from crm.ui import words
from crm.ui.session import cached

NOUNS = ("goals", "deals", "stages", "customers", "orders", "interactions", "feedback", "tasks", "employees", "teams")
COLORS = {"on track": "green", "behind": "orange", "at risk": "red"}


def draw(session: Session) -> None:
    """Draw my goal, or the way to one."""
    found = cached(session, goals.mine, NOUNS, session.actor.employee_id)
    with st.container(border=True, height="stretch", gap="small", key="my_goal"):
        if found is None:
            st.metric("My goal", words.NOTHING)
            st.caption("No goal is set for today.")
            return
        currency = session.settings["currency"]
        actual, target = (words.figure(value, found.figure.unit, currency) for value in (found.actual, found.target))
        whose = "My goal" if found.scope == "employee" else found.scope_name
        st.metric(f"{words.plain(whose)} · {found.period.label}", words.share(found.attainment))
        st.progress(min(max(found.attainment or 0.0, 0.0), 1.0))
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(words.plain(f"{found.figure.title}: {actual} of {target}"), width="content")
            st.badge(found.state, color=COLORS.get(found.state, "gray"))
