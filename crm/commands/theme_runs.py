"""Carry over to every comment what people said of the themes, and propose new ones from the comments that have none.

Results, not changes: no change set records them, and no person undoes them. Nothing that people said is written here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
from uuid_utils.compat import uuid7

from crm.commands.jobs import Calculate, Report, directly, quietly
from crm.commands.themes import CORPORA
from crm.insight.comment_reading import METHOD, Read, as_kept, how, proposed, read
from crm.insight.proposals import Proposal
from crm.queries import tallies, theme_material, themes
from crm.queries.theme_material import Material
from crm.store.session import SYSTEM, Session
from crm.store.writer import raise_versions

AT_ONCE = 4_000  # comments handed over together


@dataclass(frozen=True)
class Assigned:
    """How many comments there are, how many were read anew, and how many themes were found in those."""

    comments: int
    read: int
    found: int

    def as_json(self) -> dict[str, int]:
        return {"comments": self.comments, "read": self.read, "found": self.found}

    def summary(self) -> str:
        return f"{self.read:,} of {self.comments:,} comments read, {self.found:,} themes found in them."


def assign_themes(
    session: Session, *, corpus: str | None = None, report: Report = quietly, calculate: Calculate = directly
) -> Assigned:
    """Read the comments that are new or changed since the last time; all of them where a theme changed."""
    everything = Session(session.database, SYSTEM, session.now, session.job_id)  # whoever asks, the result is everybody's
    parts = [_assigned(everything, each, report, calculate) for each in ([corpus] if corpus else CORPORA)]
    return Assigned(*(sum(getattr(part, name) for part in parts) for name in ("comments", "read", "found")))


def _assigned(session: Session, corpus: str, report: Report, calculate: Calculate) -> Assigned:
    seen = themes.made_from(session)
    report(0.0, "Reading what people said of the themes")
    material = theme_material.of_corpus(session, corpus)
    run, stated_hash = themes.last_run(session, corpus), _digest(material)
    is_all = run is None or run["stated_hash"] != stated_hash
    count = theme_material.waiting_count(session, corpus, is_all=is_all)
    is_trained, reason = calculate(how, material.stated)
    readings, finds = [], []
    for batch in theme_material.waiting(session, corpus, is_all=is_all, at_once=AT_ONCE):
        found = calculate(read, material.stated, batch["text"].to_pylist(), material.marks_in(batch["comment_id"].to_pylist()))
        if not is_trained:
            found = as_kept(found, batch["kind"].to_pylist())
        readings.append(_readings(batch, found, "corrections" if is_trained else "words"))
        finds.append(_finds(batch, found, material))
        done = sum(len(part) for part in readings)
        report(0.05 + 0.85 * done / max(count, 1), f"Read {done:,} of {count:,} comments")
    report(0.9, "Storing what was found")
    words = {"stated_hash": stated_hash, "reason": reason, "seen": json.dumps(seen), "themes": len(material.keys)}
    total = _replace(session, corpus, _joined(READINGS, readings), _joined(FINDS, finds), is_all, words)
    return Assigned(total, sum(len(part) for part in readings), sum(len(part) for part in finds))


def _digest(material: Material) -> str:
    """What people said, as one hash: where it differs, what was read before no longer holds."""
    said = repr((METHOD, material.stated, material.keys, sorted(material.marks.items())))
    return sha256(said.encode("utf-8", "replace")).hexdigest()


READINGS = pa.schema(
    [("comment_key", pa.string()), ("text_hash", pa.uint64()), ("sentiment", pa.float64()), ("read_by", pa.string())]
)
FINDS = pa.schema(
    [
        ("comment_key", pa.string()),
        ("theme_key", pa.string()),
        ("clause_start", pa.int32()),
        ("clause_end", pa.int32()),
        ("sentiment", pa.float64()),
        ("found_by", pa.string()),
    ]
)


def _readings(batch: pa.Table, found: Read, read_by: str) -> pa.Table:
    columns = [batch["comment_id"], batch["text_hash"], pa.array(found.sentiment), pa.array([read_by] * len(batch))]
    return pa.table(columns, schema=READINGS)


def _finds(batch: pa.Table, found: Read, material: Material) -> pa.Table:
    """One row per theme of a comment; who says so: a person, a phrase, or the likeness to examples."""
    comments = np.asarray(batch["comment_id"].to_pylist(), dtype=object)[found.pairs[:, 0]]
    keys = np.asarray([str(key) for key in material.keys], dtype=object)[found.pairs[:, 1]]
    found_by = np.where(found.by_phrase, "phrase", "likeness").astype(object)
    pinned = [place for place, pair in enumerate(zip(comments, found.pairs[:, 1], strict=True)) if material.is_pinned(*pair)]
    found_by[pinned] = "person"
    spans = found.spans.astype(np.int32)
    return pa.table([comments, keys, spans[:, 0], spans[:, 1], found.tones, found_by], schema=FINDS)


def _joined(schema: pa.Schema, parts: Sequence[pa.Table]) -> pa.Table:
    return pa.concat_tables([schema.empty_table(), *parts])


def _replace(session: Session, corpus: str, readings: pa.Table, finds: pa.Table, is_all: bool, words: dict[str, Any]) -> int:
    """Put what was read in the place of what was known before, in one step; how many comments there are now."""
    with session.database.working() as cursor:
        for name, table in (("readings", readings), ("finds", finds)):
            cursor.register(f"{name}_staged", table)
        for statement in PREPARE:  # before anybody has to wait
            cursor.execute(statement)

        def work() -> int:
            gone = sum(_count(cursor, statement, corpus=corpus) for statement in (FORGET_ALL if is_all else FORGET_SOME))
            cursor.execute(INSERT_READINGS, {"corpus": corpus})
            cursor.execute("insert into comment_themes by name select * from finds_read")
            total = _count(cursor, "select count(*) from comments where corpus = $corpus", corpus=corpus)
            cursor.execute("delete from theme_days where corpus = $corpus", {"corpus": corpus})
            cursor.execute(COUNT_DAYS, {"corpus": corpus})
            cursor.execute("delete from theme_runs where corpus = $corpus", {"corpus": corpus})
            cursor.execute(
                "insert into theme_runs values ($run, $corpus, $now, $total, $read, $themes, $stated_hash, $reason, $seen)",
                {"run": uuid7(), "corpus": corpus, "now": session.now, "total": total, "read": len(readings), **words},
            )
            if gone or len(readings):
                raise_versions(cursor, "comment_themes")
            return total

        return session.database.transaction(cursor, work)


def _count(cursor: Any, sql: str, **values: Any) -> int:
    """The one number that a statement yields: of a deletion, how many rows it took."""
    used = {name: value for name, value in values.items() if f"${name}" in sql}
    (number,) = cursor.execute(sql, used).fetchone() or (0,)
    return int(number)


PREPARE = (
    """
    create temp table readings_read as
    select comment_key::uuid as comment_id, text_hash, sentiment, read_by
    from readings_staged
    order by comment_id
    """,
    """
    create temp table finds_read as
    select comment_key::uuid as comment_id, theme_key::uuid as theme_id, clause_start, clause_end, sentiment, found_by
    from finds_staged
    order by comment_id
    """,
)
FORGET_ALL = (
    "delete from comment_readings where corpus = $corpus",
    "delete from comment_themes where comment_id not in (select comment_id from comment_readings)",
)
FORGET_SOME = (
    """
    delete from comment_readings
    where corpus = $corpus and (
        comment_id in (select comment_id from readings_read)
        or comment_id not in (select comment_id from comments where corpus = $corpus)
    )
    """,
    "delete from comment_themes where comment_id not in (select comment_id from comment_readings)",
)
INSERT_READINGS = """
    insert into comment_readings by name
    select comment_id, $corpus as corpus, text_hash, sentiment, read_by
    from readings_read
