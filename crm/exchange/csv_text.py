"""CSV and its relatives, cut into whole records by the scan and parsed by Arrow or by Python's csv module.

Decisions. A row with more cells than the header is rejected unless the surplus is blank. A row with fewer cells is
rejected too: an unquoted line break inside a cell looks just the same, and filling it with blanks would make two
customers out of one; whoever knows better passes `fill_short=True`. Empty lines are no records, except in a file of
one column, where they are a blank cell. Nothing is trimmed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
from pyarrow import csv as arrow_csv

from crm.errors import Refused
from crm.exchange import encoding as encodings
from crm.exchange.csv_layout import SAMPLE_LETTERS, cells, detect_separator, preamble, sample_rows
from crm.exchange.rows import Batch, Reading, Rejected, batch, batch_of_rows, clean_header, sliced
from crm.exchange.scan import Positions, Scan, Segment, scan
from crm.exchange.source import Bytes

FAULT = "text follows a closing quote: double the quotes inside the cell"


@dataclass(frozen=True)
class Table:
    """Where the table lies in the file: how wide it is, at which record it begins, and what the scan has seen."""

    source: Bytes
    encoding: str
    separator: str
    seen: Scan
    header: tuple[str, ...]
    first: int
    fill_short: bool

    def batches(self, rejected: list[Rejected]) -> Iterator[Batch]:
        """The rows, stretch by stretch; each stretch must hold as many records as the scan has counted in it."""
        done = 0
        for segment, text in self._segments():
            skipped = min(max(0, self.first - done), segment.records - done)
            rows = self._parse(text, segment, slice(done + skipped, segment.records), skipped, rejected)
            yield from sliced(rows)
            done = segment.records

    def _segments(self) -> Iterator[tuple[Segment, bytes]]:
        """The text cut where the scan found whole records to end."""
        rest, offset = b"", 0
        waiting = iter(self.seen.segments)
        segment = next(waiting, None)
        for piece in encodings.utf8_pieces(self.source, self.encoding):
            rest += piece
            # The end of a last line without a line break lies one byte behind the text.
            while segment and offset + len(rest) >= segment.end - (not piece):
                yield segment, rest[: segment.end - offset]
                rest, offset = rest[segment.end - offset :], segment.end
                segment = next(waiting, None)

    def _parse(self, text: bytes, segment: Segment, span: slice, skipped: int, rejected: list[Rejected]) -> Batch:
        lines = self.seen.lines[span]
        if segment.clean and not skipped:
            fast = self._by_arrow(text, lines[~self.seen.blank[span]] if len(self.header) > 1 else lines)
            if fast:
                return fast
        rows = list(cells(text.decode(), self.separator))[skipped:]
        if len(rows) != len(lines):
            raise Refused(
                f"{self.source.name}: between line {lines[0]} and {lines[-1]} there are {len(lines)} records, but {len(rows)} "
                "can be read. Check the quotes there."
            )
        faults = {at - span.start for at in self.seen.faults if span.start <= at < span.stop}
        return self._fitting(rows, lines, faults, rejected)

    def _by_arrow(self, text: bytes, lines: Positions) -> Batch | None:
        """The fast way, for stretches without any irregularity; None where there is one."""
        wide = len(self.header) > 1
        try:
            table = arrow_csv.read_csv(
                pa.BufferReader(text),
                arrow_csv.ReadOptions(column_names=self.header, block_size=len(text) + 1),
                arrow_csv.ParseOptions(delimiter=self.separator, newlines_in_values=True, ignore_empty_lines=wide),
                arrow_csv.ConvertOptions(column_types={name: pa.string() for name in self.header}),
            )
        except pa.ArrowInvalid:
            return None
        return batch(self.header, table.columns, lines) if len(table) == len(lines) else None

    def _fitting(self, rows: list[list[str]], lines: Positions, faults: set[int], rejected: list[Rejected]) -> Batch:
        if faults or set(map(len, rows)) - {len(self.header)}:
            kept = [at for at, row in enumerate(rows) if self._fits(row, int(lines[at]), at in faults, rejected)]
            rows, lines = [rows[at] for at in kept], lines[np.array(kept, np.int64)]
        return batch_of_rows(self.header, rows, lines)

    def _fits(self, row: list[str], line: int, faulty: bool, rejected: list[Rejected]) -> bool:
        """Bring the row to the header's width, or say why not. Empty lines of a wider table are nobody's row."""
        width = len(self.header)
        if not row and width > 1:
            return False
        if not row or (self.fill_short and len(row) < width):
            row += [""] * (width - len(row))
        while len(row) > width and not row[-1]:
            row.pop()
        reason = FAULT if faulty else _misfit(len(row), width)
        if reason:
            rejected.append(Rejected(line, None, reason, tuple(row)))
        return not reason


def _misfit(count: int, width: int) -> str | None:
    if count == width:
        return None
    hint = "a separator inside a cell needs quotes" if count > width else "a cell is missing, or a line break needs quotes"
    return f"{count} cell{'s' * (count != 1)} where the header has {width}: {hint}"


def read_csv(source: Bytes, encoding: str | None, separator: str | None, header: bool, fill_short: bool) -> Reading:
    """Look through the whole file, refuse what is broken, and say where its table lies."""
    chosen = encoding or encodings.detect(source)
    if encoding:
        encodings.check(source, chosen)
    sample = encodings.beginning(source, chosen, SAMPLE_LETTERS)
    separator = separator or detect_separator(sample)
    seen = scan(encodings.utf8_pieces(source, chosen), separator)
    _refuse_open_quote(source, seen)
    rows = sample_rows(sample, separator)
    above = preamble(rows) if header else 0
    if header and above >= len(rows):
        raise Refused(f"{source.name} has no header line: its lines are all blank.")
    names = clean_header(rows[above] if header else [""] * max([1, *map(len, rows)]))
    table = Table(source, chosen, separator, seen, names, above + header, fill_short)
    blank = int(seen.blank[table.first :].sum()) if len(names) > 1 else 0
    records = seen.records - table.first - blank
    notes = _notes(table, above, blank, records, guessed=not encoding)
    return Reading(source.name, "csv", names, records, table.batches, encoding=chosen, separator=separator, notes=notes)


def _refuse_open_quote(source: Bytes, seen: Scan) -> None:
    if seen.quote_line is not None:
        raise Refused(
            f"{source.name} ends inside a quoted cell: the quote opened on line {seen.quote_line} is never closed. "
            "The file is cut off or a quote is missing there; export it again."
        )


def _notes(table: Table, above: int, blank: int, records: int, guessed: bool) -> tuple[str, ...]:
    notes = []
    if guessed and not table.encoding.startswith("utf"):
        notes.append(f"The letters look like {table.encoding}; choose another encoding if names look wrong.")
    if above:
        notes.append(f"{above} line{'s' * (above > 1)} above the header skipped.")
    if blank:
        notes.append(f"{blank} blank line{'s' * (blank > 1)} skipped.")
    if loose := sorted(table.seen.loose - table.seen.faults):
        named = ", ".join(str(table.seen.lines[at]) for at in loose[:5])
        more = " and more" if len(loose) > 5 else ""
        notes.append(f"Quotes inside unquoted cells are read as written: line {named}{more}.")
    if not records:
        notes.append("The file has a header but no rows.")
    return tuple(notes)
