"""Pipelines and their stages."""

from __future__ import annotations

from typing import Any

from crm.store.session import Session


def pipelines(session: Session) -> list[dict[str, Any]]:
    """One row per pipeline that is not archived, in order."""
    return session.rows(
        """
        select
            pipeline_id,
            name,
            position,
            version
        from pipelines
        where archived_at is null
        order by position, name
        """
    )


def active(session: Session) -> list[dict[str, Any]]:
    """One row per stage that is not archived, by pipeline, then in order."""
    return session.rows(
        """
        select
            stages.stage_id,
            stages.name,
            stages.position,
            stages.outcome,
            stages.probability_share,
            stages.pipeline_id,
            pipelines.name as pipeline_name,
            stages.version
        from stages
        inner join pipelines on pipelines.pipeline_id = stages.pipeline_id
        where stages.archived_at is null and pipelines.archived_at is null
        order by pipelines.position, stages.position, stages.name
        """
    )
