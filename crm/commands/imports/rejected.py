"""Rejected rows are given back as they came: a CSV file with line, column and reason before the file's own cells.

It lies beside the store, in a folder that only its owner can read, because it holds what people sent; the same file, put
right, can be imported again. Cells are raw on purpose: a correction must not begin by undoing ours. It goes after 30 days, a
dry run's after one.
"""

from __future__ import annotations

import csv
import io
import os
import time
from collections.abc import Iterator
from heapq import merge
from pathlib import Path
from uuid import UUID

from crm.commands.imports.incoming import Incoming
from crm.commands.imports.result import ImportResult, RejectedRow
from crm.exchange.headers import REJECTED
from crm.exchange.reading import Reading
from crm.store.database import Database

KEPT_DAYS, DAY = 30, 86_400
Cells = tuple[str | None, ...]


def rejected_folder(database: Database) -> Path | None:
    """Where files of rejected rows lie; None for a store that is no file on this machine."""
    file = database.address.file
    return file.with_name(f"{file.name}.rejected") if file else None


def rejected_csv(result: ImportResult) -> bytes:
    """The rejected rows of an import as a file to download; empty where the file has gone since, or there are none."""
    if result.rejected_file and result.rejected_file.exists():
        return result.rejected_file.read_bytes()
    return result.rejected_text.encode("utf-8-sig")


class RejectedRows:
    """Collects the rejected rows of one import: all of them as CSV, the first of them as they are shown."""

    def __init__(self, folder: Path | None, key: UUID, shown: int, *, dry_run: bool) -> None:
        self.count = 0
        self.first: list[RejectedRow] = []
        self.file = folder / f"{key}.csv" if folder else None
        self.text = ""
        self._shown = shown
        self._dry_run = dry_run

    def collect(self, incoming: Incoming, read: Reading) -> None:
        """Go through the file once more for the cells of the rejected rows; nothing is done where there are none."""
        unread = [(RejectedRow(row.line, row.column, row.reason), row.cells) for row in read.rejected]
        if not unread and not incoming.count("select count(*) from faults"):
            return
        rows = merge(sorted(unread, key=lambda row: row[0].line), _faulty(incoming, read), key=lambda row: row[0].line)
        if self.file is None:
            held = io.StringIO(newline="")
            self._write(held, read, rows)
            self.text = held.getvalue()
        else:
            with _private(self.file) as stream:
                self._write(stream, read, rows)
            if self._dry_run:
                # As if it had been here for long: it goes after a day.
                os.utime(self.file, (time.time() - (KEPT_DAYS - 1) * DAY,) * 2)

    def _write(self, stream: io.TextIOBase, read: Reading, rows: Iterator[tuple[RejectedRow, Cells]]) -> None:
        writer = csv.writer(stream)
        # A file of rejected rows that is rejected again keeps one set of these columns.
        again = len(REJECTED) if read.header[: len(REJECTED)] == REJECTED else 0
        writer.writerow([*REJECTED, *read.header[again:]])
        for row, cells in rows:
            self.count += 1
            if len(self.first) < self._shown:
                self.first.append(row)
            writer.writerow([row.line, row.column, row.reason, *cells[again:]])


def _faulty(incoming: Incoming, read: Reading) -> Iterator[tuple[RejectedRow, Cells]]:
    """The rows at fault with everything that is wrong with each, and their cells, in the order of the file."""
    incoming.run(
        """
        create or replace temp table faulty as
        select
            row_no,
            first(column_name order by column_name) as column_name,
            string_agg(distinct reason, '; ' order by reason) as reason,
        from faults
        group by row_no
        """
    )
    done = 0
    for batch in read.batches():
        found = incoming.rows(
            "select row_no, column_name, reason from faulty where row_no >= $first and row_no < $last order by row_no",
            first=done,
            last=done + len(batch),
        )
        if found:
            cells = batch.table.take([number - done for number, *_ in found]).to_pydict()
            for (number, column, reason), row in zip(found, zip(*cells.values(), strict=True), strict=True):
                yield RejectedRow(int(batch.lines[number - done]), column, reason), row
        done += len(batch)


def _private(file: Path) -> io.TextIOWrapper:
    """A fresh file that only we can read, in a folder of which the same holds; what is too old goes."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    for old in file.parent.glob("*.csv"):
        if old.stat().st_mtime < time.time() - KEPT_DAYS * DAY:
            old.unlink(missing_ok=True)
    os.close(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
    return file.open("w", encoding="utf-8-sig", newline="")
