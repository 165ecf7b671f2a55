"""What would become of a file, before anything is imported: what was found out about it, and what only a person can say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from crm.commands.checks import words as in_words
from crm.commands.imports.columns import Column, Columns
from crm.commands.imports.fields import FIELDS
from crm.commands.imports.mapping import Mapping
from crm.commands.imports.questions import DayQuestion, ValueQuestion, questions
from crm.commands.imports.running import chosen, default_source
from crm.exchange import headers, reading, systems
from crm.exchange.reading import Reading
from crm.store.session import Session

PREVIEW, SAMPLES = 20, 3
WORDS = {"external_id": "External id", "customer_external_id": "Customer's id", "product_external_id": "Product's id"}


@dataclass(frozen=True)
class Field:
    """What a column may become: its key, what people call it, and whether a file without it may lack what it needs."""

    key: str
    words: str
    is_required: bool


@dataclass(frozen=True)
class Plan:
    """What stands about a file of one kind: found out, remembered or chosen; and what is still open."""

    kind: str
    name: str
    layout: str
    records: int
    notes: tuple[str, ...]
    encoding: str | None
    separator: str | None
    sheet: str | None
    sheets: tuple[str, ...]
    system: str | None
    source: str
    is_remembered: bool
    columns: tuple[Column, ...]
    fields: tuple[Field, ...]
    missing: tuple[tuple[str, ...], ...]
    days: tuple[DayQuestion, ...]
    unknown: tuple[ValueQuestion, ...]
    mapping: Mapping
    preview: tuple[tuple[str | None, ...], ...]

    @property
    def is_kind_open(self) -> bool:
        """Whether the file does not say if its comments are complaints, suggestions or what else."""
        return self.kind == "feedback" and not self.has("kind")

    def has(self, name: str) -> bool:
        """Whether a column becomes this field."""
        return any(column.target == name for column in self.columns)

    @property
    def is_ready(self) -> bool:
        """Whether it can be imported: unknown words reject their rows, but no question is open that stops the whole."""
        return not self.missing and not self.days


def plan(
    session: Session,
    kind: str,
    path: Path | str | bytes,
    name: str | None = None,
    *,
    encoding: str | None = None,
    separator: str | None = None,
    sheet: str | None = None,
    mapping: Mapping | None = None,
) -> Plan:
    """Look through a file and say what would become of its columns. Columns that are called nearly like a field are taken for
    it here, because a person looks at the plan; without one (`import_file`) they are left aside and named.
    """
    read = reading.read(path, name, encoding=encoding, separator=separator, sheet=sheet)
    choice, columns, was_remembered = chosen(session, kind, read, mapping)
    columns = _suggested(columns)
    preview = _preview(read)
    open_questions = questions(session, columns, read, choice)
    return Plan(
        kind=kind,
        name=read.name,
        layout=read.layout,
        records=read.records,
        notes=read.notes,
        encoding=read.encoding,
        separator=read.separator,
        sheet=read.sheet,
        sheets=read.sheets,
        system=systems.in_words(systems.recognised(read.header, read.layout)),
        source=default_source(kind, read),
        is_remembered=was_remembered,
        columns=tuple(_with_samples(column, place, preview) for place, column in enumerate(columns.columns)),
        fields=_fields(kind),
        missing=columns.missing,
        days=open_questions.days,
        unknown=open_questions.unknown,
        mapping=columns.mapping(choice),
        preview=preview,
    )


def _suggested(columns: Columns) -> Columns:
    """Each column that looks like a free field becomes it, the likeliest first."""
    taken = set(columns.fields)
    found = {}
    for column in sorted(columns.unused, key=lambda column: -column.confidence):
        if column.suggestion and column.suggestion not in taken:
            taken.add(column.suggestion)
            found[column.header] = replace(column, target=column.suggestion)
    return replace(columns, columns=tuple(found.get(column.header, column) for column in columns.columns))


def _preview(read: Reading) -> tuple[tuple[str | None, ...], ...]:
    """The first rows; the rest of the file is not read for them."""
    first = next(iter(read.batches()), None)
    if first is None:
        return ()
    cells = first.table.slice(0, PREVIEW).to_pydict().values()
    return tuple(zip(*cells, strict=True))


def _with_samples(column: Column, place: int, preview: tuple[tuple[str | None, ...], ...]) -> Column:
    filled = dict.fromkeys(cell for row in preview if (cell := row[place]) and cell.strip())
    return replace(column, samples=tuple(islice(filled, SAMPLES)))


def _fields(kind: str) -> tuple[Field, ...]:
    needed = {name for group in headers.required(kind) for name in group}
    return tuple(Field(key, WORDS.get(key) or in_words(key), key in needed) for key in FIELDS[kind])
