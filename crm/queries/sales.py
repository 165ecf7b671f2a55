"""Why the sales figures are what they are: where deals stop, when open ones should close, which customers rise and fall."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pandas as pd

from crm.insight.intervals import wilson
from crm.queries import segments
from crm.queries.figures import figures
from crm.queries.periods import Period
from crm.store.session import Session

WINDOW = timedelta(days=90)
FEW = 5
_CHOSEN = """
    ($for_owner::uuid is null or facts.owner_id = $for_owner::uuid)
    and ($for_team::uuid is null or facts.team_id = $for_team::uuid)
    and ($for_pipeline::uuid is null or facts.pipeline_id = $for_pipeline::uuid)
    and ($for_region is null or coalesce(customers.region, facts.owner_region) = $for_region)
    and ($for_lifecycle is null or customers.lifecycle_stage = $for_lifecycle)"""
_REACHED = "(furthest.outcome = 'won' or (stages.outcome = 'open' and furthest.position >= stages.position))"
_FURTHEST = f"""
    with
    opened as (
        select
            facts.deal_id,
            facts.outcome,
            facts.stage_id,
            facts.pipeline_id
        from deal_facts as facts
        left join customers on customers.customer_id = facts.customer_id
        where facts.opened_on between $start and $end and {_CHOSEN}
    ),

    visited as (
        select
            deal_id,
            stage_id
        from opened
        union all
        select
            opened.deal_id,
            moved.to_stage_id
        from opened
        inner join stage_changes as moved on moved.deal_id = opened.deal_id
        where moved.archived_at is null
    ),

    furthest as (
        select
            opened.deal_id,
            opened.pipeline_id,
            any_value(opened.outcome) as outcome,
            max(stages.position) filter (where stages.outcome = 'open') as position
        from opened
        inner join visited on visited.deal_id = opened.deal_id
        inner join stages on stages.stage_id = visited.stage_id
        group by opened.deal_id, opened.pipeline_id
    )
