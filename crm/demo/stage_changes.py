"""Stage changes: the way each deal took through the pipeline, so that its history can be read and its funnel counted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm.demo.deals import OPEN_STAGES, STAGE_IDS
from crm.demo.world import World, table


def stage_changes(world: World, rows: pd.DataFrame) -> pd.DataFrame:
    """One row per step of a deal: into New when it was opened, through the open stages, to won or lost."""
    rng = world.rng("stage_changes")
    steps = pd.DataFrame(
        [
            (index, before, after, position / count)
            for index, (stage, depth) in enumerate(zip(rows["stage"], rows["depth"], strict=True))
            for before, after, position, count in path(stage, int(depth), skips=index % 17 == 0)
        ],
        columns=["deal", "before", "after", "share"],
    )
    deal = rows.iloc[steps["deal"]].reset_index(drop=True)
    end = deal["closed_on"].fillna(pd.Timestamp(world.today) - pd.Timedelta(days=1)).clip(lower=deal["opened_on"])
    share = (steps["share"] ** 1.2).clip(upper=1)
    moments = deal["opened_on"] + (end - deal["opened_on"]) * share
    hours = np.where(moments.dt.normalize() == pd.Timestamp(world.today), 4.5, 9.0) + 2 * steps["share"]
    steps["changed_at"] = moments.dt.normalize() + pd.to_timedelta(hours * 3600 + rng.integers(0, 60, len(steps)), unit="s")
    steps = steps.assign(deal_id=deal["deal_id"]).sort_values(["changed_at", "deal"], kind="stable", ignore_index=True)
    return table(
        {
            "stage_change_id": world.ids("stage_changes", steps["changed_at"]),
            "deal_id": steps["deal_id"],
            "from_stage_id": steps["before"].map(STAGE_IDS),
            "to_stage_id": steps["after"].map(STAGE_IDS),
            "changed_at": steps["changed_at"],
        },
        sourced=False,
    )


def path(stage: str, depth: int, skips: bool) -> list[tuple[str | None, str, int, int]]:
    """The steps of one deal; now and then one jumps over Qualified.

    >>> path("Lost", 2, skips=False)
    [(None, 'New', 0, 2), ('New', 'Qualified', 1, 2), ('Qualified', 'Lost', 2, 2)]
    """
    names: list[str] = [name for name in OPEN_STAGES[:depth] if not (skips and depth > 2 and name == "Qualified")]
    names += [] if stage in OPEN_STAGES else [stage]
    before: list[str | None] = [None, *names[:-1]]
    count = len(names) - (stage not in OPEN_STAGES) if len(names) > 1 else 1
    return [(past, name, position, count) for position, (past, name) in enumerate(zip(before, names, strict=True))]
