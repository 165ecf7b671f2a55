"""The dialogs of the Goals page: set a goal with the facts beside it, change one, word an objective."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from crm.charts import figures as charts
from crm.commands.checks import Saved
from crm.commands.goals import add_objective, archive_goal, archive_objective, edit_objective, set_goal
from crm.commands.jobs import ask
from crm.errors import Refused
from crm.queries import employees, goal_history, goals, objectives, periods
from crm.queries.goals import Standing
from crm.queries.periods import Period
from crm.queries.registry import FIGURES
from crm.store.session import Session
from crm.ui import dialogs, eventlist, filters, forms, goallines, goaloutlook, words
from crm.ui.forms import Field
from crm.ui.goallines import NOUNS
from crm.ui.session import cached, current

SET, CHANGE, OBJECTIVE = "set_goal", "change_goal", "objective"
OWN = "own"
STEPS = {"money": 1_000.0, "money_per_day": 100.0, "ratio": 0.1}
# They follow from the goal of the won amount; a goal for them would be one for itself.
OF_A_GOAL = {"attainment", "pace", "pipeline_coverage"}


@dialogs.dialog("Set a goal", width="large")
def set_one(period: Period, scope: str) -> None:
    """Figure, scope, period, target; beside them what the figure was, and how often that target would have been reached."""
    session = current()
    left, right = st.columns([3, 2], gap="large")
    with left:
        typed = forms.draw(SET, _fields(session, period, scope), partial(_set, session), done="Goal set", label="Set goal")
    with right:
        _facts(session, typed)


@dialogs.dialog("Change a goal", width="large")
def change_one(goal: Standing) -> None:
    """Another target, objective or note for the same figure, scope and period; or no goal any more."""
    session = current()
    percent = goal.figure.unit == "share"
    row = {"target": goal.target * 100 if percent else goal.target, "objective_id": goal.objective_id, "note": goal.note}
    whose = {} if goal.scope == "company" else {f"{goal.scope}_id": goal.scope_key}
    same = {"figure": goal.figure.key, "scope": goal.scope, "starts_on": goal.period.start, "ends_on": goal.period.end}
    save = partial(_save, session, **same, **whose)
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.markdown(words.plain(f"{goal.figure.title} · {goal.scope_name} · {goal.period.label}"))
        typed = forms.draw(CHANGE, _aim(session, goal.figure.key), save, done="Goal changed", row=row | {"version": goal.version})
        put_aside = partial(archive_goal, session, goal.goal_id, version=goal.version)
        forms.archive(CHANGE, "Archive this goal", put_aside, "Goal archived")
    with right:
        _past(session, goal.figure.key, goal.scope, goal.scope_key, goal.period, typed["target"])


@dialogs.dialog("Objective")
def word_objective(row: dict[str, Any] | None = None) -> None:
    """What we want, and why, in a sentence."""
    session = current()
    asked = [
        Field("name", "What we want", required=True),
        Field("reason", "Why, in a sentence", "area"),
    ]
    save = partial(edit_objective, session, row["objective_id"]) if row else partial(add_objective, session)
    forms.draw(OBJECTIVE, asked, save, done="Objective kept", row=row)
    if row:
        put_aside = partial(archive_objective, session, row["objective_id"], version=row["version"])
        forms.archive(OBJECTIVE, "Archive", put_aside, "Objective archived")


def _fields(session: Session, period: Period, scope: str) -> list[Field]:
    """What is asked depends on whose goal it is and for which days."""
    scopes = {"company": session.settings["company_name"], "team": "A team", "employee": "An employee"}
    if not session.may("leader"):
        scopes.pop("company")
    first = scope if scope in scopes else next(iter(scopes))
    chosen = st.session_state.get(f"{SET}.scope", first)
    labels = {label: label for label in [period.label, *filters.offered(session.today, period.first_month, ahead=True)]}
    figure = st.session_state.get(f"{SET}.figure", "won_amount")
    titles = {key: figure.title for key, figure in FIGURES.items() if key not in OF_A_GOAL}
    return [
        Field("figure", "Figure", "choice", titles, required=True, default="won_amount"),
        Field("scope", "Whose", "choice", scopes, required=True, default=first),
        *_whose(session, chosen),
        Field("period", "Period", "choice", labels | {OWN: "Own days"}, required=True, default=period.label),
        *_days(st.session_state.get(f"{SET}.period")),
        *_aim(session, figure),
    ]


def _whose(session: Session, scope: str) -> list[Field]:
    if scope == "team":
        teams = {row["team_id"]: row["name"] for row in employees.teams(session)}
        return [Field("team_id", "Team", "choice", teams, required=True)]
    people = {row["employee_id"]: row["name"] for row in employees.active(session)}
    return [Field("employee_id", "Employee", "choice", people, required=True)] if scope == "employee" else []


def _days(period: str | None) -> list[Field]:
    if period != OWN:
        return []
    return [Field("starts_on", "First day", "day", required=True), Field("ends_on", "Last day", "day", required=True)]


def _aim(session: Session, figure: str) -> list[Field]:
    """The target in its unit, and what it is for."""
    unit, currency = FIGURES[figure].unit, session.settings["currency"]
    units = {"money": currency, "money_per_day": f"{currency} a day", "share": "per cent", "days": "days"}
    label = f"Target in {units[unit]}" if unit in units else "Target"
    known = {row["objective_id"]: row["name"] for row in objectives.active(session)}
    return [
        Field("target", label, "money", required=True, help=FIGURES[figure].words, step=STEPS.get(unit, 1.0)),
        Field("objective_id", "Objective", "choice", known),
        Field("note", "Note", "area", more=True),
    ]


def _set(session: Session, **values: Any) -> Saved:
    """A goal that stands keeps its objective and note where the form is left blank."""
    return _save(session, **{name: value for name, value in values.items() if value not in (None, OWN)})


def _save(session: Session, **values: Any) -> Saved:
    """Per cent on the screen, a share in the store."""
    if values.get("target") is not None and FIGURES[values["figure"]].unit == "share":
        values["target"] /= 100
    saved = set_goal(session, **values)
    ask(session, "outlooks")
    return saved


def _facts(session: Session, typed: dict[str, Any]) -> None:
    """What is known about the goal that is being typed."""
    try:
        period = _period(session, typed)
    except Refused as refused:
        st.caption(words.plain(refused.message))
        return
    if period is None:
        st.caption("Choose the first and the last day.")
        return
    key = typed.get("team_id") or typed.get("employee_id")
    scope = typed["scope"]
    stands = [
        goal
        for goal in cached(session, goals.attainment, NOUNS, session.today, period)
        if (goal.figure.key, goal.scope, goal.scope_key) == (typed["figure"], scope, str(key) if key else None)
    ]
    for goal in stands:
        target = words.figure(goal.target, goal.figure.unit, session.settings["currency"])
        st.markdown(words.plain(f"This goal stands at {target}. Setting it again changes its target."))
    _past(session, typed["figure"], scope, key, period, typed["target"])


def _period(session: Session, typed: dict[str, Any]) -> Period | None:
    first_month = int(session.settings["first_month_of_year"])
    if typed["period"] != OWN:
        return periods.parse(typed["period"], first_month)
    if not (typed.get("starts_on") and typed.get("ends_on")):
        return None
    return periods.parse(f"{typed['starts_on']}..{typed['ends_on']}", first_month)


def _past(session: Session, figure: str, scope: str, key: Any, period: Period, target: float | None) -> None:
    """The figure in the last periods, and in how many the target would have been reached."""
    filter_ = {"team": {"for_team": str(key)}, "employee": {"for_owner": str(key)}}.get(scope, {}) if key else {}
    facts = cached(session, goal_history.facts, FIGURES[figure].nouns, figure, period, **filter_)
    if not facts.values:
        st.caption("Nothing is known yet of the periods before.")
        return
    entry = FIGURES[figure]
    aim = target / 100 if target is not None and entry.unit == "share" else target
    if aim is not None:
        number = words.count(len(facts.values), goallines.PERIODS[period.kind])
        st.markdown(f"**Reached in {facts.reached(aim)} of the last {number}**")
    goaloutlook.advise(session, figure, scope, str(key) if key else None, period, aim)
    labels = [each.label for each in facts.periods]
    chart = charts.columns(labels, facts.values, entry.title, goal=[aim] * len(labels))
    chart = charts.with_events(chart, eventlist.on_periods(session, facts.periods, labels))
    st.plotly_chart(chart, key="past_of_figure", config={"displayModeBar": False}, alt=f"{entry.title} in the periods before")
    last, best = facts.values[-1], (max if entry.more_is_better else min)(facts.values)
    currency = session.settings["currency"]
    st.caption(words.plain(f"Last {words.figure(last, entry.unit, currency)} · best {words.figure(best, entry.unit, currency)}"))
