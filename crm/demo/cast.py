"""Who plays which part, decided before a row is written, so that all nouns tell the same story.

A customer's size, rhythm, first order and last contact are fixed here; deals, orders, interactions and feedback follow them.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pandas as pd

from crm.demo import staff as people
from crm.demo.names import company_names, person_names
from crm.demo.truths import IDEAL_AMOUNT_FACTOR, IDEAL_EMPLOYEES, IDEAL_SECTOR, QUIET_CUSTOMERS, QUIET_DAYS, QUIET_USUAL_DAYS
from crm.demo.words.companies import PERSON_SECTORS, SECTORS
from crm.demo.words.places import CITIES
from crm.demo.world import World, spread

STAGES = ("lead", "prospect", "customer", "loyal", "lapsed")
BUYERS = ("customer", "loyal", "lapsed")
COMPANY_STAGES = (46, 52, 126, 66, 40)
IDEAL_STAGES = (3, 4, 18, 17, 3)
PERSON_STAGES = (12, 12, 30, 6, 10)
USUAL_GAP = {"lead": (18, 28), "prospect": (14, 24), "customer": (28, 44), "loyal": (21, 31), "lapsed": (38, 54)}
KNOWN_FOR = {"lead": (10, 120), "prospect": (40, 300), "customer": (110, 1500), "loyal": (600, 1800), "lapsed": (650, 1600)}


def cast(world: World, staff: pd.DataFrame) -> pd.DataFrame:
    """One row per customer to be: identity, part in the story, rhythm; ordered by the day we met."""
    rng = world.rng("cast")
    parts = pd.concat([companies(world), persons(world)], ignore_index=True)
    parts = rhythm(world, rng, parts)
    parts["size"] = np.exp(1.15 * normal_scores(rng, len(parts)).clip(-2.2, 2.2)) * np.where(parts["kind"] == "person", 0.15, 1.0)
    parts["size"] *= np.where(parts["is_ideal"], IDEAL_AMOUNT_FACTOR, 1.0)
    parts["is_met"] = parts["lifecycle_stage"].isin(BUYERS) & (spread(rng, len(parts)) < 0.5)
    parts["weight"] = parts["size"] * parts["lifecycle_stage"].isin(BUYERS)
    by_weight = parts.sort_values("weight", ascending=False).index
    parts["place"] = pd.Series(hands(rng, np.arange(len(CITIES)), len(parts)), index=by_weight)
    parts["region"] = [CITIES[int(place)][0] for place in parts["place"]]
    parts["owner_id"] = owners(rng, parts, staff)
    return parts.sort_values("known_on", kind="stable", ignore_index=True)


def companies(world: World) -> pd.DataFrame:
    """The companies, among them the quiet dozen by name and the ideal profile by sector and headcount."""
    rng = world.rng("cast/companies")
    rows = pd.DataFrame({"sector": [sector for sector, (count, _, _) in SECTORS.items() for _ in range(count)]})
    usual = rows["sector"].map({sector: middle for sector, (_, middle, _) in SECTORS.items()})
    rows["employee_count"] = np.clip(usual * np.exp(0.9 * normal_scores(rng, len(rows))), 4, 9000).astype("int64")
    low, high = IDEAL_EMPLOYEES
    ideal = np.arange(len(rows)) < sum(IDEAL_STAGES)
    rows.loc[ideal, "employee_count"] = rng.integers(low + 5, high - 20, size=ideal.sum())
    other = (rows["sector"] == IDEAL_SECTOR) & ~ideal
    small, large = rng.integers(6, 45, other.sum()), rng.integers(540, 2600, other.sum())
    rows.loc[other, "employee_count"] = np.where(spread(rng, other.sum()) < 0.6, small, large)
    rows["is_ideal"] = ideal
    rows["lifecycle_stage"] = np.concatenate([dealt(rng, IDEAL_STAGES), dealt(rng, np.subtract(COMPANY_STAGES, IDEAL_STAGES))])
    rows["kind"] = "company"
    return with_quiet_dozen(rows.assign(name=company_names(rng, rows["sector"], taken=QUIET_CUSTOMERS)))


def with_quiet_dozen(rows: pd.DataFrame) -> pd.DataFrame:
    """Gives the quiet customers' names to buying companies whose sector suits the name."""
    rows["is_quiet"] = False
    for name in QUIET_CUSTOMERS:
        sector = next(sector for sector, (_, _, nouns) in SECTORS.items() if name.split(" ", 1)[1] in nouns)
        free = rows["sector"].eq(sector) & rows["lifecycle_stage"].isin(["customer", "loyal"]) & ~rows["is_quiet"]
        chosen = free.to_numpy().nonzero()[0][0]
        rows.loc[chosen, ["name", "is_quiet"]] = [name, True]
    return rows


