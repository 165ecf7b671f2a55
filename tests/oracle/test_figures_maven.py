"""What is known about the Maven files, to the cent, through the import and the figures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from crm.commands.imports import import_file
from crm.queries import figures, periods
from crm.store.database import Database
from crm.store.migrate import migrate
from crm.store.session import Session, command_line
from crm.store.undo import undo
from tests.shared import shared_data

FILES = {"products": "products", "employees": "sales_teams", "customers": "accounts", "deals": "sales_pipeline"}
END = date(2017, 12, 31)


@pytest.fixture(scope="module")
def maven() -> Iterator[Session]:
    folder = shared_data() / "maven_crm"
    database = Database("duckdb:///:memory:")
    migrate(database)
    session = Session(database, command_line("tester"))
    for kind, name in FILES.items():
        import_file(session, kind, folder / f"{name}.csv")
    yield Session(database, command_line("tester"))
    database.close()


def values(session: Session, text: str, as_of: date = END) -> dict[str, Any]:
    """Every figure's value of a period."""
    return {key: entry["value"] for key, entry in figures.figures(session, periods.parse(text), as_of).items()}


def groups(session: Session, by: str, key: str) -> dict[str, Any]:
    """One figure of 2017 by group, the zeros left out."""
    found = figures.figures(session, periods.parse("2017"), END, by=by, keys=[key])["groups"]
    return {name: entry[key]["value"] for name, entry in found.items() if entry[key]["value"]}


def test_the_year_is_known_to_the_cent(maven: Session) -> None:
    found = values(maven, "2017")
    assert (found["won_amount"], found["won_count"], found["lost_count"]) == (10_005_534.00, 4238, 2473)
    assert (found["average_deal_amount"], found["median_deal_amount"]) == (2360.91, 1117.00)
    assert round(found["win_rate"], 4) == 0.6315
    assert round(found["sales_cycle_days"], 2) == 51.78
    assert found["customers"] == found["new_customers"] == 85


def test_each_quarter_is_known_to_the_cent(maven: Session) -> None:
    quarters = [values(maven, f"2017-Q{number}")["won_amount"] for number in (1, 2, 3, 4)]
    assert quarters == [1_134_672, 3_086_111, 2_982_255, 2_802_496]


def test_a_quarter_stands_beside_the_one_before(maven: Session) -> None:
    found = figures.figures(maven, periods.parse("2017-Q2"), END)["won_amount"]
    assert found == {"value": 3_086_111.0, "n": 1254, "unit": "money", "previous": 1_134_672.0}


def test_each_managers_team_is_known_to_the_cent(maven: Session) -> None:
    assert groups(maven, "team", "won_amount") == {
        "Melvin Marxen": 2_251_930,
        "Summer Sewald": 1_964_750,
        "Rocco Neubert": 1_960_545,
        "Celia Rouche": 1_603_897,
        "Cara Losch": 1_130_049,
        "Dustin Brinkmann": 1_094_363,
    }


def test_the_best_account_and_the_best_agent_are_known(maven: Session) -> None:
    accounts, agents = groups(maven, "customer", "won_amount"), groups(maven, "owner", "won_amount")
    best = max(agents, key=lambda name: agents[name])
    assert max(accounts.items(), key=lambda entry: entry[1]) == ("Kan-code", 341_455)
    assert (best, agents[best]) == ("Darcel Schlecht", 1_153_214)
    assert (groups(maven, "owner", "won_count")[best], groups(maven, "owner", "lost_count")[best]) == (349, 204)
    assert len(agents) == 30  # five of the 35 have no deal


def test_open_deals_of_a_past_day_are_those_opened_by_then(maven: Session) -> None:
    assert values(maven, "2017")["open_count"] == 1589
    assert groups(maven, "customer", "open_count")["(none)"] == 1088


def test_deals_without_a_date_are_open_from_the_day_they_were_entered(maven: Session) -> None:
    today = maven.today
    assert values(maven, f"{today}..{today}", today)["open_count"] == 1589 + 500


def test_speed_counts_what_is_past_the_first_stage_at_the_rates_of_the_year(maven: Session) -> None:
    year = periods.parse("2017")
    as_imported = figures.figures(maven, year, END, keys=["sales_velocity"])["sales_velocity"]
    assert (as_imported["value"], as_imported["n"]) == (0, 0)  # Engaging appears first in the file, so it is the first stage
    with maven.change("Prospecting comes first") as change:
        change.update("stages", maven.value("select stage_id from stages where name = 'Prospecting'"), position=0)
    found = figures.figures(maven, year, END, keys=["sales_velocity"])["sales_velocity"]
    undo(maven, change.change_set_id)
    assert found["n"] == 1589
    assert found["value"] == pytest.approx(1589 * (4238 / 6711) * (10_005_534 / 4238) / 51.78, rel=1e-4)
