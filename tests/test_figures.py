"""The figures on a company small enough to add up by hand: every value here was worked out on paper."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from crm.errors import Refused
from crm.queries import figures, periods
from crm.queries.periods import Period
from crm.queries.registry import FIGURES
from crm.store.database import Database
from crm.store.session import Session, command_line
from tests import small
from tests.copies import Fresh, lake_of
from tests.small import day

Q1, Q2 = periods.parse("2025-Q1"), periods.parse("2025-Q2")
END = day("06-30")
Wall = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def paper(fresh: Fresh) -> Iterator[Session]:
    """A session on the small company that no test changes."""
    with fresh() as database:
        session = Session(database, command_line("tester"))
        small.company(session)
        yield session


@pytest.fixture(scope="module")
def wall(paper: Session) -> Wall:
    """All its figures of the quarter."""
    return figures.figures(paper, Q2, END)


@pytest.fixture(scope="module")
def bare_wall(fresh: Fresh) -> Iterator[tuple[Session, Wall]]:
    """An empty company that no test changes, and all its figures."""
    with fresh() as database:
        session = Session(database, command_line("tester"))
        yield session, figures.figures(session, Q2, END)


@pytest.fixture
def company(session: Session) -> dict[str, UUID]:
    """The small company, with its keys by nickname."""
    return small.company(session)


def value(session: Session, key: str, period: Period = Q2, as_of: date = END, **filters: Any) -> Any:
    """One figure's value."""
    return figures.figures(session, period, as_of, keys=[key], **filters)[key]["value"]


Q2_VALUES = {
    "won_amount": (300.00, 1, 1500.30),
    "won_count": (1, 1, 2),
    "lost_count": (1, 1, 0),
    "open_count": (4, 4, 2),
    "open_amount": (2500.00, 3, 2400.00),
    "win_rate": (1 / 2, 2, 1.0),
    "win_rate_by_amount": (300 / 700, 2, 1.0),
    "average_deal_amount": (300.00, 1, 750.15),
    "median_deal_amount": (300.00, 1, 750.15),
    "sales_cycle_days": (10.0, 1, 44.0),
    "slip_rate": (0.0, 1, None),
    "weighted_pipeline_amount": (2000 * 0.75 + 400 * 0.5, 2, 0.0),
    "pipeline_coverage": ((2000 + 400) / (1200 - 300), 2, None),
    "sales_velocity": (round(3 * (3 / 4) * 600.10 / ((30 + 58 + 10) / 3), 2), 3, round(750.15 / 44, 2)),
    "attainment": (300 / 1200, 1, None),
    "pace": (300 / 1200, 1, None),
    "customers": (2, 2, 2),
    "new_customers": (0, 0, 2),
    "interactions": (7, 7, 0),
    "revenue": (20 - 5.25 + 10, 3, 80.50),
    "orders": (3, 3, 1),
    "quiet_customers": (1, 3, 0),
    "repeat_rate": (2 / 2, 2, 0 / 2),
    "net_revenue_retention": (None, 0, None),  # nobody bought in 2024
    "retention": (2 / 2, 2, None),
    "lapsed_customers": (0, 2, 0),
    "nps": (100 * (2 - 1) / 4, 4, None),
    "csat": (1 / 2, 2, None),
    "ces": (6.0, 1, None),
    "loop_closed": (2 / 3, 3, 1.0),
    "days_to_told": ((3 + 10) / 2, 2, 2.0),
    "tasks_overdue": (1, 1, 0),
    "share_of_voice": (0.2, 1, None),
    "awareness": (None, 0, None),
    "referral_share": (None, 0, None),
    "price_realisation": (None, 0, None),
}


@pytest.mark.parametrize("key", FIGURES)
def test_every_figure_of_a_quarter_equals_the_sum_on_paper(wall: Wall, key: str) -> None:
    found = wall[key]
    wanted, n, previous = Q2_VALUES[key]
    assert found["value"] == pytest.approx(wanted)
    assert (found["n"], found["unit"]) == (n, FIGURES[key].unit)
    assert found["previous"] == pytest.approx(previous)
    assert ("reason" in found) == (wanted is None)


