"""Which rows of a change set are in use, so that taking it back leaves them: how the demo goes without what people made of it."""

from __future__ import annotations

from uuid import UUID

from crm.store import rules
from crm.store.held import DEFINITIONS, keep_held
from crm.store.rules import key_of
from crm.store.writer import Writer


def operations_of(writer: Writer, wanted: UUID) -> list[tuple[int, str, str]]:
    """The operations of a change set, the last first: position, table, kind."""
    return writer.execute(
        """
        select distinct position, table_name, operation
        from changes
        where change_set_id = $wanted
        order by position desc
        """,
        wanted=wanted,
    ).fetchall()


def mark_kept(writer: Writer, wanted: UUID) -> list[tuple[str, UUID]]:
    """Find the rows of a change set that are in use: changed since, referred to from outside, or needed by such a row."""
    writer.execute("delete from kept")
    tables = [table for _, table, kind in operations_of(writer, wanted) if kind == "insert"]
    writer.execute(
        "create or replace temp table made as select table_name, record_id from changes where change_set_id = $wanted",
        wanted=wanted,
    )
    for table in tables:
        _keep_changed(writer, table, wanted)
    for child, columns in rules.REFERENCES.items():
        for column, parent in columns.items():
            if parent in tables:
                _keep_referred(writer, child, column, parent)
    while _keep_more(writer, tables):
        pass
    return writer.execute("select table_name, record_id from kept order by all").fetchall()


def _keep_more(writer: Writer, tables: list[str]) -> int:
    """What the rows that are kept so far need, in turn; how many those are."""
    linked = sum(_keep_needed(writer, child, column, parent) for child, column, parent in _links(tables))
    return linked + sum(keep_held(writer, parent) for parent in DEFINITIONS if parent in tables)


def _links(tables: list[str]) -> list[tuple[str, str, str]]:
    return [
        (child, column, parent)
        for child in tables
        for column, parent in rules.REFERENCES.get(child, {}).items()
        if parent in tables
    ]


def _keep_changed(writer: Writer, table: str, wanted: UUID) -> None:
    writer.execute(
        f"""
        insert into kept
        select '{table}', {key_of(table)}
        from {table}
        where version <> $wanted
        and {key_of(table)} in (select record_id from made where table_name = '{table}')
        """,  # noqa: S608 - names come from the schema
        wanted=wanted,
    )


def _keep_referred(writer: Writer, child: str, column: str, parent: str) -> None:
    writer.execute(
        f"""
        insert into kept
        select distinct '{parent}', {column}
        from {child}
        where {key_of(child)} not in (select record_id from made where table_name = '{child}')
        and {column} in (select record_id from made where table_name = '{parent}')
        and {column} not in (select record_id from kept where table_name = '{parent}')
        """  # noqa: S608 - names come from rules.py
    )


def _keep_needed(writer: Writer, child: str, column: str, parent: str) -> int:
    needed = f"""
        from {child}
        where {key_of(child)} in (select record_id from kept where table_name = '{child}')
        and {column} in (select record_id from made where table_name = '{parent}')
        and {column} not in (select record_id from kept where table_name = '{parent}')
    """  # noqa: S608 - names come from rules.py
    number = writer.count(f"select count(distinct {column}) {needed}")
    writer.execute(f"insert into kept select distinct '{parent}', {column} {needed}")
    return number
