"""What is kept of an erasure: how much went, and the proof that it did; never who it was."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from crm.store import personal
from crm.store.finding import Column, Execute, search
from crm.store.needles import Needle
from crm.store.reach import Reach
from crm.store.writer import Writer, raise_versions

Place = tuple[str, UUID, str]
TITLE = "Erase a person"


@dataclass
class Erased:
    """What an erasure did. Only `needles` say who it was; they are for the caller's own search, and kept nowhere."""

    erasure_id: UUID
    change_set_id: UUID
    people: list[UUID]
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    search: dict[str, Any] = field(default_factory=dict)
    mentions: list[Place] = field(default_factory=list)
    needles: list[Needle] = field(default_factory=list)


def counted(found: Reach, results: Mapping[str, int], mentions: Iterable[Place], redacted: int) -> dict[str, dict[str, int]]:
    """How many rows of each table went, stay without text, or lost a mention."""
    counts: dict[str, Counter[str]] = {}
    for word, fate in (("deleted", personal.DELETE), ("emptied", personal.EMPTY), ("unlinked", personal.UNLINK)):
        for table, keys in found.with_fate(fate).items():
            counts.setdefault(table, Counter())[word] += len(keys)
    for table, number in results.items():
        counts.setdefault(table, Counter())["deleted"] += number
    for table, gone in found.ghosts.items():
        counts.setdefault(table, Counter())["in the history"] += len(gone)
    for table, _, _ in mentions:
        counts.setdefault(table, Counter())["blacked out"] += 1
    counts["changes"] = Counter({"redacted": redacted})
    told = {table: {word: number for word, number in words.items() if number} for table, words in sorted(counts.items())}
    return {table: words for table, words in told.items() if words}


def proved(execute: Execute, columns: Sequence[Column], sure: Sequence[Needle], now: datetime) -> dict[str, Any]:
    """Search everything once more, as it now stands; kept is how much was searched for and found, never what."""
    left = Counter(f"{hit.table}.{hit.column}{' (history)' if hit.change else ''}" for hit in search(execute, sure))
    return {
        "searched_at": now.isoformat(timespec="seconds"),
        "words": dict(Counter(needle.kind for needle in sure)),
        "tables": len({column.table for column in columns}),
        "columns": len(columns),
        "found": sum(left.values()),
        "places": dict(left),
    }


def record(writer: Writer, done: Erased, also: Iterable[str]) -> None:
    """Write down the change set, its rows without content, and the erasure with its proof."""
    for position, (kind, table) in enumerate((("delete", "leaving"), ("update", "rewritten"))):
        writer.execute(
            f"""
            insert into changes
            select $change_set, {position}, table_name, record_id, $kind, null, null, $change_set
            from {table}
            """,  # noqa: S608 - one of the two
            change_set=writer.change_set_id,
            kind=kind,
        )
        for name, number in writer.execute(f"select table_name, count(*) from {table} group by table_name").fetchall():  # noqa: S608
            writer.counts[name, kind] += number
    writer.record(TITLE)
    raise_versions(writer.cursor, *also, *(table for table, _, _ in done.mentions))
    actor = writer.session.actor
    writer.execute(
        """
        insert into erasures by name
        select
            $erasure::uuid as erasure_id,
            $change_set::uuid as change_set_id,
            $now::timestamp as made_at,
            $kind as actor_kind,
            $actor::uuid as actor_id,
            $name as actor_name,
            $people::json as records,
            $mentions::json as mentions,
            $counts::json as counts,
            $search::json as search
        """,
        erasure=done.erasure_id,
        change_set=writer.change_set_id,
        now=writer.session.now,
        kind=actor.kind,
        actor=actor.employee_id,
        name=actor.name,
        people=json.dumps([str(key) for key in done.people]),
        mentions=json.dumps([[table, str(key), column] for table, key, column in done.mentions]),
        counts=json.dumps(done.counts),
        search=json.dumps(done.search),
    )
