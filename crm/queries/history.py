"""Who changed what, when, from what to what."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pandas as pd

from crm.errors import CrmError
from crm.store.changes import STAMPS
from crm.store.rules import REFERENCES, key_of
from crm.store.session import Session
from crm.store.undo import undo

NAMED = {"tasks": "title"}


def change_sets(session: Session, *, actor: str | None = None, limit: int = 30) -> list[dict[str, Any]]:
    """One row per change set, latest first, with its counts by table and kind."""
    rows = session.rows(
        """
        select
            change_set_id,
            title,
            actor_name,
            actor_kind,
            actor_id,
            made_at,
            undoes,
            undone_by,
            counts,
        from change_sets
        where $actor is null or actor_name = $actor
        order by made_at desc, change_set_id desc
        limit $limit
        """,
        actor=actor,
        limit=limit,
    )
    return [row | {"counts": json.loads(row["counts"] or "{}")} for row in rows]


def rows_of(session: Session, change_set_id: UUID, limit: int = 200) -> pd.DataFrame:
    """One row per field that a change set wrote (per row where it added or removed one), in words."""
    found = session.rows(
        """
        select
            table_name,
            record_id,
            operation,
            before,
            after,
        from changes
        where change_set_id = $change_set_id
        order by position, record_id
        limit $limit
        """,
        change_set_id=change_set_id,
        limit=limit,
    )
    lines = [line for row in found for line in _lines(session, row)]
    return pd.DataFrame(lines, columns=["what", "which", "field", "before", "after"])


def _lines(session: Session, row: dict[str, Any]) -> list[dict[str, Any]]:
    before, after = json.loads(row["before"] or "{}"), json.loads(row["after"] or "{}")
    which = before.get("name") or _name(session, row["table_name"], row["record_id"])
    shown = {"what": f"{row['operation']} {row['table_name']}".replace("_", " "), "which": which}
    if row["operation"] != "update":
        return [shown | {"field": None, "before": None, "after": None}]
    return [
        shown
        | {
            "field": name.removesuffix("_id").replace("_", " "),
            "before": _words(session, row["table_name"], name, before.get(name)),
            "after": _words(session, row["table_name"], name, after.get(name)),
        }
        for name in after
        if name not in STAMPS and before.get(name) != after.get(name)
    ]


def _words(session: Session, table: str, field: str, value: Any) -> str | None:
    parent = REFERENCES.get(table, {}).get(field)
    if value is None:
        return None
    return _name(session, parent, value) if parent else str(value)


def _name(session: Session, table: str, key: UUID | str) -> str:
    """What a row is called now; its key where it has no name or is gone."""
    column = NAMED.get(table, "name")
    if table in {"interactions", "orders", "feedback", "traits", "stage_changes", "customer_tags", "goals"}:
        return str(key)[-8:]
    sql = f"select {column} from {table} where {key_of(table)} = $key"  # noqa: S608 - a table of the history
    return str(session.value(sql, key=key) or str(key)[-8:])


def blocked(session: Session, change_set_id: UUID) -> str | None:
    """Why a change set cannot be undone now, in a sentence; None where it can."""
    try:
        undo(session, change_set_id, dry_run=True)
    except CrmError as error:
        return error.message
    return None
