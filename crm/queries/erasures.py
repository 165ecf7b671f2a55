"""What an erasure would do, before it is done; and what past ones did, of which only keys and counts are kept."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crm.queries.names import names
from crm.queries.person import key_of_person, name_of, reading, words
from crm.store import personal
from crm.store.finding import Hit, around, search
from crm.store.needles import Needle, needles
from crm.store.proving import Place
from crm.store.reach import Reach, reach
from crm.store.rules import REFERENCES, key_of, noun
from crm.store.session import Session

MANY = 200  # of each column, texts that hold no more than a part of the name


@dataclass(frozen=True)
class Mention:
    """A text of somebody else's in which the person is named: where, in which words, and whether it must be them."""

    place: Place
    where: str
    contexts: tuple[tuple[str, str, str], ...]
    is_sure: bool
    is_past: bool


@dataclass(frozen=True)
class Alike:
    """A contact or person who has the same name, address or number: perhaps the same person, entered twice."""

    key: UUID
    name: str
    same: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """What would go, what would stay, and what somebody has to look at."""

    name: str
    people: list[UUID]
    fates: dict[str, dict[str, int]]
    mentions: list[Mention]
    alike: list[Alike]

    @property
    def sure(self) -> list[Place]:
        """The mentions that must be them."""
        return [mention.place for mention in self.mentions if mention.is_sure]


def preview(session: Session, key: UUID | str, also: Iterable[UUID | str] = ()) -> Preview:
    """What erasing these people, who are one person, would do."""
    session.require(personal.ERASE_ROLE, "Erasing a person")
    with session.database.passing():
        found = reach(reading(session), [key_of_person(each) for each in (key, *also)])
        wanted = needles(found.known)
        sure, parts = [each for each in wanted if each.is_sure], [each for each in wanted if not each.is_sure]
        hits = [*search(reading(session), sure), *search(reading(session), parts, limit=MANY)]
        others = [hit for hit in hits if (hit.table, hit.record_id) not in found.theirs and hit.record_id]
        return Preview(
            name_of(found),
            sorted(key for keys in found.people.values() for key in keys),
            _counted(found),
            _mentions(session, found, others),
            _alike(session, found, others),
        )


def _counted(found: Reach) -> dict[str, dict[str, int]]:
    """How many rows of each table have which fate."""
    return {table: dict(Counter(fates.values())) for table, fates in found.fates.items() if fates}


def _mentions(session: Session, found: Reach, hits: list[Hit]) -> list[Mention]:
    """The texts of others that name the person; those that are nothing but somebody's own name or number are not."""
    shared = {needle for hit in hits if _is_own(hit) for needle in hit.needles}
    ours = _titles_that_go(session, found)
    places: dict[Place, list[Hit]] = {}
    for hit in hits:
        if hit.record_id and not _is_own(hit) and _is_offered(hit) and hit.record_id not in ours:
            places.setdefault((hit.table, hit.record_id, hit.column), []).append(hit)
    tables = {table for table, _, _ in places}
    called = {table: _called(session, table, [key for other, key, _ in places if other == table]) for table in tables}
    made = [_mention(place, here, called[place[0]].get(place[1]), shared) for place, here in places.items()]
    return sorted(made, key=lambda mention: (not mention.is_sure, mention.place[0], mention.where, str(mention.place[1])))


def _called(session: Session, table: str, keys: list[UUID]) -> dict[UUID, str]:
    """What each row is called, and with whom it was."""
    called = names(session, table, keys)
    if "customer_id" not in REFERENCES.get(table, {}) or table == "customers":
        return called
    with_whom = session.rows(
        f"""
        select
            entry.{key_of(table)} as key,
            customers.name,
        from {table} as entry
        inner join customers on customers.customer_id = entry.customer_id
        where entry.{key_of(table)} in (select unnest($keys::uuid[]))
        """,  # noqa: S608 - names come from rules.py
        keys=keys,
    )
    return called | {row["key"]: " · ".join(filter(None, [called.get(row["key"]), row["name"]])) for row in with_whom}


