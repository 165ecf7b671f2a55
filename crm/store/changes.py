"""Change sets: every write is one, and from it come the audit trail, field history, undo and cache freshness.

A block collects operations and applies them in one transaction when it ends: a block of code cannot be retried, a list
of operations can. Every operation is set-based SQL, the single row of a form no less than an import of 750,000.

    with session.change("Move to Proposal") as change:
        change.update("deals", deal_id, version=seen, stage_id=proposal)

`changes` keeps, for an update, the fields set with their values before and after; for an insert only the key. A row's
`version` is the change set that wrote it, which is what tells two people apart who edit one row. What is said anonymously gets a
change set for each row, in one transaction: nothing in the history joins what one person said to two questions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any
from uuid import UUID

import duckdb
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]

from crm.errors import Conflict
from crm.store.checking import ORPHANS, refuse_orphans
from crm.store.names import identifier
from crm.store.rules import key_of
from crm.store.writer import Operation, Writer, run

if TYPE_CHECKING:
    from crm.store.session import Session


class Change:
    """The operations of one change set; applied together when the `with` block ends without an error."""

    def __init__(self, session: Session, title: str, *, dry_run: bool = False, origin: str | None = None) -> None:
        self.change_set_id: UUID = session.new_key()
        self.title = title
        self.origin = origin
        self.counts: Counter[tuple[str, str]] = Counter()
        self._session = session
        self._dry_run = dry_run
        self._operations: list[Operation] = []
        self._provisos: list[tuple[str, str, dict[str, Any]]] = []
        self._open = ExitStack()

    def __enter__(self) -> Change:
        self._open.enter_context(self._session.database.passing())
        self._cursor = self._open.enter_context(closing(self._session.database.cursor()))
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        with self._open:
            if kind is None and self._operations:
                self._apply()

    def stage(self, name: str, frame: pd.DataFrame | pa.Table) -> None:
        """Make `frame` a temporary table that this change's SQL can read."""
        self._cursor.register("staged_frame", frame)
        self._cursor.execute(f"create or replace temp table {identifier(name)} as from staged_frame")
        self._cursor.unregister("staged_frame")

    def execute(self, sql: str, **values: Any) -> duckdb.DuckDBPyConnection:
        """Run SQL beside the staged tables, at once and outside the lock: to clean, match and count what will be written."""
        return self._cursor.execute(sql, values) if values else self._cursor.execute(sql)

    def insert(self, table: str, **fields: Any) -> UUID:
        """Add one row; its key is known at once."""
        key: UUID = fields.pop(key_of(table), None) or self._session.new_key()
        self.insert_from(table, _one_row({key_of(table): key, **fields}), **fields, **{key_of(table): key})
        return key

    def update(self, table: str, key: UUID | str, *, version: UUID | str | None = None, **fields: Any) -> None:
        """Set fields of one row; with the `version` that was read, a Conflict if somebody wrote it since."""
        values = {key_of(table): key, **fields} | ({"version": version} if version else {})
        self.update_from(table, _one_row(values), **values)

    def archive(self, table: str, key: UUID | str, *, version: UUID | str | None = None) -> None:
        """Put one row aside; nothing is deleted."""
        self.update(table, key, version=version, archived_at=self._session.now)

    def insert_from(self, table: str, sql: str, **values: Any) -> None:
        """Add every row that `sql` yields; a key column that it does not yield is made here."""
        self._operations.append(Operation("insert", table, sql, values))

    def update_from(self, table: str, sql: str, **values: Any) -> None:
        """Set, by key, the columns that `sql` yields; rows that already have those values are left alone."""
        self._operations.append(Operation("update", table, sql, values))

    def provided(self, sql: str, otherwise: str, **values: Any) -> None:
        """Write this only if `sql` then yields true or counts a row, in the same transaction; else a Conflict, in these words.

        For what was true when it was read, and for what is used up without a history.
        """
        self._provisos.append((sql, otherwise, values))

    def _apply(self) -> None:
        def work() -> None:
            self.counts.clear()
            for sql, otherwise, values in self._provisos:
                (found,) = self.execute(sql, **values).fetchall()[0]
                if not found:
                    raise Conflict(otherwise)
            for key, operations in parts:
                self.counts += self._write(key, operations)

        parts = list(self._parts())
        run(self._session, self._cursor, work, commit=not self._dry_run)

    def _parts(self) -> Iterator[tuple[UUID, Sequence[Operation]]]:
        """The change sets to write: this one, or of what is anonymous one for each operation."""
        if not self._session.is_anonymous:
            yield self.change_set_id, self._operations
            return
        for operation in self._operations:
            yield self._session.new_key(), [operation]

    def _write(self, key: UUID, operations: Sequence[Operation]) -> Counter[tuple[str, str]]:
        writer = Writer(self._session, self._cursor, key)
        writer.execute(ORPHANS)
        for position, operation in enumerate(operations):
            writer.write(position, operation)
        refuse_orphans(writer)
        if writer.counts:
            writer.record(self.title, origin=self.origin)
        return writer.counts


def _one_row(values: Mapping[str, Any]) -> str:
    return "select " + ", ".join(f"${identifier(name)} as {name}" for name in values)
