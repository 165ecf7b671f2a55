"""Customers: the parts of the cast as rows, with address, headcount, turnover and cadence."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm.demo.staff import slug
from crm.demo.words.places import CITIES
from crm.demo.world import World, table

REMARKS = (
    "Two sites, one decision maker.",
    "Came through a recommendation.",
    "Prefers to pay yearly.",
    "Was with a competitor before.",
    "Met at the trade fair.",
    "Seasonal business: quiet in summer.",
    "Reference customer for the region.",
)


def with_ids(world: World, cast: pd.DataFrame) -> pd.DataFrame:
    """The cast with the keys that all other nouns refer to."""
    return cast.assign(customer_id=world.ids("customers", cast["known_on"]))


def customers(world: World, cast: pd.DataFrame) -> pd.DataFrame:
    """One row per customer."""
    rng = world.rng("customers")
    company = (cast["kind"] == "company").to_numpy()
    heads = cast["employee_count"].astype("Int64")
    turnover = heads.astype("float64") * rng.uniform(90_000, 260_000, len(cast))
    age = rng.integers(6, 75, len(cast))
    places = [CITIES[int(place)] for place in cast["place"]]
    return table(
        {
            "customer_id": cast["customer_id"],
            "name": cast["name"],
            "kind": cast["kind"],
            "lifecycle_stage": cast["lifecycle_stage"],
            "owner_id": cast["owner_id"].where((cast["lifecycle_stage"] != "lead") | (rng.random(len(cast)) < 0.8), None),
            "sector": cast["sector"],
            "region": cast["region"],
            "country": [place[3] for place in places],
            "city": [place[1] for place in places],
            "website": ("https://www." + cast["name"].map(slug) + ".example").where(company),
            "phone": phones(cast["place"]),
            "employee_count": heads,
            "annual_revenue_amount": (turnover / 10_000).round() * 10_000,
            "founded_year": pd.Series(world.today.year - age).astype("Int64").where(company),
            "parent_id": parents(rng, cast),
            "cadence_days": cadences(cast),
            "note": pd.Series(rng.choice(REMARKS, len(cast))).where(rng.random(len(cast)) < 0.2),
        }
    )


def phones(places: pd.Series, offset: int = 0) -> list[str]:
    """A number of the city's fictional range for each, in turn: shared only where a city has more than a hundred."""
    turn = places.groupby(places).cumcount() + offset
    return [f"{CITIES[int(place)][4]}{number % 100:02d}" for place, number in zip(places, turn, strict=True)]


def parents(rng: np.random.Generator, cast: pd.DataFrame) -> list[str | None]:
    """A dozen companies belong to a much larger one that we knew before them."""
    big = cast.index[(cast["employee_count"] > 600) & (cast.index < 200)]
    small = rng.permutation(cast.index[(cast["employee_count"] < 80) & (cast.index > 200)])[:12]
    holding = dict(zip(small, rng.choice(big, size=len(small)), strict=True))
    return [cast["customer_id"].iat[holding[index]] if index in holding else None for index in cast.index]


def cadences(cast: pd.DataFrame) -> pd.Series:
    """How often we mean to talk: agreed for those who matter most, a round number near what is usual."""
    usual = np.select([cast["gap"] < 25, cast["gap"] < 34], [30, 45], 60)
    agreed = cast["lifecycle_stage"].eq("loyal") | (cast["lifecycle_stage"].eq("customer") & (cast["size"] > 1.5))
    return pd.Series(usual, index=cast.index).astype("Int64").where(agreed)
