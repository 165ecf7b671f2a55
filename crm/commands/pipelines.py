"""Add, rename, reorder and put aside pipelines: each a way in which deals go, with stages of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from crm.commands import checks
from crm.commands.checks import Saved, checked
from crm.commands.namesakes import refuse_namesake
from crm.commands.stages import put_in_order
from crm.errors import Refused
from crm.queries import usage
from crm.store.session import Session

CHECKS: dict[str, checks.Check] = {"name": checks.NAME}
# What a new pipeline starts with: a deal needs a place to begin and two ways to end.
FIRST_STAGES = (("New", "open", None), ("Won", "won", 1.0), ("Lost", "lost", 0.0))


def add_pipeline(session: Session, **fields: Any) -> Saved:
    """Add a pipeline after the others, with a stage of each outcome."""
    values = checked(fields, CHECKS, {"name"})
    refuse_namesake(session, "pipelines", values)
    last = session.value("select coalesce(max(position), 0) from pipelines where archived_at is null")
    with session.change(f"Add pipeline {values['name']}") as change:
        key = change.insert("pipelines", position=last + 1, **values)
        for position, (name, outcome, share) in enumerate(FIRST_STAGES, 1):
            change.insert("stages", pipeline_id=key, name=name, outcome=outcome, probability_share=share, position=position)
    return Saved.of(key, change)


def edit_pipeline(session: Session, pipeline_id: UUID, *, version: UUID | None = None, **fields: Any) -> Saved:
    """Give a pipeline another name."""
    values = checked(fields, CHECKS, {"name"})
    refuse_namesake(session, "pipelines", values, pipeline_id)
    with session.change(f"Edit pipeline {values['name']}") as change:
        change.update("pipelines", pipeline_id, version=version, **values)
    return Saved.of(pipeline_id, change)


def reorder_pipelines(session: Session, pipeline_ids: Sequence[UUID]) -> Saved:
    """Put the pipelines in this order."""
    with session.change("Reorder pipelines") as change:
        put_in_order(change, "pipelines", "pipeline_id", pipeline_ids)
    return Saved.of(pipeline_ids[0], change)


def archive_pipeline(session: Session, pipeline_id: UUID, *, version: UUID | None = None) -> Saved:
    """Put a pipeline aside, once no deal is open in it; its won and lost deals stay in every figure."""
    name, number = _pipeline(session, pipeline_id)
    if number:
        raise Refused(f"Still open in {name}: {usage.in_words({'deals': number})}. Move, win or lose them first.", "pipeline_id")
    if not session.value("select 1 from pipelines where archived_at is null and pipeline_id <> $key", key=pipeline_id):
        raise Refused(f"{name} is the only pipeline. Add another first.", "pipeline_id")
    with session.change(f"Archive pipeline {name}") as change:
        change.archive("pipelines", pipeline_id, version=version)
    return Saved.of(pipeline_id, change)


def _pipeline(session: Session, pipeline_id: UUID) -> tuple[str, int]:
    """A pipeline's name, and how many deals are open in it."""
    row = session.row(
        """
        select
            pipelines.name,
            count(deals.deal_id) as open_count,
        from pipelines
        left join stages on stages.pipeline_id = pipelines.pipeline_id and stages.outcome = 'open'
        left join deals on deals.stage_id = stages.stage_id and deals.archived_at is null
        where pipelines.pipeline_id = $pipeline_id
        group by pipelines.name
        """,
        pipeline_id=pipeline_id,
    )
    if row is None:
        raise Refused("This pipeline is no longer there. Look for it in History.", "pipeline_id")
    return row["name"], row["open_count"]
