"""A look at a worksheet's XML beside openpyxl: rows counted independently, merged cells, formulas without a value.

openpyxl gives merged cells only when it loads the whole sheet into memory, and a formula that was never calculated as
a blank cell; both would lose data without a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO
from zipfile import ZipFile

from openpyxl.utils import range_boundaries

ROW_END = re.compile(rb"</(?:\w+:)?row>")
FILLED = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>[^<]|<(?:\w+:)?is>")
UNCALCULATED = re.compile(
    rb'<(?:\w+:)?c [^>]*?r="([A-Z]+)(\d+)"[^>]*><(?:\w+:)?f(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)'
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)
MERGE = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z]+\d+:[A-Z]+\d+)"')
PIECE = 1 << 20


@dataclass(frozen=True)
class Merge:
    """A merged range, all four ends included, rows and columns counted from 1."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass
class SheetFacts:
    """What the XML says of a sheet: how many rows hold anything, what is merged, which formulas have no value."""

    rows: int = 0
    merges: list[Merge] = field(default_factory=list)
    uncalculated: dict[int, str] = field(default_factory=dict)

    @property
    def merges_by_row(self) -> dict[int, list[Merge]]:
        """The merged ranges that touch each row."""
        found: dict[int, list[Merge]] = {}
        for merge in self.merges:
            for row in range(merge.top, merge.bottom + 1):
                found.setdefault(row, []).append(merge)
        return found


def facts(package: ZipFile, part: str) -> SheetFacts:
    """One pass over the XML."""
    result = SheetFacts()
    with package.open(part) as stream:
        for text in _rows(stream):
            _look_at(result, text)
    return result


def _look_at(result: SheetFacts, text: bytes) -> None:
    uncalculated = UNCALCULATED.findall(text)
    for column, row in uncalculated:
        result.uncalculated.setdefault(int(row), column.decode())
    result.rows += bool(uncalculated or FILLED.search(text))
    result.merges += [Merge(*range_boundaries(ref.decode())) for ref in MERGE.findall(text)]


def _rows(stream: IO[bytes]) -> Iterator[bytes]:
    """The XML cut behind each row; the last piece is what follows the rows."""
    rest = b""
    while piece := stream.read(PIECE):
        *whole, rest = ROW_END.split(rest + piece)
        yield from whole
    yield rest
