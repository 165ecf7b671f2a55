"""Every figure has an oracle: the same number computed another way, on random companies, periods, days and groups."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from crm.queries import figures, periods
from crm.queries.registry import FIGURES
from crm.store.database import Database
from crm.store.migrate import migrate
from crm.store.session import Session, command_line
from tests.oracle import by_hand, random_company

BY_GOAL = {"attainment", "pace", "pipeline_coverage"}
QUESTIONS = [
    ("2024-Q2", date(2025, 9, 30)),
    ("2024-Q3", date(2024, 8, 17)),
    ("2025", date(2025, 5, 31)),
    ("2024-02-10..2025-03-20", date(2025, 3, 1)),
    ("2025-04", date(2025, 4, 30)),
]
Made = tuple[Session, by_hand.Company]


@pytest.fixture(scope="module", params=[1, 2])
def made(request: pytest.FixtureRequest) -> Any:
    """A random company, and the same one read for the slow way."""
    database = Database("duckdb:///:memory:")
    migrate(database)
    random_company.build(Session(database, command_line("tester")), request.param)
    session = Session(database, command_line("tester"))
    yield session, by_hand.Company.of(random_company.tables(session))
    database.close()


@pytest.mark.parametrize(("text", "as_of"), QUESTIONS)
@pytest.mark.parametrize("by", [None, "owner", "team", "customer", "product", "region"])
def test_the_figures_equal_the_slow_way(made: Made, text: str, as_of: date, by: str | None) -> None:
    session, company = made
    period = periods.parse(text)
    wanted = by_hand.answers(company, by_hand.Question(period.start, period.end, as_of), by)
    chosen = [figure for figure in FIGURES.values() if figure.key not in BY_GOAL and (by is None or by in figure.source.splits)]
    found = figures.values(session, chosen, [(period, as_of)], by)[0]
    assert set(wanted) >= set(found)
    differ = {
        (group, figure.key): (mine, theirs)
        for group in wanted
        for figure in chosen
        if (mine := figures.value_of(figure, found.get(group, {})))
        != (theirs := pytest.approx(_wanted(figure, wanted[group]), abs=0.006 if figure.unit.startswith("money") else 1e-9))
    }
    assert not differ


def _wanted(figure: figures.Figure, values: dict[str, Any]) -> Any:
    return values.get(figure.key, 0 if figure.zero else None)
