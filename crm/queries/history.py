"""The history: who changed what, when; each row before and after, in words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import pandas as pd

from crm.errors import Conflict, CrmError
from crm.queries.custom_fields import CustomField, as_text, changed, every
from crm.queries.merges import way_out
from crm.queries.names import names
from crm.store.rules import REFERENCES, STAMPS, noun
from crm.store.session import Session
from crm.store.undo import undo

HIDDEN = (*STAMPS, "search_text", "own")  # own fields are told one by one
DID = {"insert": "added", "update": "changed", "delete": "removed"}
Told = tuple[str | None, str | None, str | None]
FILTERS = {
    "actor": "actor_name = $actor",
    "table": "json_exists(counts, '$.' || $table)",
    "before": "made_at < $before",
    "me": "actor_id = $me",
}


def _own(session: Session) -> dict[str, Any]:
    """Whoever sees only some customers sees of the history what they did themselves."""
    return {} if session.scope == "all" else {"me": session.actor.employee_id}


def change_sets(session: Session, *, limit: int = 50, **filters: Any) -> list[dict[str, Any]]:
    """One row per change set, the latest first, with its counts by table and kind, and what undid it.

    Filters: `actor` (a name), `table`, `before` (an instant).
    """
    given = {name: value for name, value in filters.items() if value is not None} | _own(session)
    where = [FILTERS[name] for name in given]
    rows = session.rows(
        f"""
        select *
        from change_sets
        {"where" if where else ""} {" and ".join(where)}
        order by made_at desc, change_set_id desc
        limit $limit
        """,  # noqa: S608 - fragments above
        limit=limit,
        **given,
    )
    return [row | {"counts": json.loads(row["counts"] or "{}")} for row in rows]


def one(session: Session, change_set_id: UUID | str) -> dict[str, Any] | None:
    """One row: a change set; None if it is not there, or not to be seen."""
    own = _own(session)
    mine = f"and {FILTERS['me']}" if own else ""
    sql = f"select * from change_sets where change_set_id = $change_set_id {mine}"  # noqa: S608 - fragments above
    return session.row(sql, change_set_id=change_set_id, **own)


def rows_of(session: Session, change_set_id: UUID | str, limit: int = 200) -> pd.DataFrame:
    """One row per field that a change set changed, and per row that it added or removed; of its first `limit` rows."""
    columns = ["what", "name", "did", "field", "before", "after"]
    if one(session, change_set_id) is None:
        return pd.DataFrame(columns=columns)
    rows = session.rows(
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
    return pd.DataFrame(in_words(session, rows), columns=columns)


def in_words(session: Session, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row per changed field of these rows of `changes`, with names in place of keys."""
    known = _names(session, rows)
    is_own = any('"own":' in (row["after"] or "") for row in rows)
    own = {field.key: field for field in every(session, archived=True)} if is_own else {}
    found = []
    for row in rows:
        table, key = row["table_name"], row["record_id"]
        before, after = (json.loads(row[side] or "{}") for side in ("before", "after"))
        called = known.get((table, str(key))) or before.get("name") or before.get("title")
        line = {"record_id": key, "what": noun(table).replace("_", " "), "name": called, "did": DID[row["operation"]]}
        line["change_set_id"] = row.get("change_set_id")
        shown = partial(_shown, session, table, known)
        told: list[Told] = [
            (_label(name), shown(name, before.get(name)), shown(name, value))
            for name, value in after.items()
            if name not in HIDDEN and value != before.get(name)
        ]
        told += _own_fields(own, before.get("own"), after["own"]) if "own" in after else []
        found += [line | dict(zip(("field", "before", "after"), each, strict=True)) for each in told or [(None, None, None)]]
    return found


def _own_fields(own: dict[str, CustomField], before: Any, after: Any) -> list[Told]:
    """An own field is told by its name, a choice by its own."""
    return [
        (own[key].name, as_text(own[key], was), as_text(own[key], became))
        if key in own
        else ("own field no longer there", str(was) if was is not None else None, str(became) if became is not None else None)
        for key, (was, became) in changed(own, before, after).items()
    ]


def blocked(session: Session, change_set_id: UUID | str) -> str | None:
    """Why this change set cannot be undone now, in a sentence; None where it can."""
    try:
        undo(session, change_set_id, dry_run=True)
    except Conflict as error:
        return f"{error.message}{way_out(session, change_set_id)}"
    except CrmError as error:
        return error.message
    return None


def _label(field: str) -> str:
    return field.removesuffix("_id").removesuffix("_at").removesuffix("_on").replace("_", " ")


def _shown(session: Session, table: str, known: dict[tuple[str, str], str], field: str, value: Any) -> str | None:
    """A value as people read it: a name for a key, an instant on the company's clock."""
    if value is None:
        return None
    if field.endswith("_at"):
        return f"{session.local(datetime.fromisoformat(value)):%d %b %Y %H:%M}"
    parent = REFERENCES.get(table, {}).get(field)
    return known.get((parent, str(value)), "no longer there") if parent else str(value)


def _names(session: Session, rows: Sequence[dict[str, Any]]) -> dict[tuple[str, str], str]:
    """The names of all rows that these changes are about or refer to."""
    wanted: dict[str, set[str]] = {}
    for row in rows:
        wanted.setdefault(row["table_name"], set()).add(str(row["record_id"]))
        for side in ("before", "after"):
            values = json.loads(row[side] or "{}")
            for column, parent in REFERENCES.get(row["table_name"], {}).items():
                wanted.setdefault(parent, set()).add(values.get(column) or "")
    return {(table, str(key)): name for table, keys in wanted.items() for key, name in names(session, table, keys).items()}
