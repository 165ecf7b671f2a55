"""The lines of a vCard file put back together: folding, quoted-printable, parameters, groups, escapes."""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from crm.exchange import encoding as encodings
from crm.exchange.source import Bytes

NAME = re.compile(rb"^(?:([A-Za-z0-9_-]+)\.)?([A-Za-z0-9_-]+)\s*((?:;(?:\"[^\"]*\"|[^\":;])*)*):", re.DOTALL)
PARAMETER = re.compile(r';\s*([^=;"]+)(?:=((?:"[^"]*"|[^;"])*))?')
ESCAPES = {"n": "\n", "N": "\n"}


@dataclass(frozen=True)
class Property:
    """One property of a card: `TEL;TYPE=home:123` with its line, group, parameters and its raw value."""

    line: int
    group: str
    name: str
    value: str
    parameters: dict[str, list[str]] = field(default_factory=dict)

    def is_mark(self, name: str) -> bool:
        """Is it the BEGIN or END of a card?"""
        return self.name == name and self.value.strip().upper() == "VCARD"

    @property
    def types(self) -> list[str]:
        """What it is for (home, work, cell …), in lower case; 2.1 writes them without `TYPE=`."""
        return [kind.lower() for kind in self.parameters.get("TYPE", [])]

    @property
    def is_preferred(self) -> bool:
        """`PREF`, `TYPE=pref` or `PREF=1`."""
        return "pref" in self.types or "1" in self.parameters.get("PREF", [])

    @property
    def is_binary(self) -> bool:
        """A picture or a key inside the file."""
        codes = self.parameters.get("ENCODING", [])
        return any(code.upper() in ("B", "BASE64") for code in codes) or "base64" in self.types

    def text(self) -> str:
        """The value without its escapes."""
        return unescaped(self.value)

    def parts(self, separator: str = ";") -> list[str]:
        """The components of a structured value, such as a name."""
        return [unescaped(part).strip() for part in re.split(rf"(?<!\\)(?:\\\\)*{separator}", self.value)]


def unescaped(value: str) -> str:
    r"""Escapes replaced.

    >>> unescaped("a\\, b\\; c\\nd")
    'a, b; c\nd'
    """
    return re.sub(r"\\([\\,;:nN\"])", lambda found: ESCAPES.get(found[1], found[1]), value)


def lines(source: Bytes, encoding: str) -> Iterator[tuple[int, bytes]]:
    """Physical lines with their numbers, as UTF-8 for wide encodings, else as they are (a value may have its own)."""
    number, rest = 0, b""
    wide = encoding.startswith(("utf-16", "utf-32"))
    for piece in encodings.utf8_pieces(source, encoding if wide else "utf-8"):
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            number += 1
            yield number, line.rstrip(b"\r")
    if rest:
        yield number + 1, rest.rstrip(b"\r")


def properties(source: Bytes, encoding: str) -> Iterator[Property]:
    """Logical lines, parsed; what is no property at all becomes one named `?`, so that it can be told."""
    default = "utf-8" if encoding.startswith("utf") else encoding
    held: tuple[int, bytes] | None = None
    for number, line in lines(source, encoding):
        if held and _continues(held[1], line):
            held = held[0], _joined(held[1], line)
        else:
            if held and held[1].strip():
                yield parsed(*held, default)
            held = number, line
    if held and held[1].strip():
        yield parsed(*held, default)


def _is_quoted_printable(line: bytes) -> bool:
    return b"QUOTED-PRINTABLE" in line[:200].upper().split(b":", 1)[0]


def _is_base64(line: bytes) -> bool:
    return bool(re.search(rb"(?i)(base64|encoding=b[;:])", line[:200].split(b":", 1)[0] + b":"))


def _continues(held: bytes, line: bytes) -> bool:
    """Folded, soft-broken, or (as Android and Lotus Notes write) the plain rest of an encoded value."""
    if line[:1] in (b" ", b"\t"):
        return True
    if _is_quoted_printable(held):
        return held.endswith(b"=") or not NAME.match(line)
    return bool(_is_base64(held) and line.strip() and not NAME.match(line))


def _joined(held: bytes, line: bytes) -> bytes:
    if _is_quoted_printable(held):
        # A soft break ends with "="; a fold inside quoted-printable only adds a blank.
        return held[:-1] + line if held.endswith(b"=") else held + line.lstrip(b" \t")
    return held + line[1:] if line[:1] in (b" ", b"\t") else held + line


def parsed(number: int, line: bytes, default: str) -> Property:
    """A logical line as a property, its value decoded by its own CHARSET and ENCODING."""
    found = NAME.match(line)
    if not found:
        return Property(number, "", "?", line.decode(default, "replace"))
    group, name, raw = (part.decode("ascii", "replace") if part else "" for part in found.groups())
    parameters = _parameters(raw)
    value = line[found.end() :]
    if "QUOTED-PRINTABLE" in map(str.upper, parameters.get("ENCODING", [])):
        value = quopri.decodestring(value)
    return Property(number, group, name.upper(), _decoded(value, parameters, default), parameters)


def _parameters(raw: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, values in PARAMETER.findall(raw):
        bare = not values
        key = _meaning(name.strip().upper()) if bare else name.strip().upper()
        texts = [name.strip()] if bare else [value.strip().strip('"') for value in values.strip('"').split(",")]
        found.setdefault(key, []).extend(texts)
    return found


def _meaning(bare: str) -> str:
    """What a 2.1 parameter without a name is."""
    return "ENCODING" if bare in ("QUOTED-PRINTABLE", "BASE64", "B", "8BIT", "7BIT") else "TYPE"


def _decoded(value: bytes, parameters: dict[str, list[str]], default: str) -> str:
    charset = parameters.get("CHARSET", [default])[0]
    for name in (charset, default, "cp1252"):
        try:
            return value.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return value.decode("latin-1")
