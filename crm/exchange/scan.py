"""Counts the records of a CSV file without parsing it: a second witness beside the parser.

Parsers lose rows silently (see the data README), so the record count, the line on which each record starts, and an
unclosed quote are found here by looking at quotes and line breaks only, at memory speed. Where quotes stand where
they should, parity says what is inside them (`_by_parity`); elsewhere the text is walked (`_by_walking`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Positions = npt.NDArray[np.int64]
QUOTE, LF, CR = 0x22, 0x0A, 0x0D


@dataclass
class Scan:
    """What the whole file looks like; record numbers count from 0 and include header, titles and blank lines."""

    separator: bytes
    starts: list[Positions] = field(default_factory=list)
    blanks: list[Positions] = field(default_factory=list)
    faults: set[int] = field(default_factory=set)
    loose: list[int] = field(default_factory=list)
    records: int = 0
    line: int = 1
    record_line: int = 1
    quote_line: int | None = None

    @property
    def lines(self) -> Positions:
        """The first physical line of each record."""
        return np.concatenate(self.starts) if self.starts else np.empty(0, np.int64)

    @property
    def blank(self) -> Positions:
        """The numbers of the records that are empty lines."""
        return np.concatenate(self.blanks) if self.blanks else np.empty(0, np.int64)


def scan(pieces: Iterable[bytes], separator: str) -> Scan:
    """Look through UTF-8 pieces of a file. At the end `quote_line` is the line of a quote that never closes, if any."""
    result = Scan(separator.encode())
    for block in whole_lines(pieces):
        _block(result, block)
    return result


def whole_lines(pieces: Iterable[bytes]) -> Iterable[bytes]:
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


def _block(result: Scan, block: bytes) -> None:
    data = np.frombuffer(block, np.uint8)
    breaks = _breaks(block, data)
    quotes = np.flatnonzero(data == QUOTE)
    if _well_placed(data, quotes, result):
        inside = (np.searchsorted(quotes, breaks) + (result.quote_line is not None)) % 2 == 1
        _note_open_quote(result, quotes, breaks)
    else:
        inside = _by_walking(result, block, breaks)
    _records(result, data, breaks, np.flatnonzero(~inside))


def _breaks(block: bytes, data: npt.NDArray[np.uint8]) -> Positions:
    """Where each physical line ends: at a line feed, or at a carriage return that none follows."""
    if block.count(b"\r") == block.count(b"\r\n"):
        return np.flatnonzero(data == LF)
    following = np.append(data[1:], 0)
    return np.flatnonzero((data == LF) | ((data == CR) & (following != LF)))


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


def _by_walking(result: Scan, block: bytes, breaks: Positions) -> npt.NDArray[np.bool_]:
    """Which line breaks are inside quotes, where quotes also stand in the middle of cells; notes the faulty records."""
    inside = np.zeros(len(breaks), bool)
    token = re.compile(b'["\r\n' + re.escape(result.separator) + b"]")
    cell, closed, resume, line, record = 0, -1, 0, 0, result.records
    if result.quote_line is not None:
        cell = -1
    for found in token.finditer(block):
        at, byte = found.start(), block[found.start()]
        if at < resume:
            continue
        if byte == CR and block[at + 1 : at + 2] == b"\n":
            at, byte, resume = at + 1, LF, at + 2
        if byte == QUOTE:
            if result.quote_line is not None:
                if block[at + 1] == QUOTE:
                    resume = at + 2
                else:
                    result.quote_line, closed = None, found.end()
            elif at == cell:
                result.quote_line = result.line + line
            elif record not in result.faults:
                result.loose.append(result.line + line)
        elif result.quote_line is None:
            if closed not in (-1, found.start()):
                result.faults.add(record)
            cell, closed = at + 1, -1
        if byte in (LF, CR):
            inside[line] = result.quote_line is not None
            record += not inside[line]
            line += 1
    return inside


def _records(result: Scan, data: npt.NDArray[np.uint8], breaks: Positions, ends: Positions) -> None:
    """Add the records that end in this block."""
    following = result.line + ends + 1
    starts = np.concatenate(([result.record_line], following[:-1])) if len(ends) else np.empty(0, np.int64)
    at = breaks[ends]
    first = np.concatenate(([0], at[:-1] + 1)) if len(ends) else at
    empty = (at == first) | ((at == first + 1) & (data[first] == CR))
    if len(ends) and starts[0] != result.line:
        empty[0] = False
    result.starts.append(starts.astype(np.int64))
    result.blanks.append(np.flatnonzero(empty) + result.records)
    result.records += len(ends)
    result.line += len(breaks)
    result.record_line = int(following[-1]) if len(ends) else result.record_line
