"""What a read file is, whatever its layout: a header, batches of text cells, rejected rows, and a count that must add up.

Every layout (CSV, Excel, vCard, Parquet) ends here, so that the import has one shape to deal with and the accounting
(records = rows + rejected) is checked in one place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from crm.errors import Refused

BATCH_ROWS = 50_000

Cells = Sequence[str | None]
Column: TypeAlias = Cells | pa.Array | pa.ChunkedArray


@dataclass(frozen=True)
class Rejected:
    """A record that is no row of this table: where it stands, why, and what it holds."""

    line: int
    column: str | None
    reason: str
    cells: tuple[str | None, ...]


@dataclass(frozen=True)
class Batch:
    """Some rows: `table` for SQL (Arrow, strings and nulls), `frame` for pandas, `lines` the first line of each row."""

    table: pa.Table
    lines: npt.NDArray[np.int64]

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The rows as objects: `str`, or `None` where the cell is blank or missing."""
        columns = {name: self.table.column(name).to_numpy() for name in self.table.column_names}
        return pd.DataFrame(columns, index=pd.RangeIndex(len(self.lines)), dtype=object)

    def __len__(self) -> int:
        return len(self.lines)


Source = Callable[[list[Rejected]], Iterator[Batch]]


@dataclass(frozen=True)
class Reading:
    """A file that has been looked through once and can be read batch by batch, as often as wanted."""

    name: str
    layout: str
    header: tuple[str, ...]
    records: int
    source: Source = field(repr=False)
    encoding: str | None = None
    separator: str | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    rejected: list[Rejected] = field(default_factory=list, repr=False)

    def batches(self) -> Iterator[Batch]:
        """The rows. `rejected` fills on the way; at the end the sum is checked against the independent count."""
        self.rejected.clear()
        rows = 0
        for batch in self.source(self.rejected):
            rows += len(batch)
            yield batch
        self._check(rows)

    def _check(self, rows: int) -> None:
        if rows + len(self.rejected) != self.records:
            raise Refused(
                f"{self.name} holds {self.records} records, but {rows} rows and {len(self.rejected)} rejected ones were "
                "read: nothing is imported. Save the file again as UTF-8 CSV and retry."
            )


def batch(header: Sequence[str], columns: Iterable[Column], lines: npt.ArrayLike) -> Batch:
    """A batch from columns of text: blank cells become missing ones, and nothing else changes."""
    arrays = [_blank_to_null(_strings(column)) for column in columns]
    numbers = np.asarray(lines, dtype=np.int64)
    if not arrays or not len(numbers):
        arrays = [pa.array([], pa.string()) for _ in header]
    return Batch(pa.table(arrays, names=list(header)), numbers)


def batch_of_rows(header: Sequence[str], rows: Sequence[Cells], lines: npt.ArrayLike) -> Batch:
    """The same from rows, each as wide as the header."""
    return batch(header, zip(*rows, strict=True), lines)


def sliced(rows: Batch) -> Iterator[Batch]:
    """The same rows in batches of at most 50,000, without copying."""
    for at in range(0, len(rows), BATCH_ROWS):
        yield Batch(rows.table.slice(at, BATCH_ROWS), rows.lines[at : at + BATCH_ROWS])


def _strings(column: Column) -> pa.Array | pa.ChunkedArray:
    return column if isinstance(column, pa.Array | pa.ChunkedArray) else pa.array(column, pa.string())


def _blank_to_null(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)


def clean_header(cells: Cells) -> tuple[str, ...]:
    """Names that are never blank and never twice the same; case is ignored, because SQL ignores it.

    >>> clean_header([" Name ", "", "name", "First\\nname"])
    ('Name', 'column 2', 'name (2)', 'First name')
    """
    names: list[str] = []
    for position, cell in enumerate(cells, start=1):
        name = re.sub(r"\s+", " ", cell or "").strip() or f"column {position}"
        names.append(_unused(name, {taken.casefold() for taken in names}))
    return tuple(names)


def _unused(name: str, taken: set[str]) -> str:
    candidate, count = name, 1
    while candidate.casefold() in taken:
        count += 1
        candidate = f"{name} ({count})"
    return candidate


def trimmed(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with blanks around each cell removed, blank cells as None: for those who want values, not bytes."""
    return frame.map(lambda cell: (cell.strip() or None) if isinstance(cell, str) else None).astype(object)
