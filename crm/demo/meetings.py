"""The days on which we and a customer talked: the beat that orders, deals and interactions keep.

Everything two-way falls on these days, so that a customer's usual gap is regular and "going quiet" means something.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm.demo.world import World, working_day


def meetings(world: World, cast: pd.DataFrame) -> pd.DataFrame:
    """One row per customer (`part`, the position in the cast) and day of contact, oldest first within a customer."""
    rng = world.rng("meetings")
    first = np.maximum(cast["known_on"].to_numpy().astype("datetime64[D]"), world.start)
    rows = [
        back_from_today(rng, float(silence), float(gap), int(days))
        for silence, gap, days in zip(cast["silence"], cast["gap"], (world.day - first).astype("int64"), strict=True)
    ]
    part = np.repeat(np.arange(len(cast)), [len(row) for row in rows])
    days = working_day(world.day - np.concatenate(rows).astype("timedelta64[D]"), world.day)
    return pd.DataFrame({"part": part, "day": days}).drop_duplicates().sort_values(["part", "day"], ignore_index=True)


def back_from_today(rng: np.random.Generator, silence: float, gap: float, known_for: int) -> np.ndarray:
    """Days ago of each contact, from the last one back to the first."""
    steps = gap * np.exp(0.22 * rng.standard_normal(int(known_for / gap * 1.5) + 3))
    ago = silence + np.concatenate([[0.0], np.cumsum(steps)])
    return np.unique(ago[ago <= known_for].astype("int64")) if known_for > silence else np.array([min(int(silence), known_for)])


def snapped(days: np.ndarray, part: np.ndarray, beat: pd.DataFrame) -> np.ndarray:
    """The same customer's first day of contact on or after each day (NaT where there is none)."""
    wanted = pd.DataFrame({"part": part, "wanted": days.astype("datetime64[us]"), "row": np.arange(len(part))})
    found = pd.merge_asof(
        wanted.sort_values("wanted"),
        beat.assign(day=beat["day"].astype("datetime64[us]")).sort_values("day"),
        left_on="wanted",
        right_on="day",
        by="part",
        direction="forward",
    )
    return np.asarray(found.sort_values("row")["day"].to_numpy().astype("datetime64[D]"))
