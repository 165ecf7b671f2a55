"""What comments are read by: the themes as people stated them, and the comments that wait to be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pyarrow as pa  # type: ignore[import-untyped]

from crm.insight.comment_reading import Stated
from crm.insight.lessons import ENOUGH as ENOUGH_THEMES
from crm.insight.lessons import ORDINARY
from crm.insight.themes import Theme
from crm.store.session import Session

READ = 20_000  # characters of a comment
LOOKED_AT = 20_000  # comments that themes are proposed from
LEARNED_EVERY = 50  # corrections of tones: each step costs reading all comments again
ENOUGH = 100  # corrections from which on anything is learned
# What was said without a name is read from the next day on: a job knows its instant, and would tell when it came.
HELD_BACK = """
    select idea_id
    from ideas
    where employee_id is null and said_on >= $today
    union all
    select enps_answer_id
    from enps_answers
    where starts_on in (select starts_on from enps_answers where local_day(created_at) >= $today)
"""
SEEN = "hash(comments.text, comments.kind)"
WAITING = f"""
    from comments
    left join comment_readings as readings on readings.comment_id = comments.comment_id
    where
        comments.corpus = $corpus
        and ($is_all or readings.text_hash is distinct from {SEEN})
        and (readings.comment_id is not null or comments.comment_id not in ({HELD_BACK}))
