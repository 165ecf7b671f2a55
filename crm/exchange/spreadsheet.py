"""Excel workbooks (.xlsx): typed cells as their exact text, titles above the table, headers of several merged rows.

Formulas are read by the value that the spreadsheet program stored; a row whose formula has none is rejected. A merged
cell's value stands in each of its cells, as the person sees it.
"""

from __future__ import annotations

import datetime as dt
import warnings
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from zipfile import BadZipFile, ZipFile

import openpyxl

from crm.errors import Refused
from crm.exchange.csv_layout import SAMPLE_ROWS, preamble
from crm.exchange.rows import BATCH_ROWS, Batch, Reading, Rejected, batch_of_rows, clean_header
from crm.exchange.sheet_xml import SheetFacts, facts
from crm.exchange.source import Bytes

Row = tuple[int, list[str | None]]
# What zip, deflate, XML and openpyxl raise over a file that is cut or altered.
DAMAGE = (BadZipFile, KeyError, ValueError, TypeError, AttributeError, IndexError, OSError, EOFError, SyntaxError, zlib.error)


@dataclass(frozen=True)
class Sheet:
    """One worksheet and what its XML says of it."""

    source: Bytes
    name: str
    seen: SheetFacts

    def rows(self) -> Iterator[Row]:
        """Every row that holds anything, with its number."""
        merged = self.seen.merges_by_row
        held: dict[tuple[int, int], str | None] = {}
        for number, values in enumerate(_values(self.source, self.name), start=1):
            cells = [exact_text(value) for value in values]
            filled = any(cell is not None for cell in cells) or number in self.seen.uncalculated
            for merge in merged.get(number, ()):
                cells += [None] * (merge.right - len(cells))
                value = held.setdefault((merge.left, merge.top), cells[merge.left - 1])
                cells[merge.left - 1 : merge.right] = [value] * (merge.right - merge.left + 1)
            if filled:
                yield number, cells

    def batches(self, header: tuple[str, ...], last: int, rejected: list[Rejected]) -> Iterator[Batch]:
        """The rows below the header, which ends with row `last`."""
        below = ((number, cells) for number, cells in self.rows() if number > last)
        while chunk := list(islice(below, BATCH_ROWS)):
            kept = [(number, cells) for number, cells in chunk if self._fits(number, cells, len(header), rejected)]
            yield batch_of_rows(header, [cells for _, cells in kept], [number for number, _ in kept])

    def _fits(self, number: int, cells: list[str | None], width: int, rejected: list[Rejected]) -> bool:
        cells += [None] * (width - len(cells))
        while len(cells) > width and not cells[-1]:
            cells.pop()
        if reason := self._misfit(number, len(cells), width):
            rejected.append(Rejected(number, self.seen.uncalculated.get(number), reason, tuple(cells)))
        return not reason

    def _misfit(self, number: int, cells: int, width: int) -> str | None:
        if number in self.seen.uncalculated:
            return "a formula has no stored value: open the file in a spreadsheet program and save it"
        return f"{cells} cells where the header has {width}" if cells > width else None


def read_spreadsheet(source: Bytes, sheet: str | None, header: bool) -> Reading:
    """The chosen sheet, else the first that holds anything."""
    parts = _parts(source)
    names = tuple(parts)
    if sheet is not None and sheet not in names:
        raise Refused(f"{source.name} has no sheet “{sheet}”: choose one of {', '.join(names)}.", "sheet")
    chosen = next(
        (found for name in ([sheet] if sheet else names) if (found := _sheet(source, name, parts[name])).seen.rows), None
    )
    if chosen is None:
        raise Refused(f"{source.name} is empty: choose a file with a header line and rows.")
    head = _head(chosen, header)
    records = chosen.seen.rows - head.rows
    return Reading(
        source.name,
        "excel",
        head.names,
        records,
        lambda rejected: chosen.batches(head.names, head.last, rejected),
        sheet=chosen.name,
        sheets=names,
        notes=_notes(chosen, names, head.above, records),
    )


def _workbook(source: Bytes) -> Any:
    with warnings.catch_warnings():
        # Styles and extensions that openpyxl does not know do not concern us.
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(source.open(), read_only=True, data_only=True)


