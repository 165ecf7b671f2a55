"""Lists that people take away: CSV, Excel and vCard, written batch by batch, so that a long one needs no more memory.

What comes in are typed Arrow batches with the headings as column names. CSV begins with the mark by which Excel knows UTF-8,
and dangerous cells are defused; `raw` leaves both out, for programs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO

import pyarrow as pa  # type: ignore[import-untyped]
from pyarrow import csv

from crm.exchange.defusing import defused, defused_column
from crm.exchange.parquet import exact_text
from crm.exchange.people import write_vcard
from crm.exchange.workbook import Workbook

MARK = "\ufeff".encode()
SUFFIXES = {".csv": "csv", ".xlsx": "excel", ".vcf": "vcard"}
MEDIA = {
    "csv": "text/csv",
    "excel": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "vcard": "text/vcard",
}


@dataclass(frozen=True)
class Written:
    """How many rows went out, and what had to be left behind for the layout's sake."""

    rows: int
    dropped: int = 0  # control characters that Excel cannot hold
    shortened: int = 0  # cells longer than Excel's longest

    def notes(self) -> list[str]:
        """What a person should know about the file."""
        said = []
        if self.dropped:
            said.append(f"Control characters left out, which Excel cannot hold: {self.dropped:,}.")
        if self.shortened:
            said.append(f"Cells shortened to the 32,767 characters that Excel holds: {self.shortened:,}.")
        return said


Batches = Iterable[pa.RecordBatch]
Writer = Callable[[IO[bytes], Batches, str, bool], Written]


def write(stream: IO[bytes], batches: Batches, layout: str, title: str, *, raw: bool = False) -> Written:
    """Write all batches as `csv`, `excel` or `vcard`; `title` names the sheet."""
    return WRITERS[layout](stream, batches, title, raw)


def _csv(stream: IO[bytes], batches: Batches, _: str, raw: bool) -> Written:
    rows, writer = 0, None
    stream.write(b"" if raw else MARK)
    for batch in _texts(batches, raw):
        writer = writer or csv.CSVWriter(stream, batch.schema, write_options=csv.WriteOptions(quoting_style="needed"))
        writer.write(batch)
        rows += batch.num_rows
    if writer:
        writer.close()
    return Written(rows)


def _texts(batches: Batches, raw: bool) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        columns = [exact_text(column) for column in batch.columns]
        names = list(batch.schema.names)
        if not raw:
            columns, names = [defused_column(column) for column in columns], [defused(name) for name in names]
        yield pa.RecordBatch.from_arrays(columns, names)


def _excel(stream: IO[bytes], batches: Batches, title: str, raw: bool) -> Written:
    with Workbook(stream, title, raw=raw) as book:
        for batch in batches:
            book.add(batch)
    return Written(book.rows, book.dropped, book.shortened)


def _vcard(stream: IO[bytes], batches: Batches, _: str, __: bool) -> Written:
    return Written(sum(write_vcard(stream, batch.to_pylist()) for batch in batches))


WRITERS: dict[str, Writer] = {"csv": _csv, "excel": _excel, "vcard": _vcard}
