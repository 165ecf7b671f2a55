"""Deals: what each customer was offered, what became of it, and what is still open."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm.demo.cast import BUYERS
from crm.demo.meetings import snapped
from crm.demo.products import CATALOG, PRICES
from crm.demo.truths import (
    BEST_SELLER,
    BEST_SELLER_AMOUNT_FACTOR,
    BEST_SELLER_WIN_BONUS,
    GROWTH_A_YEAR,
    IDEAL_WIN_RATE,
    SEASON,
    USUAL_WIN_RATE,
)
from crm.demo.words.talk import LOST_REASONS
from crm.demo.world import World, table, working_day

# The default pipeline's stages, whose keys are fixed in crm/store/migrations/0003_defaults.sql.
STAGE_IDS = {
    name: f"01900000-0000-7000-8000-00000000010{position}"
    for name, position in {"New": 1, "Qualified": 2, "Proposal": 3, "Negotiation": 4, "Won": 8, "Lost": 9}.items()
}
OPEN_STAGES = ("New", "Qualified", "Proposal", "Negotiation")
DEALS_A_YEAR = {"lead": 0.0, "prospect": 1.6, "customer": 2.45, "loyal": 2.5, "lapsed": 2.2}
OPEN_NOW = {"lead": 0.35, "prospect": 0.9, "customer": 0.3, "loyal": 0.4, "lapsed": 0.05}
USUAL_AMOUNT = 4_200
COMPANY_PRODUCTS = (0.12, 0.24, 0.20, 0.12, 0.14, 0.00, 0.10, 0.08)
PERSON_PRODUCTS = (0.40, 0.00, 0.25, 0.20, 0.00, 0.15, 0.00, 0.00)


def deals(
    world: World, cast: pd.DataFrame, beat: pd.DataFrame, people: pd.DataFrame, staff: pd.DataFrame, goods: pd.DataFrame
) -> pd.DataFrame:
    """One row per deal, by the day it was opened; `stage` (its name) and `depth` (open stages passed) stay for the story."""
    rng = world.rng("deals")
    rows = pd.concat([closed_deals(world, rng, cast, beat, staff), open_deals(world, rng, cast)], ignore_index=True)
    rows = rows.sort_values("opened_on", kind="stable", ignore_index=True)
    who = cast.iloc[rows["part"]].reset_index(drop=True)
    rows = rows.join(priced(rng, world, who.assign(is_best=sold_by_best(who, staff)), rows["opened_on"]))
    is_open = rows["stage"].isin(OPEN_STAGES)
    vague = rng.random(len(rows))
    return table(
        {
            "deal_id": world.ids("deals", rows["opened_on"]),
            "name": deal_names(rows, who),
            "customer_id": who["customer_id"],
            "contact_id": who["customer_id"].map(people.drop_duplicates("customer_id").set_index("customer_id")["contact_id"]),
            "owner_id": who["owner_id"],
            "product_id": goods["product_id"].to_numpy()[rows["product"]],
            "stage_id": rows["stage"].map(STAGE_IDS),
            "amount": rows["amount"].where(~is_open | (vague > 0.05)),
            "original_amount": None,
            "opened_on": rows["opened_on"],
            "expected_close_on": rows["expected_close_on"].where(~is_open | (vague < 0.97)),
            "closed_on": rows["closed_on"],
            "lost_reason": pd.Series(rng.choice(LOST_REASONS, len(rows))).where(rows["stage"] == "Lost"),
            "note": None,
        }
    ).assign(stage=rows["stage"], depth=rows["depth"], quantity=rows["quantity"])


def closed_deals(
    world: World, rng: np.random.Generator, cast: pd.DataFrame, beat: pd.DataFrame, staff: pd.DataFrame
) -> pd.DataFrame:
    """Deals that were won or lost; a deal is won on a day we talked, and kept as often as the season allows."""
    first = np.maximum(cast["known_on"].to_numpy().astype("datetime64[D]"), world.start)
    last = cast["ordering_until"].to_numpy().astype("datetime64[D]")
    days = np.maximum((last - first).astype("int64") - 20, 0)
    many = rng.poisson(cast["lifecycle_stage"].map(DEALS_A_YEAR) * days / 365 * max(SEASON))
    part = np.repeat(np.arange(len(cast)), many)
    opened = first[part] + (rng.random(len(part)) * days[part]).astype("timedelta64[D]")
    won = rng.random(len(part)) < win_chance(cast, staff)[part]
    cycle = np.where(won, 38, 30) * np.exp(0.45 * rng.standard_normal(len(part)))
    ended = working_day(opened + cycle.astype("int64").astype("timedelta64[D]"), world.day)
    ended = np.where(won, snapped(ended, part, beat), ended)
    rows = pd.DataFrame({"part": part, "opened_on": opened, "closed_on": ended, "stage": np.where(won, "Won", "Lost")})
    rows["expected_close_on"] = ended + rng.integers(-20, 10, len(part)).astype("timedelta64[D]")
    rows["depth"] = np.where(won, 4, rng.choice([1, 2, 3, 4], p=[0.25, 0.3, 0.3, 0.15], size=len(part)))
    season = rows["closed_on"].dt.month.map(dict(enumerate(SEASON, start=1)))
    happened = ~np.isnat(ended) & (ended <= last[part]) & (rng.random(len(part)) < season / max(SEASON))
    return rows[happened]


def win_chance(cast: pd.DataFrame, staff: pd.DataFrame) -> np.ndarray:
    """The chance to win: the ideal profile's, or everybody's; better with the best seller; none for those who never bought."""
    chance = np.where(cast["is_ideal"], IDEAL_WIN_RATE, USUAL_WIN_RATE) + BEST_SELLER_WIN_BONUS * sold_by_best(cast, staff)
    return np.asarray(np.where(cast["lifecycle_stage"].isin(BUYERS), chance, 0.0))


def sold_by_best(cast: pd.DataFrame, staff: pd.DataFrame) -> pd.Series:
    """Whether each customer belongs to the best seller."""
    return cast["owner_id"] == staff.set_index("name")["employee_id"][BEST_SELLER]


def open_deals(world: World, rng: np.random.Generator, cast: pd.DataFrame) -> pd.DataFrame:
    """Deals still open: most due in the next four months, one in ten past its date."""
    many = rng.poisson(cast["lifecycle_stage"].map(OPEN_NOW))
    part = np.repeat(np.arange(len(cast)), many)
    size = len(part)
    known_for = (world.day - cast["known_on"].to_numpy().astype("datetime64[D]")).astype("int64")[part]
    age = np.minimum(rng.integers(1, 100, size), np.maximum(known_for - 1, 1))
    due = np.where(rng.random(size) < 0.09, rng.integers(-60, 0, size), rng.integers(1, 121, size))
    lead = (cast["lifecycle_stage"] == "lead").to_numpy()[part]
    depth = np.where(lead, 1, np.clip(1 + age // 25 + rng.integers(-1, 2, size), 1, 4))
    return pd.DataFrame(
        {
            "part": part,
            "opened_on": world.day - age.astype("timedelta64[D]"),
            "expected_close_on": world.day + due.astype("timedelta64[D]"),
            "depth": depth,
            "stage": np.array(OPEN_STAGES)[depth - 1],
        }
    )


def priced(rng: np.random.Generator, world: World, who: pd.DataFrame, opened: pd.Series) -> pd.DataFrame:
    """Product, quantity and amount: as many pieces as the customer's size asks for, sometimes with a discount."""
    size = len(who)
    person = (who["kind"] == "person").to_numpy()
    product = np.where(person, rng.choice(8, size, p=PERSON_PRODUCTS), rng.choice(8, size, p=COMPANY_PRODUCTS))
    years = (opened.to_numpy().astype("datetime64[D]") - world.start).astype("int64") / 365
    aim = USUAL_AMOUNT * who["size"].to_numpy() * np.exp(0.35 * rng.standard_normal(size)) * (1 + GROWTH_A_YEAR) ** years
    aim *= np.where(who["is_best"], BEST_SELLER_AMOUNT_FACTOR, 1.0)
    quantity = np.maximum(np.round(aim / PRICES[product]), 1).astype("int64")
    discount = np.where(quantity > 4, rng.choice([0, 0, 0.05, 0.1, 0.15], size), 0)
    amount = np.round(quantity * PRICES[product] * (1 - discount), 2)
    return pd.DataFrame({"product": product, "quantity": quantity, "amount": amount})


def deal_names(rows: pd.DataFrame, who: pd.DataFrame) -> list[str]:
    """What it is about, as a colleague would call it."""
    return [
        f"{customer}: {CATALOG[product].name}" + (f" × {quantity}" if quantity > 1 else "")
        for customer, product, quantity in zip(who["name"], rows["product"], rows["quantity"], strict=True)
    ]
