"""What left the house: who took which list, how much of it, when."""

from __future__ import annotations

from typing import Any

from crm.store.session import Session


def latest(session: Session, limit: int = 50) -> list[dict[str, Any]]:
    """One row per export, the latest first."""
    return session.rows("select * from exports order by made_at desc, export_id desc limit $limit", limit=limit)
