"""One outlook a goal and day, kept, scored when the period is over, and shown with how often it was right."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from crm.commands import outlooks as made
from crm.commands.goals import archive_goal, set_goal
from crm.commands.jobs import ask
from crm.errors import Refused
from crm.queries import forecasts, goal_outlooks, outlook_questions, outlooks
from crm.queries.figures import figure_of
from crm.queries.periods import parse
from crm.store.database import Database
from crm.store.session import Session, command_line
from tests.working import run_waiting

NOON = datetime(2026, 5, 20, 12)
STAGES = {name: f"01900000-0000-7000-8000-00000000010{place}" for name, place in {"New": 1, "Won": 8, "Lost": 9}.items()}
At = Callable[..., Session]


@pytest.fixture
def at(database: Database) -> At:
    """The company as it is looked at on a day."""

    def session(moment: datetime = NOON) -> Session:
        return Session(database, command_line("tester"), moment)

    return session


def sell(session: Session, many: int = 900, amount: float = 100.0) -> None:
    """Two and a half years of deals: half are won, each brings the same, one or two a day."""
    random = np.random.default_rng(4)
    start = np.datetime64(session.today) - np.timedelta64(900, "D")
    opened = start + np.sort(random.integers(0, 900, many)).astype("timedelta64[D]")
    closed = opened + random.geometric(0.05, many).astype("timedelta64[D]")
    ended = closed <= np.datetime64(session.today)
    won = random.random(many) < 0.5
    frame = pd.DataFrame(
        {
            "name": [f"Deal {number}" for number in range(many)],
            "stage_id": np.where(ended, np.where(won, STAGES["Won"], STAGES["Lost"]), STAGES["New"]),
            "amount": amount,
            "opened_on": opened.astype("datetime64[us]"),
            "closed_on": pd.Series(closed.astype("datetime64[us]")).where(ended),
        }
    )
    with session.change("Sell") as change:
        change.stage("sold", frame)
        change.insert_from(
            "deals",
            "select uuid() as deal_id, name, stage_id::uuid as stage_id, amount::decimal(14, 2) as amount, "
            "opened_on::date as opened_on, closed_on::date as closed_on from sold",
        )


def rows(session: Session) -> list[dict[str, object]]:
    return session.rows("select * from goal_outlooks order by as_of_on, starts_on, target")


def test_a_goal_has_one_outlook_a_day_with_its_chance_its_fan_and_what_it_rests_on(at: At) -> None:
    session = at()
    sell(session)
    goal = set_goal(session, figure="won_amount", period="2026-Q2", target=4500)
    for _ in range(2):
        made.store_outlooks(session)
    (kept,) = goal_outlooks.latest(session, [goal.key]).values()
    low, high = kept.quantile(0.1), kept.quantile(0.9)
    assert kept.probability and kept.middle and low and high
    assert session.value("select count(*) from goal_outlooks where goal_id is not null") == 1
    assert 0.05 < kept.probability < 0.95
    assert low < kept.middle < high
    assert kept.days[-1] == "2026-06-30"
    assert kept.bands[0.5][-1] == pytest.approx(kept.middle, rel=1e-3)
    assert kept.drivers["win_rate"] == pytest.approx(0.5, abs=0.08)
    assert kept.drivers["average_amount"] == pytest.approx(100)
    made.store_outlooks(at(NOON + timedelta(days=1)))
    assert session.value("select count(*) from goal_outlooks where goal_id is not null") == 2


def test_a_period_that_is_over_is_scored_at_a_quarter_a_half_and_three_quarters(at: At) -> None:
    session = at()
    sell(session)
    goal = set_goal(session, figure="won_count", period="2026-06", target=1)
    for day in (7, 15, 22, 30):
        made.store_outlooks(at(datetime(2026, 6, day, 12)))
    assert not goal_outlooks.scored(at()) or all(row["kind"] == "trial" for row in goal_outlooks.scored(at()))
    made.store_outlooks(at(datetime(2026, 7, 2, 12)))
    scored = [row for row in goal_outlooks.scored(at()) if row["goal_id"] == goal.key]
    assert [row["share"] for row in scored] == [0.25, 0.5, 0.75]
    assert {row["kind"] for row in scored} == {"said"}
    assert {row["as_of_on"] for row in scored} == {date(2026, 6, day) for day in (7, 15, 22)}


def test_a_goal_nobody_looked_at_in_time_is_looked_at_with_hindsight_and_says_so(at: At) -> None:
    session = at()
    sell(session)
    for label, target in (("2026-Q1", 1_000), ("2025-Q4", 9_000_000)):
        set_goal(session, figure="won_amount", period=label, target=target)
    made.store_outlooks(session)
    scored = [row for row in goal_outlooks.scored(session) if row["goal_id"]]
    assert len(scored) == 6
    assert {row["kind"] for row in scored} == {"computed"}
    easy, hard = ([row for row in scored if row["is_reached"] is reached] for reached in (True, False))
    assert min(row["probability_share"] for row in easy) > 0.9
    assert max(row["probability_share"] for row in hard) < 0.05
    before = len(rows(session))
    made.store_outlooks(session)
    assert len(rows(session)) == before


def test_hindsight_sees_nothing_of_what_came_later(at: At, database: Database) -> None:
    """What is closed after the day may not change what was to be expected then."""
    session = at()
    sell(session)
    then = date(2026, 2, 14)
    asked = outlooks.of_one(session, "won_amount", "company", None, parse("2026-Q1"), then)
    with session.change("Another spring") as change:
        change.update_from("deals", "select deal_id, 1::decimal(14, 2) as amount from deals where closed_on > date '2026-02-14'")
    again = outlooks.of_one(session, "won_amount", "company", None, parse("2026-Q1"), then)
    assert asked.outlook and again.outlook
    assert again.done == asked.done
    assert again.drivers["win_rate"] == asked.drivers["win_rate"]


def test_until_goals_have_ended_a_back_test_on_the_own_past_stands_in_and_is_called_one(at: At) -> None:
    session = at()
    sell(session)
    set_goal(session, figure="won_amount", period="2026-Q2", target=4500)
    made.store_outlooks(session)
    judged = goal_outlooks.judged(session)
    assert judged and judged.kind == "trials"
    assert judged.record.n == 3 * judged.periods
    assert 0 <= judged.record.brier <= 0.35


def test_a_milestone_is_announced_once_and_only_what_was_reached_since_the_first_look(at: At) -> None:
    session = at()
    sell(session)
    goal = set_goal(session, figure="won_amount", period="2026-Q2", target=5000)
    made.store_outlooks(session)
    first = [row["share"] for row in goal_outlooks.milestones(session, [goal.key])[goal.key]]
    assert first
    assert goal_outlooks.news(session) == []
    with session.change("A large one") as change:
        days = {"opened_on": session.today, "closed_on": session.today}
        change.insert("deals", name="Large", stage_id=STAGES["Won"], amount=5000, **days)
    made.store_outlooks(session)
    made.store_outlooks(session)
    (news,) = goal_outlooks.news(session)
    assert news["share"] == 1.0
    later = at(NOON + timedelta(days=3))
    assert goal_outlooks.news(later) == []
    (kept,) = goal_outlooks.passed(later)
    assert (kept["share"], kept["figure"], kept["reached_on"]) == (1.0, "won_amount", session.today), "History keeps it"
    assert [row["share"] for row in goal_outlooks.milestones(session, [goal.key])[goal.key]] == [0.25, 0.5, 0.75, 1.0]


def test_a_changed_target_has_no_outlook_until_it_was_looked_at(at: At) -> None:
    session = at()
    sell(session)
    goal = set_goal(session, figure="won_amount", period="2026-Q2", target=4500)
    made.store_outlooks(session)
    set_goal(session, figure="won_amount", period="2026-Q2", target=1)
    assert goal_outlooks.latest(session, [goal.key])[goal.key].target == 4500
    made.store_outlooks(session)
    assert (goal_outlooks.latest(session, [goal.key])[goal.key].probability or 0) > 0.99
    archive_goal(session, goal.key)
    made.store_outlooks(session)


@pytest.mark.parametrize(
    ("figure", "period", "target", "reason"),
    [
        ("won_amount", "2026-Q2", 0, outlooks.NOT_ABOVE),
        ("won_amount", "2026-Q2", -5, outlooks.NOT_ABOVE),
        ("won_amount", "2039", 10, outlooks.TOO_FAR),
        ("revenue", "2026-Q2", 10, outlook_questions.NOTHING),
        ("nps", "2026-Q2", 40, outlook_questions.NOTHING),
    ],
)
def test_where_no_chance_can_be_given_the_reason_stands_there_in_words(
    at: At, figure: str, period: str, target: float, reason: str
) -> None:
    session = at()
    sell(session)
    goal = set_goal(session, figure=figure, period=period, target=target)
    made.store_outlooks(session)
    kept = goal_outlooks.latest(session, [goal.key])[goal.key]
    assert (kept.probability, kept.reason) == (None, reason)


def test_a_company_with_nothing_or_one_deal_gets_words(at: At) -> None:
    session = at()
    set_goal(session, figure="won_amount", period="2026-Q2", target=10)
    set_goal(session, figure="customers", period="2026-Q2", target=10)
    assert made.store_outlooks(session).outlooks == 2
    sell(session, many=1)
    made.store_outlooks(session)
    assert all(row["probability_share"] is None and row["reason"] for row in rows(session))
    assert goal_outlooks.judged(session) is None


def test_what_is_expected_of_the_company_is_what_is_expected_of_its_teams_together(at: At) -> None:
    session = at()
    sell(session)
    asked = [outlook_questions.Asked(figure_of("won_amount"), "company", None, parse("2026-Q2"), session.today)]
    (company,) = outlooks.looked(session, asked)
    assert company.done == session.value(
        "select sum(amount)::double from deals where stage_id = $won and closed_on between '2026-04-01' and '2026-05-20'",
        won=STAGES["Won"],
    )


def test_the_job_looks_at_the_goals_and_pages_are_told(at: At) -> None:
    session = at()
    sell(session)
    set_goal(session, figure="won_amount", period="2026-Q2", target=4500)
    before = session.versions(["goal_outlooks"])
    ask(session, "outlooks")
    run_waiting(session)
    assert session.value("select state from jobs where kind = 'outlooks'") == "done"
    assert session.versions(["goal_outlooks"]) != before


def test_a_forecast_of_a_figure_starts_after_its_last_finished_month(at: At) -> None:
    session = at()
    sell(session)
    found = forecasts.ahead(session, "won_amount", 3, session.today)
    assert [month["month"] for month in found["months"]] == ["2026-05", "2026-06", "2026-07"]
    for month in found["months"]:
        (low_95, high_95), (low_80, high_80), (low_50, high_50) = (month[f"interval_{share}"] for share in (95, 80, 50))
        assert low_95 <= low_80 <= low_50 <= month["mean"] + 200
        assert high_50 <= high_80 <= high_95
    with pytest.raises(Refused, match="1 to 36"):
        forecasts.ahead(session, "won_amount", 0, session.today)
    with pytest.raises(Refused, match="no figure"):
        forecasts.ahead(session, "luck", 3, session.today)
    assert forecasts.ahead(session, "orders", 3, session.today)["reason"] == outlook_questions.NOTHING


def test_the_command_line_prints_each_goal_with_attainment_pace_and_outlook_as_of_any_day(at: At) -> None:
    session = at()
    sell(session)
    set_goal(session, figure="won_amount", period="2026-Q2", target=4500)
    set_goal(session, figure="nps", period="2026-Q2", target=40)
    nps, won = json.loads(json.dumps(outlooks.of_goals(session, date(2026, 5, 1))))
    assert won["attainment"] == pytest.approx(won["actual"] / 4500)
    assert won["pace"] == pytest.approx(won["attainment"] / (31 / 91))
    assert 0 < won["outlook"]["probability"] < 1
    assert won["outlook"]["achievable_80"] <= won["outlook"]["achievable_50"] == won["outlook"]["middle"]
    assert nps["outlook"] is None
    assert nps["reason"] == outlook_questions.NOTHING