"""


@dataclass(frozen=True)
class Material:
    """What people said: the themes by place with their keys, and which comment (its key as text) fits which place or does not."""

    stated: Stated
    keys: tuple[UUID, ...]
    marks: dict[tuple[str, int], bool]

    def marks_in(self, comments: Sequence[str]) -> list[tuple[int, int, bool]]:
        """What was said of these comments: the place of each among them, the place of the theme, whether it fits."""
        place = {key: index for index, key in enumerate(comments)}
        return [(place[key], theme, fits) for (key, theme), fits in self.marks.items() if key in place]

    def is_pinned(self, comment: str, theme: int) -> bool:
        """Whether a person said that a comment has a theme."""
        return self.marks.get((comment, theme), False)


def of_corpus(session: Session, corpus: str) -> Material:
    """All that people said of the themes of a corpus."""
    rows = session.rows(
        "select theme_id, name from themes where corpus = $corpus and archived_at is null order by theme_id", corpus=corpus
    )
    keys = tuple(row["theme_id"] for row in rows)
    phrases, marks = _phrases(session), _marks(session, corpus)
    named = tuple(_theme(row, phrases, marks) for row in rows)
    stated = Stated(named, *_corrections(session), ordinary=_ordinary(session, corpus, named))
    place = {key: index for index, key in enumerate(keys)}
    said = {(row["comment_key"], place[row["theme_id"]]): row["fits"] for row in marks if row["theme_id"] in place}
    return Material(stated, keys, said)


def _theme(row: dict[str, Any], phrases: list[dict[str, Any]], marks: list[dict[str, Any]]) -> Theme:
    """A theme as the mathematics takes it. Its name decides nothing, so that a new one costs no reading."""
    key = row["theme_id"]

    def of(rows: list[dict[str, Any]], name: str, flag: str, wanted: bool) -> tuple[str, ...]:
        return tuple(each[name] for each in rows if each["theme_id"] == key and each[flag] is wanted)

    return Theme(
        name=str(key),
        phrases=of(phrases, "phrase", "is_excluded", False),
        excluded=of(phrases, "phrase", "is_excluded", True),
        examples=of(marks, "text", "fits", True),
        against=of(marks, "text", "fits", False),
    )


def _ordinary(session: Session, corpus: str, stated: Sequence[Theme]) -> tuple[str, ...]:
    """Comments that stand for all other things while few themes have examples.

    Only such as were there when somebody pinned or turned down the last one (keys tell): so those that come in later change
    nothing.
    """
    if not 0 < sum(bool(theme.examples) for theme in stated) < ENOUGH_THEMES:
        return ()
    rows = session.rows(
        """
        select left(text, $most) as text
        from comments
        where corpus = $corpus and comment_id < (select max(theme_mark_id) from theme_marks)
        order by hash(text), comment_id
        limit $ordinary
        """,
        corpus=corpus,
        most=READ,
        ordinary=ORDINARY,
    )
    return tuple(row["text"] for row in rows)


def _phrases(session: Session) -> list[dict[str, Any]]:
    return session.rows(
        "select theme_id, phrase, is_excluded from theme_phrases where archived_at is null order by theme_id, lower(phrase)"
    )


def _marks(session: Session, corpus: str) -> list[dict[str, Any]]:
    return session.rows(
        """
        select
            marks.theme_id,
            marks.comment_id::varchar as comment_key,
            marks.fits,
            left(comments.text, $most) as text
        from theme_marks as marks
        inner join comments on comments.comment_id = marks.comment_id
        where marks.archived_at is null and comments.corpus = $corpus
        order by marks.theme_id, marks.comment_id
        """,
        corpus=corpus,
        most=READ,
    )


def _corrections(session: Session) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Texts with the tone that people gave them, as many as are learned from."""
    rows = session.rows(
        """
        select
            left(comments.text, $most) as text,
            marks.sentiment
        from sentiment_marks as marks
        inner join comments on comments.comment_id = marks.comment_id
        where marks.archived_at is null
        order by marks.created_at, marks.sentiment_mark_id
        """,
        most=READ,
    )
    learned = rows[: len(rows) // LEARNED_EVERY * LEARNED_EVERY] if len(rows) >= ENOUGH else []
    return tuple(row["text"] for row in learned), tuple(row["sentiment"] for row in learned)


def waiting_count(session: Session, corpus: str, *, is_all: bool) -> int:
    """How many comments are new or changed since they were read; all of them where `is_all`."""
    return int(session.value(f"select count(*) {WAITING}", corpus=corpus, is_all=is_all, today=session.today))


def is_voice_waiting(session: Session) -> bool:
    """Whether something that our own people said can be read now and was not."""
    return waiting_count(session, "employees", is_all=False) > 0


def waiting(session: Session, corpus: str, *, is_all: bool, at_once: int) -> Iterator[pa.Table]:
    """Those comments, so many at a time: key (as text), text, kind, and the hash of what was seen."""
    with session.database.passing():
        found = (
            session.apart()
            .execute(
                f"""
                select
                    comments.comment_id::varchar as comment_id,
                    left(comments.text, $most) as text,
                    comments.kind,
                    {SEEN} as text_hash
                {WAITING}
                order by comments.comment_id
                """,
                {"corpus": corpus, "is_all": is_all, "most": READ, "today": session.today},
            )
            .to_arrow_table()
        )
    yield from (found.slice(start, at_once) for start in range(0, len(found), at_once))


def without_theme(session: Session, corpus: str) -> pa.Table:
    """The comments that have no theme: key (as text) and text. Of very many those of the smallest hashes, always the same."""
    with session.database.passing():
        return session.execute(
            f"""
            select
                comment_id::varchar as comment_id,
                left(text, $most) as text
            from comments
            where
                corpus = $corpus
                and comment_id not in (select comment_id from theme_mentions)
                and comment_id not in ({HELD_BACK})
            order by hash(text), comment_id
            limit $looked_at
            """,  # noqa: S608 - a constant
            {"corpus": corpus, "most": READ, "looked_at": LOOKED_AT, "today": session.today},
        ).to_arrow_table()


def taken(session: Session, corpus: str) -> tuple[set[str], set[str]]:
    """What is not to be proposed: names, and phrases, of themes in use and of proposals that were turned down; in lower case."""
    names = session.rows(
        """
        select name
        from themes
        where corpus = $corpus and archived_at is null
        union
        select name
        from theme_dismissals
        where corpus = $corpus and archived_at is null
        """,
        corpus=corpus,
    )
    phrases = session.rows(
        """
        select phrase
        from theme_phrases
        inner join themes on themes.theme_id = theme_phrases.theme_id
        where themes.corpus = $corpus and themes.archived_at is null and theme_phrases.archived_at is null
        union
        select unnest(phrases::varchar[]) as phrase
        from theme_dismissals
        where corpus = $corpus and archived_at is null
        """,
        corpus=corpus,
    )
    return {row["name"].casefold() for row in names}, {row["phrase"].casefold() for row in phrases}


def words_of_names(session: Session) -> set[str]:
    """The words of names of customers, people, places and products: they are not what a comment is about."""
    rows = session.rows(
        """
        with names as (
            select name from customers
            union
            select city as name from customers
            union
            select concat_ws(' ', first_name, last_name) as name from contacts
            union
            select name from employees
            union
            select name from products
        )

        select distinct unnest(regexp_extract_all(lower(name), '\\p{L}+')) as word
        from names
        where name is not null
        """
    )
    return {row["word"] for row in rows}
