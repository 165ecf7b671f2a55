"""External events: leaders declare them, every time chart bears them, and before and after is said with its range."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import numpy as np
import pytest
from scipy import stats

from crm.charts import figures as charts
from crm.commands.events import add_event, archive_event, edit_event
from crm.errors import Conflict, Refused
from crm.insight.before_after import before_after
from crm.queries import events
from crm.queries.periods import Period
from crm.store.database import Database
from crm.store.session import Session, command_line
from crm.store.undo import undo
from crm.ui import eventlist
from crm.ui.words import month

FAIR = {"name": "Trade fair", "starts_on": date(2026, 5, 4), "ends_on": date(2026, 5, 6)}


@pytest.fixture
def session(database: Database) -> Session:
    """The command line, at the end of a year."""
    return Session(database, command_line("tester"), datetime(2026, 12, 31, 12))


def win(session: Session, amounts: dict[date, float]) -> None:
    stage = session.value("select stage_id from stages where outcome = 'won'")
    with session.change("Win") as change:
        for day, amount in amounts.items():
            change.insert("deals", name="A sale", stage_id=stage, amount=amount, opened_on=day, closed_on=day)


def test_an_event_says_what_it_is_expected_to_move(session: Session) -> None:
    key = add_event(session, **FAIR, figures=["won_amount", "orders", "won_amount"], effect_share=-0.1, note="Hall 4").key
    (row,) = events.every(session)
    assert (row["external_event_id"], row["figures"], row["effect_share"]) == (key, ["won_amount", "orders"], -0.1)
    may = date(2026, 5, 1), date(2026, 5, 31)
    assert [each["name"] for each in events.effects(session, "orders", *may)] == ["Trade fair"]
    assert events.effects(session, "nps", *may) == [], "it is not expected to move that"
    assert events.effects(session, "orders", date(2026, 5, 7), date(2026, 5, 31)) == [], "it is over by then"


def test_one_day_is_enough_and_an_edit_can_lengthen_it(session: Session) -> None:
    saved = add_event(session, name="Strike", starts_on=date(2026, 3, 1))
    assert events.one(session, saved.key)["ends_on"] == date(2026, 3, 1)
    edit_event(session, saved.key, ends_on=date(2026, 3, 4))
    assert events.one(session, saved.key)["ends_on"] == date(2026, 3, 4)
    with pytest.raises(Refused, match="before the first"):
        edit_event(session, saved.key, starts_on=date(2026, 3, 5))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"starts_on": None}, "starts_on"),
        ({"ends_on": date(2026, 5, 3)}, "ends_on"),
        ({"figures": ["profit"]}, "figures"),
        ({"effect_share": -1.5}, "effect_share"),
        ({"effect_share": float("nan")}, "effect_share"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(session: Session, wrong: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as refused:
        add_event(session, **FAIR | wrong)
    assert refused.value.field == field and events.every(session) == []


def test_leaders_declare_events_and_managers_do_not(session: Session, make_session: Callable[..., Session]) -> None:
    saved = add_event(make_session("leader"), **FAIR)
    manager = make_session("manager")
    with pytest.raises(Refused, match="Leaders declare"):
        add_event(manager, **FAIR)
    with pytest.raises(Refused, match="Leaders declare"):
        archive_event(manager, saved.key)
    assert len(events.every(manager)) == 1, "everybody reads them"


def test_a_second_editor_is_told_and_undo_brings_it_back(session: Session) -> None:
    saved = add_event(session, **FAIR)
    seen = events.one(session, saved.key)["version"]
    edit_event(session, saved.key, name="Fair", version=seen)
    with pytest.raises(Conflict):
        edit_event(session, saved.key, name="Market", version=seen)
    gone = archive_event(session, saved.key)
    assert events.every(session) == [] and gone.change_set_id
    undo(session, gone.change_set_id)
    assert [row["name"] for row in events.every(session)] == ["Fair"]


def test_before_and_after_leaves_out_its_own_month_and_months_before_we_counted(session: Session) -> None:
    """Welch's test of scipy is the oracle."""
    months = {date(2026, number, 15): 1000.0 * number for number in range(2, 12)}
    win(session, {date(2026, 1, 20): 5.0} | months)  # January is not whole: nothing is known of its first days
    saved = add_event(session, **FAIR | {"starts_on": date(2026, 6, 10), "ends_on": date(2026, 6, 10)})
    found = events.around(session, events.one(session, saved.key), "won_amount")
    before, after = [2000.0, 3000.0, 4000.0, 5000.0], [7000.0, 8000.0, 9000.0, 10000.0, 11000.0]
    assert found and (found.before_n, found.after_n) == (4, 5), "December is not over"
    expected = stats.ttest_ind(after, before, equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert found.difference == pytest.approx(np.mean(after) - np.mean(before)) and found.is_clear


def test_with_too_few_months_nothing_is_claimed(session: Session) -> None:
    saved = add_event(session, **FAIR)
    row = events.one(session, saved.key)
    assert events.around(session, row, "won_amount") is None
    assert before_after([1, 1, 1], [2, 2, 2]) is not None, "months that do not vary are still months"


def test_the_range_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    hits = 0
    for _ in range(400):
        found = before_after(rng.normal(100, 10, 6).tolist(), rng.normal(110, 25, 5).tolist())
        assert found
        hits += found.low <= 10 <= found.high
    assert 0.92 <= hits / 400 <= 0.98


def test_a_chart_bears_a_mark_where_an_event_began(session: Session) -> None:
    add_event(session, **FAIR)
    add_event(session, name="<b>Law</b>", starts_on=date(2024, 5, 30), ends_on=date(2026, 2, 1))
    add_event(session, name="Next year", starts_on=date(2027, 5, 30))
    months = Period.months_until(date(2026, 12, 31), 12)
    labels = [month(each.start) for each in months]
    marks = eventlist.on_periods(session, months, labels)
    assert [(mark["x"], mark["name"]) for mark in marks] == [
        ("Jan<br>2026", "<b>Law</b>, 30 May 2024 to 1 Feb 2026"),
        ("May", "Trade fair, 4 May to 6 May 2026"),
    ], "one that began earlier stands at the start"
    chart = charts.with_events(charts.columns(labels, [1.0] * 12, "Won"), marks)
    assert [shape["x0"] for shape in chart["layout"]["shapes"]] == [0, 4]
    assert chart["data"][-1]["hovertext"][0].startswith("&lt;b&gt;Law"), "people's text is text"


def test_a_chart_without_events_is_as_it_was() -> None:
    chart = charts.columns(["May"], [1.0], "Won")
    assert charts.with_events(chart, []) is chart
