"""Saved segments: the groups that a company like this talks about, four by a rule and one list of guests."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

from crm.demo.truths import IDEAL_EMPLOYEES, IDEAL_SECTOR
from crm.demo.world import World, table

GUESTS = "Pilot group"
Row = dict[str, object]


def segments(world: World, staff: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """One row per segment; the rules ask what crm/queries/subjects.py knows."""
    leader, managers = staff.loc[staff["role"] == "leader", "employee_id"], staff.loc[staff["role"] == "manager", "employee_id"]
    key_customer = str(labels.loc[labels["name"] == "Key customer", "tag_id"].iloc[0])
    west = [is_("region", "one_of", ["West"]), is_("interaction", "did_not", {"days": 60}), is_("spent_amount", "over", 10_000)]
    low, high = IDEAL_EMPLOYEES
    ideal = [is_("sector", "one_of", [IDEAL_SECTOR]), is_("employee_count", "between", [low, high])]
    unhappy: list[Row] = [
        is_("feedback", "did", {"kind": ["complaint"], "days": 60}),
        {"match": "any", "rules": [is_("nps_rating", "at_most", 6), is_("tag", "any_of", [key_customer])]},
    ]
    worked_on: Row = {"match": "none", "rules": [is_("open_count", "at_least", 1)]}
    lost = [is_("lifecycle_stage", "one_of", ["lapsed"]), is_("spent_amount", "over", 5_000), worked_on]
    rows = (
        ("West, silent and worth a call", rule(*west), "Called through every Monday.", managers.iloc[0]),
        ("Our ideal", rule(*ideal), "Software companies of 50 to 500 people.", leader.iloc[0]),
        ("Complained lately, and matter", rule(*unhappy), None, leader.iloc[0]),
        ("Worth winning back", rule(*lost), None, None),
        ("Summer user day", None, "Who said yes to the invitation.", managers.iloc[1]),
    )
    since = np.full(len(rows), world.day - np.timedelta64(90, "D"))
    return table(
        {
            "segment_id": world.ids("segments", since),
            "name": [row[0] for row in rows],
            "kind": ["rule" if row[1] else "list" for row in rows],
            "rule": [row[1] for row in rows],
            "note": [row[2] for row in rows],
            "owner_id": [row[3] for row in rows],
        },
        sourced=False,
    )


def segment_members(world: World, groups: pd.DataFrame, labels: pd.DataFrame, borne: pd.DataFrame) -> pd.DataFrame:
    """One row per guest on the list: most of those who try things out for us."""
    rng = world.rng("segment_members")
    tag = labels.loc[labels["name"] == GUESTS, "tag_id"].iloc[0]
    guests = borne.loc[borne["tag_id"] == tag, "customer_id"]
    guests = guests[rng.random(len(guests)) < 0.8]
    moments = np.full(len(guests), world.day - np.timedelta64(30, "D"))
    return table(
        {
            "segment_member_id": world.ids("segment_members", moments),
            "segment_id": groups.loc[groups["kind"] == "list", "segment_id"].iloc[0],
            "customer_id": guests.to_numpy(),
        },
        sourced=False,
    )


def is_(subject: str, comparison: str, value: object) -> Row:
    """One row of a rule."""
    return {"subject": subject, "is": comparison, "value": value}


def rule(*rows: Row) -> str:
    """A rule of which all rows must hold, as the store keeps it."""
    return json.dumps({"match": "all", "rules": list(rows)}, separators=(",", ":"))
