"""When a kind of job is due by itself. Each schedule asks about the past of its kind and says yes or no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from crm.queries import jobs
from crm.store.session import Session


@dataclass(frozen=True)
class Past:
    """What became of a kind so far: the job asked for last, and the last that came to its end."""

    asked: dict[str, Any] | None
    done: dict[str, Any] | None


Due = Callable[[Session, Past], bool]


def past_of(session: Session, kind: str) -> Past:
    """The past of a kind of job."""
    return Past(jobs.latest(session, kind), jobs.last_done(session, kind))


def never(_session: Session, _past: Past) -> bool:
    """Only when somebody asks."""
    return False


def nightly(hour: int = 3) -> Due:
    """Once a day, from this hour on the company's clock; later the same day where the app was not running then."""

    def due(session: Session, past: Past) -> bool:
        last = _hour_before(session, hour)
        return past.asked is None or past.asked["created_at"] < last

    return due


def every(**gap: float) -> Due:
    """This long after it was asked for last: `every(hours=6)`."""
    return lambda session, past: _is_ago(session, past, timedelta(**gap))


def after_changes(*nouns: str, at_most_every: timedelta = timedelta(minutes=15)) -> Due:
    """When a table that it reads was written since it last came to its end, but not more often than that."""

    def due(session: Session, past: Past) -> bool:
        known = past.done["seen_versions"] if past.done else {}
        return dict(session.versions(nouns)) != {noun: known[noun] for noun in nouns if noun in known} and _is_ago(
            session, past, at_most_every
        )

    return due


def when(question: Callable[[Session], bool], at_most_every: timedelta = timedelta(hours=1)) -> Due:
    """When a question says so; after a failure not at once again."""
    return lambda session, past: _is_ago(session, past, at_most_every) and question(session)


def after_anonymous_days(hour: int = 3) -> Due:
    """In the night after a day on which somebody wrote without a name: until the file is rewritten, its freed bytes, its log and
    the numbers of its rows tell in which order and between which other writes they did.
    """

    def due(session: Session, past: Past) -> bool:
        night = session.start_of(session.local(_hour_before(session, hour)).date())
        day = jobs.last_anonymous_day(session, before=night)
        if day is None or not _is_ago(session, past, timedelta(hours=1)):
            return False
        done, address = past.done, session.database.address
        is_done = done is not None and (done["result"].get("is_rewritten") or address.is_lake)
        return not (is_done and done and done["created_at"] >= session.end_of(day)) and address.path != ":memory:"

    return due


def either(*schedules: Due) -> Due:
    """When one of them says so."""
    return lambda session, past: any(due(session, past) for due in schedules)


def _is_ago(session: Session, past: Past, gap: timedelta) -> bool:
    return past.asked is None or session.now - past.asked["created_at"] >= gap


def _hour_before(session: Session, hour: int) -> datetime:
    """The last time that the company's clock showed this hour."""
    clock = session.local(session.now)
    day = clock.date() if clock.hour >= hour else clock.date() - timedelta(days=1)
    return session.start_of(day) + (datetime.combine(day, time(hour)) - datetime.combine(day, time()))
