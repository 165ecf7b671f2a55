"""Interactions: every talk on the beat, the replies, the newsletters and posts, and the notes between."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm.demo import minutes
from crm.demo.campaigns import newsletters, posts
from crm.demo.world import World, at_work, table
from crm.demo.writer import Writer

TWO_WAY = ("call", "email", "meeting", "visit")
TWO_WAY_SHARES = (0.36, 0.40, 0.16, 0.08)
MINUTES = {"call": (3, 35), "meeting": (30, 90), "visit": (45, 180)}
NOTES = 520


def interactions(
    world: World,
    cast: pd.DataFrame,
    beat: pd.DataFrame,
    sales: pd.DataFrame,
    bought: pd.DataFrame,
    people: pd.DataFrame,
    staff: pd.DataFrame,
) -> pd.DataFrame:
    """One row per interaction, by its instant."""
    rng = world.rng("interactions")
    seats = people.merge(cast.reset_index(names="part")[["customer_id", "part", "known_on", "is_quiet"]], on="customer_id")
    talks = talked(world, rng, without_silent_orders(rng, beat, cast, bought), seats)
    rows = pd.concat(
        [talks, replies(rng, talks), notes(world, rng, beat, seats), newsletters(world, rng, seats), posts(world, rng, seats)],
        ignore_index=True,
    )
    rows = rows.sort_values("occurred_at", kind="stable", ignore_index=True)
    rows["deal_id"] = under_way(rng, rows, cast, sales)
    rows["employee_id"] = colleagues(rng, rows, cast, staff)
    rows = rows.join(seats[["contact_id", "first_name"]], on="seat")
    subjects, texts = minutes.written(Writer(rng), rows, staff)
    return table(
        {
            "interaction_id": world.ids("interactions", rows["occurred_at"]),
            "customer_id": cast["customer_id"].iloc[rows["part"]].reset_index(drop=True),
            "contact_id": rows["contact_id"],
            "deal_id": rows["deal_id"],
            "employee_id": rows["employee_id"],
            "channel": rows["channel"],
            "direction": rows["direction"],
            "occurred_at": rows["occurred_at"],
            "subject": subjects,
            "note": texts,
            "duration_minutes": lengths(rng, rows["channel"]),
            "campaign": rows["campaign"],
        }
    )


def without_silent_orders(rng: np.random.Generator, beat: pd.DataFrame, cast: pd.DataFrame, bought: pd.DataFrame) -> pd.DataFrame:
    """The beat without most of the days on which a customer simply ordered and nobody talked; the first is kept."""
    alone = bought[bought["deal_id"].isna() & (rng.random(len(bought)) < 0.75)]
    keys = pd.MultiIndex.from_arrays([alone["customer_id"], alone["ordered_at"].dt.normalize()])
    talks = pd.MultiIndex.from_arrays([cast["customer_id"].iloc[beat["part"]], beat["day"]])
    return beat[~talks.isin(keys) | (beat.groupby("part").cumcount() == 0)]


def talked(world: World, rng: np.random.Generator, beat: pd.DataFrame, seats: pd.DataFrame) -> pd.DataFrame:
    """One talk for each day of the beat, mostly with the main contact."""
    part = beat["part"].to_numpy()
    channel = pd.Series(rng.choice(TWO_WAY, len(beat), p=TWO_WAY_SHARES))
    return pd.DataFrame(
        {
            "part": part,
            "seat": seated(rng, part, seats),
            "channel": channel,
            "direction": pd.Series(rng.choice(["inbound", "outbound"], len(beat), p=[0.4, 0.6])).where(
                channel.isin(["call", "email"])
            ),
            "occurred_at": at_work(rng, beat["day"].to_numpy().astype("datetime64[D]"), world.day),
        }
    )


def seated(rng: np.random.Generator, part: np.ndarray, seats: pd.DataFrame) -> np.ndarray:
    """A contact of each customer, the first ones far more often."""
    many = np.bincount(seats["part"])
    first = np.concatenate([[0], np.cumsum(many)[:-1]])
    return np.asarray(first[part] + (rng.random(len(part)) ** 2.2 * many[part]).astype("int64"))


def replies(rng: np.random.Generator, talks: pd.DataFrame) -> pd.DataFrame:
    """Most mails that came in are answered within the working day; the rest wait."""
    asked = talks[(talks["channel"] == "email") & (talks["direction"] == "inbound")]
    asked = asked[(rng.random(len(asked)) < 0.62) & (asked["occurred_at"].dt.hour > 7)]
    wait = pd.to_timedelta(np.round(20 * 60 + 5 * 3600 * rng.random(len(asked)) ** 2), unit="s")
    return asked.assign(occurred_at=asked["occurred_at"] + wait, direction="outbound", is_reply=True)


def notes(world: World, rng: np.random.Generator, beat: pd.DataFrame, seats: pd.DataFrame) -> pd.DataFrame:
    """What a colleague wrote down a day or so after a talk."""
    chosen = beat.iloc[np.sort(rng.choice(len(beat), NOTES, replace=False))]
    day = np.minimum(chosen["day"].to_numpy().astype("datetime64[D]") + rng.integers(0, 2, NOTES), world.day)
    part = chosen["part"].to_numpy()
    moment = at_work(rng, day, world.day)
    return pd.DataFrame({"part": part, "seat": seated(rng, part, seats), "channel": "note", "occurred_at": moment})


def under_way(rng: np.random.Generator, rows: pd.DataFrame, cast: pd.DataFrame, sales: pd.DataFrame) -> pd.Series:
    """The customer's latest deal, where it was open on that day and the talk was about it."""
    part = sales["customer_id"].map(pd.Series(cast.index, index=cast["customer_id"]))
    known = sales[["deal_id", "opened_on", "closed_on"]].assign(part=part).sort_values("opened_on")
    day = rows["occurred_at"].dt.normalize().astype("datetime64[us]")
    found = pd.merge_asof(rows[["part"]].assign(day=day), known, left_on="day", right_on="opened_on", by="part")
    is_open = (found["closed_on"].isna() | (found["closed_on"] >= found["day"])) & rows["channel"].isin([*TWO_WAY, "note"])
    return found["deal_id"].where(is_open & (rng.random(len(rows)) < 0.65))


def colleagues(rng: np.random.Generator, rows: pd.DataFrame, cast: pd.DataFrame, staff: pd.DataFrame) -> pd.Series:
    """The owner, or one time in eight somebody of the same region; nobody for campaigns."""
    owner = cast["owner_id"].iloc[rows["part"]].reset_index(drop=True)
    region = cast["region"].iloc[rows["part"]].reset_index(drop=True)
    helper = pd.Series(index=rows.index, dtype="str")
    for name, group in staff.dropna(subset="region").groupby("region"):
        mine = region.index[region == name]
        helper[mine] = rng.choice(group["employee_id"].to_numpy(dtype="object"), len(mine))
    chosen = owner.where(rng.random(len(rows)) < 0.88, helper)
    return chosen.where(~rows["channel"].isin(["newsletter", "post"]))


def lengths(rng: np.random.Generator, channel: pd.Series) -> pd.Series:
    """How long calls, meetings and visits took, to five minutes for the longer ones."""
    low, high = (channel.map({name: bounds[side] for name, bounds in MINUTES.items()}) for side in (0, 1))
    length = low + (high - low) * rng.random(len(channel)) ** 1.6
    return (length.where(channel == "call", (length / 5).round() * 5)).round().astype("Int64")
