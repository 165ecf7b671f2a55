"""Which column of a file is which field of ours: by alias first, by likeness as a suggestion, by the person last."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from rapidfuzz import fuzz, process

from crm.errors import Refused
from crm.exchange.aliases import ALIASES, REQUIRED

KINDS = tuple(ALIASES)
LIKENESS = 80.0
UNITS = frozenset(["in", "eur", "usd", "gbp", "chf", "euro", "dollar", "the", "of"])


# What our own files of rejected rows bear before the columns of the file that they came from.
REJECTED = ("line", "column", "reason")


@dataclass(frozen=True)
class Match:
    """What of a file is used: `fields` (field → column), and the columns that are not, with the kinds they fit."""

    kind: str
    fields: dict[str, str]
    unmapped: tuple[str, ...]
    not_used: dict[str, tuple[str, ...]]

    @property
    def missing(self) -> tuple[tuple[str, ...], ...]:
        """The required groups of which the file has no field."""
        return tuple(group for group in REQUIRED[self.kind] if not self.fields.keys() & set(group))


def normalised(header: str) -> str:
    """A header without case, punctuation and spaces.

    >>> normalised("E-mail 1 - Value"), normalised("dealStage"), normalised("ACCOUNTNUMBER__C"), normalised("name (2)")
    ('email1value', 'dealstage', 'accountnumber', 'name2')
    """
    text = unicodedata.normalize("NFKD", re.sub(r"(?i)__c$", "", header.strip()))
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def match(kind: str, header: Iterable[str]) -> Match:
    """The mapping that needs no help: for each field the column with the best alias, no column twice."""
    header = tuple(header)
    columns = _by_name(header)
    fields: dict[str, str] = {}
    for field, alias in _ranked(kind):
        if field not in fields and alias in columns:
            fields[field] = columns.pop(alias)
    return matched(kind, header, fields)


def _by_name(header: tuple[str, ...]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for column in header[len(REJECTED) :] if header[: len(REJECTED)] == REJECTED else header:
        columns.setdefault(normalised(column), column)
    if "birthyear" in columns:
        # Thunderbird splits a birthday over three columns: its “Birth Day” is 1 to 31.
        columns.pop("birthday", None)
    return columns


def matched(kind: str, header: Iterable[str], fields: Mapping[str, str]) -> Match:
    """The match of these fields; what is left of the columns is sorted into unmapped and not used."""
    left = [column for column in header if column not in fields.values()]
    others = {column: _kinds_of(column, kind) for column in left}
    return Match(
        kind,
        dict(fields),
        tuple(column for column in left if not others[column]),
        {column: kinds for column, kinds in others.items() if kinds},
    )


def required(kind: str) -> tuple[tuple[str, ...], ...]:
    """Groups of fields of which a file needs one each."""
    _aliases(kind)
    return REQUIRED[kind]


def suggest(kind: str, header: Iterable[str]) -> dict[str, tuple[str, float]]:
    """For columns that no alias knows: the likeliest free field and how alike (0–1), for a person to confirm."""
    taken = match(kind, header)
    known = {_words(alias): field for field, aliases in _aliases(kind).items() for alias in (field, *aliases)}
    found: dict[str, tuple[str, float]] = {}
    for column in (*taken.unmapped, *taken.not_used):
        likely = process.extractOne(_words(column), known.keys(), scorer=fuzz.token_sort_ratio, score_cutoff=LIKENESS)
        if likely and known[likely[0]] not in taken.fields:
            found[column] = (known[likely[0]], round(likely[1] / 100, 2))
    return found


def _words(header: str) -> str:
    """A header as plain words, camelCase cut, units dropped: “Amount (EUR)” is an amount."""
    cut = re.sub(r"(?<=[a-z])(?=[A-Z])|[\W_]+", " ", header).casefold()
    return " ".join(word for word in cut.split() if word not in UNITS)


def _aliases(kind: str) -> dict[str, tuple[str, ...]]:
    if kind not in ALIASES:
        raise Refused(f"There is no kind “{kind}”: choose one of {', '.join(KINDS)}.", "kind")
    return ALIASES[kind]


@cache
def _ranked(kind: str) -> tuple[tuple[str, str], ...]:
    """(field, alias) pairs, the best first. A field's own name leads, unless its aliases give it another place."""
    pairs = []
    for field, aliases in _aliases(kind).items():
        names = [normalised(alias) for alias in aliases]
        own = normalised(field)
        pairs += [(field, name) for name in ([] if own in names else [own]) + names]
    return tuple(pairs)


@cache
def _kinds_of(column: str, kind: str) -> tuple[str, ...]:
    """The other kinds that know this column, where our own does not."""
    key = normalised(column)
    if any(alias == key for _, alias in _ranked(kind)):
        return ()
    return tuple(other for other in KINDS if other != kind and any(alias == key for _, alias in _ranked(other)))
