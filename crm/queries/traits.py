"""What customers want, need, like, dislike, value and aspire to."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.store.session import Session


def of_customer(session: Session, customer_id: UUID | str) -> list[dict[str, Any]]:
    """One row per trait of a customer, wants and needs first, latest first."""
    return session.rows(
        """
        with theirs as materialized (
            select *
            from traits
            where customer_id = $customer_id
        )

        select *
        from theirs
        where archived_at is null
        order by
            list_position(['need', 'want', 'like', 'dislike', 'value', 'aspiration'], kind),
            observed_on desc nulls last,
            trait_id
        """,
        customer_id=customer_id,
    )


def promises(session: Session, owner_id: UUID | None, limit: int = 20) -> list[dict[str, Any]]:
    """One row per promise that is not kept yet to a customer of this owner (of anybody without one), soonest first."""
    return session.rows(
        """
        select
            traits.trait_id,
            traits.customer_id,
            customers.name as customer_name,
            traits.kind,
            traits.text,
            traits.promised_on,
        from traits
        inner join customers on customers.customer_id = traits.customer_id
        where
            traits.state = 'promised'
            and traits.archived_at is null
            and customers.archived_at is null
            and ($owner_id::uuid is null or customers.owner_id = $owner_id::uuid)
        order by traits.promised_on nulls last, traits.trait_id
        limit $limit
        """,
        owner_id=owner_id,
        limit=limit,
    )
