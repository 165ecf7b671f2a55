"""What Harbor's own people say: six things, two of them answered, some without a name; and two quarters of eNPS."""

from __future__ import annotations

from uuid import UUID

import numpy as np
import pandas as pd

from crm.demo.world import World, table

# Kind, text, who (None: without a name), days ago, state, answer, answered days ago, how many are for it.
IDEAS = (
    (
        "blocker",
        "Delivery dates are only in the warehouse system. When a customer calls about a late parcel I have to ask a colleague, "
        "and call back an hour later.",
        "Priyanka Rao", 12, "open", None, None, 7,
    ),
    (
        "need",
        "A short list of what is late this week, every Monday, so that we call before they do. Late deliveries are what every "
        "second call is about.",
        None, 9, "open", None, None, 5,
    ),
    (
        "idea",
        "Offer the starter kit with a first hour of training. Customers who were shown the app once hardly ever need the "
        "hotline.",
        "Diego Fuentes", 61, "planned", "Good thought. Hannah puts the package together; we try it with ten customers "
        "until spring.",
        40, 6,
    ),
    (
        "need",
        "A second line for support in the afternoon. The hotline is where we lose people, and one person cannot hold it.",
        "Aoife Brennan", 96, "done", "Since the first of the month two colleagues "
        "answer from one o'clock on. Tell us whether it is enough.",
        70, 8,
    ),
    (
        "blocker",
        "Discounts above ten per cent take three signatures. By the time we have them the competitor has sold.",
        None, 33, "open", None, None, 4,
    ),
    (
        "idea",
        "Print the serial number on the invoice. Half of the questions about billing are about which device it is for.",
        "Hannah Osei", 20, "open", None, None, 3,
    ),
)  # fmt: skip
# Themes of what our own people say, with the phrases that always mean them.
THEMES = (
    ("Our systems", "What we work with, and what it does not tell us.", ("warehouse system", "too many systems", "tools")),
    ("Support line", "The hotline, from the inside.", ("hotline", "line for support")),
)
# Ratings of the quarter before last and of the last one, and the reasons that some gave.
RATINGS = ((9, 8, 10, 6, 7, 9, 5, 8, 9, 10), (9, 9, 10, 7, 8, 9, 6, 8, 10, 10, 9))
REASONS = (
    (
        None, None, "People help each other here", "Too many systems that do not talk to each other", None, None,
        "The hotline, every day", None, None, None,
    ),
    (
        "We decide quickly", None, "The team", None, None, "Good tools since spring", "Three signatures for everything",
        None, None, None, None,
    ),
)  # fmt: skip


def ideas(world: World, staff: pd.DataFrame) -> pd.DataFrame:
    """One row per thing said."""
    kind, text, who, ago, state, answer, answered, _ = zip(*IDEAS, strict=True)
    keys = dict(zip(staff["name"], staff["employee_id"], strict=True))
    leader = staff.loc[staff["role"] == "leader", "employee_id"].iloc[0]
    days = world.day - np.array(ago).astype("timedelta64[D]")
    answered_on = pd.Series([None if n is None else world.day - np.timedelta64(n, "D") for n in answered], dtype="datetime64[s]")
    return table(
        {
            "idea_id": nameless(world, "ideas", len(IDEAS)),
            "kind": kind,
            "text": text,
            "employee_id": [keys.get(name or "") for name in who],
            "said_on": days,
            "state": state,
            "answer": answer,
            "answered_by_id": [leader if one else None for one in answer],
            "answered_on": answered_on,
            "action_id": None,
        },
        sourced=False,
    )


def idea_votes(world: World, said: pd.DataFrame, staff: pd.DataFrame) -> pd.DataFrame:
    """One row per employee and what they are for."""
    rng = world.rng("idea_votes")
    rows = [
        (idea, employee, day)
        for idea, day, votes in zip(said["idea_id"], said["said_on"], (row[-1] for row in IDEAS), strict=True)
        for employee in rng.choice(staff["employee_id"].to_numpy(), votes, replace=False)
    ]
    idea, employee, day = zip(*rows, strict=True)
    return table(
        {
            "idea_vote_id": world.ids("idea_votes", pd.Series(day)),
            "idea_id": idea,
            "employee_id": employee,
        },
        sourced=False,
    )


def enps_answers(world: World) -> pd.DataFrame:
    """One row per answer of nobody, all of them shown."""
    months = world.today.year * 12 + world.today.month - 1
    starts = [pd.Timestamp((months - months % 3 - back) // 12, (months - months % 3 - back) % 12 + 1, 1) for back in (6, 3)]
    return table(
        {
            "enps_answer_id": nameless(world, "enps_answers", sum(map(len, RATINGS))),
            "starts_on": [start for start, ratings in zip(starts, RATINGS, strict=True) for _ in ratings],
            "rating": np.concatenate(RATINGS),
            "text": [reason for reasons in REASONS for reason in reasons],
            "is_released": True,
        },
        sourced=False,
    )


def nameless(world: World, noun: str, size: int) -> list[str]:
    """Keys that say nothing of when: random ones (version 4)."""
    numbers = world.rng(f"{noun}/id").bytes(16 * size)
    return sorted(str(UUID(bytes=numbers[16 * place : 16 * place + 16], version=4)) for place in range(size))


def themes(world: World) -> pd.DataFrame:
    """One row per theme of our own people."""
    return table(
        {
            "theme_id": _theme_ids(world),
            "corpus": "employees",
            "name": [theme[0] for theme in THEMES],
            "note": [theme[1] for theme in THEMES],
        },
        sourced=False,
    )


def theme_phrases(world: World) -> pd.DataFrame:
    """One row per phrase of theirs."""
    rows = [(key, phrase) for key, theme in zip(_theme_ids(world), THEMES, strict=True) for phrase in theme[2]]
    return table(
        {
            "theme_phrase_id": world.ids("own theme_phrases", np.full(len(rows), world.day)),
            "theme_id": [key for key, _ in rows],
            "phrase": [phrase for _, phrase in rows],
            "is_excluded": False,
        },
        sourced=False,
    )


def _theme_ids(world: World) -> list[str]:
    return world.ids("own themes", np.full(len(THEMES), world.day))
