"""Two surveys: one that asks who would recommend us and is open, one about deliveries that is closed.

What customers answered is feedback that is there already: here it learns by which survey it came.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm.demo.world import World, at_work, table

SILENT = 1.7  # so many were asked and said nothing for each who answered
WHAT_MATTERED = ("That it comes on the day", "That the box is whole", "That I know where it is", "What it costs")
MATTERED_SHARES = (0.46, 0.12, 0.27, 0.15)


@dataclass(frozen=True)
class Plan:
    """A survey: its texts, what it asks, on which days of the past it was answered."""

    name: str
    scale: str
    kind: str
    opened_days: int
    closed_days: int | None
    texts: dict[str, dict[str, str]]
    choice: dict[str, dict[str, object]] | None = None


@dataclass(frozen=True)
class Asked:
    """The tables of the surveys, and the feedback that came by them."""

    tables: dict[str, pd.DataFrame]
    voices: pd.DataFrame


PLANS = (
    Plan(
        "After a delivery",
        "csat_1_5",
        "csat",
        290,
        110,
        {"en": {"title": "How was your delivery?", "thanks": "What goes wrong twice is changed, and you are told."}},
        {"en": {"question": "What matters most to you in a delivery?", "choices": list(WHAT_MATTERED)}},
    ),
    Plan(
        "Would you recommend us?",
        "nps_0_10",
        "nps",
        100,
        None,
        {
            "en": {"title": "One question for you", "intro": "It takes half a minute.", "thanks": "We read it this week."},
            "de": {"title": "Eine Frage an Sie", "intro": "Es dauert eine halbe Minute.", "thanks": "Wir lesen es diese Woche."},
        },
    ),
)


def surveys(world: World, voices: pd.DataFrame, people: pd.DataFrame, staff: pd.DataFrame) -> Asked:
    """The tables by name, in insert order, and the feedback with its survey."""
    opened = np.array([world.day - np.timedelta64(plan.opened_days, "D") for plan in PLANS])
    keys = world.ids("surveys", opened)
    parts = [_answered(world, plan, key, voices, people) for plan, key in zip(PLANS, keys, strict=True)]
    asked = pd.concat([part[0] for part in parts]).sort_values("invited_at", ignore_index=True)
    given = pd.concat([part[1] for part in parts])
    asked.insert(0, "survey_invitation_id", world.ids("survey_invitations", asked["invited_at"]))
    given = given.merge(asked[["survey_id", "contact_id", "survey_invitation_id"]], on=["survey_id", "contact_id"])
    given = given.sort_values("received_at", ignore_index=True)
    given["survey_response_id"] = world.ids("survey_responses", given["received_at"])
    questions = _questions(world, keys, opened)
    tables = {
        "surveys": _surveys(keys, opened, world, staff),
        "survey_questions": questions,
        "survey_invitations": table(dict(asked), sourced=False),
        "survey_responses": _responses(given),
        "survey_answers": _answers(world, given, questions),
    }
    by_voice = given.set_index("feedback_id")[["survey_id", "survey_response_id"]]
    return Asked(tables, voices.drop(columns=list(by_voice.columns), errors="ignore").join(by_voice, on="feedback_id"))


def _answered(
    world: World, plan: Plan, key: str, voices: pd.DataFrame, people: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Who was asked, and the feedback of those who answered: each person once."""
    rng = world.rng(f"surveys/{plan.kind}")
    first = pd.Timestamp(world.today) - pd.Timedelta(days=plan.opened_days - 10)
    last = pd.Timestamp(world.today) - pd.Timedelta(days=plan.closed_days or 0)
    came = voices["received_at"].between(first, last + pd.Timedelta(days=1))
    given = voices[came & voices["scale"].eq(plan.scale) & voices["channel"].eq("survey") & voices["contact_id"].notna()]
    given = given.drop_duplicates("contact_id", keep="last").assign(survey_id=key)
    others = people[~people["contact_id"].isin(given["contact_id"]) & people["consent"].ne("withdrawn")]
    silent = others.sample(int(len(given) * SILENT), random_state=int(rng.integers(1 << 31)))
    before = given["received_at"].dt.floor("D") - pd.to_timedelta(rng.integers(1, 6, len(given)), unit="D")
    days = before.to_numpy().astype("datetime64[D]")
    moments = [at_work(rng, days, world.day), at_work(rng, rng.choice(days, len(silent)), world.day)]
    whom = pd.concat([given, silent])[["contact_id", "customer_id"]]
    return whom.assign(survey_id=key, invited_at=np.concatenate(moments)), given


