"""Small files to import, and a picture of the whole store to compare."""

from __future__ import annotations

from typing import Any

from crm.commands.imports import FATES, ImportResult, import_file
from crm.store.session import Session

NOT_COMPARED = ("changes", "change_sets", "data_versions", "migrations")


def imported(session: Session, kind: str, text: str, **options: Any) -> ImportResult:
    """Import the text of a file."""
    return import_file(session, kind, text.encode(), name=f"{kind}.csv", **options)


def fates(result: ImportResult) -> tuple[int, ...]:
    """Created, updated, unchanged, skipped, rejected."""
    return tuple(getattr(result, name) for name in FATES)


def picture(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """Every column of every row of every table that an undo must restore."""
    tables = session.rows("select table_name from duckdb_tables() where schema_name = 'main' and not temporary and not internal")
    names = sorted(row["table_name"] for row in tables if row["table_name"] not in NOT_COMPARED)
    return {name: sorted(session.execute(f"from {name}", {}).fetchall(), key=repr) for name in names}
