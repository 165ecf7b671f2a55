"""What was done with two records since they became one: what an unmerge must ask before it makes them two again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from crm.errors import Refused
from crm.queries import custom_fields, merges
from crm.queries.merging import hanging, in_words
from crm.queries.names import names
from crm.store import rules
from crm.store.rules import STAMPS, key_of
from crm.store.session import Session

Json = dict[str, Any]
CONSENT = ("consent", "consent_at")
# A person's name is one value in several columns: whoever chooses the one has chosen the others.
FOLLOWS = {"contacts.first_name": "contacts.name", "contacts.last_name": "contacts.name", "customers.name": "contacts.name"}
MOST_ADDED = 200  # rows of a table that are offered one by one; the rest stay with the winner


@dataclass(frozen=True)
class Party:
    """A winner and a loser of one table: the loser's winner of today, and the winner's values before, at and since."""

    noun: str
    winner_id: UUID
    loser_id: UUID
    now_id: UUID
    before: Json
    at_merge: Json
    now: Json

    @property
    def edited(self) -> set[str]:
        """The columns of the winner that were changed since, own fields as one."""
        hidden = {*STAMPS, *rules.DERIVED.get(self.noun, {})}
        return {name for name, value in self.at_merge.items() if name not in hidden and value != self.now.get(name)}


@dataclass(frozen=True)
class Edit:
    """One value that was changed since: `key` is what `unmerge` takes, by default it stays with the winner."""

    key: str
    words: str
    then: str | None
    now: str | None


@dataclass(frozen=True)
class Unmerging:
    """A merge that may be taken back: who, the rows that were changed since, the edits, and what was added."""

    change_set_id: UUID
    merged_at: datetime
    winner_name: str
    loser_name: str
    parties: tuple[Party, ...]
    changed: tuple[tuple[str, UUID], ...]
    edits: tuple[Edit, ...]
    added: dict[str, dict[UUID, str]]


def unmerging(session: Session, merge_id: UUID | str) -> Unmerging:
    """All that an unmerge needs to know, and what it lets a person choose."""
    found = session.rows(
        """
        select merges.*
        from merges
        inner join merges as asked on asked.change_set_id = merges.change_set_id
        where asked.merge_id = $merge_id
        order by merges.noun
        """,
        merge_id=merge_id,
    )
    if not found:
        raise Refused("This merge is no longer there: it was taken back already.")
    change_set, merged_at, noun = found[0]["change_set_id"], found[0]["created_at"], found[0]["noun"]
    called = names(session, noun, (found[0]["winner_id"], found[0]["loser_id"]))
    parties = tuple(_party(session, row) for row in found)
    return Unmerging(
        change_set_id=change_set,
        merged_at=merged_at,
        winner_name=called.get(found[0]["winner_id"], "?"),
        loser_name=called.get(found[0]["loser_id"], "?"),
        parties=parties,
        changed=tuple(_changed(session, change_set)),
        edits=_asked([edit for party in parties for edit in _edits(session, party)]),
        added=_added(session, parties, change_set, merged_at),
    )


def _party(session: Session, row: Mapping[str, Any]) -> Party:
    noun, winner, loser = row["noun"], row["winner_id"], row["loser_id"]
    now = _json(session.value(f"select to_json(entry) from {noun} as entry where {key_of(noun)} = $key", key=winner))  # noqa: S608
    at_merge, before = dict(now), dict[str, Any]()
    for change in reversed(_later(session, noun, winner, row["change_set_id"])):
        at_merge |= _json(change["before"])
    for change in session.rows(_BY_MERGE, change_set=row["change_set_id"], table=noun, key=winner):
        before |= _json(change["before"])
    today = merges.winner_of(session, noun, winner) or winner
    return Party(noun, winner, loser, today, {name: value for name, value in before.items() if name not in STAMPS}, at_merge, now)


# The latest first, so that the first one's values are what stays of `before`.
_BY_MERGE = """
    select before
    from changes
    where change_set_id = $change_set and table_name = $table and record_id = $key and operation = 'update'
    order by position desc
