"""Where do we want to be, and will we get there? Leadership sets targets here, and everyone sees how they stand."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.queries import goals, objectives
from crm.queries.goals import Parts, Standing
from crm.ui import cards, eventlist, filters, forms, goalforms, goallines, goaloutlook, goaltables, words
from crm.ui.goallines import NOUNS
from crm.ui.header import header
from crm.ui.session import cached, current

SCOPES = {"company": "Company", "team": "Teams", "employee": "Employees"}


def under_objectives(shown: list[Standing], everyone: list[Standing]) -> None:
    """The goals under the objective that each serves, those without one last."""
    known = objectives.active(session)
    sums = {part.whole.goal_id: part for part in goals.parts(everyone)}
    for objective in known:
        serving = [goal for goal in shown if goal.objective_id == objective["objective_id"]]
        if serving or (scope == "company" and session.may("leader")):
            heading(objective)
            lines(serving, sums, everyone)
    rest = [goal for goal in shown if goal.objective_id is None]
    if rest and known:
        st.subheader("Without an objective", anchor=False)
    lines(rest, sums, everyone)


def heading(objective: dict[str, Any]) -> None:
    """What we want, and why."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(gap=None):
            st.subheader(words.plain(objective["name"]), anchor=False)
            if objective["reason"]:
                st.caption(words.plain(objective["reason"]))
        key = f"edit_{objective['objective_id']}"
        if session.may("leader") and st.button("Edit", key=key, type="tertiary", icon=":material/edit:"):
            forms.clear(goalforms.OBJECTIVE)
            goalforms.word_objective(objective)


def lines(shown: list[Standing], sums: dict[Any, Parts], everyone: list[Standing]) -> None:
    """Each goal, and below it its parts against the whole."""
    for goal in shown:
        draw(goal)
        part = sums.get(goal.goal_id)
        if part:
            label = words.plain(goallines.gap(part, currency))
            with st.expander(label, expanded=scope == "company", key=f"parts_{goal.goal_id}"):
                for one in goals.parts_of(goal, everyone):
                    draw(one, border=False)


def draw(goal: Standing, *, border: bool = True) -> None:
    """One goal, and its dialog when asked for."""
    if goallines.line(session, goal, ahead.get(goal.goal_id), border=border):
        forms.clear(goalforms.CHANGE)
        goalforms.change_one(goal)


session = current()
currency = session.settings["currency"]
with header("Goals"):
    period = filters.period(session, ahead=True)
    if session.may("leader") and st.button("Objective", key="add_objective", icon=":material/add:"):
        forms.clear(goalforms.OBJECTIVE)
        goalforms.word_objective()
    setting = session.may("manager") and st.button("Set a goal", key="set_goal", type="primary")
scope = st.segmented_control(
    "Whose",
    list(SCOPES),
    default="company",
    required=True,
    format_func=SCOPES.__getitem__,
    key="scope",
    bind="query-params",
    label_visibility="collapsed",
)
if setting:
    forms.clear(goalforms.SET)
    goalforms.set_one(period, scope)
if session.scope != "all":
    st.caption(goallines.NARROWED)
everyone = cached(session, goals.attainment, NOUNS, session.today, touching=period)
shown = [goal for goal in everyone if goal.scope == scope]
ahead = goaloutlook.of_goals(session, everyone)
goaloutlook.news(session)
if not shown:
    how = "Set one above." if session.may("leader" if scope == "company" else "manager") else "Leadership sets them here."
    cards.empty("flag", f"No goal is set for {words.plain(period.label)}. {how}")
under_objectives(shown, everyone)
goaloutlook.record(session)
with st.expander("Past goals", key="past", on_change="rerun") as box:
    if box.open:
        goaltables.past(session, scope)
with st.expander("Every change of a target", key="changes", on_change="rerun") as box:
    if box.open:
        goaltables.changes(session, period)
with st.expander("External events", key="external", on_change="rerun") as box:
    if box.open:
        eventlist.draw(session)
