"""Add, change and put aside teams of employees."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.commands import checks
from crm.commands.checks import Saved, checked
from crm.commands.namesakes import refuse_namesake
from crm.store.session import Session

CHECKS: dict[str, checks.Check] = {
    "name": checks.NAME,
    "manager_id": checks.key,
    "region": checks.LINE,
}


def add_team(session: Session, **fields: Any) -> Saved:
    """Add a team; employees are put into it where they are edited."""
    values = checked(fields, CHECKS, {"name"})
    refuse_namesake(session, "teams", values)
    with session.change(f"Add team {values['name']}") as change:
        key = change.insert("teams", **values)
    return Saved.of(key, change)


def edit_team(session: Session, team_id: UUID, *, version: UUID | None = None, **fields: Any) -> Saved:
    """Change a team's name, manager or region."""
    values = checked(fields, CHECKS, {"name"} & set(fields))
    refuse_namesake(session, "teams", values, team_id)
    with session.change(f"Edit team {values.get('name', '')}".strip()) as change:
        change.update("teams", team_id, version=version, **values)
    return Saved.of(team_id, change)


def archive_team(session: Session, team_id: UUID, *, version: UUID | None = None) -> Saved:
    """Put a team aside; its past figures stay, its people stay until they are moved."""
    with session.change("Archive a team") as change:
        change.archive("teams", team_id, version=version)
    return Saved.of(team_id, change)
