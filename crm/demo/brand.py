"""What was measured of Harbor's brand: twice the share of voice, by counting clippings, and twice a survey of who knows us."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm.demo.world import World, table

# Measure, first and last day from today, value, n, source, note.
READINGS = (
    ("share_of_voice", -271, -181, 0.14, 1840, "Clippings of Beacon Media", None),
    ("share_of_voice", -150, -60, 0.18, 2012, "Clippings of Beacon Media", "The fair brought most of the gain."),
    ("awareness", -395, -381, 0.21, 400, "Telephone survey, Norden Panel", None),
    ("awareness", -44, -30, 0.26, 400, "Telephone survey, Norden Panel", "Asked without help: which brands do you know?"),
)


def brand_readings(world: World) -> pd.DataFrame:
    """One row per reading."""
    measure, first, last, value, n, source, note = zip(*READINGS, strict=True)
    ends = world.day + np.array(last).astype("timedelta64[D]")
    return table(
        {
            "brand_reading_id": world.ids("brand_readings", ends),
            "measure": measure,
            "starts_on": world.day + np.array(first).astype("timedelta64[D]"),
            "ends_on": ends,
            "value_share": value,
            "sample_count": n,
            "taken_from": source,
            "note": note,
        },
        sourced=False,
    )
