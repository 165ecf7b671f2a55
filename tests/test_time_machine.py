"""The pipeline of any past day, and the bridge between two: by the days on which things happened, exact to the cent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from crm.queries import figures, time_machine
from crm.queries.periods import Period, parse
from crm.store.database import Database
from crm.store.session import Session, command_line
from tests.copies import Fresh
from tests.small import LOST, NEW, QUALIFIED, WON

FIRST, TODAY = date(2026, 1, 1), date(2026, 4, 15)
QUARTER = parse("2026-Q1")


def on(database: Database, day: date) -> Session:
    return Session(database, command_line("tester"), datetime.combine(day, datetime.min.time()) + timedelta(hours=12))


@pytest.fixture
def today(database: Database) -> Session:
    return on(database, TODAY)


def opened(database: Database, day: date, amount: float | None, expected: date | None, **more: object) -> UUID:
    with on(database, day).change("Open") as change:
        fields = {"name": "Deal", "stage_id": NEW, "amount": amount, "expected_close_on": expected, "opened_on": day}
        key = change.insert("deals", **fields | more)
    with on(database, day).change("Into the first stage") as change:
        change.insert("stage_changes", deal_id=key, to_stage_id=NEW, changed_at=datetime.combine(day, datetime.min.time()))
    return key


def edit(database: Database, day: date, key: UUID, **fields: Any) -> None:
    with on(database, day).change("Edit") as change:
        change.update("deals", key, **fields)


def end(database: Database, day: date, key: UUID, stage: UUID, **fields: Any) -> None:
    edit(database, day, key, stage_id=stage, closed_on=day, **fields)
    with on(database, day).change("Move") as change:
        moment = datetime.combine(day, datetime.min.time())
        change.insert("stage_changes", deal_id=key, from_stage_id=NEW, to_stage_id=stage, changed_at=moment)


def test_a_past_day_shows_amounts_and_stages_as_they_were(database: Database, today: Session) -> None:
    key = opened(database, FIRST, 100, date(2026, 3, 1))
    edit(database, date(2026, 2, 1), key, amount=250)
    end(database, date(2026, 3, 1), key, WON, amount=300)
    (january,) = time_machine.as_of(today, date(2026, 1, 31))
    assert (january["stage"], january["deal_count"], january["amount"]) == ("New", 1, 100)
    assert time_machine.as_of(today, date(2026, 2, 28))[0]["amount"] == 250
    assert time_machine.as_of(today, date(2026, 3, 1)) == [], "it was won that day"
    assert time_machine.as_of(today, date(2025, 12, 31)) == []


def test_as_many_stand_open_as_the_figure_of_that_day_says(database: Database, today: Session) -> None:
    keys = [opened(database, FIRST + timedelta(days=5 * n), 10 + n, None) for n in range(10)]
    for number, key in enumerate(keys[::3]):
        end(database, date(2026, 3, 1) + timedelta(days=number), key, LOST)
    day = date(2026, 3, 2)
    found = figures.figures(today, Period(FIRST, day), day, keys=["open_count", "open_amount"])
    rows = time_machine.as_of(today, day)
    assert sum(row["deal_count"] for row in rows) == found["open_count"]["value"] == 8
    assert float(sum(row["amount"] for row in rows)) == found["open_amount"]["value"]


def test_the_picture_is_complete_from_the_day_on_which_the_last_old_deal_was_entered(database: Database, today: Session) -> None:
    assert time_machine.complete_from(today) is None
    opened(database, FIRST, 1, None)
    assert time_machine.complete_from(today) is None, "it was entered when it was opened"
    opened(database, date(2026, 2, 3), 1, None, opened_on=date(2025, 5, 5))
    assert time_machine.complete_from(today) == date(2026, 2, 3)
    (row,) = time_machine.as_of(today, date(2025, 12, 31))
    assert row["later_count"] == 1


def test_each_step_of_the_bridge_is_what_happened(database: Database, today: Session) -> None:
    due = date(2026, 3, 20)
    before = date(2025, 12, 1)
    won, lost, pushed, dearer, later = (opened(database, before, 100, due) for _ in range(5))
    edit(database, before, later, expected_close_on=date(2026, 9, 1))
    end(database, date(2026, 2, 1), won, WON, amount=120)
    end(database, date(2026, 2, 1), lost, LOST, amount=0)
    edit(database, date(2026, 2, 1), pushed, expected_close_on=date(2026, 5, 1))
    edit(database, date(2026, 2, 1), dearer, amount=130)
    edit(database, date(2026, 2, 1), later, expected_close_on=date(2026, 3, 1))
    opened(database, date(2026, 2, 1), 70, due)
    found = time_machine.bridge(today, QUARTER)
    assert found.start == 400 and found.end == 130 + 100 + 70
    expected = {"won": -120, "lost": -100, "pushed": -100, "revalued": 20 + 30, "pulled_in": 100, "new": 70}
    assert found.steps == {step: Decimal(expected[step]) for step in time_machine.STEPS}
    assert (found.due_count, found.slipped_count, found.slip_rate, found.push_count) == (4, 1, 0.25, 1)
    rate = figures.figures(today, QUARTER, TODAY, keys=["slip_rate"])["slip_rate"]
    assert (rate["value"], rate["n"]) == (0.25, 4)
    assert list(figures.rows_behind(today, "slip_rate", QUARTER, TODAY)["has_slipped"]) == [True, False, False, False]


def test_an_undone_edit_is_no_push_in_the_end(database: Database, today: Session) -> None:
    key = opened(database, date(2025, 12, 1), 100, date(2026, 3, 20))
    edit(database, date(2026, 2, 1), key, expected_close_on=date(2026, 5, 1))
    edit(database, date(2026, 2, 2), key, expected_close_on=date(2026, 3, 20))
    found = time_machine.bridge(today, QUARTER)
    assert found.start == found.end == 100 and (found.slipped_count, found.push_count) == (0, 1)


def test_an_empty_pipeline_has_an_empty_bridge(today: Session) -> None:
    found = time_machine.bridge(today, QUARTER)
    assert found.start == found.end == 0 and found.slip_rate is None and not any(found.counts.values())


@dataclass
class Told:
    """A deal's life as it was drawn: the other way to know what stood there on a day."""

    opened_on: date
    amount: int | None
    expected: date | None
    edits: list[tuple[date, str, object]] = field(default_factory=list)
    ended: tuple[date, str, int] | None = None

    def at(self, day: date) -> tuple[int | None, date | None] | None:
        """Amount and expected close at the close of a day; None where it was not open."""
        if self.opened_on > day or (self.ended and self.ended[0] <= day):
            return None
        values: dict[str, object] = {"amount": self.amount, "expected_close_on": self.expected}
        for when, name, value in self.edits:
            if when <= day:
                values[name] = value
        return values["amount"], values["expected_close_on"]  # type: ignore[return-value]


