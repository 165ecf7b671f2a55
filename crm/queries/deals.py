"""Deals: those of one customer, and one with all that its page says."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.store.session import Session


def of_customer(session: Session, customer_id: UUID | str) -> list[dict[str, Any]]:
    """One row per deal of a customer with its stage: open ones first, by expected close, then the latest closed."""
    return session.rows(
        """
        with theirs as materialized (
            select *
            from deals
            where customer_id = $customer_id
        )

        select
            theirs.* exclude (archived_at),
            stages.name as stage_name,
            stages.outcome,
            stages.probability_share,
            owners.name as owner_name,
            products.name as product_name,
        from theirs
        left join stages on stages.stage_id = theirs.stage_id
        left join employees as owners on owners.employee_id = theirs.owner_id
        left join products on products.product_id = theirs.product_id
        where theirs.archived_at is null
        order by
            stages.outcome <> 'open',
            theirs.closed_on desc nulls first,
            theirs.expected_close_on nulls last,
            theirs.deal_id
        """,
        customer_id=customer_id,
    )


def one(session: Session, deal_id: UUID | str) -> dict[str, Any] | None:
    """One row: a deal with all fields, what it is worth, the names it refers to, and the version an edit must name."""
    return session.row(
        """
        with facts as materialized (
            select *
            from deal_facts
            where deal_id = $deal_id
        )

        select
            deals.*,
            customers.name as customer_name,
            customers.owner_id as customer_owner_id,
            contacts.name as contact_name,
            stages.name as stage_name,
            stages.outcome,
            stages.pipeline_id,
            chances.probability_share,
            owners.name as owner_name,
            products.name as product_name,
            products.list_price_amount,
            facts.potential_amount,
            facts.is_estimated,
            facts.potential_amount * chances.probability_share as weighted_amount,
            facts.cycle_days,
        from deals
        left join facts on facts.deal_id = deals.deal_id
        left join customers on customers.customer_id = deals.customer_id
        left join contacts on contacts.contact_id = deals.contact_id
        left join stages on stages.stage_id = deals.stage_id
        left join stage_probabilities as chances on chances.stage_id = deals.stage_id
        left join employees as owners on owners.employee_id = deals.owner_id
        left join products on products.product_id = deals.product_id
        where deals.deal_id = $deal_id
        """,
        deal_id=deal_id,
    )


def track(session: Session, deal_id: UUID | str) -> list[dict[str, Any]]:
    """One row per open stage of a deal's pipeline, in order, then the one it ended in: how long it stood there, if it did.

    A deal that never moved, or came by import, stands where it is since it was opened.
    """
    return session.rows(
        """
        with
        deal as materialized (
            select
                facts.stage_id,
                facts.pipeline_id,
                facts.opened_on,
                coalesce(facts.closed_on, $today) as until_on,
            from deal_facts as facts
            where facts.deal_id = $deal_id
        ),

        stays as materialized (
            select *
            from stage_stays
            where deal_id = $deal_id
        ),

        times as (
            select
                stage_id,
                min(entered_at) as entered_at,
                sum(coalesce(local_day(left_at), $today) - local_day(entered_at))::integer as days,
            from stays
            group by stage_id
        )

        select
            stages.stage_id,
            stages.name,
            stages.outcome,
            stages.stage_id = deal.stage_id as is_now,
            times.entered_at,
            case
                when stages.outcome <> 'open' then null
                when stages.stage_id = deal.stage_id and times.stage_id is null then greatest($today - deal.opened_on, 0)
                else times.days
            end as days,
        from deal
        inner join stages on stages.pipeline_id = deal.pipeline_id
        left join times on times.stage_id = stages.stage_id
        where
            stages.stage_id = deal.stage_id
            or (stages.outcome = 'open' and (stages.archived_at is null or times.stage_id is not null))
        order by stages.outcome <> 'open', stages.position, stages.name
        """,
        deal_id=deal_id,
        today=session.today,
    )


def close_moves(session: Session, deal_id: UUID | str) -> list[dict[str, Any]]:
    """One row per time somebody moved a deal's expected close, the first one first; what was undone is left out."""
    return session.rows(
        """
        with
        touched as materialized (
            select *
            from changes
            where record_id = $deal_id
        ),

        moves as (
            select
                made.made_at,
                made.actor_name,
                (touched.before ->> 'expected_close_on')::date as before_on,
                (touched.after ->> 'expected_close_on')::date as after_on,
            from touched
            inner join change_sets as made on made.change_set_id = touched.change_set_id
            where
                touched.operation = 'update'
                and json_exists(touched.after, '$.expected_close_on')
                and made.undone_by is null
                and made.undoes is null
        )

        select
            *,
            after_on - before_on as days,
        from moves
        where before_on is not null and after_on is distinct from before_on
        order by made_at
        """,
        deal_id=deal_id,
    )


def lost_reasons(session: Session) -> list[str]:
    """One row per reason for which a deal was lost, the commonest first: the list that grows by use."""
    rows = session.rows(
        """
        select lost_reason
        from deals
        where lost_reason is not null and archived_at is null
        group by lost_reason
        order by count(*) desc, lost_reason
        """
    )
    return [row["lost_reason"] for row in rows]
