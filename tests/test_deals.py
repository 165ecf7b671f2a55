"""Deals: their stages, how they end, what is kept of the way."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from crm.commands.customers import add_customer
from crm.commands.deals import add_deal, edit_deal, move_deal
from crm.commands.history import undo_change
from crm.errors import Refused
from crm.queries import deals
from crm.store.session import Session
from tests.small import LOST, NEW, QUALIFIED, WON, way_of


def test_a_deal_opens_today_in_its_stage(session: Session) -> None:
    key = add_deal(session, name="Big", stage_id=NEW, amount="1250.00").key
    row = deals.one(session, key)
    assert row and (row["opened_on"], row["closed_on"], row["stage_name"]) == (session.today, None, "New")
    assert [stage for stage, _ in way_of(session, key)] == ["New"]


def test_winning_sets_the_day_and_reopening_clears_it(session: Session) -> None:
    key = add_deal(session, name="Big", stage_id=NEW).key
    won = move_deal(session, key, WON)
    assert deals.one(session, key)["closed_on"] == session.today  # type: ignore[index]
    move_deal(session, key, QUALIFIED)
    row = deals.one(session, key)
    assert row and (row["closed_on"], row["stage_name"]) == (None, "Qualified")
    assert [stage for stage, _ in way_of(session, key)] == ["New", "Won", "Qualified"]
    assert won.change_set_id


def test_losing_needs_a_reason_and_the_list_of_reasons_grows(session: Session) -> None:
    key = add_deal(session, name="Big", stage_id=NEW).key
    with pytest.raises(Refused, match="Why was it lost") as refusal:
        move_deal(session, key, LOST)
    assert refusal.value.field == "lost_reason"
    move_deal(session, key, LOST, lost_reason="Price")
    assert deals.lost_reasons(session) == ["Price"]
    move_deal(session, key, NEW)
    assert deals.one(session, key)["lost_reason"] is None  # type: ignore[index]


def test_moving_to_where_it_stands_changes_nothing(session: Session) -> None:
    key = add_deal(session, name="Big", stage_id=WON, opened_on=date(2026, 1, 1), closed_on=date(2026, 1, 5)).key
    assert move_deal(session, key, WON).change_set_id is None
    assert deals.one(session, key)["closed_on"] == date(2026, 1, 5)  # type: ignore[index]


def test_editing_the_stage_is_a_move_and_one_undo_takes_both_back(session: Session) -> None:
    key = add_deal(session, name="Big", stage_id=NEW).key
    saved = edit_deal(session, key, stage_id=WON, amount=70)
    assert len(way_of(session, key)) == 2
    undo_change(session, saved.change_set_id or "")
    row = deals.one(session, key)
    assert row and (row["stage_name"], row["closed_on"], row["amount"]) == ("New", None, None)
    assert len(way_of(session, key)) == 1


def test_open_deals_of_a_customer_come_first(session: Session) -> None:
    konex = add_customer(session, name="Konex").key
    week = session.today + timedelta(days=7)
    for name, stage, fields in (
        ("Won", WON, {}),
        ("Later", NEW, {"expected_close_on": week}),
        ("Soon", NEW, {"expected_close_on": session.today}),
    ):
        add_deal(session, name=name, stage_id=stage, customer_id=konex, **fields)
    assert [row["name"] for row in deals.of_customer(session, konex)] == ["Soon", "Later", "Won"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", -1),
        ("amount", "much"),
        ("name", ""),
        ("stage_id", UUID(int=3)),
        ("customer_id", UUID(int=3)),
        ("opened_on", "soon"),
    ],
)
def test_a_refusal_names_the_field(session: Session, field: str, value: object) -> None:
    with pytest.raises(Refused) as refusal:
        add_deal(session, **{"name": "Big", "stage_id": NEW, field: value})
    assert refusal.value.field == field
    assert session.value("select count(*) from deals") == 0
