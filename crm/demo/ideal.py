"""The ideal profile as Harbor's leadership states it: half right. The sector truly distinguishes; the region is a belief."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm.demo.segments import is_, rule
from crm.demo.truths import IDEAL_EMPLOYEES, IDEAL_SECTOR
from crm.demo.world import World, table

STATED = (
    (is_("sector", "one_of", [IDEAL_SECTOR]), 3.0),
    (is_("employee_count", "between", list(IDEAL_EMPLOYEES)), 2.0),
    (is_("region", "one_of", ["West"]), 1.0),
)


def ideal_attributes(world: World) -> pd.DataFrame:
    """One row per attribute of the stated ideal."""
    since = np.full(len(STATED), world.day - np.timedelta64(200, "D"))
    return table(
        {
            "ideal_attribute_id": world.ids("ideal_attributes", since),
            "rule": [rule(stated) for stated, _ in STATED],
            "weight": [weight for _, weight in STATED],
        },
        sourced=False,
    )
