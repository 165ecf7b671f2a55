"""External events: which are declared, which touch some days, what they should move, and what was before and after."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from crm.errors import Refused
from crm.insight.before_after import Difference, before_after
from crm.queries import figures
from crm.queries.periods import Period, containing
from crm.store.session import Session

NOUNS = ("external_events",)
MONTHS = 6  # on each side, in before and after
Row = dict[str, Any]
# Where a figure's rows come from, and the day that each has.
_FIRSTS = {
    "interactions": "local_day(occurred_at)",
    "feedback": "local_day(received_at)",
    "orders": "local_day(ordered_at)",
    "deals": "closed_on",
}
_COLUMNS = "external_event_id, name, starts_on, ends_on, figures, effect_share, note, version"


def every(session: Session) -> list[Row]:
    """One row per event that is not archived, the latest first; `figures` is a list of keys."""
    rows = session.rows(
        f"""
        select {_COLUMNS}
        from external_events
        where archived_at is null
        order by starts_on desc, name, external_event_id
        """  # noqa: S608 - constants of this module
    )
    return [_read(row) for row in rows]


def between(session: Session, start: date, end: date) -> list[Row]:
    """One row per event that touches these days, the earliest first; `figures` is a list of keys."""
    rows = session.rows(
        f"""
        select {_COLUMNS}
        from external_events
        where archived_at is null and starts_on <= $end and ends_on >= $start
        order by starts_on, name, external_event_id
        """,  # noqa: S608 - constants of this module
        start=start,
        end=end,
    )
    return [_read(row) for row in rows]


def effects(session: Session, figure: str, start: date, end: date) -> list[Row]:
    """One row per event that is expected to move this figure within these days: starts_on, ends_on, effect_share, name."""
    return [row for row in between(session, start, end) if row["effect_share"] and figure in row["figures"]]


def one(session: Session, external_event_id: UUID | str) -> Row:
    """One row: an event, archived or not; refused if there is none."""
    row = session.row(
        f"select {_COLUMNS} from external_events where external_event_id = $key",  # noqa: S608 - constants of this module
        key=external_event_id,
    )
    if row is None:
        raise Refused("This external event is not there any more.")
    return _read(row)


def around(session: Session, row: Row, figure: str, **filters: Any) -> Difference | None:
    """A figure's finished months before an event began and after it began, up to six a side; None: too few to say.

    The month in which it began is on neither side: it is both.
    """
    first = containing("month", row["starts_on"])
    sides = [[first.shifted(-step) for step in range(MONTHS, 0, -1)], [first.shifted(step) for step in range(1, MONTHS + 1)]]
    before, after = (_known(session, figure, months, **filters) for months in sides)
    return before_after(before, after)


def _known(session: Session, figure: str, months: Sequence[Period], **filters: Any) -> list[float]:
    """The values of the months that are over and in which something is known."""
    since = first_day(session, figure)
    over = [month for month in months if month.end < session.today and since and month.start >= since]
    found = figures.series(session, figure, over, **filters) if over else []
    return [float(value) for value in found if value is not None]


def first_day(session: Session, figure: str) -> date | None:
    """From which day on months of a figure are whole: a month before anything was written down is not a month of nothing."""
    source = next((noun for noun in _FIRSTS if noun in figures.figure_of(figure).nouns), "deals")
    first: date | None = session.value(f"select min({_FIRSTS[source]}) from {source} where archived_at is null")  # noqa: S608
    if first is None or first.day == 1:
        return first
    return containing("month", first).shifted(1).start


def _read(row: Row) -> Row:
    return row | {"figures": json.loads(row["figures"]) if row["figures"] else []}
