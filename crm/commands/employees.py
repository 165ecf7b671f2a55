"""The people who work here: who they are and what they may do."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.commands import checks
from crm.commands.checks import Saved, checked
from crm.commands.own_values import checked_with_own
from crm.errors import Refused
from crm.queries import choices
from crm.store.session import Session

CHECKS: dict[str, checks.Check] = {
    "name": checks.NAME,
    "email": checks.email,
    "role": checks.one_of(choices.ROLES),
    "team_id": checks.key,
    "region": checks.LINE,
    "title": checks.LINE,
}
FIRST_START = "First start"


def ensure_first_admin(session: Session) -> None:
    """On the first start make the person at the keyboard an admin, outside the demo; renamed in the sidebar later."""
    if session.value("select count(*) from change_sets where title = $title", title=FIRST_START):
        return
    real = session.value("select count(*) from employees where role = 'admin' and source is distinct from 'demo'")
    if real:
        return
    with session.change(FIRST_START) as change:
        change.insert("employees", name="You", role="admin")


def add_employee(session: Session, **fields: Any) -> Saved:
    """Add someone who works here."""
    values = checked_with_own(session, "employees", {"role": "member"} | fields, CHECKS, {"name", "role"})
    with session.change(f"Add employee {values['name']}") as change:
        key = change.insert("employees", **values)
    return Saved.of(key, change)


def edit_employee(session: Session, employee_id: UUID, *, version: UUID | None = None, **fields: Any) -> Saved:
    """Change who someone is or what they may do; the last admin stays one."""
    values = checked_with_own(session, "employees", fields, CHECKS, {"name", "role"} & set(fields))
    if values.get("role", "admin") != "admin":
        _refuse_last_admin(session, employee_id)
    with session.change(f"Edit employee {values.get('name', '')}".strip()) as change:
        change.update("employees", employee_id, version=version, **values)
    return Saved.of(checks.key(employee_id, "Employee"), change)


def archive_employee(session: Session, employee_id: UUID, *, version: UUID | None = None) -> Saved:
    """Put someone aside who left; what they did stays theirs."""
    _refuse_last_admin(session, employee_id)
    with session.change("Archive an employee") as change:
        change.archive("employees", employee_id, version=version)
    return Saved.of(checks.key(employee_id, "Employee"), change)


def rename_oneself(session: Session, name: str) -> Saved:
    """Change one's own name: the one thing about an employee that needs no admin."""
    who = session.actor.employee_id
    if who is None:
        raise Refused("Only an employee has a name to change.", "name")
    values = checked({"name": name}, CHECKS, {"name"})
    with session.change("Change my name") as change:
        change.update("employees", who, **values)
    return Saved.of(who, change)


def _refuse_last_admin(session: Session, employee_id: UUID) -> None:
    others = session.value(
        """
        select count(*)
        from employees
        where role = 'admin' and archived_at is null and employee_id <> $employee_id
        """,
        employee_id=employee_id,
    )
    if not others:
        raise Refused("This is the last admin. Make somebody else an admin first.", "role")
