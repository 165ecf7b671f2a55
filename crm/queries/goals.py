"""Goals beside what happened: attainment, pace and state of each, the parts against the whole, targets for a chart.

The actuals of all goals come from as few scans as there are sources and scopes, not one a goal: the periods of all goals
are spans of one question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from crm.queries.figures import Span, figure_of, value_of, values
from crm.queries.periods import Period, spanning
from crm.queries.registry import Figure
from crm.store.session import Session

SPLIT = {"company": None, "team": "team", "employee": "owner"}
ON_TRACK, BEHIND = 0.95, 0.75


@dataclass(frozen=True)
class Standing:
    """How a goal stands. A flow has a pace; a level has a start, the value when the period began."""

    goal_id: UUID
    version: UUID
    figure: Figure
    scope: str
    scope_name: str
    scope_key: str | None
    team_id: UUID | None
    period: Period
    target: float
    actual: float | None
    start: float | None
    attainment: float | None
    pace: float | None
    state: str
    objective_id: UUID | None
    note: str | None

    @property
    def distance(self) -> float | None:
        """How much is still missing, or how far it is past the target (negative), in the figure's better direction."""
        if self.actual is None:
            return None
        return self.target - self.actual if self.figure.more_is_better else self.actual - self.target


def attainment(session: Session, as_of: date, period: Period | None = None, *, touching: Period | None = None) -> list[Standing]:
    """One row per goal, the latest first, the company before its parts: all that are kept, or those of one period.

    `period` is the goal's own; `touching` leaves those that run on some day of it: the year's goals beside the quarter's.
    """
    goals = session.rows(
        """
        select *
        from goal_details
        where archived_at is null
        and ($starts_on::date is null or (starts_on = $starts_on and ends_on = $ends_on))
        and ($first_day::date is null or (starts_on <= $last_day and ends_on >= $first_day))
        order by ends_on desc, starts_on, figure, array_position(['company', 'team', 'employee'], scope), scope_name, goal_id
        """,
        starts_on=period.start if period else None,
        ends_on=period.end if period else None,
        first_day=touching.start if touching else None,
        last_day=touching.end if touching else None,
    )
    return _standings(session, goals, as_of)


def mine(session: Session, employee_id: UUID | None) -> Standing | None:
    """The one goal of today for a person: their own, else their team's, else the company's.

    Of several the won amount's comes first, then the one of the shortest period: it says most about what to do now.
    """
    goals = session.rows(
        """
        select goals.*
        from goal_details as goals
        where archived_at is null
        and $today between starts_on and ends_on
        and case scope
            when 'employee' then employee_id = $employee_id::uuid
            when 'team' then team_id = (select team_id from employees where employee_id = $employee_id::uuid)
            else true
        end
        order by
            array_position(['employee', 'team', 'company'], scope),
            figure <> 'won_amount',
            ends_on - starts_on,
            figure,
            goal_id
        limit 1
        """,
        today=session.today,
        employee_id=employee_id,
    )
    return next(iter(_standings(session, goals, session.today)), None)


@dataclass(frozen=True)
class Parts:
    """A whole, and what the targets of its parts (`scope`: team or employee) add up to."""

    whole: Standing
    scope: str
    total: float

    @property
    def unassigned(self) -> float:
        """What of the whole is nobody's yet; negative where the parts aim for more."""
        return self.whole.target - self.total


def parts(standings: Sequence[Standing]) -> list[Parts]:
    """One row per goal whose parts add up to it: the company's by its teams, else by its employees; a team's by its own.

    Flows only. Levels do not roll up: two teams with an NPS of 40 are not a company with 80.
    """
    wholes = [(whole, parts_of(whole, standings)) for whole in standings if whole.figure.flow]
    return [Parts(whole, each[0].scope, sum(part.target for part in each)) for whole, each in wholes if each]


def targets_by_month(session: Session, figure: str, months: Sequence[Period]) -> list[float | None]:
    """One value per month: the company's target of that month, or the month's share by days of the shortest goal over it."""
    goals = session.rows(
        """
        select
            starts_on,
            ends_on,
            target
        from goals
        where figure = $figure and scope = 'company' and archived_at is null
        order by ends_on - starts_on, starts_on
        """,
        figure=figure,
    )
    return [_target(goals, month, figure_of(figure).flow) for month in months]


def _target(goals: list[dict[str, Any]], month: Period, flow: bool) -> float | None:
    for goal in goals:
        if goal["starts_on"] <= month.start and month.end <= goal["ends_on"]:
            share = month.days / ((goal["ends_on"] - goal["starts_on"]).days + 1)
            return float(goal["target"] * share if flow else goal["target"])
    return None


def parts_of(whole: Standing, standings: Sequence[Standing]) -> list[Standing]:
    """One row per goal whose target is a part of this one: same figure, same period, a scope below."""
    alike = [each for each in standings if (each.figure, each.period) == (whole.figure, whole.period)]
    employees = [each for each in alike if each.scope == "employee"]
    if whole.scope == "company":
        return [each for each in alike if each.scope == "team"] or employees
    return [each for each in employees if each.team_id == whole.team_id] if whole.scope == "team" else []


