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


def with_probabilities(session: Session) -> list[dict[str, Any]]:
    """One row per stage that is not archived, in order: the stated chance, and what its closed deals say beside it."""
    return session.rows(
        """
        select
            stages.stage_id,
            stages.pipeline_id,
            stages.name,
            stages.outcome,
            stages.version,
            chances.stated_share,
            chances.learned_share,
            chances.learned_from,
            chances.probability_share as used_share,
        from stages
        inner join stage_chances(one_span($today::date, $today::date, $today::date), all_learn := true) as chances
            on chances.stage_id = stages.stage_id
        where stages.archived_at is null
        order by stages.pipeline_id, stages.position, stages.name
        """,
        today=session.today,
    )
