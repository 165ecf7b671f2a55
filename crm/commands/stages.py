"""Add, change, reorder and put aside the stages of a pipeline.

Deals hang on stages, and figures on what a stage says: so a stage in which deals are open stays until they are moved, a
stage in which deals stand keeps its outcome, and every pipeline keeps a stage of each outcome.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from crm.commands import checks
from crm.commands.checks import Saved, checked
from crm.commands.namesakes import refuse_namesake
from crm.errors import Refused
from crm.queries import choices, usage
from crm.store.changes import Change
from crm.store.session import Session

CERTAIN = {"won": 1.0, "lost": 0.0}
ENDS = {"open": "stand open", "won": "are won", "lost": "are lost"}


def _share(value: Any, name: str) -> float:
    try:
        share = float(value)
    except (TypeError, ValueError):
        share = -1.0
    if not 0 <= share <= 1:
        raise Refused(f"{name} must be between 0 and 100 %. Leave it blank to have it learned.", name)
    return share


CHECKS: dict[str, checks.Check] = {
    "name": checks.NAME,
    "outcome": checks.one_of(choices.OUTCOMES),
    "probability_share": _share,
}


def add_stage(session: Session, pipeline_id: UUID, **fields: Any) -> Saved:
    """Add a stage: an open one before the stages that end a deal, another at the end. No probability: it is learned."""
    values = _decided(checked({"outcome": "open"} | fields, CHECKS, {"name", "outcome"}))
    refuse_namesake(session, "stages", values, among=pipeline_id)
    found = _stages(session, pipeline_id)
    place = sum(row["outcome"] == "open" for row in found) if values["outcome"] == "open" else len(found)
    keys = [row["stage_id"] for row in found]
    with session.change(f"Add stage {values['name']}") as change:
        key = change.insert("stages", pipeline_id=pipeline_id, position=place + 1, **values)
        put_in_order(change, "stages", "stage_id", [*keys[:place], key, *keys[place:]])
    return Saved.of(key, change)


def edit_stage(session: Session, stage_id: UUID, *, version: UUID | None = None, **fields: Any) -> Saved:
    """Change a stage; its outcome only while no deal stands in it, for that would change how those ended."""
    values = checked(fields, CHECKS, {"name", "outcome"} & set(fields))
    current = _stage(session, stage_id)
    refuse_namesake(session, "stages", values, stage_id, among=current["pipeline_id"])
    if values.get("outcome", current["outcome"]) != current["outcome"]:
        _refuse_if_used(current)
        _refuse_if_last(session, current)
    values = _decided({"outcome": current["outcome"], **values})
    with session.change(f"Edit stage {values.get('name') or current['name']}") as change:
        change.update("stages", stage_id, version=version, **values)
    return Saved.of(stage_id, change)


def reorder_stages(session: Session, stage_ids: Sequence[UUID]) -> Saved:
    """Put the stages of a pipeline in this order."""
    with session.change("Reorder stages") as change:
        put_in_order(change, "stages", "stage_id", stage_ids)
    return Saved.of(stage_ids[0], change)


def archive_stage(session: Session, stage_id: UUID, *, version: UUID | None = None) -> Saved:
    """Put a stage aside, once no deal is open in it; the deals that passed it or ended in it keep their history."""
    current = _stage(session, stage_id)
    if current["outcome"] == "open" and current["deal_count"]:
        deals = usage.in_words({"deals": current["deal_count"]})
        raise Refused(f"Still open in {current['name']}: {deals}. Move them to another stage first.", "stage_id")
    _refuse_if_last(session, current)
    with session.change(f"Archive stage {current['name']}") as change:
        change.archive("stages", stage_id, version=version)
    return Saved.of(stage_id, change)


def put_in_order(change: Change, table: str, key: str, keys: Sequence[UUID]) -> None:
    """Number rows by their place in a list."""
    change.update_from(
        table,
        f"select unnest($keys::uuid[]) as {key}, generate_subscripts($keys::uuid[], 1)::integer as position",
        keys=list(keys),
    )


def _decided(values: dict[str, Any]) -> dict[str, Any]:
    """A stage that ends a deal is certain, whatever was typed."""
    return values | ({"probability_share": CERTAIN[values["outcome"]]} if values["outcome"] in CERTAIN else {})


def _refuse_if_used(current: dict[str, Any]) -> None:
    if current["deal_count"]:
        deals = usage.in_words({"deals": current["deal_count"]})
        raise Refused(
            f"{current['name']} holds {deals}, and another outcome would change how they ended. "
            "Add another stage and move them there instead.",
            "outcome",
        )


def _refuse_if_last(session: Session, current: dict[str, Any]) -> None:
    others = [row for row in _stages(session, current["pipeline_id"]) if row["outcome"] == current["outcome"]]
    if len(others) < 2:
        ends = ENDS[current["outcome"]]
        raise Refused(f"{current['name']} is the only stage of its pipeline where deals {ends}. Add another first.", "outcome")


def _stages(session: Session, pipeline_id: UUID) -> list[dict[str, Any]]:
    return session.rows(
        """
        select
            stage_id,
            outcome,
        from stages
        where pipeline_id = $pipeline_id and archived_at is null
        order by position, name
        """,
        pipeline_id=pipeline_id,
    )


def _stage(session: Session, stage_id: UUID) -> dict[str, Any]:
    row = session.row(
        """
        select
            name,
            outcome,
            pipeline_id,
            (select count(*) from deals where deals.stage_id = stages.stage_id and deals.archived_at is null) as deal_count,
        from stages
        where stage_id = $stage_id
        """,
        stage_id=stage_id,
    )
    if row is None:
        raise Refused("This stage is no longer there. Look for it in History.", "stage_id")
    return row
