"""Objectives and goals: what was expected of each quarter, drawn from the quarters around it, so that some were reached."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from crm.demo.staff import sellers
from crm.demo.truths import SEASON
from crm.demo.world import World, table

OBJECTIVES = (
    ("Grow with the customers we understand best", "Software companies of our ideal profile win more often and stay longer."),
    ("Nobody waits for an answer", "Those who would not recommend us waited for support."),
    ("Know every customer before the year is out", "What a customer needs belongs on the profile, not in one head."),
)
COLUMNS = ["figure", "scope", "team_id", "employee_id", "starts_on", "ends_on", "target", "objective_id"]
PAST_QUARTERS, STEP = 8, 500


def objectives(world: World) -> pd.DataFrame:
    """One row per objective."""
    since = np.full(len(OBJECTIVES), world.start + np.timedelta64(365, "D"))
    return table(
        {
            "objective_id": world.ids("objectives", since),
            "name": [name for name, _ in OBJECTIVES],
            "reason": [reason for _, reason in OBJECTIVES],
        },
        sourced=False,
    )


def goals(
    world: World, staff: pd.DataFrame, sales: pd.DataFrame, bought: pd.DataFrame, voices: pd.DataFrame, aims: pd.DataFrame
) -> pd.DataFrame:
    """One row per goal; `ends_on` is the last day of the period."""
    aim = aims["objective_id"].tolist()
    rows = [*amount_goals(world, staff, sales, aim[0]), *year_goals(world, bought, voices, aim)]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame = frame.sort_values("starts_on", kind="stable", ignore_index=True)
    frame.insert(0, "goal_id", world.ids("goals", frame["starts_on"] - pd.Timedelta(days=20)))
    frame["note"] = None
    return table(frame.to_dict("series"))


def amount_goals(world: World, staff: pd.DataFrame, sales: pd.DataFrame, aim: str) -> Iterator[tuple[object, ...]]:
    """Won amount by quarter for the company, each team and each employee who sells."""
    now = pd.Period(world.today, "Q")
    quarters = pd.period_range(now - PAST_QUARTERS, now + 1, freq="Q")
    won = sales[sales["stage"] == "Won"].assign(quarter=lambda rows: rows["closed_on"].dt.to_period("Q"))
    team = won["owner_id"].map(staff.set_index("employee_id")["team_id"])
    rng = world.rng("goals")
    for scope, keys in (("company", pd.Series("all", index=won.index)), ("team", team), ("employee", won["owner_id"])):
        actual = won.pivot_table(index="quarter", columns=keys, values="amount", aggfunc="sum")
        for key in sellers(staff)["employee_id"] if scope == "employee" else sorted(actual.columns):
            owner = {"team": (key, None), "employee": (None, key)}.get(scope, (None, None))
            for quarter in quarters:
                stretch = rng.uniform(0.92, 1.12) if scope != "employee" else rng.uniform(0.85, 1.15)
                target = max(round(expected(actual[key], quarter, now) * stretch / STEP), 1) * STEP
                yield "won_amount", scope, *owner, quarter.start_time, quarter.end_time.normalize(), float(target), aim


def expected(actual: pd.Series, quarter: pd.Period, now: pd.Period) -> float:
    """The mean of the complete quarters within a year of this one, at this quarter's season."""
    usual = actual[(actual.index < now) & (actual.index >= min(quarter, now) - 4) & (actual.index <= quarter + 2)].mean()
    months = SEASON[(quarter.quarter - 1) * 3 : quarter.quarter * 3]
    return float(usual) * float(np.mean(months))


def year_goals(world: World, bought: pd.DataFrame, voices: pd.DataFrame, aim: list[str]) -> Iterator[tuple[object, ...]]:
    """This year's goals of the company for recommendation and for new customers."""
    start, end = pd.Timestamp(world.today.year, 1, 1), pd.Timestamp(world.today.year, 12, 31)
    first = bought.groupby("customer_id")["ordered_at"].min()
    a_year_ago = pd.Timestamp(world.today) - pd.Timedelta(days=365)
    newcomers = int((first >= a_year_ago).sum())
    yield "nps", "company", None, None, start, end, float(round(score(voices)) + 6), aim[1]
    yield "new_customers", "company", None, None, start, end, float(round(newcomers * 1.05)), aim[2]


def score(voices: pd.DataFrame) -> float:
    """Promoters minus detractors, by each person's latest answer."""
    latest = voices[voices["scale"] == "nps_0_10"].drop_duplicates("contact_id", keep="last")["rating"]
    return float(100 * ((latest >= 9).mean() - (latest <= 6).mean()))