def test_asked_alone_a_figure_says_the_same_as_on_the_wall(paper: Session, wall: Wall) -> None:
    assert all(figures.figures(paper, Q2, END, keys=[key])[key] == wall[key] for key in FIGURES)


@pytest.mark.parametrize("key", FIGURES)
def test_an_empty_company_has_zeros_and_reasons_but_no_invented_numbers(bare_wall: tuple[Session, Wall], key: str) -> None:
    session, wall = bare_wall
    found = wall[key]
    assert found["value"] == (0 if FIGURES[key].zero else None)
    assert found["n"] == 0
    assert ("reason" in found) == (found["value"] is None)
    assert figures.rows_behind(session, key, Q2, END).empty


# As of a past day: what happened after it is unseen.


def test_as_of_a_day_in_the_quarter_later_deals_are_unseen(session: Session, company: dict[str, UUID]) -> None:
    assert value(session, "won_amount", as_of=day("04-10")) == 0
    assert value(session, "won_amount", as_of=day("04-11")) == 300
    assert value(session, "open_count", as_of=day("04-10")) == 4  # third, missed, big, listed
    assert value(session, "open_count", as_of=day("04-15")) == 2
    assert value(session, "lost_count", as_of=day("04-14")) == 0


def test_a_deal_counts_with_the_chance_of_the_stage_it_had_that_day(session: Session, company: dict[str, UUID]) -> None:
    assert value(session, "weighted_pipeline_amount", as_of=day("05-19")) == 2000 * 0.25 + 400 * 0.5
    assert value(session, "weighted_pipeline_amount", as_of=day("05-20")) == 2000 * 0.75 + 400 * 0.5
    assert value(session, "weighted_pipeline_amount", as_of=day("03-31")) == 2000 * 0.10


def test_a_deal_closed_since_without_a_record_counts_with_the_mean_chance_of_open_stages(session: Session) -> None:
    deal = small.deal(small.WON, amount=100, opened_on=day("04-01"), closed_on=day("06-10"), expected_close_on=day("06-15"))
    small.add(session, "deals", {"won": deal})
    assert value(session, "weighted_pipeline_amount", as_of=day("05-01")) == 100 * (0.10 + 0.25 + 0.50 + 0.75) / 4


def test_neither_won_nor_lost_deals_are_in_the_weighted_pipeline(session: Session) -> None:
    closed = {"amount": 100, "opened_on": day("04-01"), "closed_on": day("04-20"), "expected_close_on": day("05-01")}
    small.add(session, "deals", {"won": small.deal(small.WON, **closed), "lost": small.deal(small.LOST, **closed)})
    found = figures.figures(session, Q2, END)["weighted_pipeline_amount"]
    assert (found["value"], found["n"]) == (0, 0)


def test_a_deal_without_an_opening_date_is_open_from_the_day_it_was_entered(session: Session) -> None:
    small.add(session, "deals", {"new": small.deal(small.NEW)})
    today = periods.containing("month", session.today)
    assert value(session, "open_count", today, session.today) == 1
    before, cut = today.previous(session.today)
    assert value(session, "open_count", before, cut) == 0


def test_a_rating_answered_again_counts_once_with_the_latest_seen(session: Session, company: dict[str, UUID]) -> None:
    assert value(session, "nps", as_of=day("04-30")) == -100
    assert value(session, "nps", as_of=day("05-05")) == 100


def test_a_quiet_customer_was_not_quiet_before_its_own_limit(session: Session, company: dict[str, UUID]) -> None:
    assert value(session, "quiet_customers", as_of=day("05-16")) == 0  # 15 days after 1 May, 1.5 × 10
    assert value(session, "quiet_customers", as_of=day("05-17")) == 1


