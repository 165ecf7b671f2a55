"""One focus group, held some weeks ago: seven of eight came to talk about what a late delivery does to their day."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

from crm.demo.world import World, table, working_day

NAME = "What a late delivery does to your day"
PURPOSE = "Complaints about deliveries rise. What happens at the customer's end when a parcel is late, and what would help most?"
AGO = 24
SIZE = 8
GUIDE = (
    (
        "What happens at your place when a delivery is late?",
        "Everybody plans people around the parcel. The delay itself is less bad than not knowing of it.",
    ),
    ("How do you find out that it is late?", "By waiting. Two look into the tracking, one calls us."),
    ("What would you have wanted to know, and when?", "The day before, by mail; on the day, the hour."),
    ("If we could change one thing, what should it be?", "Most: tell us before we ask. One: Saturday deliveries."),
)
# To which question, by which seat of the panel, of what kind.
QUOTES = (
    (
        0,
        0,
        "suggestion",
        "Two of my people stood at the dock for a morning, because the parcel was promised for nine and came at four.",
    ),
    (1, 2, "complaint", "I find out that a delivery is late by it not being there."),
    (1, 3, "suggestion", "One mail the evening before would save me three calls."),
    (2, 1, "suggestion", "Give me the hour, not the day. With a day I can plan nothing."),
    (2, 5, "compliment", "When your colleague called ahead about the late shipment, I moved the fitters, and nobody was cross."),
    (3, 4, "suggestion", "Tell us before we have to ask, that is all."),
)
# What was found, on which quotes, and the theme of ours that it belongs to.
FINDINGS = (
    ("Not knowing hurts more than the delay: they plan people around the hour of delivery.", (0, 1, 3), "Delivery"),
    ("A warning the day before would spare us and them most calls.", (2, 4, 5), None),
)
ACTION = "Mail a warning the evening before a late delivery"


def focus_group(
    world: World, cast: pd.DataFrame, people: pd.DataFrame, staff: pd.DataFrame, themes: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The frames of the one focus group, its interactions, feedback and action among them."""
    day = working_day(np.array([world.day - np.timedelta64(AGO, "D")]), world.day)[0]
    panel = seats(world, cast, people)
    held = day.astype("datetime64[s]") + np.timedelta64(14, "h")

    def known(noun: str, size: int) -> list[str]:
        return world.ids(noun, np.full(size, held))

    leader = staff.loc[staff["role"] == "manager", "employee_id"].iloc[0]
    (group,) = known("focus_groups", 1)
    came = panel.iloc[: SIZE - 1]
    talks = known("focus interactions", len(came))
    questions, seat = known("focus_questions", len(GUIDE)), known("focus_participants", SIZE)
    said, quotes = known("focus feedback", len(QUOTES)), known("focus_quotes", len(QUOTES))
    found, (action,) = known("focus_findings", len(FINDINGS)), known("focus actions", 1)
    theme = dict(zip(themes["name"], themes["theme_id"], strict=True))
    speaker = panel.iloc[[quote[1] for quote in QUOTES]].reset_index(drop=True)
    frames = {
        "focus_groups": {
            "focus_group_id": [group],
            "name": NAME,
            "purpose": PURPOSE,
            "segment_id": None,
            "size": SIZE,
            "strata": json.dumps(["region", "lifecycle_stage"]),
            "cooldown_days": 180,
            "asks_unknown": False,
            "seed": world.seed,
            "held_at": held,
            "place": "Video call",
            "owner_id": leader,
            "note": None,
        },
        "focus_questions": {
            "focus_question_id": questions,
            "focus_group_id": group,
            "position": range(1, len(GUIDE) + 1),
            "text": [question for question, _ in GUIDE],
            "note": [note for _, note in GUIDE],
        },
        "focus_participants": {
            "focus_participant_id": seat,
            "focus_group_id": group,
            "customer_id": panel["customer_id"],
            "contact_id": panel["contact_id"],
            "stratum": panel["region"] + " · " + panel["lifecycle_stage"],
            "state": ["accepted"] * len(came) + ["declined"],
            "invited_on": day - np.timedelta64(14, "D"),
            "interaction_id": [*talks, None],
        },
        "focus_quotes": {
            "focus_quote_id": quotes,
            "focus_group_id": group,
            "focus_question_id": [questions[quote[0]] for quote in QUOTES],
            "focus_participant_id": [seat[quote[1]] for quote in QUOTES],
            "feedback_id": said,
        },
        "focus_findings": {"focus_finding_id": found, "focus_group_id": group, "text": [finding[0] for finding in FINDINGS]},
        "finding_quotes": {
            "finding_quote_id": known("finding_quotes", sum(len(finding[1]) for finding in FINDINGS)),
            "focus_finding_id": [key for key, finding in zip(found, FINDINGS, strict=True) for _ in finding[1]],
            "focus_quote_id": [quotes[place] for finding in FINDINGS for place in finding[1]],
        },
        "finding_outcomes": {
            "finding_outcome_id": known("finding_outcomes", 2),
            "focus_finding_id": found,
            "theme_id": [theme.get(FINDINGS[0][2] or ""), None],
            "action_id": [None, action],
            "trait_id": None,
        },
        "actions": {
            "action_id": [action],
            "theme_id": None,
            "name": ACTION,
            "owner_id": leader,
            "due_on": world.day + np.timedelta64(20, "D"),
            "changed_on": np.datetime64("NaT", "s"),
            "changed_note": None,
            "survey_id": None,
        },
    }
    sourced = {
        "interactions": {
            "interaction_id": talks,
            "customer_id": came["customer_id"],
            "contact_id": came["contact_id"],
            "deal_id": None,
            "employee_id": leader,
            "channel": "meeting",
            "direction": None,
            "occurred_at": held,
            "subject": f"Focus group: {NAME}",
            "note": PURPOSE,
            "duration_minutes": pd.array([90] * len(came), dtype="Int64"),
            "campaign": None,
        },
        "feedback": {
            "feedback_id": said,
            "customer_id": speaker["customer_id"],
            "contact_id": speaker["contact_id"],
            "product_id": None,
            "employee_id": leader,
            "kind": [quote[2] for quote in QUOTES],
            "text": [quote[3] for quote in QUOTES],
            "rating": pd.array([None] * len(QUOTES), dtype="Int64"),
            "scale": None,
            "channel": "focus group",
            "received_at": held,
            "interaction_id": [talks[quote[1]] for quote in QUOTES],
        },
    }
    made = {name: table(columns, sourced=False) for name, columns in frames.items()}
    return made | {name: table(columns) for name, columns in sourced.items()}


def seats(world: World, cast: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Who may be asked: one who said yes of each customer that buys and is in touch, some of each region."""
    rng = world.rng("focus")
    fits = cast[cast["lifecycle_stage"].isin(["customer", "loyal"]) & (cast["kind"] == "company") & ~cast["is_quiet"]]
    asked = people[(people["consent"] == "given") & people["email"].notna()].drop_duplicates("customer_id")
    rows = asked[["contact_id", "customer_id"]].merge(fits[["customer_id", "region", "lifecycle_stage"]], on="customer_id")
    rows = rows.iloc[rng.permutation(len(rows))]
    turn = rows.groupby(["region", "lifecycle_stage"]).cumcount()
    return rows.assign(turn=turn).sort_values("turn", kind="stable").head(SIZE).reset_index(drop=True)
