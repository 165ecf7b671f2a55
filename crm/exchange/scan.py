"""Counts the records of a CSV file without parsing it: a second witness beside the parser.

Parsers lose rows silently (see the data README), so the record count, the line on which each record starts, and an
unclosed quote are found here by looking at quotes and line breaks only, at memory speed. Where quotes stand where
they should, parity says what is inside them; elsewhere the text is walked, token by token, as the csv module does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

Positions = npt.NDArray[np.int64]
Bits = npt.NDArray[np.bool_]
QUOTE, LF, CR = 0x22, 0x0A, 0x0D


@dataclass(frozen=True)
class Segment:
    """A stretch of whole records: where it ends in the UTF-8 text, the number of records up to there, quoting in order."""

    end: int
    records: int
    clean: bool


@dataclass
class Scan:
    """What the whole file looks like; record numbers count from 0 and include header, titles and blank lines."""

    separator: bytes
    segments: list[Segment] = field(default_factory=list)
    starts: list[Positions] = field(default_factory=list)
    empty: list[Bits] = field(default_factory=list)
    faults: set[int] = field(default_factory=set)
    loose: set[int] = field(default_factory=set)
    records: int = 0
    offset: int = 0
    line: int = 1
    record_line: int = 1
    quote_line: int | None = None
    clean: bool = True

    @cached_property
    def lines(self) -> Positions:
        """The first physical line of each record."""
        return np.concatenate(self.starts) if self.starts else np.empty(0, np.int64)

    @cached_property
    def blank(self) -> Bits:
        """Which records are empty lines."""
        return np.concatenate(self.empty) if self.empty else np.empty(0, np.bool_)


def scan(pieces: Iterable[bytes], separator: str) -> Scan:
    """Look through UTF-8 pieces of a file. At the end `quote_line` is the line of a quote that never closes, if any."""
    result = Scan(separator.encode())
    for block in whole_lines(pieces):
        data = np.frombuffer(block, np.uint8)
        breaks = _breaks(block, data)
        inside = _inside_quotes(result, block, data, breaks)
        _add_records(result, data, breaks, np.flatnonzero(~inside))
        result.offset += len(block)
    return result


def whole_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in blocks that end with a line break (one is added to a last line without)."""
    rest = b""
    for piece in pieces:
        rest += piece
        # A carriage return at the very end may be half of a pair.
        cut = rest.rfind(b"\n") + 1 or rest.rfind(b"\r", 0, -1) + 1
        if cut:
            yield rest[:cut]
            rest = rest[cut:]
    if rest:
        yield rest if rest.endswith((b"\n", b"\r")) else rest + b"\n"


def _breaks(block: bytes, data: npt.NDArray[np.uint8]) -> Positions:
    """Where each physical line ends: at a line feed, or at a carriage return that none follows."""
    if block.count(b"\r") == block.count(b"\r\n"):
        return np.flatnonzero(data == LF)
    following = np.append(data[1:], 0)
    return np.flatnonzero((data == LF) | ((data == CR) & (following != LF)))


def _inside_quotes(result: Scan, block: bytes, data: npt.NDArray[np.uint8], breaks: Positions) -> Bits:
    """For each line break of the block whether it belongs to a quoted cell."""
    quotes = np.flatnonzero(data == QUOTE)
    if not _well_placed(data, quotes, result):
        result.clean = False
        return _Walk(result, block).inside(len(breaks))
    inside: Bits = (np.searchsorted(quotes, breaks) + (result.quote_line is not None)) % 2 == 1
    _note_open_quote(result, quotes, breaks)
    return inside


def _well_placed(data: npt.NDArray[np.uint8], quotes: Positions, result: Scan) -> bool:
    """Does every quote open at the start of a cell, close at its end, or double another? Then parity is exact."""
    edge = np.zeros(256, bool)
    edge[[QUOTE, LF, CR, result.separator[0]]] = True
    opening, closing = quotes[0::2], quotes[1::2]
    if result.quote_line is not None:
        opening, closing = closing, opening
    before = data[opening[opening > 0] - 1]
    return bool(edge[before].all() and edge[data[closing + 1]].all())


def _note_open_quote(result: Scan, quotes: Positions, breaks: Positions) -> None:
    """Remember the line of the quote that is open at the end of the block."""
    if (len(quotes) + (result.quote_line is not None)) % 2 == 0:
        result.quote_line = None
        return
    at = len(quotes) - 1
    while at > 0 and quotes[at - 1] == quotes[at] - 1:
        at -= 2
    if at >= 0:
        result.quote_line = result.line + int(np.searchsorted(breaks, quotes[at]))


def _add_records(result: Scan, data: npt.NDArray[np.uint8], breaks: Positions, ends: Positions) -> None:
    """Add the records that end in this block."""
    following = result.line + ends + 1
    if len(ends):
        starts = np.concatenate(([result.record_line], following[:-1]))
        at = breaks[ends]
        first = np.concatenate(([0], at[:-1] + 1))
        empty = (at == first) | ((at == first + 1) & (data[first] == CR) & (data[at] == LF))
        empty[0] &= starts[0] == result.line
        result.starts.append(starts)
        result.empty.append(empty)
        result.records += len(ends)
        result.record_line = int(following[-1])
        result.segments.append(Segment(result.offset + int(at[-1]) + 1, result.records, result.clean))
        result.clean = result.quote_line is None or result.clean
    result.line += len(breaks)


class _Walk:
    """Goes through a block whose quotes are not in order, with the csv module's rules, and notes what it meets."""

    def __init__(self, result: Scan, block: bytes) -> None:
        self.result, self.block = result, block
        self.line, self.record = result.line, result.records
        # Where a quote would open a cell; where the last quote closed one.
        self.cell, self.closed = (0 if result.quote_line is None else -1), -1
        self.breaks: list[bool] = []

    def inside(self, count: int) -> Bits:
        """Whether each of the block's line breaks belongs to a quoted cell."""
        token = re.compile(b'"|\r\n|\r|\n|' + re.escape(self.result.separator))
        resume = 0
        for found in token.finditer(self.block):
            if found.start() >= resume:
                resume = self._take(found.group(), found.start(), found.end())
        assert len(self.breaks) == count  # noqa: S101  the two ways of finding lines agree
        return np.array(self.breaks, np.bool_)

    def _take(self, token: bytes, start: int, end: int) -> int:
        """One token; returns from where to go on (a doubled quote is two)."""
        if token == b'"':
            return self._quote(start, end)
        if self.result.quote_line is None:
            self._end_of_cell(start, end)
        if token != self.result.separator:
            self._end_of_line()
        return end

    def _quote(self, start: int, end: int) -> int:
        result = self.result
        if result.quote_line is not None:
            if self.block[end : end + 1] == b'"':
                return end + 1
            result.quote_line, self.closed = None, end
        elif start == self.cell:
            result.quote_line = self.line
        else:
            result.loose.add(self.record)
        return end

    def _end_of_cell(self, start: int, end: int) -> None:
        if self.closed not in (-1, start):
            self.result.faults.add(self.record)
        self.cell, self.closed = end, -1

    def _end_of_line(self) -> None:
        inside = self.result.quote_line is not None
        self.breaks.append(inside)
        self.line += 1
        self.record += not inside
