"""The humans at our customers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.store.session import Session


def of_customer(session: Session, customer_id: UUID | str) -> list[dict[str, Any]]:
    """One row per contact of a customer, by name."""
    return session.rows(
        """
        with theirs as materialized (
            select *
            from contacts
            where customer_id = $customer_id
        )

        select *
        from theirs
        where archived_at is null
        order by lower(name)
        """,
        customer_id=customer_id,
    )