def _parts(source: Bytes) -> dict[str, str]:
    """The name of each worksheet and where it lies in the package."""
    try:
        book = _workbook(source)
        parts = {sheet.title: str(sheet._worksheet_path).lstrip("/") for sheet in book.worksheets}
        book.close()
    except DAMAGE as error:
        raise Refused(f"{source.name} is cut off or no Excel workbook (.xlsx): save it again as .xlsx or CSV.") from error
    if not parts:
        raise Refused(f"{source.name} has no worksheet: save the table as .xlsx or CSV.")
    return parts


def _sheet(source: Bytes, name: str, part: str) -> Sheet:
    try:
        with source.open() as stream, ZipFile(stream) as package:
            return Sheet(source, name, facts(package, part))
    except DAMAGE as error:
        raise Refused(f"{source.name} is damaged: save it again as .xlsx or CSV.") from error


def _values(source: Bytes, name: str) -> Iterator[tuple[Any, ...]]:
    book = _workbook(source)
    try:
        sheet = book[name]
        # Some writers state a size that is too small, and rows beyond it would be lost.
        sheet.reset_dimensions()
        yield from sheet.iter_rows(values_only=True)
    except DAMAGE as error:
        raise Refused(f"{source.name} is damaged: save it again as .xlsx or CSV.") from error
    finally:
        book.close()


@dataclass(frozen=True)
class Head:
    """Everything above the first row of the table: its names, how many rows are above them, and where they end."""

    names: tuple[str, ...]
    above: int
    rows: int
    last: int


def _head(sheet: Sheet, header: bool) -> Head:
    sample = list(islice(sheet.rows(), SAMPLE_ROWS))
    if not header:
        return Head(clean_header([""] * max(len(cells) for _, cells in sample)), 0, 0, 0)
    above = min(preamble([_trimmed(_once(cells)) for _, cells in sample]), len(sample) - 1)
    first = sample[above][0]
    last = _last_header_row(sheet.seen, first)
    rows = [cells for number, cells in sample if first <= number <= last]
    return Head(clean_header(_trimmed(_combined(rows))), above, above + len(rows), last)


def _trimmed(cells: Sequence[str | None]) -> Sequence[str | None]:
    width = max((at for at, cell in enumerate(cells, start=1) if cell), default=0)
    return cells[:width]


def _once(cells: Sequence[str | None]) -> list[str | None]:
    """A title merged over the whole width is one cell again."""
    return [cell if at == 0 or cell != cells[at - 1] else None for at, cell in enumerate(cells)]


def _last_header_row(seen: SheetFacts, first: int) -> int:
    """A merged cell pulls its rows into the header; one that spans columns also the row of names below it."""
    last = first
    for merge in sorted(seen.merges, key=lambda merge: merge.top):
        if first <= merge.top <= last:
            last = max(last, merge.bottom + (merge.right > merge.left))
    return last


def _combined(rows: list[list[str | None]]) -> list[str]:
    """Names from above to below, each part once: “Contact” over “E-mail” is “Contact E-mail”."""
    width = max(map(len, rows))
    columns = [[row[at] for row in rows if at < len(row) and row[at]] for at in range(width)]
    return [" ".join(dict.fromkeys(str(part) for part in parts)) for parts in columns]


def _notes(sheet: Sheet, names: tuple[str, ...], above: int, records: int) -> tuple[str, ...]:
    others = [name for name in names if name != sheet.name]
    return tuple(
        note
        for note, told in (
            (f"Sheet “{sheet.name}” is read; also there: {', '.join(others)}.", others),
            (f"{above} row{'s' * (above > 1)} above the header skipped.", above),
            ("The file has a header but no rows.", not records),
        )
        if told
    )


def exact_text(value: Any) -> str | None:
    """A cell as a person would type it: ISO dates, whole numbers without a fraction, 15 digits as Excel keeps them.

    >>> [exact_text(value) for value in (2.0, 0.1 + 0.2, 5.7e17, dt.datetime(2024, 1, 2), True, "")]
    ['2', '0.3', '570000000000000000', '2024-01-02', 'TRUE', None]
    """
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else _decimal(value)
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="auto")
    return None if value is None else str(value) or None


def _decimal(value: float) -> str:
    text = f"{value:.15g}"
    return text if "e" not in text else f"{value:.20f}".rstrip("0")