def persons(world: World) -> pd.DataFrame:
    """The customers who are one human being: freelancers, workshops, film people."""
    rng = world.rng("cast/persons")
    size = sum(PERSON_STAGES)
    return pd.DataFrame(
        {
            "sector": rng.choice(PERSON_SECTORS, size=size),
            "is_ideal": False,
            "lifecycle_stage": dealt(rng, PERSON_STAGES),
            "kind": "person",
            "is_quiet": False,
            "name": [f"{first} {last}" for first, last in person_names(world)[:size]],
        }
    )


def rhythm(world: World, rng: np.random.Generator, parts: pd.DataFrame) -> pd.DataFrame:
    """When we met, how often we talk, how long ago the last talk was, from when to when they order."""
    size = len(parts)
    stage = parts["lifecycle_stage"]
    gap = between(rng, stage.map(USUAL_GAP)) * np.where(parts["kind"] == "person", 1.3, 1.0)
    parts["gap"] = np.where(parts["is_quiet"], QUIET_USUAL_DAYS, gap)
    is_late = (spread(rng, size) < 0.02) & ~stage.isin(["lead", "lapsed"])
    late = np.where(is_late, rng.uniform(1.9, 2.4, size), rng.uniform(0, 0.95, size))
    parts["silence"] = np.where(parts["is_quiet"], np.linspace(*QUIET_DAYS, size)[rng.permutation(size)], late * parts["gap"])
    known = np.maximum(between(rng, stage.map(KNOWN_FOR)), np.where(parts["is_quiet"], 420, 0))
    parts["known_on"] = world.day - known.astype("int64").astype("timedelta64[D]")
    pause = np.where(stage == "lapsed", rng.uniform(210, 420, size), 0)
    parts["ordering_until"] = world.day - pause.astype("int64").astype("timedelta64[D]")
    return parts


def owners(rng: np.random.Generator, parts: pd.DataFrame, staff: pd.DataFrame) -> pd.Series:
    """Deals customers out by size within a region, so that nobody's year depends on one lucky hand."""
    owner = pd.Series(index=parts.index, dtype="str")
    for region, group in people.sellers(staff).groupby("region"):
        hand = group["employee_id"].repeat(group["share"].astype("int64")).tolist()
        mine = parts[parts["region"] == region].sort_values("weight", ascending=False).index
        owner[mine] = hands(rng, np.array(hand, dtype="object"), len(mine))
    return owner


def hands(rng: np.random.Generator, cards: np.ndarray, size: int) -> np.ndarray:
    """The cards dealt again and again, shuffled anew each time."""
    return np.concatenate([rng.permutation(cards) for _ in range(size // len(cards) + 1)])[:size]


def dealt(rng: np.random.Generator, counts: tuple[int, ...] | np.ndarray) -> np.ndarray:
    """The lifecycle stages in the given numbers, shuffled."""
    return rng.permutation(np.repeat(np.array(STAGES), counts))


def between(rng: np.random.Generator, bounds: pd.Series) -> np.ndarray:
    """A number between each row's two bounds."""
    low, high = np.array(bounds.tolist(), dtype="float64").T
    return np.asarray(low + (high - low) * spread(rng, len(low)))


def normal_scores(rng: np.random.Generator, size: int) -> np.ndarray:
    """Normal quantiles in random order."""
    return np.array([NormalDist().inv_cdf(share) for share in spread(rng, size)])
