"""Pipelines in Settings: each with its stages in order, the stated chance to win beside what the closed deals say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import streamlit as st

from crm.commands import pipelines, stages
from crm.commands.checks import Saved
from crm.queries import stages as found_stages
from crm.store.session import Session
from crm.ui import settings_fields, shelf, words
from crm.ui.session import cached, current
from crm.ui.shelf import Row, Shelf

ENOUGH = 30
NOUNS = ("stages", "stage_changes", "deals")


def _add_stage(session: Session, **typed: Any) -> Saved:
    return stages.add_stage(session, **_as_share(typed))


def _edit_stage(session: Session, stage_id: UUID, **typed: Any) -> Saved:
    return stages.edit_stage(session, stage_id, **_as_share(typed))


def _as_share(typed: dict[str, Any]) -> dict[str, Any]:
    """People write per cent, the store keeps a share."""
    percent = typed.pop("percent", None)
    return typed | {"probability_share": None if percent is None else percent / 100}


PIPELINES = Shelf(
    "pipeline",
    "pipelines",
    lambda _: settings_fields.pipeline(),
    pipelines.add_pipeline,
    pipelines.edit_pipeline,
    pipelines.archive_pipeline,
)
STAGES = Shelf("stage", "stages", lambda _: settings_fields.stage(), _add_stage, _edit_stage, stages.archive_stage)


def draw() -> None:
    """Every pipeline with its stages."""
    session = current()
    shelf.who_may("admin", "pipelines and stages")
    found = found_stages.pipelines(session)
    rows = cached(session, found_stages.with_probabilities, NOUNS)
    used = shelf.uses(STAGES, rows)
    for pipeline in found:
        own = [row for row in rows if row["pipeline_id"] == pipeline["pipeline_id"]]
        with st.container(border=True, key=f"pipeline_{pipeline['pipeline_id']}"):
            _head(pipeline, found, {"stages": len(own)})
            for row in own:
                _stage(row, own, used.get(row["stage_id"], {}))
            shelf.add_button(STAGES, pipeline_id=pipeline["pipeline_id"])
    shelf.add_button(PIPELINES)


def _head(pipeline: Row, found: Sequence[Row], used: dict[str, int]) -> None:
    with shelf.line(PIPELINES, pipeline, "", used):
        if len(found) > 1:
            shelf.arrows("pipeline_id", pipeline, found, pipelines.reorder_pipelines)


def _stage(row: Row, own: Sequence[Row], used: dict[str, int]) -> None:
    percent = {"percent": None if row["stated_share"] is None else round(row["stated_share"] * 100)}
    with shelf.line(STAGES, row | percent, chance(row), used):
        shelf.arrows("stage_id", row, own, stages.reorder_stages)


def chance(row: Row) -> str:
    """What is stated and what is learned, in words.

    >>> chance({"outcome": "open", "stated_share": 0.25, "learned_share": 0.31, "learned_from": 412, "used_share": 0.25})
    'open · stated 25 % · learned 31 % (n = 412)'
    >>> chance({"outcome": "open", "stated_share": None, "learned_share": None, "learned_from": 4, "used_share": 0.63})
    'open · too few to learn from (n = 4): the 63 % of its pipeline stand in'
    """
    if row["outcome"] != "open":
        return str(row["outcome"])
    stated = None if row["stated_share"] is None else f"stated {words.share(row['stated_share'])}"
    return " · ".join(filter(None, ["open", stated, _learned(row)]))


def _learned(row: Row) -> str:
    number = f"(n = {row['learned_from']:,})"
    if row["learned_from"] >= ENOUGH:
        return f"learned {words.share(row['learned_share'])} {number}"
    if row["stated_share"] is not None or row["used_share"] is None:
        return f"too few to learn from {number}"
    return f"too few to learn from {number}: the {words.share(row['used_share'])} of its pipeline stand in"