"""  # noqa: S608 - constants of this module


def funnel(session: Session, period: Period, **filters: Any) -> list[dict[str, Any]]:
    """One row per open stage and one for won: of the deals opened in the period, how many got that far.

    A stage that was skipped counts as reached; a deal that was won reached them all.
    """
    session, filters = segments.kept_to(session, filters)
    return session.rows(
        f"""
        {_FURTHEST}
        select
            stages.stage_id,
            stages.name,
            count(*) filter (where {_REACHED}) as deal_count
        from stages
        inner join furthest on furthest.pipeline_id = stages.pipeline_id
        where stages.outcome in ('open', 'won') and stages.archived_at is null
        group by stages.stage_id, stages.name, stages.position, stages.outcome
        order by stages.outcome = 'won', stages.position
        """,  # noqa: S608 - constants of this module
        start=period.start,
        end=period.end,
        **_asked(filters),
    )


def reached(session: Session, period: Period, stage_id: UUID, limit: int = 200, **filters: Any) -> pd.DataFrame:
    """One row per deal opened in the period that got as far as a stage, the latest opened first."""
    session, filters = segments.kept_to(session, filters)
    return session.frame(
        f"""
        {_FURTHEST}
        select
            deals.name,
            customers.name as customer,
            furthest.outcome,
            deals.amount,
            deals.opened_on,
            deals.deal_id
        from stages
        inner join furthest on furthest.pipeline_id = stages.pipeline_id
        inner join deals on deals.deal_id = furthest.deal_id
        left join customers on customers.customer_id = deals.customer_id
        where stages.stage_id = $stage_id and {_REACHED}
        order by deals.opened_on desc, deals.deal_id
        limit $limit
        """,  # noqa: S608 - constants of this module
        start=period.start,
        end=period.end,
        stage_id=stage_id,
        limit=limit,
        **_asked(filters),
    )


def closing_by_month(session: Session, as_of: date, **filters: Any) -> list[dict[str, Any]]:
    """One row per month in which open deals should close, what is late first, without a date last; amount and weighted."""
    session, filters = segments.kept_to(session, filters)
    return session.rows(
        f"""
        select
            case
                when facts.expected_close_on < $as_of then 'late'
                when facts.expected_close_on is null then 'no date'
                else strftime(facts.expected_close_on, '%b %y')
            end as month,
            case when month not in ('late', 'no date') then min(facts.expected_close_on) end as due_on,
            count(*) as deal_count,
            coalesce(sum(facts.potential_amount), 0)::double as amount,
            coalesce(sum(facts.potential_amount * chances.probability_share), 0)::double as weighted_amount
        from deal_facts as facts
        left join stage_probabilities as chances on chances.stage_id = facts.stage_id
        left join customers on customers.customer_id = facts.customer_id
        where
            facts.outcome = 'open'
            and {_CHOSEN}
        group by month
        order by month = 'no date', month <> 'late', min(facts.expected_close_on)
        """,  # noqa: S608 - constants of this module
        as_of=as_of,
        **_asked(filters),
    )


def closing_in(session: Session, month: str, as_of: date, limit: int = 200, **filters: Any) -> pd.DataFrame:
    """One row per open deal of one mark of `closing_by_month`, the largest first."""
    session, filters = segments.kept_to(session, filters)
    return session.frame(
        f"""
        select
            deals.name,
            customers.name as customer,
            facts.potential_amount,
            facts.expected_close_on,
            facts.deal_id
        from deal_facts as facts
        inner join deals on deals.deal_id = facts.deal_id
        left join customers on customers.customer_id = facts.customer_id
        where
            facts.outcome = 'open'
            and $month = case
                when facts.expected_close_on < $as_of then 'late'
                when facts.expected_close_on is null then 'no date'
                else strftime(facts.expected_close_on, '%b %y')
            end
            and {_CHOSEN}
        order by facts.potential_amount desc nulls last, deals.deal_id
        limit $limit
        """,  # noqa: S608 - constants of this module
        month=month,
        as_of=as_of,
        limit=limit,
        **_asked(filters),
    )


def win_rates(session: Session, period: Period, as_of: date, **filters: Any) -> list[dict[str, Any]]:
    """One row per owner who closed deals in the period: win rate with its 95 % interval, most deals first."""
    found = figures(session, period, as_of, by="owner", keys=("won_count", "lost_count"), **filters)["groups"]
    rows = []
    for name, one in found.items():
        won, lost = one["won_count"]["value"] or 0, one["lost_count"]["value"] or 0
        if won + lost:
            low, high = wilson(won, won + lost)
            rows.append(
                {"owner": name, "n": won + lost, "share": won / (won + lost), "low": low, "high": high, "few": won + lost < FEW}
            )
    return sorted(rows, key=lambda row: -row["n"])


def movers(session: Session, as_of: date, limit: int = 5, for_segment: UUID | None = None) -> pd.DataFrame:
    """One row per customer who bought much more or much less in the last 90 days than in the 90 before, largest change first.

    Counts orders; in a company that enters none, won deals.
    """
    session, _ = segments.kept_to(session, {"for_segment": for_segment})
    return session.frame(
        """
        with
        bought as (
            select
                customer_id,
                ordered_at >= $since as is_now,
                amount
            from orders
            where archived_at is null and customer_id is not null and ordered_at >= $before and ordered_at < $until
        ),

        won as (
            select
                customer_id,
                closed_on >= $since::date as is_now,
                amount
            from deal_facts
            where
                outcome = 'won'
                and customer_id is not null
                and closed_on >= $before::date
                and closed_on < $until::date
                and not exists (from bought)
        ),

        sums as (
            select
                customer_id,
                coalesce(sum(amount) filter (where is_now), 0) as now_amount,
                coalesce(sum(amount) filter (where not is_now), 0) as before_amount
            from (from bought union all from won)
            group by customer_id
        ),

        ranked as (
            select
                *,
                now_amount - before_amount as change_amount,
                row_number() over (order by now_amount - before_amount desc, customer_id) as rise,
                row_number() over (order by now_amount - before_amount, customer_id) as fall
            from sums
        )

        select
            customers.name as customer,
            ranked.before_amount,
            ranked.now_amount,
            ranked.change_amount,
            ranked.customer_id
        from ranked
        inner join customers on customers.customer_id = ranked.customer_id
        where
            customers.archived_at is null
            and ((ranked.rise <= $limit and change_amount > 0) or (ranked.fall <= $limit and change_amount < 0))
        order by ranked.change_amount desc
        """,
        since=session.end_of(as_of - WINDOW),
        before=session.end_of(as_of - 2 * WINDOW),
        until=session.end_of(as_of),
        limit=limit,
    )


def _asked(filters: dict[str, Any]) -> dict[str, Any]:
    return dict.fromkeys(("for_owner", "for_team", "for_pipeline", "for_region", "for_lifecycle")) | filters