def _surveys(keys: list[str], opened: np.ndarray, world: World, staff: pd.DataFrame) -> pd.DataFrame:
    manager = staff.loc[staff["role"] == "manager", "employee_id"].iloc[0]
    closed = [plan.closed_days and world.day - np.timedelta64(plan.closed_days, "D") for plan in PLANS]
    return table(
        {
            "survey_id": keys,
            "name": [plan.name for plan in PLANS],
            "is_anonymous": False,
            "language": "en",
            "texts": [json.dumps(plan.texts, ensure_ascii=False) for plan in PLANS],
            "link_days": 30,
            "opened_at": opened.astype("datetime64[us]"),
            "closes_on": pd.Series([pd.NaT] * len(PLANS), dtype="datetime64[us]"),
            "closed_at": pd.to_datetime(pd.Series(closed, dtype="datetime64[us]")),
            "owner_id": manager,
        },
        sourced=False,
    )


def _questions(world: World, keys: list[str], opened: np.ndarray) -> pd.DataFrame:
    numbered = [(place, keys[place], plan) for place, plan in enumerate(PLANS)]
    rows: list[tuple[str, int, str, bool, object]] = [(key, place, plan.kind, True, {}) for place, key, plan in numbered]
    rows += [(key, place, "choice", False, plan.choice) for place, key, plan in numbered if plan.choice]
    return table(
        {
            "survey_question_id": world.ids("survey_questions", np.array([opened[row[1]] for row in rows])),
            "survey_id": [row[0] for row in rows],
            "position": [int(row[2] == "choice") for row in rows],
            "kind": [row[2] for row in rows],
            "is_required": [row[3] for row in rows],
            "asks_why": [row[3] for row in rows],
            "is_multiple": False,
            "texts": [json.dumps(row[4]) for row in rows],
        },
        sourced=False,
    )


def _responses(given: pd.DataFrame) -> pd.DataFrame:
    names = ("survey_response_id", "survey_id", "survey_invitation_id", "customer_id", "contact_id")
    return table({**{name: given[name] for name in names}, "language": "en", "answered_at": given["received_at"]}, sourced=False)


def _answers(world: World, given: pd.DataFrame, questions: pd.DataFrame) -> pd.DataFrame:
    """The rating and the words of each, and what mattered to those who were asked that, too."""
    first = questions[questions["kind"] != "choice"].set_index("survey_id")["survey_question_id"]
    more = questions[questions["kind"] == "choice"].set_index("survey_id")["survey_question_id"]
    rated = given.assign(survey_question_id=given["survey_id"].map(first))
    chosen = given[given["survey_id"].isin(more.index)]
    places = world.rng("surveys/choices").choice(len(WHAT_MATTERED), len(chosen), p=MATTERED_SHARES)
    chosen = chosen.assign(
        survey_question_id=chosen["survey_id"].map(more),
        choices=[f"[{place}]" for place in places],
        **dict.fromkeys(("feedback_id", "text"), None),
    )
    chosen["rating"] = pd.array([None] * len(chosen), dtype="Int64")
    rows = pd.concat([rated, chosen]).sort_values("received_at", ignore_index=True, kind="stable")
    kept = ("survey_id", "survey_question_id", "survey_response_id", "feedback_id", "rating", "choices", "text")
    return table(
        {
            "survey_answer_id": world.ids("survey_answers", rows["received_at"]),
            **{name: rows[name] for name in kept},
            "answered_on": rows["received_at"].dt.floor("D"),
            "is_released": True,
        },
        sourced=False,
    )
