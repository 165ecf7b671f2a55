"""The pipeline as it stood on a past day, and how it went from one day to another, by the days on which things happened.

What stood there comes from the stage changes and the history of changes (crm/store/views/slip_figures.sql). What was entered
later than it was opened is known as it was entered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from crm.insight.intervals import wilson
from crm.queries import segments
from crm.queries.periods import Period
from crm.store.session import Session

NOUNS = ("deals", "stages", "stage_changes", "products", "employees", "customers")
FILTERS = {"owner": "for_owner", "pipeline": "for_pipeline"}
# The steps of the bridge in the order in which they are drawn, each with what it says.
STEPS = {
    "new": "opened since, or entered into the pipeline",
    "pulled_in": "expected by then only since",
    "revalued": "worth more or less than before",
    "pushed": "expected later, or without a day",
    "won": "won",
    "lost": "lost",
}
Row = dict[str, Any]


@dataclass(frozen=True)
class Bridge:
    """What was due by a day, at the start and at the end, and the amounts and deals of each step between; they add up exactly."""

    start: Decimal
    steps: dict[str, Decimal]
    end: Decimal
    counts: dict[str, int]
    start_count: int
    end_count: int
    due_count: int
    slipped_count: int
    push_count: int

    @property
    def slip_rate(self) -> float | None:
        """Of the deals due in the period, the share whose close moved out of it; None where none was due."""
        return self.slipped_count / self.due_count if self.due_count else None

    @property
    def slip_interval(self) -> tuple[float, float]:
        """The range of the slip rate."""
        return wilson(self.slipped_count, self.due_count)


def as_of(session: Session, day: date, **filters: Any) -> list[Row]:
    """One row per stage in which deals stood at the close of a day, in order: how many, and their potential amount.

    `later_count` of them were entered after that day. Filters: owner, pipeline, segment.
    """
    rows = session_rows(session, day, day, day, filters)
    found: dict[str, Row] = {}
    for row in rows:
        if row["is_open_after"]:
            key = str(row["stage_id"])
            stage = found.setdefault(
                key, {"stage": row["stage"], "position": row["position"], "deal_count": 0, "amount": Decimal(0), "later_count": 0}
            )
            stage["deal_count"] += 1
            stage["amount"] += row["amount_after"] or 0
            stage["later_count"] += row["entered_on"] > day
    return sorted(found.values(), key=lambda stage: (stage["position"] is None, stage["position"] or 0, stage["stage"] or ""))


def deals_as_of(session: Session, day: date, limit: int = 200, **filters: Any) -> pd.DataFrame:
    """One row per deal that stood open at the close of a day, as it was then, the largest first."""
    rows = [row for row in session_rows(session, day, day, day, filters) if row["is_open_after"]]
    rows.sort(key=lambda row: (-(row["amount_after"] or 0), str(row["deal_id"])))
    shown = [
        {
            "deal": row["name"],
            "customer": row["customer"],
            "stage": row["stage"],
            "potential_amount": row["amount_after"],
            "expected_close_on": row["expected_after"],
            "opened_on": row["opened_on"],
            "is_as_entered_later": row["entered_on"] > day,
            "deal_id": row["deal_id"],
        }
        for row in rows[:limit]
    ]
    return pd.DataFrame(shown)


def complete_from(session: Session) -> date | None:
    """From which day on every deal that was open was also in the store: what was before is known as it was entered."""
    found: date | None = session.value(
        """
        select max(local_day(deals.created_at))
        from deals
        inner join deal_facts as facts on facts.deal_id = deals.deal_id
        where facts.opened_on < local_day(deals.created_at)
        """
    )
    return found


def bridge(session: Session, period: Period, **filters: Any) -> Bridge:
    """How what was due by the end of a period went from its start to its end, or to today. Filters: owner, pipeline, segment."""
    before, after = period.start - timedelta(days=1), min(period.end, session.today)
    rows = session_rows(session, before, period.end, after, filters)
    steps, counts = dict.fromkeys(STEPS, Decimal(0)), dict.fromkeys(STEPS, 0)
    start = end = Decimal(0)
    start_count = end_count = 0
    for row in rows:
        was, is_ = _due(row, "before", period.end), _due(row, "after", period.end)
        start, start_count = start + (_worth(row, "before") if was else 0), start_count + was
        end, end_count = end + (_worth(row, "after") if is_ else 0), end_count + is_
        for step, amount in _moves(row, was=was, is_due=is_):
            steps[step] += amount
            counts[step] += 1 if step != "revalued" or amount else 0
    due, slipped, pushes = (sum(row[name] for row in rows) for name in ("is_due", "has_slipped", "push_count"))
    return Bridge(start, steps, end, counts, start_count, end_count, due, slipped, pushes)


def _moves(row: Row, *, was: bool, is_due: bool) -> list[tuple[str, Decimal]]:
    """The steps that one deal makes on the bridge; together they are what it is at the end less what it was at the start."""
    ended = row["ended"]
    entered = "pulled_in" if row["is_open_before"] else "new"
    if was:
        first = _worth(row, "before")
        if ended == "won":
            return [("revalued", _worth(row, "after") - first), ("won", -_worth(row, "after"))]
        if ended == "lost":
            return [("lost", -first)]
        return [("revalued", _worth(row, "after") - first)] if is_due else [("pushed", -first)]
    if is_due:
        return [(entered, _worth(row, "after"))]
    if ended:
        return [(entered, _worth(row, "after")), (ended, -_worth(row, "after"))]
    return []


def _worth(row: Row, when: str) -> Decimal:
    return Decimal(row[f"amount_{when}"] or 0)


def _due(row: Row, when: str, last: date) -> bool:
    expected = row[f"expected_{when}"]
    return bool(row[f"is_open_{when}"]) and expected is not None and expected <= last


def session_rows(session: Session, before: date, period_end: date, after: date, filters: dict[str, Any]) -> list[Row]:
    """One row per deal that stood open at the close of one of two days, or was open and ended between them, by name."""
    session, filters = segments.kept_to(session, filters)
    given = {name: value for name, value in filters.items() if value is not None and name in FILTERS}
    return session.rows(
        f"""
        select
            deals.*,
            entry.name,
            local_day(entry.created_at) as entered_on,
            customers.name as customer,
            stages.name as stage,
            stages.position
        from deals_between(
            one_span($before::date + 1, $period_end, $after){"".join(f", {FILTERS[name]} := ${name}" for name in given)}
        ) as deals
        inner join deals as entry on entry.deal_id = deals.deal_id
        left join customers on customers.customer_id = deals.customer_id
        left join stages on stages.stage_id = deals.stage_id
        order by deals.deal_id
        """,  # noqa: S608 - fragments above
        before=before,
        period_end=period_end,
        after=after,
        **{name: str(value) for name, value in given.items()},
    )
