"""One card turned into cells: which property is which column, and which are told instead of kept (photos, keys)."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from crm.exchange.vcard_lines import Property

NAME_PARTS = ("Last Name", "First Name", "Middle Name", "Name Prefix", "Name Suffix")
ADDRESS_PARTS = ("PO Box", "Address Extension", "Street", "City", "State", "Postcode", "Country")
SIMPLE = {
    "FN": "Name", "NICKNAME": "Nickname", "TITLE": "Job Title", "ROLE": "Role", "BDAY": "Birthday", "NOTE": "Note",
    "URL": "Website", "CATEGORIES": "Categories", "UID": "External id", "GENDER": "Gender", "EMAIL": "Email", "TEL": "Phone",
    "KEY": "Public key", "LABEL": "Address label",
}  # fmt: skip
LEADING = (
    "Name", "First Name", "Last Name", "Email", "Phone", "Company", "Job Title", "Street", "City", "State", "Postcode",
    "Country", "Birthday", "Website", "Note", "Categories", "External id",
)  # fmt: skip
PICTURES = {"PHOTO": "photo(s)", "LOGO": "logo(s)", "SOUND": "sound(s)", "KEY": "key(s)"}
SILENT = ("VERSION", "X-ABLABEL")
DAY = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T.*)?$")


@dataclass
class Card:
    """The properties of one person, and a count of what is not kept."""

    line: int
    items: list[Property] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)

    def add(self, item: Property) -> None:
        """Keep a property, or count what it is instead."""
        if item.name == "?":
            self.left_out[f"line that is no property (line {item.line}: “{item.value[:40]}”)"] += 1
        elif item.is_binary or (item.name in PICTURES and item.name != "KEY"):
            self.left_out[PICTURES.get(item.name, f"{item.name} in binary form")] += 1
        elif item.name == "X-ABLABEL":
            self.labels[item.group] = item.text().removeprefix("_$!<").removesuffix(">!$_")
        elif item.name not in SILENT:
            self.items.append(item)


def columns(card: Card) -> dict[str, str]:
    """The cells of a card by column name; blank ones are not there."""
    cells: dict[str, str] = {}
    counts: defaultdict[str, int] = defaultdict(int)
    # The preferred e-mail is “Email”, the others follow in the order of the file.
    for item in sorted(card.items, key=lambda item: not item.is_preferred):
        named = {name: text for name, text in _cells(item, card.labels.get(item.group, "")) if text}
        main = next(iter(named), "")
        if main:
            counts[_base(item, main)] += 1
        number = counts[_base(item, main)]
        cells.update({_numbered(name, number): text for name, text in named.items()})
    return cells


def _base(item: Property, main: str) -> str:
    return item.name if item.name in ("N", "ADR", "ORG") else main


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name} {number}"


def _cells(item: Property, label: str) -> Iterator[tuple[str, str]]:
    """Column and text of a property; structured ones have several."""
    if item.name == "N":
        yield from zip(NAME_PARTS, item.parts(), strict=False)
    elif item.name == "ADR":
        yield from zip(ADDRESS_PARTS, item.parts(), strict=False)
        yield "Address Type", _purpose(item, label)
    elif item.name == "ORG":
        company, *departments = item.parts()
        yield "Company", company
        yield "Department", ", ".join(filter(None, departments))
    elif item.name in ("TEL", "EMAIL", "URL"):
        yield from _reachable(item, label)
    else:
        yield _column(item, label), _plain(item)


def _reachable(item: Property, label: str) -> Iterator[tuple[str, str]]:
    column = next((kind for kind in ("Fax", "Pager") if kind.lower() in item.types), SIMPLE[item.name])
    yield column, item.text().removeprefix("tel:").removeprefix("mailto:").strip()
    yield f"{column} Type", _purpose(item, label)


def _column(item: Property, label: str) -> str:
    if item.name == "BDAY" and item.value.startswith("--"):
        return "Birthday without year"
    return SIMPLE.get(item.name) or (f"{item.name} ({label})" if label else item.name)


def _plain(item: Property) -> str:
    day = DAY.match(item.value) if item.name == "BDAY" else None
    return "-".join(day.groups()) if day else item.text().strip("\r\n")


def _purpose(item: Property, label: str) -> str:
    silent = ("pref", "internet", "voice", "fax", "pager")
    return label or ", ".join(dict.fromkeys(kind for kind in item.types if kind not in silent))
