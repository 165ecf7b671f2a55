"""Traits: what we have learned that customers want, need, like, dislike, value and hope for, and how we know."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm.demo.cast import BUYERS
from crm.demo.words.wants import TRAITS
from crm.demo.world import World, table
from crm.demo.writer import Writer

OTHER_KINDS = ("want", "like", "like", "dislike", "value", "aspiration", "want", "need")
ASKED = ("need", "want")
UNMET_STATES = ("open", "open", "promised", "promised", "declined")
PROMISED_IN = (-18, -9, -4, -2, 1, 2, 4, 6, 8, 12, 15, 20, 28, 35, 44, 60)


def traits(world: World, cast: pd.DataFrame, talks: pd.DataFrame, voices: pd.DataFrame) -> pd.DataFrame:
    """One row per trait; every customer with a met need has one, and the others have none."""
    rng = world.rng("traits")
    writer = Writer(rng)
    buyer = cast["lifecycle_stage"].isin(BUYERS)
    known = cast[cast["is_met"] | (buyer & (rng.random(len(cast)) < 0.5)) | (~buyer & (rng.random(len(cast)) < 0.2))]
    rows = pd.DataFrame(
        [
            (customer, *trait)
            for customer, met in zip(known["customer_id"], known["is_met"], strict=True)
            for trait in learned(writer, bool(met))
        ],
        columns=["customer_id", "kind", "text", "evidence", "state"],
    )
    rows = rows.join(sources(rng, rows["customer_id"], talks, voices))
    rows = rows.sort_values("observed_on", kind="stable", ignore_index=True)
    return table(
        {
            "trait_id": world.ids("traits", rows["observed_on"]),
            "customer_id": rows["customer_id"],
            "contact_id": rows["contact_id"],
            "kind": rows["kind"],
            "text": rows["text"],
            "state": rows["state"],
            "promised_on": promised(world, rows),
            "evidence": rows["evidence"],
            "observed_on": rows["observed_on"],
            "interaction_id": rows["interaction_id"],
            "feedback_id": rows["feedback_id"],
        },
        sourced=False,
    )


def learned(writer: Writer, met: bool) -> list[tuple[str, str, str, str | None]]:
    """The traits of one customer: a need first, then one to three more, no text twice."""
    kinds = ["need", *(writer.pick(OTHER_KINDS) for _ in range(1 + int(writer.rng.random() * 1.95)))]
    found: dict[str, tuple[str, str, str, str | None]] = {}
    for position, kind in enumerate(kinds):
        bank = TRAITS[kind]
        text, evidence = bank[int(writer.rng.random() * len(bank))]
        state = state_of(writer, met, first=position == 0) if kind in ASKED else None
        found.setdefault(text, (kind, text, evidence, state))
    return list(found.values())


def state_of(writer: Writer, met: bool, first: bool) -> str:
    """Met for those whose needs we meet (always the first), otherwise open, promised or declined."""
    return "met" if met and (first or writer.chance(0.4)) else writer.pick(UNMET_STATES)


def sources(rng: np.random.Generator, customers: pd.Series, talks: pd.DataFrame, voices: pd.DataFrame) -> pd.DataFrame:
    """The talk or the feedback in which it was said, with its contact and day."""
    heard = pd.concat(
        [
            talks[~talks["channel"].isin(["newsletter", "post"])]
            .rename(columns={"occurred_at": "said_at"})
            .assign(feedback_id=None),
            voices.rename(columns={"received_at": "said_at"}).assign(interaction_id=None),
        ]
    )[["customer_id", "contact_id", "interaction_id", "feedback_id", "said_at"]]
    heard = heard.sort_values(["customer_id", "said_at"], kind="stable", ignore_index=True)
    span = heard.groupby("customer_id").agg(first=("said_at", lambda rows: rows.index[0]), many=("said_at", "size"))
    first, many = span["first"].reindex(customers).to_numpy(), span["many"].reindex(customers).to_numpy()
    chosen = heard.iloc[first + (rng.random(len(customers)) ** 0.8 * many).astype("int64")].reset_index(drop=True)
    chosen["observed_on"] = chosen["said_at"].dt.normalize()
    return chosen.drop(columns=["customer_id", "said_at"])


def promised(world: World, rows: pd.DataFrame) -> pd.Series:
    """The day a promise is due: a few are overdue, some due soon; never before the wish was heard."""
    turn = (rows["state"] == "promised").cumsum().to_numpy() % len(PROMISED_IN)
    due = pd.Timestamp(world.today) + pd.to_timedelta(np.array(PROMISED_IN)[turn], unit="D")
    late = pd.Series(due).clip(lower=rows["observed_on"] + pd.Timedelta(days=5))
    return late.where(rows["state"] == "promised")
