"""Plan what is to do, do it, put it off."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from crm.commands import checks
from crm.commands.checks import Saved, checked
from crm.commands.interactions import CHECKS as INTERACTION_CHECKS
from crm.commands.own_values import checked_with_own
from crm.errors import Refused
from crm.queries import choices
from crm.store.session import Session

CHECKS: dict[str, checks.Check] = {
    "title": checks.NAME,
    **dict.fromkeys(("customer_id", "contact_id", "deal_id", "feedback_id", "owner_id"), checks.key),
    "due_on": checks.day,
    "repeat_every": checks.one_of(choices.REPEATS),
    "note": checks.NOTE,
}
CARRIED = ("title", "customer_id", "contact_id", "deal_id", "feedback_id", "owner_id", "repeat_every", "note", "own")
MONTHS = {"month": 1, "quarter": 3, "year": 12}


def add_task(session: Session, **fields: Any) -> Saved:
    """Plan something, for oneself unless for another."""
    values = checked_with_own(session, "tasks", fields, CHECKS, {"title"})
    values["owner_id"] = values.get("owner_id") or session.actor.employee_id
    if values.get("deal_id") and not values.get("customer_id"):
        values["customer_id"] = session.value("select customer_id from deals where deal_id = $key", key=values["deal_id"])
    with session.change(f"Add task {values['title']}") as change:
        key = change.insert("tasks", **values)
    return Saved.of(key, change)


def edit_task(session: Session, task_id: UUID, *, version: UUID | None = None, **fields: Any) -> Saved:
    """Change a task."""
    values = checked_with_own(session, "tasks", fields, CHECKS, {"title"} & set(fields))
    with session.change(f"Edit task {values.get('title') or _current(session, task_id)['title']}") as change:
        change.update("tasks", task_id, version=version, **values)
    return Saved.of(checks.key(task_id, "Task"), change)


def finish_task(session: Session, task_id: UUID, *, interaction: dict[str, Any] | None = None) -> Saved:
    """Mark a task done; in the same step log the interaction that did it, and plan the next one of a repeat."""
    current = _current(session, task_id)
    if current["done_at"]:
        raise Refused(f"“{current['title']}” is already done.", "task_id")
    with session.change(f"Done: {current['title']}") as change:
        change.update("tasks", task_id, version=current["version"], done_at=session.now)
        if interaction:
            logged = {name: current[name] for name in ("customer_id", "contact_id", "deal_id")} | interaction
            values = checked(logged, INTERACTION_CHECKS, {"channel", "customer_id"})
            change.insert("interactions", **{"occurred_at": session.now, "employee_id": session.actor.employee_id} | values)
        if current["repeat_every"]:
            due = next_due(current["due_on"] or session.today, current["repeat_every"], session.today)
            change.insert("tasks", due_on=due, **{name: current[name] for name in CARRIED})
    return Saved.of(checks.key(task_id, "Task"), change)


def snooze_task(session: Session, task_id: UUID, due_on: date) -> Saved:
    """Put a task off to another day."""
    current = _current(session, task_id)
    with session.change(f"Put off: {current['title']}") as change:
        change.update("tasks", task_id, version=current["version"], due_on=checks.day(due_on, "Due"))
    return Saved.of(checks.key(task_id, "Task"), change)


def next_due(due_on: date, every: str, today: date) -> date:
    """The first day of a repeat that lies after today.

    >>> next_due(date(2026, 1, 31), "month", date(2026, 2, 10))
    datetime.date(2026, 2, 28)
    >>> next_due(date(2026, 11, 1), "week", date(2026, 11, 22))
    datetime.date(2026, 11, 29)
    """
    step = 1
    while True:
        following = _later(due_on, every, step)
        if following > today:
            return following
        step += 1


def _later(day: date, every: str, steps: int) -> date:
    if every in MONTHS:
        months = day.year * 12 + day.month - 1 + MONTHS[every] * steps
        year, month = divmod(months, 12)
        return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
    return day + timedelta(days=steps * (7 if every == "week" else 1))


def _current(session: Session, task_id: UUID) -> dict[str, Any]:
    row = session.row(
        """
        select
            title,
            customer_id,
            contact_id,
            deal_id,
            feedback_id,
            owner_id,
            repeat_every,
            note,
            own,
            due_on,
            done_at,
            version,
        from tasks
        where task_id = $task_id
        """,
        task_id=task_id,
    )
    if row is None:
        raise Refused("This task is no longer there. Look for it in History.", "task_id")
    return row
