"""Tasks around today: most done, some waiting, a few late, some due this very day."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm.demo.deals import OPEN_STAGES
from crm.demo.words.talk import TASK_TITLES
from crm.demo.world import World, table
from crm.demo.writer import Writer, known_product

PERSON_TITLES = tuple(title for title in TASK_TITLES if "{customer}" not in title)
REPEATS = ("week", "month", "quarter")
DONE, LATE, TODAY, COMING, SOMEDAY = 165, 9, 7, 62, 7


def tasks(
    world: World, cast: pd.DataFrame, people: pd.DataFrame, sales: pd.DataFrame, voices: pd.DataFrame, staff: pd.DataFrame
) -> pd.DataFrame:
    """One row per task, by the day it was noted."""
    rng = world.rng("tasks")
    rows = dated(world, rng)
    who = cast.iloc[occupied(rng, cast, len(rows))].reset_index(drop=True)
    main = people.drop_duplicates("customer_id").set_index("customer_id").loc[who["customer_id"]].reset_index()
    offers = sales[sales["stage"].isin(OPEN_STAGES)].drop_duplicates("customer_id").set_index("customer_id")["deal_id"]
    upset = (
        voices[voices["kind"] == "complaint"].drop_duplicates("customer_id", keep="last").set_index("customer_id")["feedback_id"]
    )
    return table(
        {
            "task_id": world.ids("tasks", rows["noted_on"]),
            "title": titles(Writer(rng), world, who, main, staff),
            "customer_id": who["customer_id"],
            "contact_id": main["contact_id"],
            "deal_id": who["customer_id"].map(offers).where(rows["done_at"].isna()),
            "feedback_id": who["customer_id"].map(upset).where(rng.random(len(rows)) < 0.15),
            "owner_id": who["owner_id"],
            "due_on": rows["due_on"],
            "done_at": rows["done_at"],
            "repeat_every": pd.Series(rng.choice(REPEATS, len(rows))).where(rng.random(len(rows)) < 0.05),
            "note": None,
        }
    )


def dated(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """When each is due, was noted and was done."""
    past, late, coming = -rng.integers(0, 100, DONE), -rng.integers(1, 18, LATE), rng.integers(1, 45, COMING)
    due = np.concatenate([past, late, np.zeros(TODAY), coming, np.zeros(SOMEDAY)]).astype("int64")
    done = np.arange(len(due)) < DONE
    someday = np.arange(len(due)) >= len(due) - SOMEDAY
    today = pd.Timestamp(world.today)
    due_on = pd.Series(today + pd.to_timedelta(due, unit="D"))
    finished = (due_on + pd.to_timedelta(rng.integers(-3, 3, len(due)), unit="D")).clip(upper=today - pd.Timedelta(days=1))
    done_at = finished + pd.to_timedelta(rng.integers(8 * 60, 17 * 60, len(due)), unit="m")
    noted = (finished - pd.to_timedelta(rng.integers(2, 20, len(due)), unit="D")).dt.normalize()
    rows = pd.DataFrame({"due_on": due_on.where(~someday), "done_at": done_at.where(done), "noted_on": noted})
    return rows.sort_values("noted_on", kind="stable", ignore_index=True)


def occupied(rng: np.random.Generator, cast: pd.DataFrame, size: int) -> np.ndarray:
    """Customers in whose affairs there is something to do: rather the larger ones, and not those who left."""
    weight = np.sqrt(cast["size"].to_numpy()) * (cast["lifecycle_stage"] != "lapsed")
    return rng.choice(len(cast), size, p=weight / weight.sum())


def titles(writer: Writer, world: World, who: pd.DataFrame, main: pd.DataFrame, staff: pd.DataFrame) -> list[str]:
    """What is to do, for whom."""
    helpers = staff["name"].str.split().str[0].tolist()
    texts = []
    for customer, contact in zip(who["name"], main["name"], strict=True):
        bank = TASK_TITLES if customer != contact else PERSON_TITLES
        known = {"customer": customer, "contact": contact, "person": writer.pick(helpers)}
        known |= known_product(int(writer.rng.random() * 8))
        texts.append(writer.fill(writer.pick(bank), world.today.month, known))
    return texts
