"""External events: what happened, and will happen, outside the company, as leadership expects it to move the figures."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

from crm.demo.world import World, table

# Name, first day and last day from today, figures that it should move, by how much, note.
EVENTS = (
    ("Competitor halves its prices", -152, -92, ("won_amount", "new_customers"), -0.10, "TagHawk, on all devices."),
    ("Logistics trade fair", 18, 21, ("new_customers", "interactions"), 0.15, "Our own stand; six of us are there."),
)


def external_events(world: World) -> pd.DataFrame:
    """One row per external event."""
    known = world.day + np.array([min(first, 0) - 10 for _, first, *_ in EVENTS]).astype("timedelta64[D]")
    return table(
        {
            "external_event_id": world.ids("external_events", known),
            "name": [event[0] for event in EVENTS],
            "starts_on": world.day + np.array([event[1] for event in EVENTS]).astype("timedelta64[D]"),
            "ends_on": world.day + np.array([event[2] for event in EVENTS]).astype("timedelta64[D]"),
            "figures": [json.dumps(event[3]) for event in EVENTS],
            "effect_share": [event[4] for event in EVENTS],
            "note": [event[5] for event in EVENTS],
        },
        sourced=False,
    )
