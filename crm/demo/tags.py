"""Ten labels, and who wears them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm.demo.world import World, table

NAMES = (
    "Key customer",
    "Reference",
    "Trade fair",
    "Pilot group",
    "Price sensitive",
    "Beta tester",
    "Multi-site",
    "Framework contract",
    "User day speaker",
    "Win back",
)


def tags(world: World) -> pd.DataFrame:
    """One row per tag."""
    founded = np.full(len(NAMES), world.start - np.timedelta64(30, "D"))
    return table({"tag_id": world.ids("tags", founded), "name": list(NAMES)}, sourced=False)


def customer_tags(world: World, cast: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """One row per customer and tag: where the tag says something, it is true."""
    rng = world.rng("customer_tags")
    worn = rng.random((len(cast), len(NAMES))) < 0.07
    worn[:, NAMES.index("Key customer")] = cast["size"] > 5
    worn[:, NAMES.index("Multi-site")] &= (cast["employee_count"] > 80).to_numpy()
    worn[:, NAMES.index("Framework contract")] &= (cast["employee_count"] > 80).to_numpy()
    worn[:, NAMES.index("Win back")] = cast["lifecycle_stage"].eq("lapsed") & (rng.random(len(cast)) < 0.6)
    customer, tag = worn.nonzero()
    moments = cast["known_on"].to_numpy()[customer]
    return table(
        {
            "customer_tag_id": world.ids("customer_tags", moments),
            "customer_id": cast["customer_id"].to_numpy()[customer],
            "tag_id": labels["tag_id"].to_numpy()[tag],
        },
        sourced=False,
    )
