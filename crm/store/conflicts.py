"""What the second of two people is told who edited one row."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crm.store.rules import STAMPS, key_of, noun

if TYPE_CHECKING:
    from crm.store.writer import Writer


def who_was_faster(writer: Writer, table: str, key: UUID) -> str:
    """Who wrote a row since it was opened, which fields, and when: in words for the person who comes second."""
    row = writer.execute(
        f"""
        select change_sets.actor_name, change_sets.made_at, changes.before, changes.after
        from {table} as entry
        inner join change_sets on change_sets.change_set_id = entry.version
        left join changes on changes.change_set_id = entry.version and changes.record_id = entry.{key_of(table)}
        where entry.{key_of(table)} = $key
        """,  # noqa: S608 - names come from the schema
        key=key,
    ).fetchone()
    if not row:
        return f"This {noun(table)} was changed since you opened it. Look at it, then save again."
    name, made_at, before, after = row
    was = json.loads(before or "{}")
    fields = [name for name, value in json.loads(after or "{}").items() if name not in STAMPS and value != was.get(name)]
    what = ", ".join(_called(writer, name, was, json.loads(after or "{}")) for name in fields) or "it"
    when = writer.session.local(made_at)
    changed = f"{name} changed {what} of this {noun(table)} on {when:%d %b at %H:%M}"
    return f"{changed}, after you opened it. Look, then save again."


def _called(writer: Writer, field: str, was: Mapping[str, Any], became: Mapping[str, Any]) -> str:
    """A field in words; an own one by its name."""
    if field != "own":
        return field.removesuffix("_id").replace("_", " ")
    before, after = (side.get("own") or {} for side in (was, became))
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    rows = writer.execute(
        "select name from custom_fields where list_contains($keys, custom_field_id::varchar) order by position", keys=keys
    ).fetchall()
    return ", ".join(name for (name,) in rows) or "own fields"
