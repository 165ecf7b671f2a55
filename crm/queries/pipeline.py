"""The pipeline: what stands in each stage, which deals need someone, and whether it is enough for the goal.

A large company has tens of thousands of open deals and a page shows thirty: one scan counts every stage and picks the
first cards of each, and only those are looked at closely.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from crm.queries import figures, segments
from crm.queries.periods import Period
from crm.store.session import Session

FILTERS = {
    "owner": "facts.owner_id = $owner",
    "team": "facts.team_id = $team",
}
# What is missing or late in a deal; each has a line of its own above the board.
GAPS = {
    "without_customer": "customer_id is null",
    "without_expected_close": "expected_close_on is null",
    "past_expected_close": "expected_close_on < $today",
}
SORTS = {
    "expected_close": "coalesce(facts.expected_close_on, date '9999-12-31')",
    "amount": "-coalesce(facts.potential_amount, 0)",
    "longest_in_stage": """
        coalesce(
            (
                select max(moved.changed_at)
                from stage_changes as moved
                where moved.deal_id = facts.deal_id and moved.to_stage_id = facts.stage_id and moved.archived_at is null
            ),
            facts.opened_on::timestamp
        )""",
}
# From so many past stays on, a stage has a usual length; before that no deal is called late.
ENOUGH_STAYS = 5


@dataclass(frozen=True)
class Board:
    """The open stages of a pipeline in order, each with the keys of its first cards, and what is missing or late."""

    stages: list[dict[str, Any]]
    gaps: dict[str, dict[str, Any]]


def board(
    session: Session,
    pipeline_id: UUID | str,
    *,
    sort: str = "expected_close",
    only: str | None = None,
    most: int = 8,
    **filters: Any,
) -> Board:
    """One row per open stage: deals, potential and weighted amount, and the keys of its first `most` cards.

    Filters: owner, team, segment. `only` is one of GAPS: their counts are always of all that the other filters leave.
    """
    session, filters = segments.kept_to(session, filters)
    given = {name: value for name, value in filters.items() if value is not None}
    wanted = GAPS[only] if only else "true"
    rows = session.rows(
        f"""
        with
        standing as materialized (
            select
                facts.deal_id,
                facts.stage_id,
                facts.customer_id,
                facts.expected_close_on,
                facts.potential_amount,
                {SORTS[sort]} as place,
            from deal_facts as facts
            where
                facts.outcome = 'open'
                and facts.pipeline_id = $pipeline_id
                {"".join(f"and {FILTERS[name]} " for name in given)}
        ),

        sums as (
            select
                stage_id,
                count(*) as all_count,
                count(*) filter (where {wanted}) as deal_count,
                sum(potential_amount) filter (where {wanted}) as amount,
                min(struct_pack(place := place, deal_id := deal_id), $most) filter (where {wanted}) as firsts,
                {_gap_columns()}
            from standing
            group by stage_id
        )

        select
            stages.stage_id,
            stages.name,
            stages.position,
            chances.probability_share,
            coalesce(sums.deal_count, 0) as deal_count,
            coalesce(sums.amount, 0) as amount,
            coalesce(sums.amount * chances.probability_share, 0) as weighted_amount,
            coalesce(list_transform(sums.firsts, lambda first: first.deal_id), []) as deal_ids,
            sums.* exclude (stage_id, all_count, deal_count, amount, firsts)
        from stages
        left join sums on sums.stage_id = stages.stage_id
        left join stage_probabilities as chances on chances.stage_id = stages.stage_id
        where
            stages.pipeline_id = $pipeline_id
            and stages.outcome = 'open'
            and (stages.archived_at is null or sums.all_count > 0)
        order by stages.position, stages.name
        """,  # noqa: S608 - fragments above
        pipeline_id=pipeline_id,
        today=session.today,
        most=most,
        **given,
    )
    return Board(rows, {gap: _gap(rows, gap) for gap in GAPS})


def _gap_columns() -> str:
    return ",\n".join(
        f"count(*) filter (where {condition}) as {gap}_count, sum(potential_amount) filter (where {condition}) as {gap}_amount"
        for gap, condition in GAPS.items()
    )


def _gap(rows: Sequence[dict[str, Any]], gap: str) -> dict[str, Any]:
    """A gap over all stages: how many deals, worth what."""
    return {part: sum(row.pop(f"{gap}_{part}") or 0 for row in rows) for part in ("count", "amount")}


def cards(session: Session, deal_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """One row per deal of these keys, by key: who, worth what, due when, how long in its stage, how long silent.

    Silent counts from the last interaction with the deal's customer or about the deal itself.
    """
    if not deal_ids:
        return {}
    rows = session.rows(
        """
        with
        wanted as materialized (
            select unnest($deal_ids::uuid[]) as deal_id
        ),

        shown as materialized (
            select
                deals.deal_id,
                deals.version,
                deals.name,
                deals.expected_close_on,
                deals.own,
                facts.stage_id,
                facts.customer_id,
                facts.owner_id,
                facts.potential_amount,
                facts.is_estimated,
                facts.opened_on,
            from wanted
            inner join deals on deals.deal_id = wanted.deal_id
            inner join deal_facts as facts on facts.deal_id = wanted.deal_id
        ),

        entered as (
            select
                moved.deal_id,
                max(moved.changed_at) as entered_at
            from stage_changes as moved
            inner join shown on shown.deal_id = moved.deal_id and shown.stage_id = moved.to_stage_id
            where moved.archived_at is null
            group by moved.deal_id
        ),

        with_customer as (
            select
                shown.deal_id,
                max(talk.occurred_at) filter (where talk.archived_at is null) as talked_at
            from interactions as talk
            inner join shown on shown.customer_id = talk.customer_id
            group by shown.deal_id
        ),

        on_deal as (
            select
                shown.deal_id,
                max(talk.occurred_at) filter (where talk.archived_at is null) as talked_at
            from interactions as talk
            inner join shown on shown.deal_id = talk.deal_id
            group by shown.deal_id
        )

        select
            shown.* exclude (opened_on),
            customers.name as customer_name,
            customers.owner_id as customer_owner_id,
            greatest($today - coalesce(local_day(entered.entered_at), shown.opened_on), 0) as days_in_stage,
            $today - local_day(greatest(with_customer.talked_at, on_deal.talked_at)) as days_silent,
        from shown
        left join customers on customers.customer_id = shown.customer_id
        left join entered on entered.deal_id = shown.deal_id
        left join with_customer on with_customer.deal_id = shown.deal_id
        left join on_deal on on_deal.deal_id = shown.deal_id
        """,
        deal_ids=list(deal_ids),
        today=session.today,
    )
    return {row["deal_id"]: row for row in rows}


def usual(session: Session) -> dict[UUID, dict[str, Any]]:
    """One row per stage with enough past stays, by key: the median, the usual days (three of four left by then), and n."""
    rows = session.rows("from stage_paces() where stay_count >= $enough", enough=ENOUGH_STAYS)
    return {row["stage_id"]: row for row in rows}


def needed(session: Session, period: Period, **filters: Any) -> dict[str, Any]:
    """One row: what is missing to the won-amount goal of a period (None without one), and how much coverage is enough.

    Enough is 1 / win rate by value, here of the last twelve months.
    """
    today = session.today
    year = Period(today - timedelta(days=364), today)
    asked = [figures.figure_of(key) for key in ("attainment", "won_amount", "win_rate_by_amount")]
    now, lately = figures.values(session, asked, [(period, today), (year, today)], **filters)
    row, rate = now.get("", {}), lately.get("", {}).get("win_rate_by_amount")
    target = row.get("target")
    return {
        "missing_amount": None if target is None else max(float(target) - float(row["won_amount"] or 0), 0),
        "enough": 1 / rate if rate else None,
    }
