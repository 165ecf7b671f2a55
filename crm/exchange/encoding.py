"""Finds out how a file's letters were written, and refuses where nobody can know: a wrong guess changes people's names."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from charset_normalizer import from_bytes

from crm.errors import Refused
from crm.exchange.source import Bytes

PIECE = 1 << 22
SAMPLE = 1 << 17
BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def pieces(source: Bytes, encoding: str) -> Iterator[str]:
    """The text of the file without its byte order mark; a byte that does not fit is refused by its line."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line, first = 1, True
    with source.open() as stream:
        while True:
            raw = stream.read(PIECE)
            try:
                text = decoder.decode(raw, final=not raw)
            except UnicodeDecodeError as error:
                raise _not_fitting(source, encoding, line, error) from error
            line += text.count("\n")
            yield text.removeprefix("\ufeff") if first else text
            first = False
            if not raw:
                return


def _not_fitting(source: Bytes, encoding: str, line: int, error: UnicodeDecodeError) -> Refused:
    newline = "\n".encode(encoding) if not encoding.startswith("utf-8") else b"\n"
    at = line + error.object[: error.start].count(newline)
    return Refused(f"{source.name}, line {at}: a byte is not valid {encoding}. Save the file as UTF-8, or choose its encoding.")


def detect(source: Bytes) -> str:
    """The encoding's Python name."""
    head = source.head(4096)
    for mark, name in BOMS:
        if head.startswith(mark):
            return name
    return _wide(head) or ("utf-8" if _is_utf8(source) else _single_byte(source))


def _wide(head: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: every second byte, or three of four, are zero."""
    zeros = [head[offset::4].count(0) / max(1, len(head[offset::4])) > 0.5 for offset in range(4)]
    patterns = {
        (False, True, True, True): "utf-32-le",
        (True, True, True, False): "utf-32-be",
        (False, True, False, True): "utf-16-le",
        (True, False, True, False): "utf-16-be",
    }
    return patterns.get(tuple(zeros))  # type: ignore[call-overload, no-any-return]


def _is_utf8(source: Bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with source.open() as stream:
        try:
            while raw := stream.read(PIECE):
                decoder.decode(raw)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _single_byte(source: Bytes) -> str:
    """cp1252 unless another code page clearly reads better; refused where the file is UTF-8 but for a few bytes."""
    sample = _telling_lines(source)
    _refuse_damaged_utf8(source, sample)
    best = from_bytes(sample).best()
    name = best.encoding if best and not best.encoding.startswith(("utf", "ascii")) else "cp1252"
    return name if name in ("cp1252", "latin_1") or _fits(sample, name) else "cp1252"


def _fits(sample: bytes, name: str) -> bool:
    return bool(codecs.decode(sample, name, "strict"))


def _telling_lines(source: Bytes) -> bytes:
    """The first lines that hold anything but ASCII: only they tell encodings apart."""
    found: list[bytes] = []
    with source.open() as stream:
        for line in stream:
            if not line.isascii():
                found.append(line)
            if sum(map(len, found)) > SAMPLE:
                break
    return b"".join(found)


def _refuse_damaged_utf8(source: Bytes, sample: bytes) -> None:
    text = sample.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    whole = len(re.findall(r"[^\x00-\x7f\ufffd]", text))
    if whole > 4 * damaged:
        for _ in pieces(source, "utf-8"):
            pass
