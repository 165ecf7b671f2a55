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
    """One row: a deal with all fields, the names it refers to, and the version an edit must name; None if not there."""
    return session.row(
        """
        select
            deals.*,
            customers.name as customer_name,
            contacts.name as contact_name,
            stages.name as stage_name,
            stages.outcome,
            stages.probability_share,
            stages.pipeline_id,
            owners.name as owner_name,
            products.name as product_name,
            products.list_price_amount,
        from deals
        left join customers on customers.customer_id = deals.customer_id
        left join contacts on contacts.contact_id = deals.contact_id
        left join stages on stages.stage_id = deals.stage_id
        left join employees as owners on owners.employee_id = deals.owner_id
        left join products on products.product_id = deals.product_id
        where deals.deal_id = $deal_id
        """,
        deal_id=deal_id,
    )


def stage_history(session: Session, deal_id: UUID | str) -> list[dict[str, Any]]:
    """One row per stage change of a deal, the first one first."""
    return session.rows(
        """
        with theirs as materialized (
            select *
            from stage_changes
            where deal_id = $deal_id
        )

        select
            theirs.changed_at,
            before.name as from_stage_name,
            later.name as to_stage_name,
            later.outcome,
            theirs.version,
        from theirs
        left join stages as before on before.stage_id = theirs.from_stage_id
        left join stages as later on later.stage_id = theirs.to_stage_id
        where theirs.archived_at is null
        order by theirs.changed_at, theirs.stage_change_id
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