days = some.integers(-40, 100).map(lambda number: FIRST + timedelta(days=number))
amounts = some.none() | some.integers(0, 500)
closes = some.none() | some.integers(-20, 200).map(lambda number: FIRST + timedelta(days=number))


@some.composite
def lives(draw: some.DrawFn) -> Told:
    start = draw(days)
    told = Told(start, draw(amounts), draw(closes))
    after = sorted(draw(some.lists(some.integers(0, 80), max_size=3)))
    for gap in after:
        name = draw(some.sampled_from(["amount", "expected_close_on"]))
        value: object = draw(amounts if name == "amount" else closes)
        told.edits.append((min(start + timedelta(days=gap), TODAY), name, value))
    if draw(some.booleans()):
        last = max([start, *(when for when, _, _ in told.edits)])
        outcome = draw(some.sampled_from(["won", "lost"]))
        told.ended = (min(last + timedelta(days=draw(some.integers(0, 30))), TODAY), outcome, draw(some.integers(0, 500)))
    return told


@given(some.lists(lives(), min_size=1, max_size=5), some.sampled_from(["2026-Q1", "2026-02", "2026-01-10..2026-04-30"]))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_bridge_adds_up_and_its_ends_are_what_stood_there(fresh: Fresh, told: list[Told], label: str) -> None:
    with fresh() as database:
        for life in told:
            key = opened(database, life.opened_on, life.amount, life.expected)
            for when, name, value in life.edits:
                edit(database, when, key, **{name: value})
            if life.ended:
                when, outcome, amount = life.ended
                end(database, when, key, WON if outcome == "won" else LOST, amount=amount if outcome == "won" else 0)
        session, period = on(database, TODAY), parse(label)
        found = time_machine.bridge(session, period)
        for day, worth in ((period.start - timedelta(days=1), found.start), (min(period.end, TODAY), found.end)):
            stood = [state for state in (life.at(day) for life in told) if state]
            assert worth == sum(amount or 0 for amount, expected in stood if expected and expected <= period.end)
            rows = time_machine.as_of(session, day)
            assert sum(row["deal_count"] for row in rows) == len(stood)
        assert found.start + sum(found.steps.values()) == found.end


def test_other_peoples_deals_are_filtered_out(database: Database, today: Session) -> None:
    with today.change("Hire") as change:
        ann = change.insert("employees", name="Ann", role="member")
    opened(database, FIRST, 100, QUARTER.end, owner_id=ann)
    opened(database, FIRST, 7, QUARTER.end)
    assert time_machine.bridge(today, QUARTER, owner=ann).end == 100
    assert QUALIFIED != NEW and time_machine.bridge(today, QUARTER).end == 107
