"""Build a company of any size by set-based SQL: what the timings are taken on.

Every row goes through `session.change(...).insert_from`, as an import's does: it is checked, and its history is kept, so
that the history and its index have the size they would have. One file in rows/ a table; the same numbers give the same
company on every machine, only its dates move with the day. Keys that nothing refers to are the store's own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from crm.store.session import Session

ROWS = Path(__file__).parent / "rows"
TABLES = (
    "teams",
    "employees",
    "products",
    "tags",
    "custom_fields",
    "custom_choices",
    "customers",
    "contacts",
    "customer_tags",
    "deals",
    "stage_changes",
    "orders",
    "interactions",
    "feedback",
    "traits",
    "tasks",
    "goals",
)


def build(session: Session, customers: int, entries: int | None = None) -> None:
    """Fill an empty company: so many customers and, unless said otherwise, 10 interactions with each."""
    values = {"customers": customers, "entries": entries or 10 * customers, "today": session.today}
    for table in TABLES:
        with session.change(f"Import {table}") as change:
            change.execute(text("macros"))
            change.insert_from(table, text(table), **used(text(table), values))
    with session.change("Hand customers over") as change:
        change.execute(text("macros"))
        change.update_from("customers", text("reassigned"))


def size(session: Session) -> dict[str, int]:
    """How many rows each table holds."""
    return {table: session.value(f"select count(*) from {table}") for table in TABLES}


def text(rows: str) -> str:
    """The SQL that yields the rows of a table."""
    return (ROWS / f"{rows}.sql").read_text(encoding="utf-8")


def used(sql: str, values: dict[str, Any]) -> dict[str, Any]:
    """The values that a text asks for: a statement is given exactly its own."""
    return {name: value for name, value in values.items() if f"${name}" in sql}
