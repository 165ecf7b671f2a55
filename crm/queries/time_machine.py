"""The pipeline as it stood on a past day, and how it went from one day to another, by the days on which things happened.

A deal's stage of a day comes from its stage changes; its amount and expected close from the history of changes: the next one
after that day says what stood there before it. What was entered later than it was opened is known as it was entered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from crm.insight.intervals import wilson
from crm.queries import segments
from crm.queries.periods import Period
from crm.store.session import Session

NOUNS = ("deals", "stages", "stage_changes", "products", "employees", "customers")
FILTERS = {
    "owner": "facts.owner_id = $owner",
    "pipeline": "facts.pipeline_id = $pipeline",
}
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
    rows = session_rows(session, day, day, filters)
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
    rows = [row for row in session_rows(session, day, day, filters) if row["is_open_after"]]
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
    rows = session_rows(session, before, after, filters)
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
    due = [row for row in rows if row["is_open_before"] and _within(row["expected_before"], period)]
    slipped = [row for row in due if row["is_open_after"] and not _by(row["expected_after"], period.end)]
    pushes = sum(row["push_count"] for row in rows)
    return Bridge(start, steps, end, counts, start_count, end_count, len(due), len(slipped), pushes)


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
    return bool(row[f"is_open_{when}"]) and _by(row[f"expected_{when}"], last)


def _by(expected: date | None, last: date) -> bool:
    return expected is not None and expected <= last


def _within(expected: date | None, period: Period) -> bool:
    return expected is not None and period.start <= expected <= period.end


def session_rows(session: Session, before: date, after: date, filters: dict[str, Any]) -> list[Row]:
    """One row per deal that stood open at the close of one of two days, or was open and ended between them.

    `…_before` and `…_after` are as of those days; `ended` is won or lost where that happened after the first and by the second;
    `push_count` is how often its expected close was put off between them.
    """
    session, filters = segments.kept_to(session, filters)
    given = {name: value for name, value in filters.items() if value is not None and name in FILTERS}
    return session.rows(
        f"""
        with
        chosen as materialized (
            select
                facts.*,
                deals.name,
                deals.created_at,
                deals.expected_close_on as expected_now,
                products.list_price_amount
            from deal_facts as facts
            inner join deals on deals.deal_id = facts.deal_id
            left join products on products.product_id = facts.product_id
            where facts.opened_on <= $after
            and (facts.outcome = 'open' or facts.closed_on > $before)
            {"".join(f"and {FILTERS[name]} " for name in given)}
        ),

        edits as materialized (
            select
                changes.record_id as deal_id,
                sets.made_at,
                row(sets.made_at, sets.change_set_id, changes.position) as place,
                changes.before,
                changes.after
            from changes
            inner join change_sets as sets on sets.change_set_id = changes.change_set_id
            where changes.table_name = 'deals'
            and changes.operation = 'update'
            and sets.made_at >= $before_end
            and (json_exists(changes.before, '$.amount') or json_exists(changes.before, '$.expected_close_on'))
        ),

        undone as (
            select
                deal_id,
                arg_min(row(before ->> 'amount'), place) filter (where json_exists(before, '$.amount')) as amount_before,
                arg_min(row(before ->> 'amount'), place)
                    filter (where json_exists(before, '$.amount') and made_at >= $after_end) as amount_after,
                arg_min(row(before ->> 'expected_close_on'), place)
                    filter (where json_exists(before, '$.expected_close_on')) as expected_before,
                arg_min(row(before ->> 'expected_close_on'), place)
                    filter (where json_exists(before, '$.expected_close_on') and made_at >= $after_end) as expected_after,
                count(*) filter (
                    where made_at < $after_end
                    and (after ->> 'expected_close_on')::date > (before ->> 'expected_close_on')::date
                ) as push_count
            from edits
            group by deal_id
        ),

        next_stages as (
            select
                moved.deal_id,
                arg_min(coalesce(moved.from_stage_id, moved.to_stage_id), moved.changed_at) as stage_id
            from stage_changes as moved
            inner join chosen on chosen.deal_id = moved.deal_id
            where moved.archived_at is null and moved.changed_at >= $after_end
            group by moved.deal_id
        ),

        seen as (
            select
                chosen.deal_id,
                chosen.name,
                customers.name as customer,
                chosen.opened_on,
                local_day(chosen.created_at) as entered_on,
                coalesce(next_stages.stage_id, chosen.stage_id) as stage_id,
                chosen.opened_on <= $before and (chosen.outcome = 'open' or chosen.closed_on > $before) as is_open_before,
                chosen.outcome = 'open' or chosen.closed_on > $after as is_open_after,
                case when chosen.outcome <> 'open' and chosen.closed_on <= $after then chosen.outcome end as ended,
                case
                    when undone.amount_before is null then chosen.amount
                    else struct_extract(undone.amount_before, 1)::decimal(14, 2)
                end as raw_before,
                case
                    when undone.amount_after is null then chosen.amount
                    else struct_extract(undone.amount_after, 1)::decimal(14, 2)
                end as raw_after,
                case
                    when undone.expected_before is null then chosen.expected_now
                    else struct_extract(undone.expected_before, 1)::date
                end as expected_before,
                case
                    when undone.expected_after is null then chosen.expected_now
                    else struct_extract(undone.expected_after, 1)::date
                end as expected_after,
                coalesce(undone.push_count, 0) as push_count,
                chosen.list_price_amount,
                chosen.outcome
            from chosen
            left join undone on undone.deal_id = chosen.deal_id
            left join next_stages on next_stages.deal_id = chosen.deal_id
            left join customers on customers.customer_id = chosen.customer_id
        )

        select
            seen.* exclude (raw_before, raw_after, list_price_amount, outcome),
            stages.name as stage,
            stages.position,
            coalesce(case when seen.outcome = 'lost' then nullif(raw_before, 0) else raw_before end, list_price_amount)
                as amount_before,
            case
                when ended = 'won' then coalesce(raw_after, 0)
                else coalesce(case when seen.outcome = 'lost' then nullif(raw_after, 0) else raw_after end, list_price_amount)
            end as amount_after
        from seen
        left join stages on stages.stage_id = seen.stage_id
        order by seen.deal_id
        """,  # noqa: S608 - fragments above
        before=before,
        after=after,
        before_end=_naive(session.end_of(before)),
        after_end=_naive(session.end_of(after)),
        **given,
    )


def _naive(instant: datetime) -> datetime:
    return instant.replace(tzinfo=None)
