"""Take data out and bring all of it back. Whatever leaves the house is written down: who, what, how much."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
from uuid_utils.compat import uuid7

from crm.commands.jobs import Report, quietly
from crm.errors import Refused
from crm.exchange.writing import MEDIA, SUFFIXES, Written, write
from crm.queries import lists, segments
from crm.store import catalogue, portable
from crm.store.erased import erased_file
from crm.store.erasure import apply_erasures
from crm.store.session import Session

__all__ = [
    "MEDIA",
    "Everything",
    "Taken",
    "export_everything",
    "export_list",
    "import_everything",
    "layout_of",
    "record",
    "stream_list",
    "write_shown",
]


@dataclass(frozen=True)
class Everything:
    """All tables of a store, written to a folder or read from one."""

    folder: Path
    rows: dict[str, int]
    done: str

    def as_json(self) -> dict[str, Any]:
        """The result for a program."""
        return {"folder": str(self.folder), "rows": self.rows}

    def summary(self) -> str:
        """The result for a person."""
        return f"{self.done} {sum(self.rows.values()):,} rows of {len(self.rows)} tables: {self.folder}"


def export_everything(session: Session, folder: Path | str, report: Report = quietly) -> Everything:
    """Write every table to a folder, one Parquet file each, with a manifest; what stands in it is of one moment."""
    session.require("admin", "Exporting everything")
    held = catalogue.count(session.database)
    record(session, "everything", "parquet", sum(held.values()), is_raw=True)
    written = portable.export_tables(session.database, Path(folder), session.now, report)
    return Everything(Path(folder), written.rows, "Exported")


def import_everything(session: Session, folder: Path | str, report: Report = quietly) -> Everything:
    """Fill an empty store with what `export_everything` wrote."""
    session.require("admin", "Importing everything")
    rows = portable.import_tables(session.database, Path(folder), report)
    own = session.database.address.file
    if own:
        apply_erasures(session.database, erased_file(own))
    return Everything(Path(folder), rows, "Imported")


@dataclass(frozen=True)
class Taken:
    """A list that was written: how many rows, and what a person should know about the file."""

    what: str
    file: str
    written: Written

    def as_json(self) -> dict[str, Any]:
        """The result for a program."""
        return {"list": self.what, "file": self.file, "rows": self.written.rows, "notes": self.written.notes()}

    def summary(self) -> str:
        """The result for a person."""
        return "\n".join([f"{self.file}: {self.written.rows:,} rows of {self.what}.", *self.written.notes()])


def layout_of(file: Path | str, kind: str = "contacts") -> str:
    """The layout that a file's name asks for."""
    layout = SUFFIXES.get(Path(file).suffix.lower())
    if not layout or (layout == "vcard" and kind != "contacts"):
        can = ".csv, .xlsx or, of contacts, .vcf"
        raise Refused(f"{Path(file).name} does not say which file is wanted: its name should end with {can}.", "file")
    return layout


def export_list(session: Session, kind: str, file: Path | str, *, raw: bool = False, segment: UUID | str | None = None) -> Taken:
    """Write a list of all that the person sees of a kind, or of a segment's customers, to a file; the name says which layout."""
    path, layout = Path(file), layout_of(file, kind)
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with unfinished.open("wb") as stream:
            written = stream_list(session, kind, stream, layout, raw=raw, segment=segment)
        unfinished.replace(path)
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}. Choose another place.", "file") from None
    finally:
        unfinished.unlink(missing_ok=True)
    return Taken(kind, str(path), written)


def stream_list(
    session: Session, kind: str, stream: IO[bytes], layout: str, *, raw: bool = False, segment: UUID | str | None = None
) -> Written:
    """Write a list into a stream, batch by batch."""
    rows = lists.batches(session, kind, raw=raw, segment=_segment(session, segment))
    written = write(stream, rows, layout, lists.heading(kind), raw=raw)
    record(session, kind, layout, written.rows, is_raw=raw)
    return written


def _segment(session: Session, named: UUID | str | None) -> UUID | None:
    """The key of a segment that is given by its key or its name."""
    if not named:
        return None
    found = [row["segment_id"] for row in segments.every(session) if str(named) in (str(row["segment_id"]), row["name"])]
    if not found:
        raise Refused(f"There is no segment “{named}”.", "segment")
    return UUID(str(found[0]))


def write_shown(session: Session, what: str, rows: pd.DataFrame | Iterable[pa.RecordBatch], layout: str) -> bytes:
    """The file of a list as a page shows it: the columns' names are its headings."""
    stream = io.BytesIO()
    batches = [_batch(rows)] if isinstance(rows, pd.DataFrame) else rows
    written = write(stream, batches, layout, what)
    record(session, what, layout, written.rows)
    return stream.getvalue()


def _batch(frame: pd.DataFrame) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([_column(frame.iloc[:, place]) for place in range(frame.shape[1])], list(frame.columns))


def _column(cells: pd.Series[Any]) -> pa.Array:
    """A column in its type; one of several types as text."""
    try:
        return pa.Array.from_pandas(cells)
    except pa.ArrowException:
        return pa.array([None if cell is None else str(cell) for cell in cells], pa.string())


def record(session: Session, what: str, layout: str, row_count: int, *, is_raw: bool = False) -> None:
    """Write down that something left the house. No change set: it changes nothing that a person could undo."""
    session.note(
        "insert into exports values ($key, $what, $layout, $rows, $raw, $kind, $employee, $name, $now)",
        key=uuid7(),
        what=what,
        layout=layout,
        rows=row_count,
        raw=is_raw,
        kind=session.actor.kind,
        employee=session.actor.employee_id,
        name=session.actor.name,
        now=session.now,
    )
