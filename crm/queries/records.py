"""A record as it stands now, for the form that changes it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.store.rules import WRITE, key_of
from crm.store.session import Session


def one(session: Session, table: str, key: UUID | str) -> dict[str, Any] | None:
    """One row: a record with all its fields and the version that an edit must name; None if it is not there."""
    if table not in WRITE:
        raise KeyError(table)
    return session.row(f"select * from {table} where {key_of(table)} = $key", key=key)  # noqa: S608 - a table of WRITE
