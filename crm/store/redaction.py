"""Take a person out of the change history, so that no undo and no reader finds them there.

What was said of rows that go is forgotten; of rows that stay, only what the erasure emptied or blacked out, and the keys of
rows that are gone: the rest (amounts, days, stages) is the history of our figures.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pyarrow as pa  # type: ignore[import-untyped]

from crm.store import personal
from crm.store.finding import Column
from crm.store.needles import Needle, blacked_value
from crm.store.writer import Writer

Entry = tuple[UUID, int, str, UUID, str | None, str | None]


class Redaction:
    """Rewrites `before` and `after` of the changes of the rows in `leaving` and `rewritten`."""

    def __init__(self, writer: Writer, columns: dict[tuple[str, str], Column], wanted: list[Needle]) -> None:
        self.writer = writer
        self.columns = columns
        self.wanted = wanted

    def forget_leaving(self) -> int:
        """Forget all that the history says of rows that go; how many entries that were."""
        number = self.writer.count(
            """
            select count(*)
            from changes
            inner join leaving on leaving.table_name = changes.table_name and leaving.record_id = changes.record_id
            where changes.before is not null or changes.after is not null
            """
        )
        self.writer.execute(
            """
            update changes
            set before = null, after = null
            from leaving
            where changes.table_name = leaving.table_name and changes.record_id = leaving.record_id
            """
        )
        return number

    def rewrite(self, emptied: set[tuple[str, UUID]], mentions: set[tuple[str, UUID, str]], gone: set[str]) -> int:
        """Rewrite what the history says of rows that stay; how many entries that were."""
        self.emptied, self.mentions, self.gone = emptied, mentions, gone
        changed: list[Entry] = []
        for change_set_id, position, table, record_id, before, after, old in self._rows():
            new = tuple(self._side(table, record_id, text, old) for text in (before, after))
            if new != (before, after):
                changed.append((change_set_id, position, table, record_id, new[0], new[1]))
        if changed:
            self._write(changed)
        self.writer.execute(
            """
            update changes
            set version = $version
            from rewritten
            where changes.table_name = rewritten.table_name
            and changes.record_id = rewritten.record_id
            and changes.version = rewritten.version
            """,
            version=self.writer.change_set_id,
        )
        return len(changed)

    def _rows(self) -> list[tuple[UUID, int, str, UUID, str | None, str | None, UUID | None]]:
        """The entries of rewritten rows, of rows with a mention that stands in the history alone, and those that name a key."""
        self.writer.execute("create or replace temp table mentioned (table_name varchar, record_id uuid)")
        if self.mentions:
            rows = [[table, key] for table, key, _ in self.mentions]
            self.writer.cursor.executemany("insert into mentioned values ($1, $2)", rows)
        return self.writer.execute(
            """
            select
                changes.change_set_id,
                changes.position,
                changes.table_name,
                changes.record_id,
                changes.before::varchar,
                changes.after::varchar,
                rewritten.version,
            from changes
            left join rewritten on rewritten.table_name = changes.table_name and rewritten.record_id = changes.record_id
            where (changes.before is not null or changes.after is not null)
            and (
                rewritten.record_id is not null
                or (changes.table_name, changes.record_id) in (select (table_name, record_id) from mentioned)
                or regexp_matches(concat(changes.before, changes.after), $gone)
            )
            """,
            gone="|".join(sorted(self.gone)) or "$^",
        ).fetchall()

    def _side(self, table: str, record_id: UUID, text: str | None, old: UUID | None) -> str | None:
        if text is None:
            return None
        said = json.loads(text)
        new = {name: self._value(table, record_id, name, value, old) for name, value in said.items()}
        return text if new == said else json.dumps(new, ensure_ascii=False, separators=(",", ":"))

    def _value(self, table: str, record_id: UUID, name: str, value: Any, old: UUID | None) -> Any:
        if value is None or (isinstance(value, str) and value in self.gone):
            return None
        if name == "version" and old and value == str(old):
            return str(self.writer.change_set_id)
        if (table, record_id, name) in self.mentions:
            return blacked_value(self.wanted, value)
        if (table, record_id) not in self.emptied:
            return value
        column = self.columns.get((table, name))
        if column and personal.kind_of(table, name) in personal.EMPTIED:
            return personal.ERASED if column.is_required else None
        if name in personal.ALSO.get(table, {}) and name != "archived_at":
            return None
        is_shared = personal.kind_of(table, name) == personal.SHARED
        return None if is_shared and any(needle.is_sure and needle.spans(str(value)) for needle in self.wanted) else value

    def _write(self, changed: list[Entry]) -> None:
        names = ("change_set_id", "position", "table_name", "record_id", "before", "after")
        sides = [[str(part) if isinstance(part, UUID) else part for part in row] for row in changed]
        self.writer.cursor.register("redacted", pa.table({name: [row[at] for row in sides] for at, name in enumerate(names)}))
        self.writer.execute(
            """
            update changes
            set before = redacted.before::json, after = redacted.after::json
            from redacted
            where changes.change_set_id = redacted.change_set_id::uuid
            and changes.position = redacted.position
            and changes.table_name = redacted.table_name
            and changes.record_id = redacted.record_id::uuid
            """
        )
        self.writer.cursor.unregister("redacted")
