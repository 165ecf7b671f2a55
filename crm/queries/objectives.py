"""Objectives: what we want and why, in a sentence; goals stand under them."""

from __future__ import annotations

from typing import Any

from crm.store.session import Session


def active(session: Session) -> list[dict[str, Any]]:
    """One row per objective that is not archived, with how many goals serve it, the oldest first."""
    return session.rows(
        """
        select
            objectives.objective_id,
            objectives.name,
            objectives.reason,
            objectives.version,
            count(goals.goal_id) as goal_count
        from objectives
        left join goals on goals.objective_id = objectives.objective_id and goals.archived_at is null
        where objectives.archived_at is null
        group by all
        order by any_value(objectives.created_at), objectives.objective_id
        """
    )