def test_a_customer_of_few_touches_is_quiet_after_the_limit_of_its_lifecycle(session: Session, company: dict[str, UUID]) -> None:
    setting = session.value("select setting_id from settings where name = 'quiet_days_lead'")
    with session.change("Watch leads") as change:
        change.update("settings", setting, value="30")
    july = periods.parse("2025-06")
    assert value(session, "quiet_customers", july, day("06-14")) == 1
    assert value(session, "quiet_customers", july, day("06-15")) == 2  # the lead, 31 days after 15 May
    reasons = session.rows("select customer_id, days_quiet, usual_gap_days, limit_days from quiet_customers('2025-06-15'::date)")
    found = {row["customer_id"]: (row["days_quiet"], row["usual_gap_days"], row["limit_days"]) for row in reasons}
    assert found == {company["acme"]: (45, 10, 15), company["cove"]: (31, None, 30)}


def test_a_task_is_overdue_from_the_day_after_it_was_due_until_the_day_it_was_done(
    session: Session, company: dict[str, UUID]
) -> None:
    found = {text: value(session, "tasks_overdue", as_of=day(text)) for text in ("04-01", "04-02", "05-02", "05-09", "05-10")}
    assert found == {"04-01": 0, "04-02": 1, "05-02": 2, "05-09": 2, "05-10": 1}


def test_pace_counts_the_as_of_day_as_elapsed(session: Session, company: dict[str, UUID]) -> None:
    assert value(session, "pace", as_of=day("04-13")) == pytest.approx((300 / 1200) / (13 / 91))


# Null values say why.


@pytest.mark.parametrize(
    ("key", "words"), [("pipeline_coverage", "no goal"), ("attainment", "no goal"), ("csat", "nobody answered")]
)
def test_a_missing_value_gives_its_reason(session: Session, company: dict[str, UUID], key: str, words: str) -> None:
    found = figures.figures(session, periods.parse("2024-Q2"), END)[key]
    assert found["value"] is None
    assert words in found["reason"]


def test_coverage_of_a_reached_goal_says_met(session: Session, company: dict[str, UUID]) -> None:
    deal = small.deal(small.WON, amount=900, opened_on=day("04-01"), closed_on=day("06-01"))
    small.add(session, "deals", {"last": deal})
    found = figures.figures(session, Q2, END)
    assert (found["pipeline_coverage"]["value"], found["pipeline_coverage"]["reason"]) == (None, "met")
    assert found["attainment"]["value"] == 1


def test_a_target_of_zero_is_said_and_not_divided_by(session: Session) -> None:
    goal = {"figure": "won_amount", "scope": "company", "starts_on": Q2.start, "ends_on": Q2.end, "target": 0}
    small.add(session, "goals", {"zero": goal})
    found = figures.figures(session, Q2, END, keys=["attainment", "pace", "pipeline_coverage"])
    assert {key: entry["reason"] for key, entry in found.items()} == {
        "attainment": "the target is not above 0",
        "pace": "the target is not above 0",
        "pipeline_coverage": "met",
    }


def test_a_period_that_has_not_begun_has_a_pipeline_but_no_flows(session: Session, company: dict[str, UUID]) -> None:
    found = figures.figures(session, periods.parse("2025-Q3"), END)
    assert found["won_amount"]["reason"] == "this period has not begun"
    assert found["win_rate"]["value"] is None
    assert found["open_count"]["value"] == 4
    assert found["weighted_pipeline_amount"]["n"] == 0  # priceless closes in July, without an amount


# By group and filtered.


def test_each_dimension_splits_what_is_counted_by_it(session: Session, company: dict[str, UUID]) -> None:
    wanted = {
        "owner": {"Ann": 300, "Bob": 0, "(none)": 0},
        "team": {"North": 300, "South": 0, "(none)": 0},
        "customer": {"Acme": 300, "Bolt": 0, "Cove": 0, "(none)": 0},
        "product": {"Hose": 0, "Pump": 0, "(none)": 300},
        "region": {"East": 0, "North Sea": 300, "West": 0, "(none)": 0},
    }
    for by, groups in wanted.items():
        found = figures.figures(session, Q2, END, by=by)["groups"]
        assert {name: entry["won_amount"]["value"] for name, entry in found.items()} == groups
        assert sum(entry["open_count"]["value"] for entry in found.values()) == 4


