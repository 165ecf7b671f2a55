"""vCard 3.0, which every phone and mail program reads: one card a contact, lines folded, text escaped, nothing else in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import IO, Any

WIDTH = 75
SIMPLE = {"Email": "EMAIL;TYPE=INTERNET", "Phone": "TEL", "Title": "TITLE", "Note": "NOTE"}


def write_vcard(stream: IO[bytes], rows: Iterable[Mapping[str, Any]]) -> int:
    """Write a card for each row of contacts, by the headings of their list; return how many."""
    number = 0
    for row in rows:
        stream.write("".join(f"{_folded(line)}\r\n" for line in card(row)).encode())
        number += 1
    return number


def card(row: Mapping[str, Any]) -> list[str]:
    """The lines of one card.

    >>> card({"Name": "Ann Lee", "First name": "Ann", "Last name": "Lee", "Email": "ann@x.example"})[2:5]
    ['N:Lee;Ann;;;', 'FN:Ann Lee', 'EMAIL;TYPE=INTERNET:ann@x.example']
    """
    first, last = _cell(row, "First name"), _cell(row, "Last name")
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"N:{last};{first};;;", f"FN:{_cell(row, 'Name')}"]
    lines += [f"{name}:{_cell(row, heading)}" for heading, name in SIMPLE.items() if _cell(row, heading)]
    if _cell(row, "Customer"):
        lines.append(f"ORG:{_cell(row, 'Customer')}")
    address = [_cell(row, heading) for heading in ("Street", "City", "State", "Postcode", "Country")]
    if any(address):
        lines.append(f"ADR;TYPE=WORK:;;{';'.join(address)}")
    if _cell(row, "Born on"):
        lines.append(f"BDAY:{_cell(row, 'Born on')}")
    if row.get("Tags"):
        lines.append("CATEGORIES:" + ",".join(_escaped(tag) for tag in str(row["Tags"]).split(", ")))
    if _cell(row, "External id"):
        lines.append(f"UID:{_cell(row, 'External id')}")
    return [*lines, "END:VCARD"]


def _cell(row: Mapping[str, Any], heading: str) -> str:
    value = row.get(heading)
    return "" if value is None else _escaped(str(value))


def _escaped(text: str) -> str:
    r"""Text that ends no value, no property and no card.

    >>> _escaped("a;b, c\nEND:VCARD")
    'a\\;b\\, c\\nEND:VCARD'
    """
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    for ending in ("\r\n", "\n", "\r", "\x85", "\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e"):
        text = text.replace(ending, "\\n")
    return text


def _folded(line: str) -> str:
    """A line in pieces of at most 75 bytes, cut between characters."""
    pieces, piece, size = [], "", 0
    for letter in line:
        width = len(letter.encode("utf-8", "surrogatepass"))
        if size + width > WIDTH:
            pieces.append(piece)
            piece, size = " ", 1
        piece, size = piece + letter, size + width
    return "\r\n".join([*pieces, piece])