def _mention(place: Place, hits: Sequence[Hit], called: str | None, shared: set[Needle]) -> Mention:
    table, _, column = place
    what = words(noun(table)).replace("change set", "change")
    where = f"{words(column)} of {what}".capitalize() + (f": {called}" if called else "")
    found = tuple(dict.fromkeys(needle for hit in hits for needle in hit.needles))
    texts = dict.fromkeys(text for hit in hits for text in hit.texts)
    contexts = tuple(context for text in texts for context in around(text, found))
    is_sure = any(needle.is_sure and needle not in shared for needle in found)
    return Mention(place, where, contexts, is_sure, all(hit.change for hit in hits))


def _is_own(hit: Hit) -> bool:
    """Whether the cell is somebody else's own name, number or address."""
    return personal.kind_of(hit.table, hit.column) == personal.IDENTITY and hit.is_whole


def _is_offered(hit: Hit) -> bool:
    """Texts that people wrote, and names that hold the whole name (“Ann Lee Ltd”); a part in a name is somebody else's."""
    kind = personal.kind_of(hit.table, hit.column)
    is_name = kind == personal.IDENTITY and hit.table in ("customers", "contacts")
    return kind in (personal.TEXT, personal.SHARED) or (is_name and any(needle.is_sure for needle in hit.needles))


def _titles_that_go(session: Session, found: Reach) -> set[UUID]:
    """The changes of the person's own rows: their titles are blacked out in any case."""
    rows = session.rows(
        "select distinct change_set_id from changes where record_id in (select unnest($keys::uuid[]))",
        keys=[key for _, key in found.theirs],
    )
    return {row["change_set_id"] for row in rows}


def _alike(session: Session, found: Reach, hits: list[Hit]) -> list[Alike]:
    """Contacts, and customers who are people, with the same name, e-mail, phone or street; surest first."""
    same: dict[UUID, dict[str, None]] = {}
    for hit in hits:
        is_sure = any(needle.is_sure for needle in hit.needles)
        if hit.table in ("contacts", "customers") and hit.record_id and hit.change is None and _is_own(hit) and is_sure:
            same.setdefault(hit.record_id, {})[words(hit.column)] = None
    people = session.rows(
        """
        select
            contacts.contact_id as key,
            concat_ws(' · ', contacts.name, nullif(customers.name, contacts.name), contacts.city) as name,
            contacts.customer_id,
        from contacts
        left join customers on customers.customer_id = contacts.customer_id
        where contacts.contact_id in (select unnest($keys::uuid[]))
        """,
        keys=list(same),
    )
    known = [Alike(row["key"], row["name"], tuple(same[row["key"]])) for row in people]
    return sorted(known, key=lambda each: (-len(each.same), each.name))


def past(session: Session) -> list[dict[str, Any]]:
    """One row per erasure, the latest first: when, by whom, counts and proof; whom is not known any more."""
    rows = session.rows("select * from erasures order by made_at desc, erasure_id desc")
    return [row | {name: json.loads(row[name]) for name in ("records", "mentions", "counts", "search")} for row in rows]


def found_anywhere(session: Session, text: str) -> dict[str, int]:
    """How often each column of the store says a name, an e-mail or a number: the search of the proof, repeated."""
    session.require(personal.ERASE_ROLE, "Searching everything")
    wanted = [each for each in needles([_as_person(text)]) if each.is_sure or len(text.split()) == 1]
    with session.database.passing():
        hits = search(reading(session), wanted)
    return dict(Counter(f"{hit.table}.{hit.column}{' (history)' if hit.change else ''}" for hit in hits))


def _as_person(text: str) -> dict[str, str]:
    if "@" in text:
        return {"email": text}
    return {"phone": text} if sum(letter.isdigit() for letter in text) > 5 else {"name": text}
