"""What we sell."""

from __future__ import annotations

from typing import Any

from crm.store.session import Session


def active(session: Session) -> list[dict[str, Any]]:
    """One row per product that is not archived, by name."""
    return session.rows(
        """
        select
            product_id,
            name,
            category,
            list_price_amount,
            own,
            version
        from products
        where archived_at is null
        order by lower(name)
        """
    )
