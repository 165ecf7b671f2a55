"""Where the table lies in a CSV file: its separator, the titles and comments above it, its header."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice

SEPARATORS = (",", ";", "\t", "|")
SAMPLE_ROWS = 200
SAMPLE_LETTERS = 1 << 20

# The module's own limit of 128 kB a cell would refuse long notes.
csv.field_size_limit(2**31 - 1)


def cells(text: str, separator: str) -> Iterable[list[str]]:
    """One list of cells a record, an empty list for an empty line; a quote inside an unquoted cell is a letter.

    `newline=""` cuts lines where the scan does; `str.splitlines` would also cut at form feeds.
    """
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator)


def sample_rows(text: str, separator: str) -> list[list[str]]:
    """The first records of the file."""
    return list(islice(cells(text, separator), SAMPLE_ROWS))


def detect_separator(text: str) -> str:
    """The separator that cuts most lines, the first among them, into the same number of cells, more than one."""
    if text[:4].lower() == "sep=" and text[5:6] in ("\r", "\n"):
        return text[4]
    return max(SEPARATORS, key=lambda separator: _consistency(text, separator))


def _consistency(text: str, separator: str) -> tuple[float, int]:
    rows = [row for row in sample_rows(text, separator) if row]
    widths = Counter(len(row) for row in rows if len(row) > 1)
    if not widths:
        return 0.0, 0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    heading = any(len(row) == width for row in rows[:3])
    return count / len(rows) + heading, width


def preamble(rows: Sequence[Sequence[str | None]]) -> int:
    """How many records stand before the header: blank lines, comments, and titles of one cell over a wider table.

    >>> preamble([["Customers 2024"], [], ["name", "city"], ["Ada", "Paris"]])
    2
    """
    width = usual_width(rows)
    skipped = 0
    while skipped < len(rows) and _is_title(rows[skipped], width):
        skipped += 1
    return skipped


def usual_width(rows: Sequence[Sequence[str | None]]) -> int:
    """The number of cells that most records have."""
    widths = Counter(len(row) for row in rows if row)
    return widths.most_common(1)[0][0] if widths else 1


def _is_title(row: Sequence[str | None], width: int) -> bool:
    filled = [cell for cell in row if cell and cell.strip()]
    first = (row[0] or "") if row else ""
    if not filled or (first.lower().startswith("sep=") and len(first) < 6):
        return True
    if first.startswith("#") and (len(row) != width or first.startswith("# ")):
        return True
    return width > 1 and len(filled) == 1 and (len(row) == 1 or width > 2)