def test_a_figure_that_a_dimension_does_not_split_says_so(session: Session, company: dict[str, UUID]) -> None:
    pump = figures.figures(session, Q2, END, by="product")["groups"]["Pump"]
    assert pump["customers"]["reason"] == "not counted by product"
    assert pump["csat"]["value"] == 0.5


def test_attainment_by_owner_and_team_is_that_of_their_own_goals(session: Session, company: dict[str, UUID]) -> None:
    owners = figures.figures(session, Q2, END, by="owner", keys=["attainment"])["groups"]
    teams = figures.figures(session, Q2, END, by="team", keys=["attainment"])["groups"]
    assert (owners["Ann"]["attainment"]["value"], owners["Bob"]["attainment"]["value"]) == (None, 0)
    assert (teams["North"]["attainment"]["value"], teams["South"]["attainment"]["value"]) == (0.5, None)
    assert value(session, "attainment", for_team=company["north"]) == 0.5
    assert value(session, "attainment", for_region="East") is None


def test_filters_leave_only_what_they_name(session: Session, company: dict[str, UUID]) -> None:
    pipeline = session.value("select pipeline_id from pipelines")
    assert value(session, "open_count", for_owner=company["bob"]) == 3
    assert value(session, "open_count", for_team=company["north"]) == 1
    assert value(session, "open_count", for_region="North Sea") == 1
    assert value(session, "open_count", for_lifecycle="customer") == 2
    assert value(session, "open_count", for_pipeline=pipeline) == 4
    assert value(session, "interactions", for_lifecycle="lead") == 1
    assert value(session, "revenue", for_owner=company["bob"]) == 14.75
    assert figures.figures(session, Q2, END, for_pipeline=pipeline)["nps"]["reason"] == "not counted by pipeline"


def test_two_customers_of_one_name_stay_two_groups(session: Session) -> None:
    who = {"name": "Twin", "kind": "company", "lifecycle_stage": "customer"}
    keys = small.add(session, "customers", {"one": who, "two": who})
    won = {"opened_on": day("04-01"), "closed_on": day("05-01")}
    deals = {
        name: small.deal(small.WON, customer_id=keys[name], amount=amount, **won) for name, amount in (("one", 1), ("two", 2))
    }
    small.add(session, "deals", deals)
    found = figures.figures(session, Q2, END, by="customer", keys=["won_amount"])["groups"]
    assert sorted(found) == ["Twin", "Twin (2)"]
    assert sorted(entry["won_amount"]["value"] for entry in found.values()) == [1, 2]


def test_interactions_are_also_split_by_channel(session: Session, company: dict[str, UUID]) -> None:
    found = figures.figures(session, Q2, END, by="channel", keys=["interactions"])["groups"]
    assert {name: entry["interactions"]["value"] for name, entry in found.items()} == {
        "call": 4,
        "email": 1,
        "newsletter": 1,
        "visit": 1,
    }


# Money, rows, months, shape.


def test_cents_add_up_exactly(session: Session) -> None:
    won = {"opened_on": day("04-01"), "closed_on": day("05-01"), "amount": "0.10"}
    small.add(session, "deals", {str(number): small.deal(small.WON, **won) for number in range(3)})
    assert value(session, "won_amount") == 0.30


@pytest.mark.parametrize("key", FIGURES)
def test_there_are_as_many_rows_behind_a_figure_as_its_n_says(paper: Session, wall: Wall, key: str) -> None:
    found = wall[key]
    counted = found["value"] if FIGURES[key].unit == "count" else found["n"]
    assert len(figures.rows_behind(paper, key, Q2, END)) == counted
    assert len(figures.rows_behind(paper, key, Q2, END, limit=1)) == min(counted, 1)
    assert len(figures.rows_behind(paper, key, Q2, END, skip=1)) == max(counted - 1, 0)


def test_the_rows_behind_an_amount_add_up_to_it(session: Session, company: dict[str, UUID]) -> None:
    rows = figures.rows_behind(session, "won_amount", Q1, END, for_owner=company["ann"])
    assert list(rows["deal"]) == ["Deal"]
    assert float(rows["amount"].sum()) == 1000.10