"""


def _later(session: Session, noun: str, key: UUID, change_set: UUID) -> list[dict[str, Any]]:
    """What changed a row after the merge, the earliest first."""
    return session.rows(
        """
        with touched as materialized (
            select *
            from changes
            where record_id = $key
        )

        select touched.before
        from touched
        inner join change_sets as made on made.change_set_id = touched.change_set_id
        inner join change_sets as merged on merged.change_set_id = $change_set
        where
            touched.table_name = $table
            and touched.operation = 'update'
            and (made.made_at, made.change_set_id) > (merged.made_at, merged.change_set_id)
        order by made.made_at, made.change_set_id, touched.position
        """,
        key=key,
        table=noun,
        change_set=change_set,
    )


def _json(text: str | None) -> Json:
    """Numbers as they were written, since an amount must come back to the cent; own fields as they are."""
    found: Json = json.loads(text or "{}", parse_float=str)
    return found | ({"own": json.loads(text or "{}")["own"]} if "own" in found else {})


def _changed(session: Session, change_set: UUID) -> list[tuple[str, UUID]]:
    """The rows of the merge that somebody wrote since, or that are gone."""
    tables = session.rows("select distinct table_name from changes where change_set_id = $change_set", change_set=change_set)
    return [
        (row["table_name"], found["record_id"])
        for row in tables
        for found in session.rows(
            f"""
            select distinct changes.record_id
            from changes
            left join {row["table_name"]} as entry on entry.{key_of(row["table_name"])} = changes.record_id
            where
                changes.change_set_id = $change_set
                and changes.table_name = $table
                and changes.operation = 'update'
                and entry.version is distinct from changes.version
            """,  # noqa: S608 - a table of the history
            change_set=change_set,
            table=row["table_name"],
        )
    ]


def _edits(session: Session, party: Party) -> list[Edit]:
    """What was changed since, for a person to say whose it is. Consent is not asked for: the stricter stands for both."""
    own = {field.key: field for field in custom_fields.of_noun(session, party.noun, archived=True)}
    edits = []
    for column in sorted(party.edited - {"own", "archived_at", *CONSENT}):
        then, now = (_text(session, party, column, side.get(column)) for side in (party.at_merge, party.now))
        edits.append(Edit(f"{party.noun}.{column}", in_words(column), then, now))
    if "own" in party.edited:
        for key, (then, now) in custom_fields.changed(own, party.at_merge.get("own"), party.now.get("own")).items():
            name = own[key].name if key in own else "Own field no longer there"
            texts = [custom_fields.as_text(own[key], value) if key in own else str(value) for value in (then, now)]
            edits.append(Edit(f"{party.noun}.own_{key}", name, *texts))
    return edits


def _asked(edits: list[Edit]) -> tuple[Edit, ...]:
    """Those that do not follow from another one."""
    keys = {edit.key for edit in edits}
    return tuple(edit for edit in edits if FOLLOWS.get(edit.key) not in keys)


def _text(session: Session, party: Party, column: str, value: Any) -> str | None:
    parent = rules.REFERENCES.get(party.noun, {}).get(column)
    if parent and value:
        return names(session, parent, [value]).get(UUID(str(value)), "no longer there")
    return None if value is None else str(value)


def _added(session: Session, parties: tuple[Party, ...], change_set: UUID, merged_at: datetime) -> dict[str, dict[UUID, str]]:
    """By table, the rows that came to the winner since, with what people call them."""
    here = {party.noun: party for party in parties}
    found = {}
    for child, columns in hanging(list(here)).items():
        where = " or ".join(f"{column} = $now_{parent}" for column, parent in columns.items())
        rows = session.rows(
            f"""
            select {key_of(child)} as key
            from {child}
            where
                ({where})
                and created_at > $merged_at
                and archived_at is null
                and {key_of(child)} not in (
                    select record_id
                    from changes
                    where change_set_id = $change_set
                )
            order by created_at desc
            limit {MOST_ADDED}
            """,  # noqa: S608 - names come from rules.py
            merged_at=merged_at,
            change_set=change_set,
            **{f"now_{parent}": here[parent].now_id for parent in columns.values()},
        )
        if rows:
            called = names(session, child, [str(row["key"]) for row in rows])
            found[child] = {row["key"]: called.get(row["key"]) or "?" for row in rows}
    return found
