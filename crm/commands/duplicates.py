"""Look for duplicates, and say of a pair that they are two."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from crm.commands import checks
from crm.commands.checks import Saved
from crm.commands.jobs import Report, quietly
from crm.errors import Refused
from crm.queries import duplicates, likeness
from crm.store.rules import key_of
from crm.store.session import Session

MOST = 100_000  # pairs that are kept of one search, the likeliest


@dataclass(frozen=True)
class Found:
    """How many pairs are open after a search, by noun."""

    counts: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """The result for a program."""
        return self.counts

    def summary(self) -> str:
        """The result for a person."""
        return ", ".join(f"{number:,} likely pairs of {noun}" for noun, number in self.counts.items())


def find_duplicates(session: Session, *, report: Report = quietly) -> Found:
    """Search all contacts and companies, and keep the pairs for pages to show, with the versions they were found in."""
    if session.scope != "all":
        raise Refused("Looking for duplicates needs to see all customers. Ask a manager.")
    for place, noun in enumerate(duplicates.NOUNS):
        seen = dict(session.versions(duplicates.READ))
        found = likeness.duplicates(session, noun, partial(_report, report, place))
        number = session.value(f"select count(*) from {noun}")  # noqa: S608 - one of two nouns
        _keep(session, noun, found.head(MOST).to_json(orient="records", default_handler=str), number, seen)
    return Found({noun: duplicates.count(session, noun) for noun in duplicates.NOUNS})


def _report(report: Report, place: int, share: float, words: str) -> None:
    """How far the search of one of the nouns is, as a part of the whole."""
    report((place + share) / len(duplicates.NOUNS), words)


def _keep(session: Session, noun: str, found: str, rows: int, seen: dict[str, int]) -> None:
    """Put what was found in the place of what an earlier search found: machinery, which no person undoes."""
    with session.database.working() as cursor:

        def work() -> None:
            for table in ("duplicate_pairs", "duplicate_searches"):
                cursor.execute(f"delete from {table} where noun = $noun", {"noun": noun})  # noqa: S608 - one of two tables
            cursor.execute(_KEEP_PAIRS, {"noun": noun, "found": found})
            cursor.execute(_KEEP_SEARCH, {"noun": noun, "now": session.now, "seen": json.dumps(seen), "rows": rows})

        session.database.transaction(cursor, work, alone=False)


_KEEP_PAIRS = """
    insert into duplicate_pairs by name
    select
        $noun as noun,
        unnest(
            from_json($found, '[{"one_id": "UUID", "other_id": "UUID", "score": "DOUBLE", "agrees": "VARCHAR"}]'),
            recursive := true
        )
"""
_KEEP_SEARCH = """
    insert into duplicate_searches by name
    select
        $noun as noun,
        $now as made_at,
        $seen as seen_versions,
        $rows as row_count,
        (select count(*) from duplicate_pairs where noun = $noun) as pair_count
"""


def keep_apart(session: Session, noun: str, one_id: UUID | str, other_id: UUID | str) -> Saved:
    """Remember that two rows are not the same: they are no longer listed as likely duplicates."""
    one, other = sorted((checks.key(one_id, "Record"), checks.key(other_id, "Record")))
    names = _names(session, noun, one, other)
    if one == other or len(names) < 2:
        raise Refused("One of the two is no longer there. Look again.")
    said = session.value(
        "select not_duplicate_id from not_duplicates where one_id = $one and other_id = $other and archived_at is null",
        one=one,
        other=other,
    )
    if said:
        return Saved(said, None)
    with session.change(f"Not a duplicate: {names[0]} and {names[1]}") as change:
        key = change.insert("not_duplicates", noun=noun, one_id=one, other_id=other)
    return Saved.of(key, change)


def reconsider(session: Session, not_duplicate_id: UUID | str) -> Saved:
    """Forget that two rows are not the same: the next search may list them."""
    with session.change("May be duplicates after all") as change:
        change.archive("not_duplicates", not_duplicate_id)
    return Saved.of(not_duplicate_id, change)


def _names(session: Session, noun: str, *keys: UUID) -> list[str]:
    if noun not in duplicates.NOUNS:
        raise Refused(f"Duplicates are sought among {' and '.join(duplicates.NOUNS)}.", "noun")
    rows = session.rows(
        f"select name from {noun} where {key_of(noun)} in (select unnest($keys::uuid[])) order by {key_of(noun)}",  # noqa: S608
        keys=list(keys),
    )
    return [row["name"] for row in rows]
