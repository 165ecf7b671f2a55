"""Names of tables and columns on their way into SQL."""

from __future__ import annotations

import duckdb


def column_types(cursor: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """The columns of a table with their SQL types, in order."""
    return {name: kind for name, kind, *_ in cursor.execute(f"describe {identifier(table)}").fetchall()}


def identifier(name: str) -> str:
    """The one helper through which a name that is not a literal may enter SQL.

    >>> identifier("won_amount")
    'won_amount'
    """
    if not name.isidentifier():
        raise ValueError(f"not a plain name: {name!r}")
    return name
