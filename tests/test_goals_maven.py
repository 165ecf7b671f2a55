"""The quarters of a real sales team as goals: imported from a file, their course followed day by day, added up by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from crm.commands.imports import import_file
from crm.queries import goals
from crm.queries.goals import Standing
from crm.queries.periods import Period, parse
from crm.store.database import Database
from crm.store.migrate import migrate
from crm.store.session import Session, command_line
from tests.shared import shared_data

KINDS = {"products": "products", "employees": "sales_teams", "customers": "accounts", "deals": "sales_pipeline"}
QUARTERS = ("2017-Q3", "2017-Q4")
TARGETS = {
    "Melvin Marxen": 700_000,
    "Summer Sewald": 550_000,
    "Rocco Neubert": 600_000,
    "Celia Rouche": 400_000,
    "Cara Losch": 350_000,
    "Dustin Brinkmann": 300_000,
}
COMPANY = 3_000_000
DAYS = [date(2017, 7, 1), date(2017, 8, 15), date(2017, 9, 30), date(2017, 10, 20), date(2017, 12, 30), date(2017, 12, 31)]


@pytest.fixture(scope="module")
def folder() -> Path:
    return shared_data() / "maven_crm"


@pytest.fixture(scope="module")
def session(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    database = Database("duckdb:///:memory:")
    migrate(database)
    made = Session(database, command_line("tester"))
    for kind, name in KINDS.items():
        import_file(made, kind, folder / f"{name}.csv")
    file = tmp_path_factory.mktemp("goals") / "targets.csv"
    lines = [f"won_amount,team,{name},{quarter},{target}" for quarter in QUARTERS for name, target in TARGETS.items()]
    lines += [f"Won amount,company,,{quarter},{COMPANY}" for quarter in QUARTERS]
    file.write_text("\n".join(["figure,scope,team,period,target", *lines]), encoding="utf-8")
    assert import_file(made, "goals", file).created == len(lines)
    assert import_file(made, "goals", file).unchanged == len(lines)
    yield made
    database.close()


@pytest.fixture(scope="module")
def won(folder: Path) -> pd.DataFrame:
    """The deals that were won, with their manager and day: the files themselves, without the store."""
    deals = pd.read_csv(folder / "sales_pipeline.csv", parse_dates=["close_date"])
    teams = pd.read_csv(folder / "sales_teams.csv")
    return deals[deals["deal_stage"] == "Won"].merge(teams, on="sales_agent", validate="many_to_one")


def by_hand(won: pd.DataFrame, period: Period, as_of: date) -> pd.Series:
    """What each manager's team won in the days of the period that are over."""
    days = won["close_date"].dt.date
    return won[(days >= period.start) & (days <= min(period.end, as_of))].groupby("manager")["close_value"].sum()


def standing(session: Session, period: Period, as_of: date) -> tuple[Standing, list[Standing]]:
    company, *teams = goals.attainment(session, as_of, period)
    assert company.scope == "company"
    return company, teams


@pytest.mark.parametrize("as_of", DAYS, ids=str)
@pytest.mark.parametrize("label", QUARTERS)
def test_attainment_and_pace_follow_each_managers_deals_by_the_day(
    session: Session, won: pd.DataFrame, label: str, as_of: date
) -> None:
    period = parse(label)
    company, teams = standing(session, period, as_of)
    if as_of < period.start:
        assert {goal.state for goal in (company, *teams)} == {"not begun"}
        return
    actual = by_hand(won, period, as_of)
    elapsed = min((as_of - period.start).days + 1, 92) / 92
    assert {goal.scope_name for goal in teams} == set(TARGETS)
    for goal in teams:
        expected = float(actual.get(goal.scope_name, 0.0))
        assert goal.actual == pytest.approx(expected)
        assert goal.attainment == pytest.approx(expected / TARGETS[goal.scope_name])
        assert goal.pace == pytest.approx(expected / TARGETS[goal.scope_name] / elapsed)
    assert company.attainment == pytest.approx(actual.sum() / COMPANY)
    assert company.actual == pytest.approx(sum(goal.actual or 0 for goal in teams))


@pytest.mark.parametrize(("label", "total"), [("2017-Q3", 2_982_255), ("2017-Q4", 2_802_496)])
def test_at_the_end_of_the_year_the_quarters_are_known_to_the_cent(session: Session, label: str, total: float) -> None:
    company, teams = standing(session, parse(label), date(2017, 12, 31))
    assert company.actual == total
    assert company.pace == company.attainment
    assert company.state == "missed"
    assert {goal.state for goal in teams} == {"reached", "missed"}


def test_the_managers_targets_leave_a_part_of_the_whole_unassigned(session: Session) -> None:
    sums = goals.parts(goals.attainment(session, date(2017, 12, 31)))
    assert [(part.scope, part.total, part.unassigned) for part in sums] == [("team", 2_900_000.0, 100_000.0)] * 2
