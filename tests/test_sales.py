"""Why the sales figures are what they are: how far deals come, when they should close, who rises and falls."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from crm.commands.customers import add_customer
from crm.commands.deals import add_deal, move_deal
from crm.commands.orders import add_order
from crm.queries import periods, sales, stages
from crm.store.database import Database
from crm.store.session import Session, command_line

NOW = datetime(2026, 11, 22, 12)
QUARTER = periods.parse("2026-Q4")


@pytest.fixture
def today(database: Database) -> Session:
    return Session(database, command_line("tester"), NOW)


def stage(session: Session, name: str) -> UUID:
    return next(row["stage_id"] for row in stages.active(session) if row["name"] == name)


def test_a_stage_that_was_skipped_counts_as_reached_and_a_lost_deal_as_far_as_it_came(today: Session) -> None:
    won = add_deal(today, name="Won at once", stage_id=stage(today, "New"), amount=100)
    move_deal(today, won.key, stage(today, "Won"))
    lost = add_deal(today, name="Lost after proposal", stage_id=stage(today, "New"), amount=50)
    move_deal(today, lost.key, stage(today, "Proposal"))
    move_deal(today, lost.key, stage(today, "Lost"), lost_reason="Price")
    add_deal(today, name="Just begun", stage_id=stage(today, "New"))
    found = {row["name"]: row["deal_count"] for row in sales.funnel(today, QUARTER)}
    assert found == {"New": 3, "Qualified": 2, "Proposal": 2, "Negotiation": 1, "Won": 1}
    for row in sales.funnel(today, QUARTER):
        assert len(sales.reached(today, QUARTER, row["stage_id"])) == row["deal_count"]


def test_open_deals_stand_in_the_month_they_should_close_late_first_undated_last(today: Session) -> None:
    for name, day, amount in (
        ("a", date(2026, 10, 1), 10),
        ("b", date(2026, 12, 5), 20),
        ("c", date(2027, 1, 9), 30),
        ("d", None, 40),
    ):
        add_deal(today, name=name, stage_id=stage(today, "Proposal"), amount=amount, expected_close_on=day)
    rows = sales.closing_by_month(today, today.today)
    assert [(row["month"], row["amount"]) for row in rows] == [("late", 10), ("Dec 26", 20), ("Jan 27", 30), ("no date", 40)]
    assert [row["weighted_amount"] for row in rows] == [5, 10, 15, 20], "a proposal is won every second time"
    for row in rows:
        assert len(sales.closing_in(today, row["month"], today.today)) == row["deal_count"]


def test_a_win_rate_from_few_deals_is_marked_and_has_a_wide_interval(today: Session) -> None:
    for name in ("x", "y"):
        deal = add_deal(today, name=name, stage_id=stage(today, "New"), amount=1)
        move_deal(today, deal.key, stage(today, "Won"))
    (row,) = sales.win_rates(today, QUARTER, today.today)
    assert (row["n"], row["share"], row["few"]) == (2, 1.0, True)
    assert row["low"] < 0.4 and row["high"] == 1.0


def test_customers_rise_and_fall_by_what_they_bought_in_the_last_90_days(today: Session) -> None:
    bought = {"Riser": [(5, 100)], "Faller": [(120, 80)], "Steady": [(10, 50), (100, 50)], "Old": [(400, 999)]}
    for name, orders in bought.items():
        customer = add_customer(today, name=name)
        for days, amount in orders:
            when = datetime.fromordinal(today.today.toordinal() - days)
            add_order(today, customer_id=customer.key, amount=amount, ordered_at=when)
    found = sales.movers(today, today.today)
    assert list(found["customer"]) == ["Riser", "Faller"]
    assert list(found["change_amount"]) == [Decimal(100), Decimal(-80)]
