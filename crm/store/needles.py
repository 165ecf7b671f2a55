"""What a person is known by, and where a text says it: names in any order, e-mail, phone in any spelling, address, key.

A text is read as `search_key` reads it, without case and accents, and compared word by word, so that “Anna” is not found in
“Annaberg”. What is found is blacked out in the text as it was written.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import phonenumbers

BLACK = "█████"
NAME, EMAIL, PHONE, ADDRESS, KEY, PART = "name", "e-mail", "phone", "address", "key", "part of the name"
LONG_KEY = 6  # a shorter key is a number like any other
LONG_PHONE = 6
WORD = re.compile(r"\w+")
EDGES = re.compile(r"^\W+|\W+$")
NUMBER = re.compile(r"\+?\d(?:[\s().\-/]*\d)+")
# Scripts that are written without blanks between words.
UNSPACED = re.compile("[\u0e00-\u0eff\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]")


@dataclass(frozen=True)
class Needle:
    """One thing that a person is known by."""

    text: str
    kind: str

    @property
    def is_sure(self) -> bool:
        """Whether it can hardly be anybody else: a part of a name can."""
        return self.kind != PART

    @cached_property
    def folded(self) -> str:
        return fold(self.text)[0]

    @cached_property
    def token(self) -> str:
        """Its longest word: a text that lacks it cannot hold it, which the engine finds fast."""
        if self.kind == PHONE:
            return self.text
        return max(WORD.findall(self.folded), key=len, default=self.folded.strip())

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        words = [re.escape(word) for word in self.folded.split()]
        body = r"\s+".join(words)
        if self.kind == EMAIL:
            return re.compile(rf"(?<![\w.+-]){body}(?![\w-]|\.\w)")
        first, last = self.folded.strip()[:1], self.folded.strip()[-1:]
        ending = "(?:'?s)?" if self.kind in (NAME, PART) else ""
        before = r"(?<!\w)" if _is_spaced(first) else ""
        return re.compile(f"{before}{body}{ending}" + (r"(?!\w)" if _is_spaced(last) else ""))

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where a text says it, in the text as it was written."""
        if self.kind == PHONE:
            return [found.span() for found in NUMBER.finditer(text) if self._is_number(found[0])]
        folded, places = fold(text)
        return [(places[found.start()], places[found.end() - 1] + 1) for found in self._pattern.finditer(folded)]

    def _is_number(self, written: str) -> bool:
        digits = "".join(letter for letter in written if letter.isdigit()).lstrip("0")
        return digits == self.text or (len(digits) - len(self.text) <= 5 and digits.endswith(self.text))  # a country before it


def _is_spaced(letter: str) -> bool:
    return bool(letter) and bool(WORD.match(letter)) and not UNSPACED.match(letter)


@lru_cache(maxsize=256)
def fold(text: str) -> tuple[str, list[int]]:
    """A text without case and accents, and for each of its letters the place in the original.

    >>> fold("Zoë")
    ('zoe', [0, 1, 2])
    """
    letters, places = [], []
    for place, letter in enumerate(text.replace("’", "'")):
        for part in unicodedata.normalize("NFD", letter).lower():
            if not unicodedata.combining(part):
                letters.append(part)
                places.append(place)
    return "".join(letters), places


def needles(known: Iterable[Mapping[str, Any]]) -> list[Needle]:
    """What to look for, from every row that ever said who they are (name, first_name, last_name, email, phone, street, …)."""
    found: dict[Needle, None] = {}
    for row in known:
        said = {column: value.strip() for column, value in row.items() if isinstance(value, str) and value.strip()}
        for column, make in MAKERS.items():
            if column in said:
                found.update(dict.fromkeys(make(said[column])))
        found.update(dict.fromkeys(_both_names(said.get("first_name"), said.get("last_name"))))
    return [needle for needle in found if needle.folded.strip()]


def _name(name: str) -> list[Needle]:
    words = name.replace(",", " ").split()
    if len(words) < 2:
        return [Needle(name, PART if WORD.search(name) else NAME)]
    turned = [Needle(name, NAME), *_both_names(" ".join(words[:-1]), words[-1])]
    return [*turned, *(_both_names(words[0], words[-1]) if len(words) > 2 else [])]


def _both_names(first: str | None, last: str | None) -> list[Needle]:
    bare = EDGES.sub("", last or "")
    alone = [Needle(bare, PART)] if len(bare) > 2 else []
    if not (first and last):
        return alone
    return [Needle(f"{first} {last}", NAME), Needle(f"{last} {first}", NAME), Needle(f"{last}, {first}", NAME), *alone]


def _phone(phone: str) -> list[Needle]:
    try:
        digits = str(phonenumbers.parse(phone).national_number)
    except phonenumbers.NumberParseException:
        digits = "".join(letter for letter in phone if letter.isdigit()).lstrip("0")
    return [Needle(digits, PHONE)] if len(digits) >= LONG_PHONE else []


def _key(key: str) -> list[Needle]:
    return [Needle(key, KEY)] if len(key) >= LONG_KEY else []


MAKERS: dict[str, Callable[[str], list[Needle]]] = {
    "name": _name,
    "email": lambda email: [Needle(email, EMAIL)],
    "phone": _phone,
    "street": lambda street: [Needle(street, ADDRESS)] if WORD.search(street) else [],
    "website": lambda website: [Needle(website, ADDRESS)],
    "external_id": _key,
}


def spans(wanted: Iterable[Needle], text: str) -> list[tuple[int, int]]:
    """Where a text says any of them; what overlaps is one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(span for needle in wanted for span in needle.spans(text)):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def blacked(wanted: Iterable[Needle], text: str) -> str:
    """The text with all of that blacked out.

    >>> blacked([Needle("Zoe Ban", NAME)], "Call Zoë Ban's office")
    'Call █████ office'
    """
    for start, end in reversed(spans(wanted, text)):
        text = f"{text[:start]}{BLACK}{text[end:]}"
    return text


def blacked_value(wanted: list[Needle], value: Any) -> Any:
    """The same for a JSON value: every text in it, also in the names of its fields."""
    if isinstance(value, str):
        return blacked(wanted, value)
    if isinstance(value, list):
        return [blacked_value(wanted, part) for part in value]
    if isinstance(value, dict):
        return {blacked(wanted, name): blacked_value(wanted, part) for name, part in value.items()}
    return value


def texts(value: Any) -> list[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for name, part in value.items() for text in (name, *texts(part))]
    return [text for part in value for text in texts(part)] if isinstance(value, list) else []


def leaves(text: str, *, is_json: bool) -> list[str]:
    """The texts that a cell holds: of JSON, which may write a letter as an escape, those inside."""
    if not is_json:
        return [text]
    try:
        return texts(json.loads(text))
    except ValueError:
        return [text]
