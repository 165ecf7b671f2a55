"""Which rows a session sees: temporary views stand before the tables on its cursor, and no view, macro or figure knows it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import duckdb

from crm.store import rules


def narrow(cursor: duckdb.DuckDBPyConnection, owners: list[UUID]) -> None:
    """See only what these employees, or nobody, own."""
    cursor.execute("set variable visible_owners = $1::uuid[]", [owners])
    _lay(cursor, ((table, table, rule) for table, rule in rules.READ.items()))


def keep_to(cursor: duckdb.DuckDBPyConnection, customers: str, values: dict[str, Any], *, narrowed: bool) -> None:
    """Of what figures, boards and lists read, see only the customers whose keys this SQL yields; `narrowed` ones stay so."""
    cursor.execute(f"create temp table kept_customers as {customers}", values)
    if narrowed:
        cursor.execute("create temp table seen_deals as select deal_id from deals")  # before fewer are
    seen, learned = (rules.READ, "deal_id in (select deal_id from seen_deals)") if narrowed else ({}, "true")
    _lay(cursor, ((view, table, learned) for view, table in rules.LEARNED.items()))
    _lay(cursor, ((table, table, f"({seen.get(table, 'true')}) and ({rule})") for table, rule in rules.KEPT.items()))


def _lay(cursor: duckdb.DuckDBPyConnection, views: Iterable[tuple[str, str, str]]) -> None:
    """Views by name over a table of the store, each with the rows that it shows."""
    (catalog,) = cursor.execute("select current_database()").fetchall()[0]
    whole = f'"{catalog}".main'
    for view, table, rule in views:
        shown = rule.format(whole=whole)
        cursor.execute(f"create or replace temp view {view} as select * from {whole}.{table} where {shown}")  # noqa: S608 - rules.py
