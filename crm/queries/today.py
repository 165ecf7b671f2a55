"""What waits for a person today: customers who have gone quiet, deals past their expected close."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.store.session import Session


def quiet(session: Session, owner_id: UUID | None = None) -> list[dict[str, Any]]:
    """One row per quiet customer of an owner (of anybody without one), the most yearly value at stake first.

    Value is what they would bring in the next twelve months, as last computed (crm/commands/values.py); for whom that is not
    known, what they bought in the last twelve, and where there are no orders, what deals they won us.
    """
    return session.rows(
        """
        with
        quiet as materialized (
            select *
            from quiet_customers_of($today, $owner_id::varchar)
        ),

        bought as (
            select
                customer_id,
                sum(amount) as amount
            from orders
            where archived_at is null and ordered_at >= $year_ago and customer_id in (select customer_id from quiet)
            group by customer_id
        ),

        won as (
            select
                customer_id,
                sum(amount) as amount
            from deal_facts
            where outcome = 'won' and closed_on >= $year_ago::date and customer_id in (select customer_id from quiet)
            group by customer_id
        )

        select
            quiet.customer_id,
            customers.name,
            quiet.last_touch_at,
            quiet.days_quiet,
            quiet.usual_gap_days,
            coalesce(stored.value_amount, bought.amount, won.amount, 0) as yearly_amount,
            stored.expected_purchases,
            stored.last_purchased_on
        from quiet
        inner join customers on customers.customer_id = quiet.customer_id
        left join bought on bought.customer_id = quiet.customer_id
        left join won on won.customer_id = quiet.customer_id
        left join customer_values as stored on stored.customer_id = quiet.customer_id
        order by yearly_amount desc, quiet.days_quiet desc, quiet.customer_id
        """,
        today=session.today,
        year_ago=session.start_of(session.today.replace(year=session.today.year - 1, day=min(session.today.day, 28))),
        owner_id=owner_id,
    )


def at_stake(session: Session, first: int | None = None) -> dict[str, Any]:
    """What quiet customers would take with them: how many have something to lose, how much, and the first of them."""
    losing = [row for row in quiet(session) if row["yearly_amount"] > 0]
    return {"count": len(losing), "amount": sum(row["yearly_amount"] for row in losing), "first": losing[:first]}


def past_close(session: Session, owner_id: UUID | None = None) -> list[dict[str, Any]]:
    """One row per open deal of an owner (of anybody without one) whose expected close is over, the largest first."""
    return session.rows(
        """
        select
            deals.deal_id,
            deals.name,
            deals.customer_id,
            customers.name as customer_name,
            facts.potential_amount,
            facts.expected_close_on
        from deal_facts as facts
        inner join deals on deals.deal_id = facts.deal_id
        left join customers on customers.customer_id = facts.customer_id
        where
            facts.outcome = 'open'
            and facts.expected_close_on < $today
            and ($owner_id::uuid is null or facts.owner_id = $owner_id::uuid)
        order by facts.potential_amount desc nulls last, deals.deal_id
        """,
        today=session.today,
        owner_id=owner_id,
    )
