"""One focus group, held some weeks ago: seven of eight came to talk about what a late delivery does to their day."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm.demo.words.delivery_talk import ACTION, FINDINGS, GUIDE, NAME, PURPOSE, QUOTES
from crm.demo.world import World, table, working_day

AGO = 24
SIZE = 8


@dataclass(frozen=True)
class Held:
    """The session as its tables refer to it: when, led by whom, who sat there, and the keys of all that belongs to it."""

    seed: int
    day: np.datetime64
    leader: str
    panel: pd.DataFrame
    group: str
    questions: list[str]
    seats: list[str]
    talks: list[str]
    said: list[str]
    quotes: list[str]
    found: list[str]
    drawn_from: list[str]
    outcomes: list[str]
    action: str

    @property
    def moment(self) -> np.datetime64:
        """At two in the afternoon."""
        return self.day + np.timedelta64(14, "h")

    @property
    def came(self) -> pd.DataFrame:
        """All of the panel but the last, who declined."""
        return self.panel.iloc[: len(self.talks)]


def focus_group(
    world: World, cast: pd.DataFrame, people: pd.DataFrame, staff: pd.DataFrame, themes: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The frames of the one focus group, its interactions, feedback and action among them."""
    held = session(world, seats(world, cast, people), staff)
    return {
        "focus_groups": _group(held),
        "focus_questions": _questions(held),
        "focus_participants": _participants(held),
        "focus_quotes": _quotes(held),
        "focus_findings": _findings(held),
        "finding_quotes": _finding_quotes(held),
        "finding_outcomes": _outcomes(held, dict(zip(themes["name"], themes["theme_id"], strict=True))),
        "actions": _action(held, world.day + np.timedelta64(20, "D")),
        "interactions": _interactions(held),
        "feedback": _feedback(held),
    }


def session(world: World, panel: pd.DataFrame, staff: pd.DataFrame) -> Held:
    """The day, the leader and the keys."""
    day = working_day(np.array([world.day - np.timedelta64(AGO, "D")]), world.day)[0]

    def keys(noun: str, size: int) -> list[str]:
        return world.ids(noun, np.full(size, day + np.timedelta64(14, "h")))

    return Held(
        seed=world.seed,
        day=day,
        leader=staff.loc[staff["role"] == "manager", "employee_id"].iloc[0],
        panel=panel,
        group=keys("focus_groups", 1)[0],
        questions=keys("focus_questions", len(GUIDE)),
        seats=keys("focus_participants", SIZE),
        talks=keys("focus interactions", SIZE - 1),
        said=keys("focus feedback", len(QUOTES)),
        quotes=keys("focus_quotes", len(QUOTES)),
        found=keys("focus_findings", len(FINDINGS)),
        drawn_from=keys("finding_quotes", sum(len(quotes) for _, quotes, _ in FINDINGS)),
        outcomes=keys("finding_outcomes", len(FINDINGS)),
        action=keys("focus actions", 1)[0],
    )


def _group(held: Held) -> pd.DataFrame:
    return table(
        {
            "focus_group_id": [held.group],
            "name": NAME,
            "purpose": PURPOSE,
            "segment_id": None,
            "size": SIZE,
            "strata": json.dumps(["region", "lifecycle_stage"]),
            "cooldown_days": 180,
            "asks_unknown": False,
            "seed": held.seed,
            "held_at": held.moment,
            "place": "Video call",
            "owner_id": held.leader,
            "note": None,
        },
        sourced=False,
    )


def _questions(held: Held) -> pd.DataFrame:
    texts, notes = zip(*GUIDE, strict=True)
    return table(
        {
            "focus_question_id": held.questions,
            "focus_group_id": held.group,
            "position": range(1, len(GUIDE) + 1),
            "text": texts,
            "note": notes,
        },
        sourced=False,
    )


def _participants(held: Held) -> pd.DataFrame:
    return table(
        {
            "focus_participant_id": held.seats,
            "focus_group_id": held.group,
            "customer_id": held.panel["customer_id"],
            "contact_id": held.panel["contact_id"],
            "stratum": held.panel["region"] + " · " + held.panel["lifecycle_stage"],
            "state": ["accepted"] * len(held.talks) + ["declined"],
            "invited_on": held.day - np.timedelta64(14, "D"),
            "interaction_id": [*held.talks, None],
        },
        sourced=False,
    )


