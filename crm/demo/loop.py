"""The loop at Harbor: complaints with who answers them by when, and three actions, each as far as it is.

Support is done: changed, told, asked again, and those who were told would recommend us rather than before. Delivery has just
changed, and most wait to be told. Price has an owner and a day.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm.demo import themes
from crm.demo.truths import DELIVERY_WORDS, SUPPORT_WORDS
from crm.demo.world import World, at_work, table, working_day

ANSWERED_SINCE_DAYS, DUE_DAYS = 300, 5
YEAR = np.timedelta64(365, "D")
ASKED_AGAIN, AGAIN_AFTER, AGAIN_RATINGS = 16, (38, 62), (6, 7, 8, 8, 9, 9, 9, 10)
TOLD = ["feedback_id", "customer_id", "contact_id", "action_id", "told_at", "text"]
TELLING = ("action_id", "feedback_id", "customer_id", "contact_id", "interaction_id", "told_at", "words")
ANSWERS = (
    "Told {name} what went wrong, and that it is put right.",
    "Apologised to {name} and said by when it is done.",
    "Went through it with {name}: it will not happen again.",
    "{name} knows what we have done about it, and is content.",
)


@dataclass(frozen=True)
class Change:
    """What is changed for a theme: by whom, since how many days (none: due in so many), whom of those who raised it we told."""

    theme: str
    name: str
    owner: str
    raised: str
    due_days: int
    changed_days: int | None = None
    note: str | None = None
    told_after: int = 0
    told_most: int = 0


CHANGES = (
    Change(
        "Support",
        "A person answers every ticket within the hour",
        "Renée Castillo",
        SUPPORT_WORDS,
        due_days=-100,
        changed_days=96,
        note="A person answers within the hour and calls back the same day",
        told_after=7,
        told_most=500,
    ),
    Change(
        "Delivery",
        "A second carrier for everything that leaves after noon",
        "Hiroshi Tanabe",
        DELIVERY_WORDS,
        due_days=-4,
        changed_days=6,
        note="What is ordered by noon leaves the same day, with a carrier who says when it comes",
        told_after=2,
        told_most=9,
    ),
    Change("Price", "One page that says what everything costs", "Oluwaseun Bello", r"price|expensive", due_days=21),
)


@dataclass(frozen=True)
class Loop:
    """All that belongs to the loop: the feedback with its duties and what was said when asked again, and the new rows."""

    voices: pd.DataFrame
    actions: pd.DataFrame
    interactions: pd.DataFrame
    tellings: pd.DataFrame


def loop(world: World, voices: pd.DataFrame, cast: pd.DataFrame, people: pd.DataFrame, staff: pd.DataFrame) -> Loop:
    """The loop as it stands today."""
    owned = with_duties(world, voices, cast)
    stated = actions(world, staff)
    told = pd.concat([answered(world, owned, cast), told_of(world, owned, cast, stated)], ignore_index=True)
    told = told.sort_values(["told_at", "feedback_id"], kind="stable", ignore_index=True)
    told = told.join(people.set_index("contact_id")["first_name"], on="contact_id")
    told["words"] = [text.format(name=name) for text, name in zip(told["text"], told["first_name"], strict=True)]
    key = ["contact_id", "action_id", "told_at"]
    talks = told.drop_duplicates(key)
    talks = talks.assign(interaction_id=world.ids("tellings/interactions", talks["told_at"]))
    told = told.merge(talks[[*key, "interaction_id"]], on=key)
    return Loop(
        asked_again(world, owned, told, stated),
        stated.drop(columns=["raised", "told_after", "told_most"]),
        _interactions(talks, cast),
        table(
            {"telling_id": world.ids("tellings", told["told_at"])} | {name: told[name] for name in TELLING},
            sourced=False,
        ),
    )


def with_duties(world: World, voices: pd.DataFrame, cast: pd.DataFrame) -> pd.DataFrame:
    """Since we began to answer them, each complaint is its customer's owner's, due in five days."""
    since = world.day - np.timedelta64(ANSWERED_SINCE_DAYS, "D")
    duty = voices["kind"].eq("complaint") & (voices["received_at"] >= since) & talked_to(voices, cast)
    owner = voices["customer_id"].map(cast.set_index("customer_id")["owner_id"])
    due = voices["received_at"].dt.normalize() + pd.Timedelta(days=DUE_DAYS)
    blank = pd.Series(None, voices.index, dtype="str")
    keys = dict.fromkeys(("survey_id", "survey_response_id", "interaction_id"), blank)
    return voices.assign(**keys, owner_id=owner.where(duty).astype("str"), due_on=due.where(duty))


def actions(world: World, staff: pd.DataFrame) -> pd.DataFrame:
    """One row per action, with whom it concerns."""
    theme = themes.themes(world).set_index("name")["theme_id"]
    who = staff.set_index("name")["employee_id"]
    days = [np.nan if change.changed_days is None else -change.changed_days for change in CHANGES]
    today = pd.Timestamp(world.today)
    return table(
        {
            "action_id": world.ids("actions", np.full(len(CHANGES), world.day - np.timedelta64(120, "D"))),
            "theme_id": [theme[change.theme] for change in CHANGES],
            "name": [change.name for change in CHANGES],
            "owner_id": [who[change.owner] for change in CHANGES],
            "due_on": today + pd.to_timedelta([change.due_days for change in CHANGES], unit="D"),
            "changed_on": today + pd.to_timedelta(pd.Series(days), unit="D"),
            "changed_note": [change.note for change in CHANGES],
            "raised": [change.raised for change in CHANGES],
            "told_after": [change.told_after for change in CHANGES],
            "told_most": [change.told_most for change in CHANGES],
        },
        sourced=False,
    )


def answered(world: World, owned: pd.DataFrame, cast: pd.DataFrame) -> pd.DataFrame:
    """Most complaints are answered within a week; of the last days fewer, and a few were forgotten."""
    rng = world.rng("loop/answered")
    rows = owned[owned["due_on"].notna()]
    ago = (pd.Timestamp(world.today) - rows["received_at"]).dt.days
    rows = rows[rng.random(len(rows)) < np.select([ago > 60, ago > 14], [1.0, 0.86], 0.35)]
    day = rows["received_at"].to_numpy().astype("datetime64[D]") + rng.integers(1, 8, len(rows)).astype("timedelta64[D]")
    rows = rows.assign(told_at=_at(world, rng, day), action_id=None, text=rng.choice(ANSWERS, len(rows)))
    return rows.loc[rows["told_at"] > rows["received_at"], TOLD]


def told_of(world: World, owned: pd.DataFrame, cast: pd.DataFrame, stated: pd.DataFrame) -> pd.DataFrame:
    """Who raised what was changed, in the year before, and was told so."""
    rng = world.rng("loop/told")
    frames = []
    for change in stated[stated["changed_on"].notna()].itertuples():
        known = owned["received_at"].between(change.changed_on - YEAR, change.changed_on + pd.Timedelta(days=1), "left")
        said = owned["text"].fillna("").str.contains(str(change.raised), flags=re.IGNORECASE)
        rows = owned[known & said & owned["kind"].ne("compliment") & talked_to(owned, cast)]
        rows = rows[rows["contact_id"].isin(rows["contact_id"].drop_duplicates().head(int(str(change.told_most))))]
        day = np.full(1, np.datetime64(change.changed_on, "D") + np.timedelta64(int(str(change.told_after)), "D"))
        text = f"Dear {{name}}, you told us about this, and we have changed it. {change.changed_note}. Thank you for saying so."
        frames.append(rows.assign(told_at=_at(world, rng, day)[0], action_id=change.action_id, text=text)[TOLD])
    return pd.concat(frames, ignore_index=True)


def asked_again(world: World, owned: pd.DataFrame, told: pd.DataFrame, stated: pd.DataFrame) -> pd.DataFrame:
    """The feedback, and what those who had been told said weeks later, when asked again whether they would recommend us."""
    rng = world.rng("loop/again")
    change = stated.iloc[0]
    heard = told.loc[told["action_id"].eq(change["action_id"]), "contact_id"]
    before = owned[owned["scale"].eq("nps_0_10") & owned["received_at"].lt(change["changed_on"])]
    before = before[before["received_at"] >= change["changed_on"] - YEAR]
    known = before[before["contact_id"].isin(heard)].drop_duplicates("contact_id", keep="last").head(ASKED_AGAIN)
    after = rng.integers(*AGAIN_AFTER, len(known)).astype("timedelta64[D]")
    received = _at(world, rng, np.datetime64(change["changed_on"], "D") + after)
    rows = known.assign(
        feedback_id=world.ids("feedback/again", received),
        kind="survey_answer",
        text=None,
        rating=rng.choice(AGAIN_RATINGS, len(known)),
        channel="survey",
        received_at=received,
        product_id=None,
        employee_id=None,
    )
    found = pd.concat([owned, rows.astype(owned.dtypes.to_dict())], ignore_index=True)
    return found.sort_values("received_at", kind="stable", ignore_index=True)


def with_survey(actions: pd.DataFrame, surveys: pd.DataFrame) -> pd.DataFrame:
    """The first action was followed by the first survey: among others it asked those who had been told."""
    chosen = [surveys["survey_id"].iloc[0], *[None] * (len(actions) - 1)]
    return actions.assign(survey_id=pd.Series(chosen, actions.index, dtype="str"))


def talked_to(owned: pd.DataFrame, cast: pd.DataFrame) -> pd.Series:
    """Those who have gone quiet were not told either."""
    return ~owned["customer_id"].isin(cast.loc[cast["is_quiet"], "customer_id"]) & owned["contact_id"].notna()


def _at(world: World, rng: np.random.Generator, days: np.ndarray | Sequence[np.datetime64]) -> np.ndarray:
    return at_work(rng, np.minimum(working_day(np.asarray(days), world.day), world.day), world.day)


def _interactions(talks: pd.DataFrame, cast: pd.DataFrame) -> pd.DataFrame:
    """One row per person and time that they were told."""
    direct = talks["action_id"].isna()
    return table(
        {
            "interaction_id": talks["interaction_id"],
            "customer_id": talks["customer_id"],
            "contact_id": talks["contact_id"],
            "employee_id": talks["customer_id"].map(cast.set_index("customer_id")["owner_id"]),
            "channel": np.where(direct, "call", "email"),
            "direction": "outbound",
            "occurred_at": talks["told_at"],
            "subject": np.where(direct, "Answered what they told us", "Told what changed"),
            "note": talks["words"],
        }
    )
