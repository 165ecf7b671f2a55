"""Whether a change helped: scores before and after it, of those who were told of it and of everybody.

Who was told and answered both times is compared with themselves, where they are enough to say something; else all answers before
are compared with all answers after. Of everybody it is always the latter, as the figures on the other pages are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crm.insight.before_after import Difference as Difference  # the pages word it
from crm.insight.before_after import before_after, paired
from crm.store.session import Session

MEASURES = {"nps": "nps_0_10", "csat": "csat_1_5", "ces": "ces_1_7"}
EXTREMES = {"nps": (-100.0, 100.0), "csat": (0.0, 1.0), "ces": (1.0, 7.0)}
FEWEST = 5  # answers on each side, below which nothing is said
WINDOW_DAYS = (90, 365)  # how far back and forward scores of everybody are compared: at least, at most
FEW, UNCLEAR = "too few to say", "no clear change"
Row = dict[str, Any]
Compare = Callable[[Sequence[float], Sequence[float]], Difference | None]
NOBODY: Row = {"before": [], "after": []}


@dataclass(frozen=True)
class Effect:
    """One score before and after a change: of those who were told, and of everybody who answered."""

    measure: str
    told: Difference | None
    everyone: Difference | None


def effect(session: Session, action_id: UUID | str) -> list[Effect]:
    """One row per score of which enough is known: before and after a change, of those who were told and of everybody.

    A description: who complains begins low, and whatever else changed meanwhile is in it, too.
    """
    row = session.row("select changed_on from actions where action_id = $action_id", action_id=action_id)
    if row is None or row["changed_on"] is None:
        return []
    changed_at = session.start_of(row["changed_on"])
    told, everyone = _told_answers(session, action_id, changed_at), _answers(session, changed_at)
    found = [Effect(name, _of_told(told, name), _of_everyone(everyone, name)) for name in MEASURES]
    return [one for one in found if one.told or one.everyone]


def verdict(effects: Sequence[Effect]) -> str:
    """Whether it helped those who were told, in words: a score rose clearly, fell clearly, or neither.

    >>> verdict([])
    'too few to say'
    >>> verdict([Effect("nps", Difference(-40.0, 20.0, 60.0, 15.0, 105.0, 8, 8), None)])
    'helped'
    """
    known = [one.told for one in effects if one.told]
    if not known:
        return FEW
    clear = [one.difference for one in known if one.is_clear]
    if not clear:
        return UNCLEAR
    return "helped" if min(clear) > 0 else "got worse" if max(clear) < 0 else UNCLEAR


def _of_told(answers: Mapping[str, Row], measure: str) -> Difference | None:
    """Of the same people where at least five answered both times, else of whoever answered on each side."""
    row = answers.get(MEASURES[measure], NOBODY)
    pairs = [pair for pair in zip(row["before"], row["after"], strict=True) if None not in pair]
    if len(pairs) >= FEWEST:
        return _compared(paired, [then for then, _ in pairs], [now for _, now in pairs], measure)
    before, after = ([points for points in row[side] if points is not None] for side in ("before", "after"))
    return _compared(before_after, before, after, measure)


def _of_everyone(answers: Mapping[str, Row], measure: str) -> Difference | None:
    row = answers.get(MEASURES[measure], NOBODY)
    return _compared(before_after, row["before"], row["after"], measure)


def _compared(compare: Compare, before: Sequence[float], after: Sequence[float], measure: str) -> Difference | None:
    """Where all said the same (or all moved alike), that is no certainty: two answers of the extremes more, with their opposites.

    After A. Agresti and B. Caffo (2000), of pairs after A. Agresti and Y. Min (2005).
    """
    if min(len(before), len(after)) < FEWEST or (found := compare(before, after)) is None:
        return None
    least, most = EXTREMES[measure]
    low, high = found.low, found.high
    if _are_alike(before, after, found):
        ends = (most, least) if found.is_paired else (least, most)
        wider = compare([*before, least, most], [*after, *ends])
        low, high = (min(low, wider.low), max(high, wider.high)) if wider else (low, high)
    return replace(found, low=max(low, least - most), high=min(high, most - least))


def _are_alike(before: Sequence[float], after: Sequence[float], found: Difference) -> bool:
    if found.is_paired:
        return len({now - then for then, now in zip(before, after, strict=True)}) == 1
    return min(len(set(before)), len(set(after))) == 1


def _told_answers(session: Session, action_id: UUID | str, changed_at: datetime) -> dict[str, Row]:
    """One entry per scale: of each person the points of the last rating before the change and of the last after the telling."""
    rows = session.rows(
        """
        with
        told as materialized (
            select
                person_id,
                told_at
            from action_people
            where action_id = $action_id and told_at is not null
        ),

        answers as (
            select
                told.person_id,
                entry.scale,
                arg_max(entry.points, (entry.received_at, entry.feedback_id))
                    filter (where entry.received_at < $changed_at) as before,
                arg_max(entry.points, (entry.received_at, entry.feedback_id))
                    filter (where entry.received_at >= told.told_at) as after,
            from told
            inner join feedback_speakers as speakers on speakers.person_id = told.person_id
            inner join rating_answers as entry on entry.feedback_id = speakers.feedback_id
            where entry.received_at >= $since
            group by told.person_id, entry.scale
        )

        select
            scale,
            list(before order by person_id) as before,
            list(after order by person_id) as after,
        from answers
        group by scale
        """,
        action_id=action_id,
        changed_at=changed_at,
        since=changed_at - timedelta(days=WINDOW_DAYS[1]),
    )
    return {row["scale"]: row for row in rows}


def _answers(session: Session, changed_at: datetime) -> dict[str, Row]:
    """One entry per scale: the points of everybody's ratings, of as many days before a change as have passed since.

    Of NPS each one's last on each side counts, as in the figure.
    """
    window = min(max(session.now - changed_at, timedelta(days=WINDOW_DAYS[0])), timedelta(days=WINDOW_DAYS[1]))
    rows = session.rows(
        """
        with answers as (
            select
                entry.scale,
                entry.received_at >= $changed_at as is_after,
                entry.points,
            from rating_answers as entry
            left join feedback_speakers as speakers on speakers.feedback_id = entry.feedback_id
            where entry.received_at >= $since and entry.received_at < $until
            qualify
                entry.scale <> 'nps_0_10'
                or row_number() over (
                    partition by entry.scale, is_after, coalesce(speakers.person_id, entry.feedback_id)
                    order by entry.received_at desc, entry.feedback_id desc
                ) = 1
        )

        select
            scale,
            coalesce(list(points) filter (where not is_after), []) as before,
            coalesce(list(points) filter (where is_after), []) as after,
        from answers
        group by scale
        """,
        changed_at=changed_at,
        since=changed_at - window,
        until=min(changed_at + window, session.end_of(session.today)),
    )
    return {row["scale"]: row for row in rows}
