"""Finds out how a file's letters were written, and refuses where nobody can know: a wrong guess changes people's names."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from charset_normalizer import from_bytes

from crm.errors import Refused
from crm.exchange.source import Bytes

PIECE = 1 << 22
SAMPLE = 1 << 16
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The code pages that office programs write, the likelier first: on a tie the earlier one is taken.
CODE_PAGES = (
    "cp1252", "cp1250", "cp1254", "iso8859_2", "iso8859_15", "cp1251", "koi8_r", "iso8859_5", "cp1253", "cp1257",
    "cp1255", "cp1256", "cp932", "gb18030", "big5", "euc_kr", "cp874", "mac_roman", "cp850",
)  # fmt: skip

FEW = 5
LATIN = frozenset(("cp1252", "cp1250", "cp1254", "iso8859_2", "iso8859_15"))
# Not in names and prose: control letters, lone symbols, and letters that only a wrong code page puts there.
ODD = re.compile("[\x80-\x9f¤¥¦¨¬¯¸¹²³¼½¾×÷þðÞÐ]")


def pieces(source: Bytes, encoding: str) -> Iterator[str]:
    """The text of the file without its byte order mark; a byte that does not fit is refused by its line."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    for raw in _raw(source, encoding):
        try:
            text = decoder.decode(raw, final=not raw)
        except UnicodeDecodeError as error:
            raise _not_fitting(source, encoding, line, error) from error
        line += text.count("\n")
        yield text


def utf8_pieces(source: Bytes, encoding: str) -> Iterator[bytes]:
    """The same text as UTF-8; a UTF-8 file, which `detect` or `check` has looked through, is passed on as it is."""
    if encoding == "utf-8":
        yield from _raw(source, encoding)
    else:
        yield from (text.encode() for text in pieces(source, encoding))


def beginning(source: Bytes, encoding: str, letters: int) -> str:
    """The first letters of the file."""
    text = ""
    for piece in pieces(source, encoding):
        text += piece
        if len(text) >= letters:
            break
    return text[:letters]


def check(source: Bytes, encoding: str) -> None:
    """Refuse a file that is not in the encoding which a person has chosen."""
    for _ in pieces(source, encoding):
        pass


def _raw(source: Bytes, encoding: str) -> Iterator[bytes]:
    """The bytes after the mark; an empty piece ends them."""
    with source.open() as stream:
        stream.seek(_mark_length(stream.read(4), encoding))
        while raw := stream.read(PIECE):
            yield raw
        yield b""


def _mark_length(head: bytes, encoding: str) -> int:
    """Some writers put a UTF-16 mark before UTF-32 text, so every mark that fits the family counts."""
    family = encoding[:6]
    return next((len(mark) for mark, name in MARKS if head.startswith(mark) and (name[:6] == family or family == "utf-32")), 0)


def _not_fitting(source: Bytes, encoding: str, line: int, error: UnicodeDecodeError) -> Refused:
    at = line + error.object[: error.start].count(b"\n")
    if error.end >= len(error.object) and "end" in error.reason:
        return Refused(f"{source.name}, line {at}: the file ends in the middle of a letter, so it is cut off. Export it again.")
    return Refused(f"{source.name}, line {at}: a byte is not valid {encoding}. Save the file as UTF-8, or choose its encoding.")


def detect(source: Bytes) -> str:
    """The encoding's Python name."""
    head = source.head(4096)
    marked = next(((mark, name) for mark, name in MARKS if head.startswith(mark)), None)
    if marked and (marked[1] == "utf-8" or not wide(head[len(marked[0]) :], "utf-32")):
        if marked[1] == "utf-8":
            check(source, "utf-8")
        return marked[1]
    rest = head[len(marked[0]) :] if marked else head
    return wide(rest) or ("utf-8" if _is_utf8(source) else _code_page(source))


def wide(head: bytes, family: str = "utf") -> str | None:
    """UTF-16 or UTF-32 without a mark: every second byte, or three of four, are zero."""
    low, _, high, _ = zeros = [head[offset::4].count(0) > len(head) / 8 for offset in range(4)]
    if sum(zeros) == 3:
        name = "utf-32-be" if low else "utf-32-le"
    elif sum(zeros) == 2 and low == high:
        name = "utf-16-be" if low else "utf-16-le"
    else:
        return None
    return name if name.startswith(family) else None


def _is_utf8(source: Bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for raw in _raw(source, "utf-8"):
            decoder.decode(raw, final=not raw)
    except UnicodeDecodeError:
        return False
    return True


def _code_page(source: Bytes) -> str:
    """The code page in which words look like words; refused where the file is UTF-8 but for a few bytes."""
    sample = _telling_lines(source)
    _refuse_damaged_utf8(source, sample)
    if len(re.findall(rb"[\x80-\xff]", sample)) < FEW and _decoded(sample, "cp1252"):
        return "cp1252"
    matches = from_bytes(sample, cp_isolation=list(CODE_PAGES))
    likely: dict[str, tuple[float, float]] = {}
    for found in matches:
        for name in found.could_be_from_charset:
            likely.setdefault(name, (found.chaos, found.coherence))
    if likely.keys() & LATIN:
        # It reports one page of those that look alike; the symbols decide among the rest.
        likely = dict.fromkeys(LATIN, (0.0, 0.0)) | likely
    candidates = [name for name in CODE_PAGES if name in likely and _decoded(sample, name)]
    best = min(candidates, key=lambda name: _oddness(sample, name, *likely[name]), default="cp1252")
    return best if _decoded(_telling_lines(source, 1 << 26), best) else "latin_1"


def _oddness(sample: bytes, name: str, chaos: float, coherence: float) -> tuple[float, float]:
    """Symbols where letters belong first (`Wa³êsa`), then how much charset-normalizer takes it for a language."""
    words = re.findall(r"\S*[^\x00-\x7f]\S*", _decoded(sample, name))
    odd = sum(bool(ODD.search(word)) for word in words)
    likelier = 0.12 if name == "cp1252" else 0.0
    return round(odd / max(1, len(words)) + chaos, 1), -coherence - likelier


def _decoded(sample: bytes, name: str) -> str:
    try:
        return codecs.decode(sample, name, "strict")
    except UnicodeDecodeError:
        return ""


def _telling_lines(source: Bytes, limit: int = SAMPLE) -> bytes:
    """The first lines that hold anything but ASCII: only they tell encodings apart."""
    found: list[bytes] = []
    size = 0
    with source.open() as stream:
        for line in stream:
            if not line.isascii():
                found.append(line)
                size += len(line)
            if size > limit:
                break
    return b"".join(found)


def _refuse_damaged_utf8(source: Bytes, sample: bytes) -> None:
    text = sample.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    whole = len(re.findall(r"[^\x00-\x7f\ufffd]", text))
    if whole > 2 * damaged:
        check(source, "utf-8")
