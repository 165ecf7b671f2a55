"""Writes the operations of one change set inside a transaction: set-based, checked by the rules, with its history."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import duckdb

from crm.errors import Conflict, Refused
from crm.store import rules
from crm.store.anonymity import settle
from crm.store.checking import note_orphans, refuse_doubles, refuse_unless_allowed
from crm.store.conflicts import who_was_faster
from crm.store.names import column_types, identifier
from crm.store.rules import STAMPS, key_of

if TYPE_CHECKING:
    from crm.store.session import Session

T = TypeVar("T")


@dataclass(frozen=True)
class Operation:
    """One set-based write: the SQL yields the key and the columns to write."""

    kind: str
    table: str
    sql: str
    values: Mapping[str, Any] = field(default_factory=dict)


def run(session: Session, cursor: duckdb.DuckDBPyConnection, work: Callable[[], T], *, commit: bool = True) -> T:
    """Run a writer's work in one transaction, with the engine's refusals worded for a person."""
    try:
        return session.database.transaction(cursor, work, commit=commit)
    except (duckdb.ConversionException, duckdb.OutOfRangeException) as error:
        raise Refused(f"A value does not fit its field: {str(error).splitlines()[0]}") from None
    except (duckdb.ConstraintException, duckdb.TransactionException) as error:
        if "PRIMARY KEY or UNIQUE" in str(error) or "Duplicate key" in str(error):
            raise Conflict("This row was already written. Look at it before you try again.") from None
        raise


class Writer:
    """Applies operations inside a transaction: checks who may, what it refers to, what must stand once; keeps history."""

    def __init__(self, session: Session, cursor: duckdb.DuckDBPyConnection, change_set_id: UUID) -> None:
        self.session = session
        self.cursor = cursor
        self.change_set_id = change_set_id
        self.counts: Counter[tuple[str, str]] = Counter()

    def execute(self, sql: str, **values: Any) -> duckdb.DuckDBPyConnection:
        """Run SQL on this change's own cursor."""
        return self.cursor.execute(sql, values) if values else self.cursor.execute(sql)

    def count(self, sql: str, **values: Any) -> int:
        """The first column of the only row of `sql`."""
        row = self.execute(sql, **values).fetchone()
        return int(row[0]) if row else 0

    def write(self, position: int, operation: Operation) -> None:
        """Apply one operation and keep what it changed."""
        columns = self._collect(operation)
        if "own" in columns:
            self._merge_own(operation)
        write = self._insert if operation.kind == "insert" else self._update
        written = write(position, operation.table, columns)
        if written:
            derive(self, operation.table)
            self._check(operation, columns)
            self.counts[operation.table, operation.kind] += written

    def _collect(self, operation: Operation) -> list[str]:
        """Put the rows to write into `written`, each column in the type of the table."""
        table, key = operation.table, key_of(operation.table)
        described = self.execute(f"describe {operation.sql}", **operation.values).fetchall()
        columns = [name for name, *_ in described]
        types = column_types(self.cursor, table)
        unknown = set(columns) - set(types)
        if unknown:
            raise ValueError(f"{table} has no column {', '.join(sorted(unknown))}")
        casts = [f"cast(given.{identifier(name)} as {types[name]}) as {identifier(name)}" for name in columns]
        if key not in columns:
            casts.append(f"{self.session.new_key_sql} as {key}")
        self.execute(
            f"create or replace temp table written as select {', '.join(casts)} from ({operation.sql}) as given",  # noqa: S608
            **operation.values,
        )
        return [name for name in columns if name not in (key, "version")]

    def _merge_own(self, operation: Operation) -> None:
        """Own fields are given as a patch: who sets one leaves the others to whoever sets those."""
        if operation.kind == "insert":
            self.execute("update written set own = own_patched(null, own)")
            return
        table, key = operation.table, key_of(operation.table)
        self.execute(
            f"""
            update written
            set own = own_patched(entry.own, written.own)
            from {table} as entry
            where entry.{key} = written.{key}
            """  # noqa: S608 - names come from the schema
        )

    def _insert(self, position: int, table: str, columns: list[str]) -> int:
        key = key_of(table)
        stamps = [f"${name} as {name}" for name in STAMPS if name not in columns and name != "version"]
        self.execute(
            f"insert into {table} by name select *, {', '.join([*stamps, '$version as version'])} from written",  # noqa: S608
            version=self.change_set_id,
            **{name: self.session.now for name in ("created_at", "updated_at") if name not in columns},
        )
        self.execute(f"create or replace temp table touched as select {key} as record_id from written")  # noqa: S608
        self.execute(
            """
            insert into changes
            select $change_set, $position, $table, record_id, 'insert', null, null, $change_set
            from touched
            """,
            change_set=self.change_set_id,
            position=position,
            table=table,
        )
        return self.count("select count(*) from touched")

    def _update(self, position: int, table: str, columns: list[str]) -> int:
        self._find_changed(table, columns)
        found = self.count("select count(*) from touched")
        if found:
            refuse_unless_allowed(self, rules.WRITE, table)
            self._set(table, columns)
            self.execute(
                """
                insert into changes
                select $change_set, $position, $table, record_id, 'update', before, after, $change_set
                from touched
                """,
                change_set=self.change_set_id,
                position=position,
                table=table,
            )
        return found

    def _find_changed(self, table: str, columns: list[str]) -> None:
        """Keep in `touched` the rows that really differ, with what they were and what they become."""
        key = key_of(table)
        self._refuse_missing(table, key)
        before = ", ".join(f'"{name}" := entry.{name}' for name in [*columns, "updated_at", "version"])
        after = ", ".join(f'"{name}" := given.{name}' for name in columns)
        differs = " or ".join(f"entry.{name} is distinct from given.{name}" for name in columns)
        self.execute(
            f"""
            create or replace temp table touched as
            select
                given.{key} as record_id,
                to_json(struct_pack({before})) as before,
                to_json(struct_pack({after}, updated_at := $now::timestamp, version := $change_set::uuid)) as after,
                {self._seen()} as is_stale,
            from written as given
            inner join {table} as entry on entry.{key} = given.{key}
            where {differs}
            """,  # noqa: S608 - names come from the schema
            now=self.session.now,
            change_set=self.change_set_id,
        )
        stale = self.execute("select record_id from touched where is_stale limit 1").fetchone()
        if stale:
            raise Conflict(who_was_faster(self, table, stale[0]))

    def _seen(self) -> str:
        names = [name for name, *_ in self.execute("describe written").fetchall()]
        return "entry.version <> given.version and given.version is not null" if "version" in names else "false"

    def _refuse_missing(self, table: str, key: str) -> None:
        missing = self.count(
            f"""
            select count(*)
            from written
            left join {table} as entry on entry.{key} = written.{key}
            where entry.{key} is null
            """  # noqa: S608 - names come from the schema
        )
        if missing:
            raise Conflict(f"{missing:,} {table} are no longer there: somebody undid their creation.")

    def _set(self, table: str, columns: list[str]) -> None:
        key = key_of(table)
        pairs = ", ".join(f"{name} = given.{name}" for name in columns)
        self.execute(
            f"""
            update {table}
            set {pairs}, updated_at = $now, version = $change_set
            from (select written.* from written inner join touched on touched.record_id = written.{key}) as given
            where {table}.{key} = given.{key}
            """,  # noqa: S608 - names come from the schema
            now=self.session.now,
            change_set=self.change_set_id,
        )

    def _check(self, operation: Operation, columns: list[str]) -> None:
        """Check the rows as they now are: who may write such rows, what they refer to, what must stand once."""
        refuse_unless_allowed(self, rules.INSERT if operation.kind == "insert" else rules.WRITE, operation.table)
        for column, parent in rules.REFERENCES.get(operation.table, {}).items():
            if column in columns:
                note_orphans(self, column, parent)
        for parts in rules.UNIQUE.get(operation.table, []):
            if any(name in part for part in parts for name in columns):
                refuse_doubles(self, operation.table, parts)

    def record(self, title: str, undoes: UUID | None = None, origin: str | None = None) -> None:
        """Write down the change set itself and raise the data versions of what it touched."""
        actor = self.session.actor
        counts: dict[str, dict[str, int]] = {}
        for (table, kind), number in self.counts.items():
            counts.setdefault(table, {})[kind] = number
        self.execute(
            """
            insert into change_sets
                (change_set_id, title, actor_kind, actor_id, actor_name, made_at, undoes, counts, job_id, origin)
            values ($change_set, $title, $kind, $actor, $name, $now, $undoes, $counts, $job, $origin)
            """,
            change_set=self.change_set_id,
            title=title,
            kind=actor.kind,
            actor=actor.employee_id,
            name=actor.name,
            now=self.session.now,
            undoes=undoes,
            counts=json.dumps(counts),
            job=self.session.job_id,
            origin=origin,
        )
        raise_versions(self.cursor, *counts)
        settle(self)


def derive(writer: Writer, table: str) -> None:
    """Make the derived columns of the touched rows again, all in one pass."""
    derived, key = rules.DERIVED.get(table, {}), key_of(table)
    if not derived:
        return
    differs = " or ".join(f"{table}.{column} is distinct from made.{column}" for column in derived)
    writer.execute(
        f"""
        update {table}
        set {", ".join(f"{column} = made.{column}" for column in derived)}
        from (
            select {key}, {", ".join(f"{expression} as {column}" for column, expression in derived.items())}
            from {table}
            where {key} in (select record_id from touched)
        ) as made
        where {table}.{key} = made.{key} and ({differs})
        """  # noqa: S608 - names come from rules.py
    )


def raise_versions(cursor: duckdb.DuckDBPyConnection, *tables: str) -> None:
    """Count one commit more of each table, or of a result that no person undoes: every cache over it is stale."""
    for table in sorted(set(tables)):
        asked = {"noun": table}
        cursor.execute("insert into data_versions select $noun, 0 where $noun not in (select noun from data_versions)", asked)
        cursor.execute("update data_versions set version = version + 1 where noun = $noun", asked)