"""
COUNT_DAYS = f"""
    insert into theme_days by name
    select
        $corpus as corpus,
        theme_id,
        day_start(local_day(received_at)) as received_at,
        sum(mentions) as mentions,
        sum(positive) as positive,
        sum(neutral) as neutral,
        sum(negative) as negative,
        sum(unassigned) as unassigned
    from ({tallies.live("comments.corpus = $corpus")})
    group by theme_id, local_day(received_at)
    order by received_at
"""  # noqa: S608 - a text of tallies.py


@dataclass(frozen=True)
class Proposed:
    """How many themes were proposed, from how many comments without one."""

    proposals: int
    comments: int

    def as_json(self) -> dict[str, int]:
        return {"proposals": self.proposals, "comments": self.comments}

    def summary(self) -> str:
        return f"{self.proposals:,} themes proposed from {self.comments:,} comments without one."


def propose_themes(
    session: Session, *, corpus: str | None = None, report: Report = quietly, calculate: Calculate = directly
) -> Proposed:
    """Look for themes in the comments that have none; what people turned down, or have already, is not proposed again."""
    everything = Session(session.database, SYSTEM, session.now, session.job_id)
    parts = [_proposed(everything, each, report, calculate) for each in ([corpus] if corpus else CORPORA)]
    return Proposed(*(sum(getattr(part, name) for part in parts) for name in ("proposals", "comments")))


def _proposed(session: Session, corpus: str, report: Report, calculate: Calculate) -> Proposed:
    report(0.1, "Looking for what comments without a theme have in common")
    comments = theme_material.without_theme(session, corpus)
    names, phrases = theme_material.taken(session, corpus)
    found: list[Proposal] = calculate(proposed, comments["text"].to_pylist(), theme_material.words_of_names(session))
    fresh = [each for each in found if each.name.casefold() not in names and not _is_known(each, phrases)]
    keys = comments["comment_id"].to_pylist()
    rows = [_proposal_row(each, corpus, [keys[place] for place in each.examples], session) for each in fresh]
    with session.database.working() as cursor:

        def work() -> None:
            cursor.execute("delete from theme_proposals where corpus = $corpus", {"corpus": corpus})
            for row in rows:
                cursor.execute(
                    "insert into theme_proposals values ($key, $corpus, $name, $phrases, $comments, $count, $now)", row
                )
            raise_versions(cursor, "theme_proposals")

        session.database.transaction(cursor, work)
    return Proposed(len(rows), len(keys))


def _is_known(proposal: Proposal, phrases: set[str]) -> bool:
    """Whether most of its phrases are a theme's already, or were turned down."""
    said = [phrase.casefold() for phrase in proposal.phrases]
    return sum(phrase in phrases for phrase in said) * 2 > len(said)


def _proposal_row(proposal: Proposal, corpus: str, comments: list[str], session: Session) -> dict[str, Any]:
    """A proposal as it is stored; its key follows from its name, so that a page that shows it can still accept it."""
    key: UUID = uuid5(NAMESPACE_OID, f"{corpus}:{proposal.name.casefold()}")
    return {
        "key": key,
        "corpus": corpus,
        "name": proposal.name,
        "phrases": json.dumps(proposal.phrases, ensure_ascii=False),
        "comments": json.dumps(comments),
        "count": proposal.count,
        "now": session.now,
    }
