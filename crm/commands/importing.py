"""Imports of uploaded files: what the Import page asks about one, and the job that brings it in.

The file lies in private until its import is done; a job names it by a token and everything else by plain values.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from crm.commands import imports, uploads
from crm.commands.imports import ImportResult, Mapping, Plan
from crm.commands.jobs import Report, quietly
from crm.errors import Refused
from crm.exchange import reading
from crm.exchange.kinds import likely
from crm.store.session import Session

SHOWN = 50


@dataclass(frozen=True)
class Account:
    """The account of an import as its job keeps it: without the rejected rows, which lie in a file of their own."""

    result: ImportResult

    def summary(self) -> str:
        """The account in one line."""
        return self.result.summary()

    def as_json(self) -> dict[str, Any]:
        """The account for the page."""
        told = self.result.as_json()
        file = self.result.rejected_file
        return told | {
            "rejected_rows": [],
            "rejected_file": file.stem if file else None,
            "kept": self.result.kept,
            "kept_values": told.get("kept_values", [])[:SHOWN],
        }


def kinds_of(session: Session, file: str, name: str, encoding: str | None, separator: str | None, sheet: str | None) -> list[str]:
    """The kinds that an uploaded file's rows may be, the likeliest first."""
    session.require("manager", "Importing")
    read = reading.read(uploads.path_of(session, file), name, encoding=encoding, separator=separator, sheet=sheet)
    return likely(read.header, name)


def plan_of(session: Session, file: str, kind: str, name: str, mapping: Mapping | None, **layout: str | None) -> Plan:
    """What an import of an uploaded file would use, and what it has to ask."""
    return imports.plan(session, kind, uploads.path_of(session, file), name, mapping=mapping, **layout)


def import_upload(
    session: Session,
    *,
    file: str,
    kind: str,
    name: str,
    mapping: str | None = None,
    report: Report = quietly,
    **choices: Any,
) -> Account:
    """Bring an uploaded file in, and remove it once that is done; after a refusal it stays, to be tried again."""
    account = _imported(session, file, kind, name, mapping, report, dry_run=False, **choices)
    uploads.forget(session, file)
    return account


def check_upload(
    session: Session,
    *,
    file: str,
    kind: str,
    name: str,
    mapping: str | None = None,
    report: Report = quietly,
    **choices: Any,
) -> Account:
    """Say what an import would do, and write nothing."""
    return _imported(session, file, kind, name, mapping, report, dry_run=True, **choices)


def _imported(session: Session, file: str, kind: str, name: str, mapping: str | None, report: Report, **choices: Any) -> Account:
    chosen = Mapping.from_json(mapping) if mapping else None
    path = uploads.path_of(session, file)
    return Account(imports.import_file(session, kind, path, name=name, mapping=chosen, report=report, **choices))


def rejected_rows(session: Session, key: str) -> bytes:
    """The rejected rows of an import as CSV: line, column, reason, and the row as it stood in the file."""
    session.require("manager", "Importing")
    folder = imports.rejected_folder(session.database)
    path = folder / f"{UUID(key)}.csv" if folder else None
    if path is None or not path.is_file():
        raise Refused("The rejected rows are kept for 30 days; these are no longer here.")
    return path.read_bytes()


def first_rejected(session: Session, key: str, limit: int = 20) -> list[dict[str, str]]:
    """The first rejected rows, each with line, column and reason; none once they are removed."""
    try:
        text = rejected_rows(session, key).decode("utf-8-sig")
    except Refused:
        return []
    return list(islice(_reasons(text), limit))


def _reasons(text: str) -> Iterator[dict[str, str]]:
    for row in csv.reader(io.StringIO(text)):
        if row[:3] != ["line", "column", "reason"]:
            yield dict(zip(("line", "column", "reason"), row, strict=False))
