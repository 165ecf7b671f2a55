"""What happened between us and our customers."""

from __future__ import annotations

from crm.store.session import Session


def campaigns(session: Session) -> list[str]:
    """One row per campaign that interactions name, the latest first."""
    rows = session.rows(
        """
        select campaign
        from interactions
        where campaign is not null and archived_at is null
        group by campaign
        order by max(occurred_at) desc
        limit 100
        """
    )
    return [row["campaign"] for row in rows]
