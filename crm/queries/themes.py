"""What people talk about: the themes as they were stated, and which of them each comment has.

What somebody said of a comment or a theme counts at once, before the job has read the comments again: the views see to that
(store/views/comments.sql).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from crm.errors import Refused
from crm.insight.comment_reading import METHOD
from crm.store.session import Session

Row = dict[str, Any]
# What themes are made from: when these were written since, the comments are read again. Not the voices of our own people: a run
# keeps what it saw, with its instant, which would tell when somebody spoke without a name.
STATED = ("themes", "theme_phrases", "theme_marks", "sentiment_marks")
MADE_FROM = ("feedback", "settings", *STATED)
NOUNS = ("comment_themes", "customers", "ideas", "enps_answers", *MADE_FROM)
UNDER_WAY = ("themes", "theme_proposals")


def every(session: Session, corpus: str = "customers") -> list[Row]:
    """One row per theme in use, by name: its note, how many phrases and examples it has, which themes it took in."""
    return session.rows(
        """
        with
        said as (
            select
                theme_id,
                count(*) as phrases
            from theme_phrases
            where archived_at is null and not is_excluded
            group by theme_id
        ),

        pinned as (
            select
                theme_id,
                count(*) as examples
            from theme_marks
            where archived_at is null and fits
            group by theme_id
        ),

        merged as (
            select
                merged_into_id as theme_id,
                string_agg(name, ', ' order by lower(name)) as merged_from
            from themes
            where merged_into_id is not null
            group by merged_into_id
        )

        select
            themes.theme_id,
            themes.corpus,
            themes.name,
            themes.note,
            themes.version,
            coalesce(said.phrases, 0) as phrases,
            coalesce(pinned.examples, 0) as examples,
            merged.merged_from
        from themes
        left join said on said.theme_id = themes.theme_id
        left join pinned on pinned.theme_id = themes.theme_id
        left join merged on merged.theme_id = themes.theme_id
        where themes.archived_at is null and themes.corpus = $corpus
        order by lower(themes.name), themes.theme_id
        """,
        corpus=corpus,
    )


def one(session: Session, theme_id: UUID | str) -> Row:
    """One row: a theme with its phrases and marks, and what it took in; of a merged one, the theme that it became part of."""
    theme = session.row(
        """
        select themes.*
        from theme_heirs as heirs
        inner join themes on themes.theme_id = heirs.heir_id
        where heirs.theme_id = $theme
        """,
        theme=theme_id,
    )
    if theme is None:
        raise Refused("This theme is no longer there. Choose another.", "theme")
    key = theme["theme_id"]
    return theme | {"phrases": _phrases(session, key), "marks": _marks(session, key), "merged_from": _merged(session, key)}


def _phrases(session: Session, theme_id: UUID) -> list[Row]:
    return session.rows(
        """
        select
            theme_phrase_id,
            phrase,
            is_excluded
        from theme_phrases
        where theme_id = $theme and archived_at is null
        order by is_excluded, lower(phrase)
        """,
        theme=theme_id,
    )


def _marks(session: Session, theme_id: UUID) -> list[Row]:
    return session.rows(
        """
        select
            marks.theme_mark_id,
            marks.comment_id,
            marks.fits,
            comments.text,
            comments.received_at,
            comments.customer_id,
            customers.name as customer
        from theme_marks as marks
        inner join comments on comments.comment_id = marks.comment_id
        left join customers on customers.customer_id = comments.customer_id
        where marks.theme_id = $theme and marks.archived_at is null
        order by marks.fits desc, marks.created_at desc, marks.theme_mark_id
        """,
        theme=theme_id,
    )


def _merged(session: Session, theme_id: UUID) -> list[Row]:
    return session.rows(
        "select theme_id, name from themes where merged_into_id = $theme order by lower(name), theme_id", theme=theme_id
    )


def of_comments(session: Session, comment_ids: Iterable[UUID]) -> dict[UUID, list[Row]]:
    """One row per theme of each of these comments, by comment, in the order in which the comment speaks of them."""
    rows = session.rows(
        """
        select
            finds.comment_id,
            finds.theme_id,
            themes.name,
            finds.clause_start,
            finds.clause_end,
            finds.sentiment,
            tone(finds.sentiment) as tone,
            finds.found_by
        from theme_mentions as finds
        inner join themes on themes.theme_id = finds.theme_id
        where
            finds.comment_id in (select unnest($keys::uuid[]))
            and finds.comment_id >= list_min($keys::uuid[])
            and finds.comment_id <= list_max($keys::uuid[])
        order by finds.comment_id, finds.clause_start, lower(themes.name), finds.theme_id
        """,
        keys=list(comment_ids),
    )
    return _by_comment(rows)


def _by_comment(rows: list[Row]) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = {}
    for row in rows:
        found.setdefault(row.pop("comment_id"), []).append(row)
    return found


def tones_of(session: Session, comment_ids: Iterable[UUID]) -> dict[UUID, Row]:
    """One row per comment that was read, by comment: its tone as a number and a word, and who or what says so."""
    rows = session.rows(
        """
        select
            comment_id,
            sentiment,
            tone(sentiment) as tone,
            read_by
        from comment_tones
        where comment_id in (select unnest($keys::uuid[]))
        """,
        keys=list(comment_ids),
    )
    return {row["comment_id"]: row for row in rows}


def comments_of(session: Session, comment_ids: Iterable[UUID | str]) -> list[Row]:
    """One row per comment of these keys that this person may see, in their order: text, when, whose."""
    return session.rows(
        """
        select
            comments.comment_id,
            comments.corpus,
            comments.text,
            comments.received_at,
            comments.customer_id,
            customers.name as customer
        from (select unnest($keys::uuid[]) as comment_id, generate_subscripts($keys::uuid[], 1) as place) as wanted
        inner join comments on comments.comment_id = wanted.comment_id
        left join customers on customers.customer_id = comments.customer_id
        order by wanted.place
        """,
        keys=[str(key) for key in comment_ids],
    )


def of_customer(session: Session, customer_id: UUID | str) -> list[Row]:
    """One row per theme that a customer speaks of, most often first: how often, when last, in which tone, the last words."""
    return session.rows(
        """
        with mentions as materialized (
            select *
            from theme_mentions
            where customer_id = $customer
        )

        select
            themes.theme_id,
            themes.name,
            count(*) as mentions,
            max(mentions.received_at) as last_at,
            count(*) filter (where tone(mentions.sentiment) = 'negative') as negative,
            count(*) filter (where tone(mentions.sentiment) = 'positive') as positive,
            arg_max(
                case
                    when clause_end > 0 then substr(mentions.text, clause_start + 1, clause_end - clause_start)
                    else mentions.text
                end,
                (mentions.received_at, mentions.comment_id)
            ) as quote,
            arg_max(mentions.comment_id, (mentions.received_at, mentions.comment_id)) as comment_id
        from mentions
        inner join themes on themes.theme_id = mentions.theme_id
        group by themes.theme_id, themes.name
        order by mentions desc, last_at desc, lower(themes.name)
        """,
        customer=customer_id,
    )


def made_from(session: Session) -> dict[str, int]:
    """The data versions of what themes are made from, and the method: where a run saw others, the comments are read again."""
    return dict(session.versions(MADE_FROM)) | {"method": METHOD}


def is_read_otherwise(session: Session) -> bool:
    """Whether comments were last read by another method, that of an earlier version of the program."""
    other = "select count(*) > 0 from theme_runs where coalesce((seen_versions ->> 'method')::integer, 0) <> $method"
    return bool(session.value(other, method=METHOD))


def last_run(session: Session, corpus: str = "customers") -> Row | None:
    """One row: the last time that the comments were read; None before the first."""
    return session.row("select * from theme_runs where corpus = $corpus", corpus=corpus)


def state(session: Session, corpus: str = "customers") -> Row:
    """One row: when the comments were last read, how many are new since, whether it is under way, and how the tone is read."""
    run = last_run(session, corpus)
    counts = session.row(
        """
        select
            (select count(*) from comments where corpus = $corpus) as comments,
            (select count(*) from comment_readings where corpus = $corpus) as were_read,
            (select count(*) from themes where corpus = $corpus and archived_at is null) as themes,
            exists (from jobs where state in ('waiting', 'running') and list_contains($kinds, kind)) as is_under_way
        """,
        corpus=corpus,
        kinds=list(UNDER_WAY),
    )
    assert counts is not None  # noqa: S101 - a select without from has one row
    return {
        "read_at": run and run["computed_at"],
        "comments": counts["comments"],
        "unread": max(counts["comments"] - counts["were_read"], 0),
        "is_outdated": run is None or json.loads(run["seen_versions"]) != made_from(session),
        "is_under_way": counts["is_under_way"],
        "themes": counts["themes"],
        "reason": run["sentiment_reason"] if run else "",
    }