def _standings(session: Session, goals: list[dict[str, Any]], as_of: date) -> list[Standing]:
    first_month = int(session.settings["first_month_of_year"])
    days = {(goal["starts_on"], goal["ends_on"]) for goal in goals}
    named = {(first, last): spanning(first, last, first_month) for first, last in days}
    actuals = _actuals(session, goals, named, as_of)
    return [_standing(goal, named[goal["starts_on"], goal["ends_on"]], as_of, actuals) for goal in goals]


# goal's figure, scope, scope key, period → (actual, value when the period began)
Actuals = dict[tuple[str, str, str, Period], tuple[Any, Any]]


def _actuals(session: Session, goals: list[dict[str, Any]], named: dict[Any, Period], as_of: date) -> Actuals:
    found: Actuals = {}
    for scope, split in SPLIT.items():
        here = [goal for goal in goals if goal["scope"] == scope]
        figures = {goal["figure"]: figure_of(goal["figure"]) for goal in here}
        spans = {period: _both(period, as_of) for period in {named[goal["starts_on"], goal["ends_on"]] for goal in here}}
        groups = values(session, figures.values(), [span for both in spans.values() for span in both], split)
        pairs = dict(zip(spans, zip(groups[::2], groups[1::2], strict=True), strict=True))
        for goal in here:
            period, key = named[goal["starts_on"], goal["ends_on"]], goal["scope_key"] or ""
            now, then = (value_of(figures[goal["figure"]], each.get(key, {})) for each in pairs[period])
            found[goal["figure"], scope, key, period] = (now, then)
    return found


def _both(period: Period, as_of: date) -> tuple[Span, Span]:
    """The goal's own period, and the one before it to its end: what a level was when the period began."""
    before = period.shifted(-1)
    return (period, as_of), (before, min(before.end, as_of))


def _standing(goal: dict[str, Any], period: Period, as_of: date, actuals: Actuals) -> Standing:
    figure = figure_of(goal["figure"])
    actual, start = actuals[goal["figure"], goal["scope"], goal["scope_key"] or "", period]
    if as_of < period.start:
        actual = None
    start = None if figure.flow else start
    reached = share_reached(goal["target"], actual, start, figure.flow)
    pace = reached / period.elapsed_share(as_of) if figure.flow and reached is not None else None
    return Standing(
        goal_id=goal["goal_id"],
        version=goal["version"],
        figure=figure,
        scope=goal["scope"],
        scope_name=goal["scope_name"],
        scope_key=goal["scope_key"],
        team_id=goal["team_id"],
        period=period,
        target=goal["target"],
        actual=actual,
        start=start,
        attainment=reached,
        pace=pace,
        state=_state(figure, period, as_of, goal["target"], actual, start, pace),
        objective_id=goal["objective_id"],
        note=goal["note"],
    )


def share_reached(target: float, actual: float | None, start: float | None, flow: bool) -> float | None:
    """How much of a goal has been reached.

    A flow's share is what came in over what should; a level's is the way covered over the way to go, which is the same
    where less is better.

    Parameters
    ----------
    target : what the figure should be, in the figure's unit
    actual : what it is, None where nobody knows
    start : a level's value when the period began; not looked at for a flow
    flow : whether the figure adds up over time

    Returns
    -------
    share : 1 is reached; below 0 a level has moved away. None where it is not available: nothing known, a flow's target of
        0 or less, or a level that started at its target

    >>> share_reached(200, 50, None, flow=True)
    0.25
    >>> share_reached(10, 18, 20, flow=False)
    0.2
    >>> share_reached(0, 5, None, flow=True) is None and share_reached(40, 41, 40, flow=False) is None
    True
    """
    if flow:
        return actual / target if actual is not None and target > 0 else None
    if actual is None or start is None or target == start:
        return None
    return (actual - start) / (target - start)


def _state(
    figure: Figure, period: Period, as_of: date, target: float, actual: float | None, start: float | None, pace: float | None
) -> str:
    if as_of < period.start:
        return "not begun"
    if actual is None:
        return "too few to say"
    if figure.flow and target <= 0:
        return "not available"
    if figure.flow and figure.more_is_better and actual >= target:
        return "reached"
    if as_of >= period.end:
        return "reached" if _is_met(figure, target, actual) else "missed"
    return _flow_state(pace, figure.more_is_better) if figure.flow else _level_state(figure, target, actual, start)


def _is_met(figure: Figure, target: float, actual: float) -> bool:
    return actual >= target if figure.more_is_better else actual <= target


def _flow_state(pace: float | None, more_is_better: bool) -> str:
    """
    >>> _flow_state(0.96, True), _flow_state(0.8, True), _flow_state(0.5, True), _flow_state(2.0, False)
    ('on track', 'behind', 'at risk', 'at risk')
    """
    if pace is None:
        return "not available"
    speed = pace if more_is_better else 1 / max(pace, 1e-9)
    return "on track" if speed >= ON_TRACK else "behind" if speed >= BEHIND else "at risk"


def _level_state(figure: Figure, target: float, actual: float, start: float | None) -> str:
    if _is_met(figure, target, actual):
        return "reached"
    if start is None or actual == start:
        return "unchanged" if start is not None else "open"
    return "closing in" if abs(target - actual) < abs(target - start) else "moving away"
