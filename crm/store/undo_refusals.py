"""Why an undo is refused whole: something would hang in the air, or stand twice."""

from __future__ import annotations

from crm.errors import Conflict
from crm.store import rules
from crm.store.checking import refuse_doubles
from crm.store.held import DEFINITIONS, refuse_held
from crm.store.rules import key_of
from crm.store.writer import Writer


def refuse_dangling(writer: Writer) -> None:
    """Refuse when rows that stay refer to rows that this undo deleted."""
    gone = {table for table, kind in writer.counts if kind == "delete"}
    for child, columns in rules.REFERENCES.items():
        for column, parent in columns.items():
            if parent in gone:
                _refuse_hanging(writer, child, column, parent)
    for parent in gone.intersection(DEFINITIONS):
        refuse_held(writer, parent)


def _refuse_hanging(writer: Writer, child: str, column: str, parent: str) -> None:
    hanging = writer.count(
        f"""
        select count(*)
        from {child}
        where {column} in (
            select record_id
            from changes
            where change_set_id = $change_set and table_name = $parent and operation = 'delete'
        )
        """,  # noqa: S608 - names come from rules.py
        change_set=writer.change_set_id,
        parent=parent,
    )
    if hanging:
        raise Conflict(f"{hanging:,} {child} belong to {parent} of this change: undo those first.")


def refuse_misfits(writer: Writer) -> None:
    """Refuse when what came back refers to a row that has gone meanwhile, or doubles one that has come."""
    for table in sorted({table for table, kind in writer.counts if kind != "delete"}):
        writer.execute(
            """
            create or replace temp table touched as
            select distinct record_id
            from changes
            where change_set_id = $change_set and table_name = $table and operation <> 'delete'
            """,
            change_set=writer.change_set_id,
            table=table,
        )
        for column, parent in rules.REFERENCES.get(table, {}).items():
            _refuse_lost(writer, table, column, parent)
        for parts in rules.UNIQUE.get(table, []):
            refuse_doubles(writer, table, parts)


def _refuse_lost(writer: Writer, child: str, column: str, parent: str) -> None:
    lost = writer.count(
        f"""
        select count(*)
        from {child} as entry
        inner join touched on touched.record_id = entry.{key_of(child)}
        left join {parent} as known on known.{key_of(parent)} = entry.{column}
        where entry.{column} is not null and known.{key_of(parent)} is null
        """  # noqa: S608 - names come from rules.py
    )
    if lost:
        raise Conflict(f"{lost:,} {child} would come back to {parent} that are no longer there: bring those back first.")
