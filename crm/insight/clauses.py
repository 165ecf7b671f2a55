"""A comment cut into clauses: praise and complaint often stand in one sentence, and each belongs to its own theme."""

from __future__ import annotations

import re
from typing import NamedTuple

# after a sentence, at a line's end, and before words that turn the tone
TURNS = "but|however|although|though|yet|except|while|aber|mais|pero"
FIRST = "".join(sorted({word[0] + word[0].upper() for word in TURNS.split("|")}))
# each begins with a blank or a comma, which is found faster than what may begin anywhere
CUT = re.compile(
    r"[\s,](?:(?<=[.!?;…]\s)\s*|(?:(?<=\n)|(?<=\s)[^\S\n]*\n)\s*"
    rf"|(?:(?<=,)\s+|(?<=\s)\s*)(?=[{FIRST}])(?=(?i:{TURNS})\b))"
)
LONGEST = 2_000  # characters; a text without any stop is cut here
MOST = 500  # clauses read of one comment; a book is not feedback


class Clause(NamedTuple):
    """Where a clause stands in its text, and what it says."""

    start: int
    end: int
    text: str


def clauses(text: str) -> list[Clause]:
    """The clauses of a text in their order; none of a blank one.

    >>> [clause.text for clause in clauses("Lovely cloth, but it came late. Twice!")]
    ['Lovely cloth', 'but it came late.', 'Twice!']
    >>> clauses("  ")
    []
    """
    found: list[Clause] = []
    start = 0
    for stop, after in [*((cut.start(), cut.end()) for cut in CUT.finditer(text)), (len(text), len(text))]:
        found += _pieces(text, start, stop)
        start = after
        if len(found) >= MOST:
            break
    return found[:MOST]


def _pieces(text: str, start: int, stop: int) -> list[Clause]:
    """The stretch without blanks at its ends, in pieces of bearable length."""
    inner = text[start:stop]
    start, stop = start + len(inner) - len(inner.lstrip()), stop - len(inner) + len(inner.rstrip())
    if stop - start <= LONGEST:
        return [Clause(start, stop, text[start:stop])] if stop > start else []
    cuts = range(start, stop, LONGEST)
    return [Clause(at, min(at + LONGEST, stop), text[at : min(at + LONGEST, stop)]) for at in cuts]
