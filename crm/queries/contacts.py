"""The humans at our customers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.store.session import Session


def of_customer(session: Session, customer_id: UUID | str) -> list[dict[str, Any]]:
    """One row per contact of a customer who is not archived, by name."""
    return session.rows(
        """
        with theirs as materialized (
            select * exclude (search_text)
            from contacts
            where customer_id = $customer_id
        )

        select *
        from theirs
        where archived_at is null
        order by lower(name), contact_id
        """,
        customer_id=customer_id,
    )


def one(session: Session, contact_id: UUID | str) -> dict[str, Any] | None:
    """One row: a contact with all fields and the customer's name; None if not there."""
    return session.row(
        """
        select
            contacts.* exclude (search_text),
            customers.name as customer_name,
            customers.kind as customer_kind,
        from contacts
        left join customers on customers.customer_id = contacts.customer_id
        where contacts.contact_id = $contact_id
        """,
        contact_id=contact_id,
    )