def _quotes(held: Held) -> pd.DataFrame:
    return table(
        {
            "focus_quote_id": held.quotes,
            "focus_group_id": held.group,
            "focus_question_id": [held.questions[question] for question, *_ in QUOTES],
            "focus_participant_id": [held.seats[seat] for _, seat, *_ in QUOTES],
            "feedback_id": held.said,
        },
        sourced=False,
    )


def _findings(held: Held) -> pd.DataFrame:
    texts = [text for text, *_ in FINDINGS]
    return table({"focus_finding_id": held.found, "focus_group_id": held.group, "text": texts}, sourced=False)


def _finding_quotes(held: Held) -> pd.DataFrame:
    pairs = [(key, held.quotes[place]) for key, (_, places, _) in zip(held.found, FINDINGS, strict=True) for place in places]
    found, quotes = zip(*pairs, strict=True)
    return table({"finding_quote_id": held.drawn_from, "focus_finding_id": found, "focus_quote_id": quotes}, sourced=False)


def _outcomes(held: Held, theme: dict[str, str]) -> pd.DataFrame:
    """What was found belongs to a theme of ours, or became the action."""
    return table(
        {
            "finding_outcome_id": held.outcomes,
            "focus_finding_id": held.found,
            "theme_id": [theme.get(name or "") for *_, name in FINDINGS],
            "action_id": [None if name else held.action for *_, name in FINDINGS],
            "trait_id": None,
        },
        sourced=False,
    )


def _action(held: Held, due_on: np.datetime64) -> pd.DataFrame:
    return table(
        {
            "action_id": [held.action],
            "theme_id": None,
            "name": ACTION,
            "owner_id": held.leader,
            "due_on": due_on,
            "changed_on": np.datetime64("NaT", "s"),
            "changed_note": None,
            "survey_id": None,
        },
        sourced=False,
    )


def _interactions(held: Held) -> pd.DataFrame:
    """The session on the timeline of each who came."""
    return table(
        {
            "interaction_id": held.talks,
            "customer_id": held.came["customer_id"],
            "contact_id": held.came["contact_id"],
            "deal_id": None,
            "employee_id": held.leader,
            "channel": "meeting",
            "direction": None,
            "occurred_at": held.moment,
            "subject": f"Focus group: {NAME}",
            "note": PURPOSE,
            "duration_minutes": pd.array([90] * len(held.talks), dtype="Int64"),
            "campaign": None,
        }
    )


def _feedback(held: Held) -> pd.DataFrame:
    """What was said, as feedback of whoever said it."""
    _, seat, kind, text = zip(*QUOTES, strict=True)
    speaker = held.panel.iloc[list(seat)].reset_index(drop=True)
    return table(
        {
            "feedback_id": held.said,
            "customer_id": speaker["customer_id"],
            "contact_id": speaker["contact_id"],
            "product_id": None,
            "employee_id": held.leader,
            "kind": kind,
            "text": text,
            "rating": pd.array([None] * len(QUOTES), dtype="Int64"),
            "scale": None,
            "channel": "focus group",
            "received_at": held.moment,
            "interaction_id": [held.talks[place] for place in seat],
        }
    )


def seats(world: World, cast: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Who may be asked: one who said yes of each customer that buys and is in touch, some of each region."""
    rng = world.rng("focus")
    fits = cast[cast["lifecycle_stage"].isin(["customer", "loyal"]) & (cast["kind"] == "company") & ~cast["is_quiet"]]
    asked = people[(people["consent"] == "given") & people["email"].notna()].drop_duplicates("customer_id")
    rows = asked[["contact_id", "customer_id"]].merge(fits[["customer_id", "region", "lifecycle_stage"]], on="customer_id")
    rows = rows.iloc[rng.permutation(len(rows))]
    turn = rows.groupby(["region", "lifecycle_stage"]).cumcount()
    return rows.assign(turn=turn).sort_values("turn", kind="stable").head(SIZE).reset_index(drop=True)
