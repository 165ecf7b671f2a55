"""One import from the file to its account: read, convert, match, and write one change set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from crm.commands.imports.contacts import contacts
from crm.commands.imports.customers import customers
from crm.commands.imports.deals import deals
from crm.commands.imports.employees import employees
from crm.commands.imports.goals import goals
from crm.commands.imports.happenings import feedback, interactions
from crm.commands.imports.incoming import Incoming, supported
from crm.commands.imports.orders import orders
from crm.commands.imports.products import products
from crm.commands.imports.result import FATES, ImportResult, RejectedRow
from crm.commands.imports.tasks import tasks
from crm.commands.imports.values import convert
from crm.errors import Conflict, Refused
from crm.exchange import headers, reading
from crm.exchange.headers import Mapping
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
    *,
    name: str | None = None,
    dry_run: bool = False,
    source: str | None = None,
) -> ImportResult:
    """Bring the rows of a file in as records of one kind, as one change set; say what became of each row.

    The file is read and checked, and its rows are matched, before anything is locked; if somebody changes a record between
    its matching and its writing, all of it is done again.
    """
    session.require("manager", "Importing")
    read = reading.read(path, name)
    mapping = _mapped(kind, read)
    for attempt in range(1, TRIES + 1):
        try:
            return _imported(session, mapping, read, dry_run, source)
        except Conflict:
            if attempt == TRIES:
                raise
    raise AssertionError("the last attempt returns or raises")


def _mapped(kind: str, read: Reading) -> Mapping:
    """The columns that the import uses, or a refusal that names the one that is missing."""
    mapping = headers.match(kind, read.header)
    if mapping.missing:
        wanted = " or ".join(f"“{name.replace('_', ' ')}”" for name in mapping.missing[0])
        seen = ", ".join(f"“{column}”" for column in read.header[:12])
        raise Refused(f"{read.name} has no column {wanted}, which {kind} need; it has {seen}.", mapping.missing[0][0])
    return mapping


def _imported(session: Session, mapping: Mapping, read: Reading, dry_run: bool, source: str | None) -> ImportResult:
    kind = mapping.kind
    columns = supported(kind, mapping.fields)
    with session.change(f"Import {kind} from {read.name}", dry_run=dry_run) as change:
        incoming = Incoming(session, change, kind, source or kind, columns, is_sourced=source is not None)
        incoming.stage(read)
        convert(incoming)
        STEPS[kind](incoming)
        fates = Counter(dict(incoming.rows("select fate, count(*) from fates group by fate")))
        rejected = [*_unread(read), *_rejected(incoming)]
    return ImportResult(
        kind=kind,
        file=read.name,
        rows=read.records,
        **{name: fates[name] for name in FATES if name != "rejected"},
        rejected_rows=tuple(sorted(rejected, key=lambda row: row.line)),
        records=incoming.records,
        notes=(*read.notes, *incoming.notes, *_unused(mapping, read, columns)),
        columns=columns,
        change_set_id=change.change_set_id if change.counts and not dry_run else None,
        dry_run=dry_run,
    )


def _unread(read: Reading) -> list[RejectedRow]:
    return [RejectedRow(row.line, row.column, row.reason) for row in read.rejected]


def _rejected(incoming: Incoming) -> list[RejectedRow]:
    """Each rejected row once, with everything that is wrong with it."""
    rows = incoming.rows(
        """
        select any_value(line), first(column_name order by column_name), string_agg(distinct reason, '; ' order by reason)
        from faults
        inner join lines using (row_no)
        group by row_no
        """
    )
    return [RejectedRow(*row) for row in rows]


def _unused(mapping: Mapping, read: Reading, columns: dict[str, str]) -> list[str]:
    """Columns that were left aside are named, so that nobody believes them imported."""
    left = [column for column in read.header if column not in columns.values()]
    return [f"Columns not used: {', '.join(left)}."] if left else []
