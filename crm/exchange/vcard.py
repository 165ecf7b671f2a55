"""vCard 2.1, 3.0 and 4.0 as phones and mail programs really write them, read by ourselves: of real files the
common parser fails on several (Android's unfolded lines, Lotus Notes), and a card that cannot be read is a lost person.

A card is a row; its columns are those that any card of the file has. The first e-mail, phone and address carry the
plain name, more of them a number; where a program says home or work it is kept in a column of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import islice

from crm.errors import Refused
from crm.exchange import encoding as encodings
from crm.exchange.rows import BATCH_ROWS, Batch, Reading, batch_of_rows, clean_header
from crm.exchange.source import Bytes
from crm.exchange.vcard_card import LEADING, Card, columns
from crm.exchange.vcard_lines import Property, lines, properties


def read_vcard(source: Bytes, encoding: str | None) -> Reading:
    """Two passes: the first counts cards and gathers columns, the second gives the rows."""
    chosen = encoding or encodings.detect(source)
    expected = _count(source, chosen)
    names: dict[str, None] = {"Name": None}
    left_out: Counter[str] = Counter()
    for card in _cards(source, chosen):
        names.update(dict.fromkeys(columns(card)))
        left_out.update(card.left_out)
    ordered = sorted(names, key=lambda name: LEADING.index(name) if name in LEADING else len(LEADING))
    notes = tuple(f"{count} {what} left out." for what, count in left_out.items())
    source_of_rows = partial(_batches, source, chosen, tuple(ordered))
    header = clean_header(ordered)
    return Reading(source.name, "vcard", header, expected, lambda _: source_of_rows(header), encoding=chosen, notes=notes)


def _batches(source: Bytes, encoding: str, names: tuple[str, ...], header: tuple[str, ...]) -> Iterator[Batch]:
    cards = _cards(source, encoding)
    while chunk := list(islice(cards, BATCH_ROWS)):
        rows = [[values.get(name) for name in names] for values in map(columns, chunk)]
        yield batch_of_rows(header, rows, [card.line for card in chunk])


def _count(source: Bytes, encoding: str) -> int:
    """Cards by their first lines alone, those inside an AGENT not counted; refuses one that does not end."""
    depth, count, opened = 0, 0, 0
    for number, line in lines(source, encoding):
        word = line.strip().upper().replace(b" ", b"")
        if word == b"BEGIN:VCARD":
            count += depth == 0
            opened = opened if depth else number
            depth += 1
        elif word == b"END:VCARD":
            depth = max(0, depth - 1)
    if depth:
        raise Refused(f"{source.name} ends inside a card: the one that begins on line {opened} has no end. Export it again.")
    return count


def _cards(source: Bytes, encoding: str) -> Iterator[Card]:
    """The cards in order."""
    card: Card | None = None
    depth = 0
    for item in properties(source, encoding):
        if item.is_mark("BEGIN"):
            depth += 1
            card = card or Card(item.line)
        elif item.is_mark("END") and card:
            depth -= 1
            if not depth:
                yield card
                card = None
        elif card:
            _add(card, item, depth)


def _add(card: Card, item: Property, depth: int) -> None:
    if depth > 1:
        card.left_out["line(s) of a card inside a card"] += 1
    else:
        card.add(item)
