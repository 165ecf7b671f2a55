"""One import from the file to its account: read, convert, match, and write one change set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

from crm.commands.imports import keeping, own
from crm.commands.imports.columns import Columns, remember, remembered, resolve
from crm.commands.imports.contacts import contacts
from crm.commands.imports.customers import customers
from crm.commands.imports.deals import deals
from crm.commands.imports.employees import employees
from crm.commands.imports.fields import CRM_ID
from crm.commands.imports.goals import goals
from crm.commands.imports.happenings import feedback, interactions
from crm.commands.imports.hashing import hash_cells
from crm.commands.imports.incoming import Incoming, Options
from crm.commands.imports.mapping import NOTHING
from crm.commands.imports.mapping import Mapping as Choice
from crm.commands.imports.orders import orders
from crm.commands.imports.products import products
from crm.commands.imports.rejected import RejectedRows, rejected_folder
from crm.commands.imports.result import FATES, MOST, ImportResult
from crm.commands.imports.settling import settle
from crm.commands.imports.tasks import tasks
from crm.commands.imports.values import convert
from crm.commands.jobs import Report, quietly
from crm.errors import Conflict
from crm.exchange import reading, systems
from crm.exchange.reading import Reading
from crm.store.session import Session

TRIES = 3
STEPS: dict[str, Callable[[Incoming], None]] = {
    "customers": customers,
    "contacts": contacts,
    "employees": employees,
    "products": products,
    "deals": deals,
    "orders": orders,
    "interactions": interactions,
    "feedback": feedback,
    "goals": goals,
    "tasks": tasks,
}
KINDS = tuple(STEPS)


def import_file(
    session: Session,
    kind: str,
    path: Path | str | bytes,
    name: str | None = None,
    *,
    dry_run: bool = False,
    source: str | None = None,
    mapping: Choice | None = None,
    overwrite: bool = False,
    create_missing: bool = False,
    rates: Mapping[str, Decimal] | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    sheet: str | None = None,
    report: Report = quietly,
) -> ImportResult:
    """Bring the rows of a file in as records of one kind, as one change set; say what became of each row.

    The file is read and checked, and its rows are matched, before anything is locked; if somebody changes a record between
    its matching and its writing, all of it is done again. `report` is told how far it is, and may stop it by raising.
    """
    session.require("manager", "Importing")
    report(0.0, "Look through the file")
    read = reading.read(path, name, encoding=encoding, separator=separator, sheet=sheet)
    choice, columns, was_remembered = chosen(session, kind, read, mapping)
    columns.required(read.name)
    options = Options(source, overwrite, create_missing, dict(rates or {}), choice)
    with session.database.frugal():
        for attempt in range(1, TRIES + 1):
            try:
                return _imported(session, columns, read, options, was_remembered, dry_run, report)
            except Conflict:
                if attempt == TRIES:
                    raise
    raise AssertionError("the last attempt returns or raises")


def chosen(session: Session, kind: str, read: Reading, given: Choice | None) -> tuple[Choice, Columns, bool]:
    """What a person said of this file's columns, now or the last time, and what the columns become by it."""
    last = remembered(session, kind, read.header) if given is None or not given.columns else None
    choice = given.checked(kind, read.header, read.name).upon(last or NOTHING) if given else last or NOTHING
    return choice, resolve(session, kind, read.header, choice, "remembered" if last else "chosen"), last is not None


def default_source(kind: str, read: Reading) -> str:
    """Where the ids of a file come from, if nobody says: the system whose export it looks like, else its kind."""
    return systems.recognised(read.header, read.layout) or kind


def _imported(
    session: Session,
    columns: Columns,
    read: Reading,
    options: Options,
    was_remembered: bool,
    dry_run: bool,
    report: Report,
) -> ImportResult:
    kind = columns.kind
    source = options.source or default_source(kind, read)
    title = f"Import {kind} from {read.name}"
    with session.change(title, dry_run=dry_run, origin="import") as change:
        fields = dict(columns.fields)
        crm_id = fields.pop(CRM_ID, None)
        incoming = Incoming(session, change, kind, source, fields, source != kind, options, report, crm_id)
        own.take(incoming, columns.own)
        _check(incoming, read)
        fates = Counter(dict(incoming.rows("select fate, count(*) from fates group by fate")))
        kept, kept_values = keeping.listed(incoming, MOST)
        rejected = RejectedRows(rejected_folder(session.database), change.change_set_id, MOST, dry_run=dry_run)
        rejected.collect(incoming, read)
        remember(session, change, columns, options.mapping)
        report(0.9, "Write")
    return ImportResult(
        kind=kind,
        file=read.name,
        rows=read.records,
        **{name: fates[name] for name in FATES if name != "rejected"},
        rejected=rejected.count,
        rejected_rows=tuple(rejected.first),
        kept=kept,
        kept_values=tuple(kept_values),
        records=incoming.records,
        notes=(*read.notes, *_said(columns, was_remembered), *incoming.notes),
        columns=columns.fields,
        change_set_id=change.change_set_id if change.counts and not dry_run else None,
        dry_run=dry_run,
        source=source,
        rejected_file=rejected.file if rejected.count else None,
        rejected_text=rejected.text,
    )


def _check(incoming: Incoming, read: Reading) -> None:
    """Everything up to the fate of each row; nothing is locked, and nothing but temporary tables is written."""
    incoming.stage(read)
    keeping.begin(incoming)
    hash_cells(incoming)
    settle(incoming)
    own.read(incoming)
    incoming.report(0.4, "Check the cells")
    convert(incoming)
    STEPS[incoming.kind](incoming)


def _said(columns: Columns, was_remembered: bool) -> list[str]:
    """Columns that were left aside are named, so that nobody believes them imported."""
    said = ["The columns are used as the last time for this header row."] if was_remembered else []
    unused = columns.unused
    if unused:
        said.append(f"Columns not used: {', '.join(column.header for column in unused)}.")
    others = [f"{column.header} ({', '.join(column.kinds)})" for column in unused if column.kinds]
    if others:
        said.append(f"Of these, other kinds know: {', '.join(others)}. One kind is imported at a time.")
    alike = [f"“{column.header}” {column.reason}" for column in unused if column.suggestion]
    if alike:
        said.append(f"Perhaps meant: {', '.join(alike)}. Say so with --map.")
    return said
