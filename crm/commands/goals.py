"""Set goals, and say why we want them.

A goal is known by its figure, scope and period: setting it again changes the target of the one row, so that the history of
that row is the history of the target. Who may set which goal, the store checks (crm/store/rules.py).
"""

from __future__ import annotations

import math
from typing import Any
from uuid import UUID

from crm.commands import checks
from crm.commands.checks import Saved, checked
from crm.errors import Refused
from crm.queries import choices, periods
from crm.queries.figures import figure_of
from crm.queries.names import names
from crm.queries.periods import Period
from crm.store.session import Session

LARGEST = 1e15
TABLES = {"team": "teams", "employee": "employees"}
OBJECTIVE_CHECKS: dict[str, checks.Check] = {"name": checks.NAME, "reason": checks.NOTE}


def target(value: Any, name: str) -> float:
    """A number to reach: any but the endless.

    >>> target("250000", "Target")
    250000.0
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise Refused(f"{name} “{str(value)[:40]}” is not a number. Write digits, like 250000.") from None
    if not math.isfinite(number) or abs(number) >= LARGEST:
        raise Refused(f"{name} is too large to be reached.")
    return number


CHECKS: dict[str, checks.Check] = {
    "figure": lambda value, name: figure_of(str(value)).key,
    "scope": checks.one_of(choices.GOAL_SCOPES),
    **dict.fromkeys(("team_id", "employee_id", "objective_id"), checks.key),
    "period": checks.text(60),
    "starts_on": checks.day,
    "ends_on": checks.day,
    "target": target,
    "note": checks.NOTE,
}


def set_goal(session: Session, *, version: UUID | None = None, **fields: Any) -> Saved:
    """Set the target of a figure for a scope and a period; the same three again change that goal's target.

    The period is `period` (2017, 2017-Q3, 2017-04, START..END) or `starts_on` and `ends_on`; without a scope it follows
    from the team or the employee given, else it is the company.
    """
    values = checked(fields, CHECKS, {"figure", "target"})
    period = _period(session, values)
    goal = {"figure": values["figure"], **_scope(values), "starts_on": period.start, "ends_on": period.end}
    known = _known(session, goal)
    set_now = {name: values[name] for name in ("target", "objective_id", "note") if name in values}
    with session.change(_title(session, goal, period)) as change:
        if known:
            change.update("goals", known["goal_id"], version=version or known["version"], archived_at=None, **set_now)
            key = known["goal_id"]
        else:
            key = change.insert("goals", **goal, **set_now)
    return Saved.of(key, change)


def archive_goal(session: Session, goal_id: UUID, *, version: UUID | None = None) -> Saved:
    """Take a goal back; its targets stay in the history."""
    with session.change("Archive a goal") as change:
        change.archive("goals", goal_id, version=version)
    return Saved.of(goal_id, change)


def add_objective(session: Session, **fields: Any) -> Saved:
    """Say in a sentence what we want, and why."""
    values = checked(fields, OBJECTIVE_CHECKS, {"name"})
    with session.change(f"Add objective {values['name']}") as change:
        key = change.insert("objectives", **values)
    return Saved.of(key, change)


def edit_objective(session: Session, objective_id: UUID, *, version: UUID | None = None, **fields: Any) -> Saved:
    """Word an objective anew."""
    values = checked(fields, OBJECTIVE_CHECKS, {"name"} & set(fields))
    with session.change("Edit an objective") as change:
        change.update("objectives", objective_id, version=version, **values)
    return Saved.of(objective_id, change)


def archive_objective(session: Session, objective_id: UUID, *, version: UUID | None = None) -> Saved:
    """Put an objective aside; its goals stay, under none."""
    with session.change("Archive an objective") as change:
        change.archive("objectives", objective_id, version=version)
    return Saved.of(objective_id, change)


def _period(session: Session, values: dict[str, Any]) -> Period:
    first_month = int(session.settings["first_month_of_year"])
    if values.get("period"):
        return periods.parse(values["period"], first_month)
    for name in ("starts_on", "ends_on"):
        if not values.get(name):
            raise Refused("For which time? Choose a period, or its first and last day.", name)
    if values["ends_on"] < values["starts_on"]:
        raise Refused("The last day lies before the first. Write the earlier day first.", "ends_on")
    return periods.spanning(values["starts_on"], values["ends_on"], first_month)


def _scope(values: dict[str, Any]) -> dict[str, Any]:
    """The scope with its team or employee, and nobody else."""
    given = next((scope for scope in ("employee", "team") if values.get(f"{scope}_id")), "company")
    scope = values.get("scope") or given
    if scope != "company" and not values.get(f"{scope}_id"):
        raise Refused(f"Whose goal is it? Choose the {scope}.", f"{scope}_id")
    return {"scope": scope, **{f"{part}_id": values[f"{part}_id"] if part == scope else None for part in TABLES}}


def _known(session: Session, goal: dict[str, Any]) -> dict[str, Any] | None:
    """The goal that has this figure, scope and period already; an archived one comes back rather than a second one."""
    return session.row(
        """
        select
            goal_id,
            version
        from goals
        where figure = $figure
        and scope = $scope
        and team_id is not distinct from $team_id::uuid
        and employee_id is not distinct from $employee_id::uuid
        and starts_on = $starts_on
        and ends_on = $ends_on
        order by archived_at is not null, created_at desc, goal_id
        limit 1
        """,
        **goal,
    )


def _title(session: Session, goal: dict[str, Any], period: Period) -> str:
    scope = goal["scope"]
    named = names(session, TABLES[scope], [goal[f"{scope}_id"]]) if scope in TABLES else {}
    whose = next(iter(named.values()), f"the {scope}")
    return f"Set goal of {whose}: {figure_of(goal['figure']).title}, {period.label}"
