"""CSV and its relatives, read by Python's csv module and held against an independent scan of quotes and line breaks.

Decisions. A row with more cells than the header is rejected unless the surplus is blank. A row with fewer cells is
rejected too: an unquoted line break inside a cell looks just the same, and filling it with blanks would make two
customers out of one; whoever knows better passes `fill_short=True`. Empty lines are no records, except in a file of
one column, where they are a blank cell.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from crm.errors import Refused
from crm.exchange import encoding as encodings
from crm.exchange.rows import BATCH_ROWS, Batch, Reading, Rejected, batch_of_rows, clean_header
from crm.exchange.scan import Scan, scan
from crm.exchange.source import Bytes

# The module's own limit of 128 kB a cell would refuse long notes.
csv.field_size_limit(2**31 - 1)

SEPARATORS = (",", ";", "\t", "|")
SAMPLE_ROWS = 200
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


@dataclass(frozen=True)
class Table:
    """Where the table lies in the file: which record is the header, how wide it is, and what the scan has seen."""

    source: Bytes
    encoding: str
    separator: str
    seen: Scan
    header: tuple[str, ...]
    first: int
    fill_short: bool

    def batches(self, rejected: list[Rejected]) -> Iterator[Batch]:
        """The rows from the first one on, 50,000 at a time."""
        lines, faults = self.seen.lines, self.seen.faults
        rows = parsed(self.source, self.encoding, self.separator)
        for _ in islice(rows, self.first):
            pass
        position = self.first
        while chunk := list(islice(rows, BATCH_ROWS)):
            numbers = lines[position : position + len(chunk)]
            if len(numbers) != len(chunk):
                raise Refused(f"{self.source.name} reads as more rows than it has records: save it again as UTF-8 CSV.")
            chunk_faults = {at - position for at in faults if position <= at < position + len(chunk)}
            yield self._batch(chunk, numbers, chunk_faults, rejected)
            position += len(chunk)

    def _batch(self, chunk: list[list[str]], lines: np.ndarray, faults: set[int], rejected: list[Rejected]) -> Batch:
        width = len(self.header)
        if faults or set(map(len, chunk)) != {width}:
            kept = [at for at, row in enumerate(chunk) if self._keep(row, int(lines[at]), at in faults, rejected)]
            chunk, lines = [chunk[at] for at in kept], lines[kept]
        return batch_of_rows(self.header, chunk, lines)

    def _keep(self, row: list[str], line: int, faulty: bool, rejected: list[Rejected]) -> bool:
        """Bring the row to the header's width, or say why not. Empty lines of a wider table are nobody's row."""
        width = len(self.header)
        if not row and width > 1:
            return False
        if not row or (self.fill_short and len(row) < width):
            row += [""] * (width - len(row))
        while len(row) > width and not row[-1]:
            row.pop()
        reason = "text follows a closing quote: double the quotes inside the cell" if faulty else _misfit(len(row), width)
        if reason:
            rejected.append(Rejected(line, None, reason, tuple(row)))
        return not reason


def _misfit(cells: int, width: int) -> str | None:
    if cells == width:
        return None
    hint = "a separator inside a cell needs quotes" if cells > width else "a cell is missing, or a line break needs quotes"
    return f"{cells} cell{'s' * (cells != 1)} where the header has {width}: {hint}"


def parsed(source: Bytes, encoding: str, separator: str) -> Iterator[list[str]]:
    """One list of cells a record; an empty line is an empty list."""
    return csv.reader(_lines(source, encoding), delimiter=separator)


def _lines(source: Bytes, encoding: str) -> Iterator[str]:
    """Physical lines with their ends, cut at line feed, carriage return or both, as the scan does."""
    rest = ""
    for text in encodings.pieces(source, encoding):
        rest += text
        cut = rest.rfind("\n") + 1 or rest.rfind("\r", 0, -1) + 1
        yield from _split(rest[:cut])
        rest = rest[cut:]
    yield from _split(rest)


def _split(text: str) -> list[str]:
    """`str.splitlines` would also cut at form feeds and Unicode separators, which are part of a cell."""
    import io

    return io.StringIO(text, newline="").readlines()


def read_csv(source: Bytes, encoding: str | None, separator: str | None, header: bool, fill_short: bool) -> Reading:
    """Look through the whole file, refuse what is broken, and say where its table lies."""
    encoding = encoding or encodings.detect(source)
    sample = list(islice(_lines(source, encoding), SAMPLE_ROWS * 5))
    separator = separator or detect_separator(sample)
    seen = scan((text.encode() for text in encodings.pieces(source, encoding)), separator)
    if seen.quote_line is not None:
        raise Refused(
            f"{source.name} ends inside a quoted cell: the quote opened on line {seen.quote_line} is never closed. "
            "The file is cut off or a quote is missing there; export it again."
        )
    rows = list(islice(csv.reader(sample, delimiter=separator), SAMPLE_ROWS))
    skipped, notes = (preamble(rows) if header else 0), []
    if header and skipped >= len(rows):
        raise Refused(f"{source.name} has no header line: its lines are all blank.")
    names = clean_header(rows[skipped]) if header else clean_header([""] * max(map(len, rows), default=1))
    names = names or ("column 1",)
    first = skipped + header
    if skipped:
        notes.append(f"{skipped} line{'s' * (skipped > 1)} before the header skipped.")
    blank = int((seen.blank >= first).sum()) if len(names) > 1 else 0
    records = seen.records - first - blank
    if blank:
        notes.append(f"{blank} blank line{'s' * (blank > 1)} skipped.")
    if not records:
        notes.append("The file has a header but no rows.")
    if seen.loose:
        named = ", ".join(map(str, list(dict.fromkeys(seen.loose))[:5]))
        notes.append(f"Quotes inside unquoted cells are read as written (line {named}).")
    table = Table(source, encoding, separator, seen, names, first, fill_short)
    return Reading(
        source.name, "csv", names, records, table.batches, encoding=encoding, separator=separator, notes=tuple(notes)
    )


def detect_separator(sample: Sequence[str]) -> str:
    """The separator that cuts most lines, the first among them, into the same number of cells, more than one."""
    return max(SEPARATORS, key=lambda separator: _consistency(sample, separator))


def _consistency(sample: Sequence[str], separator: str) -> tuple[float, int]:
    rows = [row for row in islice(csv.reader(sample, delimiter=separator), SAMPLE_ROWS) if row]
    widths = Counter(len(row) for row in rows if len(row) > 1)
    if not widths:
        return 0.0, 0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    heading = any(len(row) == width for row in rows[:3])
    return count / len(rows) + heading, width


def preamble(rows: Sequence[Sequence[str]]) -> int:
    """How many records stand before the header: blank lines, comments, and titles of one cell over a wider table."""
    width = Counter(len(row) for row in rows if row).most_common(1)[0][0] if any(rows) else 1
    skipped = 0
    while skipped < len(rows) and _is_title(rows[skipped], width):
        skipped += 1
    return skipped


def _is_title(row: Sequence[str], width: int) -> bool:
    filled = sum(bool(cell.strip()) for cell in row)
    if not filled:
        return True
    if row[0].startswith("#") and (len(row) != width or row[0].startswith("# ")):
        return True
    return width > 1 and filled == 1 and (len(row) == 1 or width > 2)
