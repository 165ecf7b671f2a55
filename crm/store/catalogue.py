"""What is in a store, asked of its catalogue: nobody keeps a list of tables that a new one could be missing from.

Copies of a store are proven by it: how many rows each table has, and what they add up to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from crm.store.database import Database
from crm.store.names import column_types, identifier

# How a store came to its shape is its own: a copy brings rows, not the record of steps that ran elsewhere.
MIGRATIONS = "migrations"


@dataclass(frozen=True)
class Content:
    """A table's number of rows, and the sum of their hashes: equal for equal rows in any order, within one engine version."""

    rows: int
    total: str


def tables(cursor: duckdb.DuckDBPyConnection, catalog: str | None = None) -> list[str]:
    """Every table by name; neither views nor temporary tables."""
    found = cursor.execute(
        """
        select table_name
        from duckdb_tables()
        where
            database_name = coalesce($1, current_database())
            and schema_name = 'main'
            and not internal
            and not temporary
        order by table_name
        """,
        [catalog],
    )
    return [name for (name,) in found.fetchall()]


def content(cursor: duckdb.DuckDBPyConnection, names: Sequence[str], catalog: str | None = None) -> dict[str, Content]:
    """What each table holds. Every block of it is read, so that a damaged one is found."""
    return {name: _content(cursor, located(name, catalog)) for name in names}


def columns(database: Database) -> dict[str, dict[str, str]]:
    """The columns of each table with their SQL types, in order."""
    with database.working() as cursor:
        return {name: column_types(cursor, name) for name in tables(cursor)}


def count(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    with database.working() as cursor:
        return {name: cursor.execute(f"select count(*) from {located(name)}").fetchall()[0][0] for name in tables(cursor)}  # noqa: S608


def located(table: str, catalog: str | None = None) -> str:
    """A table's name in SQL, in another attached database if one is named."""
    return f"{identifier(catalog)}.main.{identifier(table)}" if catalog else identifier(table)


def _content(cursor: duckdb.DuckDBPyConnection, table: str) -> Content:
    found = cursor.execute(f"select count(*), coalesce(sum(hash(entry)), 0)::varchar from {table} as entry").fetchone()  # noqa: S608
    return Content(*found) if found else Content(0, "0")


def unreadable(database: Database) -> dict[str, str]:
    """The tables of which a block is damaged, and what the engine says."""
    found = {}
    with database.working() as cursor:
        for name in tables(cursor):
            try:
                content(cursor, [name])
            except duckdb.Error as error:
                found[name] = str(error).splitlines()[0][:200]
    return found


def steps(cursor: duckdb.DuckDBPyConnection, catalog: str | None = None) -> list[str]:
    """The migrations that made a store, without those that only a file has and without its views."""
    found = cursor.execute(f"select name from {located(MIGRATIONS, catalog)} order by name").fetchall()  # noqa: S608
    return [name for (name,) in found if is_portable(name)]


def is_portable(step: str) -> bool:
    """Whether a migration is one that every store has.

    >>> is_portable("0001_company.sql"), is_portable("0002_keys.file.sql"), is_portable("views")
    (True, False, False)
    """
    return step.endswith(".sql") and ".file." not in step


def text(path: Path | str) -> str:
    """A path as a literal of SQL, where the engine takes no parameter.

    >>> text("/tmp/Jo's.parquet")
    "'/tmp/Jo''s.parquet'"
    """
    return "'" + str(path).replace("'", "''") + "'"
