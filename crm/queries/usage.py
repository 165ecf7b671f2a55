"""What uses a row: a person is told before it is put aside, and what has amounts keeps the company's currency.

What refers to what stands in one table of the store (crm/store/rules.py), so a new noun is counted without a line here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from crm.queries.registry import FIGURES
from crm.store.rules import REFERENCES, noun
from crm.store.session import Session

Uses = dict[str, int]


def uses(session: Session, table: str, keys: Sequence[UUID]) -> dict[UUID, Uses]:
    """One entry per key that something refers to: how many rows of each table do, customers and deals before what they did.

    Archived rows are left out.
    """
    parts = [_referring(child, names) for child, names in _children(table).items()]
    if not parts or not keys:
        return {}
    rows = session.rows(
        f"""
        with
        wanted as (
            select unnest($keys::uuid[]) as key
        ),

        found as ({" union all ".join(parts)})

        select
            key,
            child,
            count(*) as number
        from found
        inner join wanted using (key)
        group by key, child
        order by list_position($children, child)
        """,  # noqa: S608 - names come from rules.py
        keys=list(keys),
        children=list(users(table)),
    )
    found: dict[UUID, Uses] = {}
    for row in rows:
        found.setdefault(row["key"], {})[row["child"]] = row["number"]
    return found


def amounts(session: Session) -> Uses:
    """One entry per table in which amounts of money stand, archived rows too: they may come back."""
    columns = session.rows(
        """
        select
            columns.table_name,
            columns.column_name
        from information_schema.columns as columns
        inner join information_schema.tables as tables
            on tables.table_catalog = columns.table_catalog
            and tables.table_schema = columns.table_schema
            and tables.table_name = columns.table_name
        where tables.table_type = 'BASE TABLE'
        and columns.table_catalog = current_database()
        and columns.column_name similar to '(.*_)?amount'
        and columns.data_type like 'DECIMAL%'
        """
    )
    counts = {row["table_name"]: _filled(session, row["table_name"], row["column_name"]) for row in columns}
    in_money = [figure.key for figure in FIGURES.values() if figure.unit == "money"]
    counts["goals"] = session.value("select count(*) from goals where list_contains($figures, figure)", figures=in_money)
    return {table: number for table, number in sorted(counts.items(), key=lambda pair: -pair[1]) if number}


def users(table: str) -> tuple[str, ...]:
    """The tables that refer to this one.

    >>> users("pipelines")
    ('stages',)
    """
    return tuple(_children(table))


def in_words(found: Mapping[str, int]) -> str:
    """What uses a row, for a sentence.

    >>> in_words({"customers": 12, "deals": 1, "stage_changes": 2000, "feedback": 3})
    '12 customers, 1 deal, 2,000 stage changes, 3 pieces of feedback'
    """
    return ", ".join(f"{number:,} {_called(table, number)}" for table, number in found.items())


def _called(table: str, number: int) -> str:
    if table == "feedback":
        return "piece of feedback" if number == 1 else "pieces of feedback"
    return (noun(table) if number == 1 else table).replace("_", " ")


def _children(table: str) -> dict[str, list[str]]:
    """The tables that refer to this one, each with the columns by which it does."""
    found = {child: [name for name, parent in names.items() if parent == table] for child, names in REFERENCES.items()}
    return {child: names for child, names in found.items() if names}


def _referring(child: str, names: Sequence[str]) -> str:
    """One row per row of a child and key that it refers to; a row that names a key twice counts once."""
    key = names[0] if len(names) == 1 else f"unnest(list_distinct([{', '.join(names)}]))"
    return f"select '{child}' as child, {key} as key from {child} where archived_at is null"  # noqa: S608 - from rules.py


def _filled(session: Session, table: str, column: str) -> int:
    number: int = session.value(f"select count({column}) from {table}")  # noqa: S608 - names come from the schema
    return number
