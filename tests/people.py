"""People with planted duplicates, mistyped as people and programs mistype: for any number of them, with known truth.

Names are drawn as names are met (a few are frequent), a postcode has its city, and families live together: what a search for
duplicates must tell from the same person entered twice. Not made after any test set.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm.queries import likeness
from crm.store.session import Session

FIELDS = ("first_name", "last_name", "street", "postcode", "city", "born_on")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
KINDS = ("street", "place", "avenue", "lane")
Person = dict[str, str | None]


def people(originals: int, copies: int, *, most: int = 1, faults: int = 3, families: int = 0, seed: int = 7) -> pd.DataFrame:
    """One row per record: the fields as text, and `person`, which is the same for those who are one.

    Up to `most` copies of one original, each with up to `faults` faults; `families` originals live with another one.
    """
    rng = np.random.default_rng(seed)
    rows = _originals(rng, originals)
    for number in rng.choice(originals, families, replace=False):
        one, other = rows[int(rng.integers(originals))], rows[int(number)]
        rows.append(other | {name: one[name] for name in ("first_name", "born_on")} | {"person": f"{number}-family"})
    for number in rng.permutation(originals):
        for _ in range(min(int(rng.integers(1, most + 1)), copies)):
            copies -= 1
            rows.append(_faulty(rng, rows[int(number)], int(rng.integers(1, faults + 1))))
    frame = pd.DataFrame([rows[int(place)] for place in rng.permutation(len(rows))]).astype(object)
    return frame.where(frame.notna(), None)


def _originals(rng: np.random.Generator, size: int) -> list[Person]:
    many = {"first_name": 300, "last_name": 2000, "road": 3000}
    names = {kind: _drawn(rng, _words(rng, number), size) for kind, number in many.items()}
    cities = _words(rng, 400)
    codes = rng.integers(0, 900, size)
    days = np.datetime64("1930-01-01") + rng.integers(0, 27_000, size)
    return [
        {
            "person": str(number),
            "first_name": None if rng.random() < 0.03 else str(names["first_name"][number]),
            "last_name": str(names["last_name"][number]),
            "street": f"{rng.integers(1, 300)} {names['road'][number]} {KINDS[rng.integers(4)]}",
            "postcode": f"{1000 + codes[number] * 7}",
            "city": cities[codes[number] % 400],
            "born_on": None if rng.random() < 0.04 else str(days[number]),
        }
        for number in range(size)
    ]


def _words(rng: np.random.Generator, many: int) -> list[str]:
    found: set[str] = set()
    while len(found) < many:
        found.add("".join(rng.choice(list("aeiou" if place % 2 else "bdfgklmnprstvz")) for place in range(rng.integers(4, 9))))
    return sorted(found)


def _drawn(rng: np.random.Generator, words: list[str], size: int) -> list[str]:
    weights = 1 / np.arange(1, len(words) + 1) ** 0.8
    return list(rng.permutation(words)[rng.choice(len(words), size, p=weights / weights.sum())])


def _faulty(rng: np.random.Generator, person: Person, faults: int) -> Person:
    copy = dict(person)
    for _ in range(faults):
        name, kind = FIELDS[rng.integers(len(FIELDS))], rng.random()
        value = copy[name]
        if kind < 0.12:
            copy[name] = None if name != "last_name" else value
        elif kind < 0.2:
            copy["first_name"], copy["last_name"] = copy["last_name"], copy["first_name"] or copy["last_name"]
        elif value and name == "born_on":
            copy[name] = f"{value[:8]}{rng.integers(1, 29):02d}" if kind < 0.7 else f"19{rng.integers(30, 99)}{value[4:]}"
        elif value:
            copy[name] = _mistyped(rng, value)
    return copy


def _mistyped(rng: np.random.Generator, text: str) -> str:
    place, letter = int(rng.integers(len(text))), LETTERS[rng.integers(26)]
    if text.isdigit():
        letter = str(rng.integers(10))
    return [
        text[:place] + letter + text[place + 1 :],
        text[:place] + letter + text[place:],
        text[:place] + text[place + 1 :] if len(text) > 2 else text,
        text[:place] + text[place + 1 : place + 2] + text[place : place + 1] + text[place + 2 :],
    ][int(rng.integers(4))]


def stored(session: Session, rows: pd.DataFrame) -> None:
    """Put people into the store as customers in person, whom they are told by as external id."""
    rows = rows.reset_index(drop=True).assign(number=range(len(rows)))
    rows["name"] = [" ".join(filter(None, parts)) for parts in zip(rows["first_name"], rows["last_name"], strict=True)]
    with session.change("Import") as change:
        change.stage("incoming", rows.astype("str").where(rows.notna(), None))
        change.execute("create temp table keyed as select uuidv7() as customer, uuidv7() as contact, incoming.* from incoming")
        change.insert_from(
            "customers", "select customer as customer_id, name, 'person' as kind, 'lead' as lifecycle_stage from keyed"
        )
        change.insert_from(
            "contacts",
            """
            select
                contact as contact_id,
                customer as customer_id,
                name,
                first_name,
                last_name,
                street,
                postcode,
                city,
                try_cast(born_on as date) as born_on,
                'unknown' as consent,
                person || '/' || number as external_id,
            from keyed
            """,
        )


def judged(session: Session, least: float = likeness.SURE) -> tuple[float, float, float]:
    """Precision, recall and F1 of the pairs that are surely one, by the part of the external id before the slash."""
    keys = session.rows("select contact_id, split_part(external_id, '/', 1) as person from contacts")
    person = {row["contact_id"]: row["person"] for row in keys}
    same = pd.Series(list(person.values())).value_counts()
    wanted = int((same * (same - 1) / 2).sum())
    found = [pair for pair in likeness.duplicates(session, "contacts").itertuples() if pair.score >= least]
    right = sum(person[pair.one_id] == person[pair.other_id] for pair in found)
    precision, recall = right / max(len(found), 1), right / wanted
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)
