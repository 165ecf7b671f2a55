"""Possible sales."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.store.session import Session


def of_customer(session: Session, customer_id: UUID | str) -> list[dict[str, Any]]:
    """One row per deal of a customer: open ones first, by expected close; then the latest ended."""
    return session.rows(
        """
        with theirs as materialized (
            select *
            from deals
            where customer_id = $customer_id
        )

        select
            theirs.deal_id,
            theirs.name,
            theirs.amount,
            stages.name as stage_name,
            stages.outcome,
            theirs.opened_on,
            theirs.expected_close_on,
            theirs.closed_on,
            theirs.owner_id,
            owners.name as owner_name,
            products.name as product_name,
            theirs.version,
        from theirs
        inner join stages on stages.stage_id = theirs.stage_id
        left join employees as owners on owners.employee_id = theirs.owner_id
        left join products on products.product_id = theirs.product_id
        where theirs.archived_at is null
        order by stages.outcome <> 'open', theirs.closed_on desc nulls first, theirs.expected_close_on, theirs.deal_id
        """,
        customer_id=customer_id,
    )


def lost_reasons(session: Session) -> list[str]:
    """One row per reason for which a deal was lost, the commonest first: the list grows by use."""
    rows = session.rows(
        """
        select lost_reason
        from deals
        where lost_reason is not null and archived_at is null
        group by lost_reason
        order by count(*) desc, lost_reason
        limit 50
        """
    )
    return [row["lost_reason"] for row in rows]
