"""My goal, as Today shows it: how far, and whether that is fast enough."""

from __future__ import annotations

import streamlit as st

from crm.queries import goals, periods
from crm.queries.goals import Standing
from crm.store.session import Session
from crm.ui import forms, goalforms, goallines, goaloutlook, words
from crm.ui.session import cached


def draw(session: Session) -> None:
    """Draw my goal, else my team's, else the company's; or say that there is none."""
    goal = cached(session, goals.mine, goallines.NOUNS, session.actor.employee_id)
    with st.container(border=True, height="stretch", gap="small", key="my_goal"):
        if goal is None:
            st.metric("My goal", words.NOTHING)
            st.caption("No goal is set for today.")
            if session.may("manager") and st.button("Set a goal", key="set_goal", type="tertiary", icon=":material/flag:"):
                forms.clear(goalforms.SET)
                goalforms.set_one(periods.containing("quarter", session.today, _first_month(session)), "company")
            return
        currency = session.settings["currency"]
        whose = "My goal" if goal.scope == "employee" else f"{goal.scope_name}’s goal"
        value = goallines.share(goal) or words.figure(goal.actual, goal.figure.unit, currency)
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            st.metric(f"{words.plain(whose)} · {goal.period.label}", value, width="content")
            if _may_change(session, goal.scope):
                _offer_change(goal)
        goallines.bar(goal)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(words.plain(f"{goal.figure.title}: {goallines.progress(goal, currency)}"), width="content")
            goallines.badge(session, goal)
        if goallines.is_judged_by_a_part(session, goal):
            st.caption(goallines.NARROWED)
        else:
            _ahead(session, goal, currency)


def _offer_change(goal: Standing) -> None:
    if st.button("Change", key="change_goal", type="tertiary", icon=":material/edit:"):
        forms.clear(goalforms.CHANGE)
        goalforms.change_one(goal)


def _ahead(session: Session, goal: Standing, currency: str) -> None:
    """How likely it is to be reached, and the milestone that was passed lately."""
    kept = goaloutlook.of_goals(session, [goal]).get(goal.goal_id)
    if kept and goal.state != "reached":
        st.caption(words.plain(goaloutlook.said(kept, goal.figure, currency)))
    goaloutlook.news(session)


def _may_change(session: Session, scope: str) -> bool:
    return session.may("leader" if scope == "company" else "manager")


def _first_month(session: Session) -> int:
    return int(session.settings["first_month_of_year"])
