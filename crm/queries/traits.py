"""What customers want, need, like, dislike, value and aspire to."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.store.session import Session


def of_customer(session: Session, customer_id: UUID | str) -> list[dict[str, Any]]:
    """One row per trait of a customer: open promises first, then wants and needs, then the rest, the latest seen first."""
    return session.rows(
        """
        with theirs as materialized (
            select *
            from traits
            where customer_id = $customer_id
        ),

        people as materialized (
            select
                contact_id,
                name,
            from contacts
            where customer_id = $customer_id
        )

        select
            theirs.* exclude (archived_at),
            people.name as contact_name,
        from theirs
        left join people on people.contact_id = theirs.contact_id
        where theirs.archived_at is null
        order by
            coalesce(theirs.state, '') = 'promised' desc,
            theirs.promised_on nulls last,
            coalesce(theirs.state, '') = 'open' desc,
            theirs.kind in ('need', 'want') desc,
            theirs.observed_on desc nulls last,
            theirs.trait_id
        """,
        customer_id=customer_id,
    )


def promises(session: Session, owner_id: UUID | str | None = None, limit: int = 20) -> list[dict[str, Any]]:
    """One row per promise not kept yet, the earliest first; to the customers of one owner, or to all."""
    return session.rows(
        """
        select
            traits.trait_id,
            traits.kind,
            traits.text,
            traits.promised_on,
            traits.customer_id,
            customers.name as customer_name,
            customers.owner_id,
            traits.version,
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