def test_a_series_has_one_value_a_month_and_none_before_the_future(session: Session, company: dict[str, UUID]) -> None:
    months = Period.months_until(day("07-01"), 7)
    assert figures.series(session, "won_amount", months, END) == [1000.10, 0, 500.20, 300, 0, 0, None]
    assert figures.series(session, "open_count", months, END) == [0, 1, 2, 2, 4, 4, 4]


def test_the_whole_wall_is_json(session: Session, company: dict[str, UUID]) -> None:
    found = figures.figures(session, Q2, END)
    assert json.loads(json.dumps(found)) == found


def test_a_deal_closed_in_the_companys_night_counts_on_the_companys_day(session: Session) -> None:
    setting = session.value("select setting_id from settings where name = 'time_zone'")
    with session.change("Move to Auckland") as change:
        change.update("settings", setting, value="Pacific/Auckland")
    session = Session(session.database, session.actor)
    small.add(session, "orders", {"night": {"ordered_at": small.noon("03-31"), "amount": 5}})
    assert value(session, "revenue", Q1) == 0  # it was already 1 April in Auckland
    assert value(session, "revenue", Q2) == 5


def test_an_unknown_figure_or_dimension_is_refused_with_the_choices(session: Session) -> None:
    with pytest.raises(Refused, match="won_amount"):
        figures.figures(session, Q2, END, keys=["turnover"])
    with pytest.raises(Refused, match="owner"):
        figures.figures(session, Q2, END, by="planet")


# A stage without a stated probability learns it.


def _learning(session: Session, passed: int) -> float | None:
    """A pipeline with one unstated stage: of the deals that passed it half were won, of the others none."""
    pipeline = session.value("select pipeline_id from pipelines")
    stage = {"pipeline_id": pipeline, "name": "Trial", "position": 5, "outcome": "open"}
    keys = small.add(session, "stages", {"trial": stage})
    closed = {"opened_on": day("01-01"), "closed_on": day("02-01")}
    deals = {str(n): small.deal(small.WON if n % 2 else small.LOST, **closed) for n in range(passed)}
    deals |= {f"other {n}": small.deal(small.LOST, **closed) for n in range(passed)}
    made = small.add(session, "deals", deals)
    moves = {
        str(n): {
            "deal_id": made[str(n)],
            "from_stage_id": keys["trial"],
            "to_stage_id": small.WON if n % 2 else small.LOST,
            "changed_at": small.noon("02-01"),
        }
        for n in range(passed)
    }
    small.add(session, "stage_changes", moves)
    return session.value("select probability_share from stage_probabilities where name = 'Trial'")


def test_a_stage_learns_its_chance_from_thirty_deals_that_passed_it(session: Session) -> None:
    assert _learning(session, 30) == 0.5


def test_until_then_its_pipelines_win_rate_stands_in(session: Session) -> None:
    assert _learning(session, 28) == 0.25


def test_with_nothing_decided_nothing_is_known(session: Session) -> None:
    assert _learning(session, 0) is None
    trial = session.value("select stage_id from stages where name = 'Trial'")
    small.add(session, "deals", {"hope": small.deal(trial, amount=9, opened_on=day("04-01"), expected_close_on=day("05-01"))})
    found = figures.figures(session, Q2, END)["weighted_pipeline_amount"]
    assert found["value"] is None
    assert "probability" in found["reason"]


def test_a_lake_gives_the_same_figures_and_rows(
    session: Session, company: dict[str, UUID], bare_lake: Path, tmp_path: Path
) -> None:
    lake = Database(lake_of(bare_lake, tmp_path))
    there = Session(lake, session.actor)
    small.company(there)
    for by in (None, "region"):
        assert figures.figures(there, Q2, END, by=by) == figures.figures(session, Q2, END, by=by)
    behind = {key: len(figures.rows_behind(there, key, Q2, END)) for key in FIGURES}
    lake.close()
    assert behind == {key: len(figures.rows_behind(session, key, Q2, END)) for key in FIGURES}
