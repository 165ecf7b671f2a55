"""The timeline: everything dated, of one customer and of everyone, the latest first, in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from crm.commands.contacts import add_contact, edit_contact
from crm.commands.customers import add_customer, edit_customer
from crm.commands.deals import add_deal, move_deal
from crm.commands.feedback import add_feedback
from crm.commands.history import undo_change
from crm.commands.interactions import log_interaction
from crm.commands.orders import add_order
from crm.commands.tasks import add_task, finish_task
from crm.queries import timeline
from crm.store.session import Session

NEW, WON = (UUID(f"01900000-0000-7000-8000-00000000010{n}") for n in (1, 8))
NOON = datetime(2026, 3, 2, 12)


@pytest.fixture
def later(session: Session) -> Session:
    """The command line on 1 April 2026."""
    return Session(session.database, session.actor, datetime(2026, 4, 1, 12))


@pytest.fixture
def konex(later: Session) -> UUID:
    return add_customer(later, name="Konex").key


def kinds(lines: list[dict[str, Any]]) -> list[str]:
    return [line["kind"] for line in lines]


def test_everything_that_happened_with_a_customer_stands_in_order(later: Session, konex: UUID) -> None:
    log_interaction(later, customer_id=konex, channel="call", subject="Hello", occurred_at=NOON)
    add_order(later, customer_id=konex, amount=40, number="A1", ordered_at=NOON + timedelta(days=1))
    add_feedback(later, customer_id=konex, kind="complaint", text="Late", received_at=NOON + timedelta(days=2))
    deal = add_deal(later, name="Big", customer_id=konex, stage_id=NEW, amount=12).key
    assert kinds(timeline.of_customer(later, konex)) == ["deal", "feedback", "order", "call"]
    (line,) = timeline.of_customer(later, konex, kinds=["deal"])
    assert (line["title"], line["amount"], line["deal_id"], line["customer_name"]) == ("Big: New", 12, deal, "Konex")


def test_a_moved_deal_says_from_where_to_where(session: Session, later: Session, konex: UUID) -> None:
    deal = add_deal(later, name="Big", customer_id=konex, stage_id=NEW).key
    tomorrow = Session(session.database, session.actor, later.now + timedelta(days=1))
    move_deal(tomorrow, deal, WON)
    assert [line["title"] for line in timeline.of_customer(tomorrow, konex, kinds=["deal"])] == ["Big: New → Won", "Big: New"]


def test_a_done_task_is_past_an_open_one_is_not(later: Session, konex: UUID) -> None:
    task = add_task(later, title="Call back", customer_id=konex, due_on=date(2026, 3, 1)).key
    assert timeline.of_customer(later, konex) == []
    finish_task(later, task)
    assert kinds(timeline.of_customer(later, konex)) == ["task"]


def test_a_field_change_is_told_in_words_and_gone_when_undone(
    later: Session, konex: UUID, make_session: Callable[..., Session]
) -> None:
    bo = make_session("manager", "Bo", later.now)
    contact = add_contact(later, name="Ann", customer_id=konex).key
    edit_contact(bo, contact, title="Buyer")
    edited = edit_customer(bo, konex, owner_id=bo.actor.employee_id)
    texts = {line["title"]: line["body"] for line in timeline.of_customer(later, konex, kinds=["change"])}
    assert texts == {"Ann": "title: – → Buyer", "Konex": "owner: – → Bo"}
    undo_change(later, edited.change_set_id or "")
    assert [line["title"] for line in timeline.of_customer(later, konex, kinds=["change"])] == ["Ann"]


def test_each_line_names_the_change_that_wrote_it(later: Session, konex: UUID) -> None:
    saved = log_interaction(later, customer_id=konex, channel="call", occurred_at=NOON)
    (line,) = timeline.of_customer(later, konex)
    assert line["change_set_id"] == saved.change_set_id
    undo_change(later, line["change_set_id"])
    assert timeline.of_customer(later, konex) == []


def test_pages_follow_each_other_without_loss_also_where_instants_are_equal(later: Session, konex: UUID) -> None:
    for number in range(17):
        log_interaction(later, customer_id=konex, channel="call", occurred_at=NOON + timedelta(days=number // 8))
    for read in (partial(timeline.of_customer, later, konex), partial(timeline.of_everyone, later)):
        seen: list[UUID] = []
        page = read(limit=3)
        while page:
            seen += [line["record_id"] for line in page]
            page = read(limit=3, before=(page[-1]["happened_at"], page[-1]["record_id"]))
        assert len(seen) == len(set(seen)) == 17


def test_tomorrow_is_not_seen_today(later: Session, konex: UUID) -> None:
    log_interaction(later, customer_id=konex, channel="meeting", occurred_at=later.now + timedelta(days=3))
    assert timeline.of_customer(later, konex) == timeline.of_everyone(later) == []


def test_everyones_timeline_is_filtered_by_owner_team_kind_campaign_and_day(
    later: Session, make_session: Callable[..., Session]
) -> None:
    with later.change("Team") as change:
        team = change.insert("teams", name="West")
    bo = make_session("manager", "Bo", team_id=team).actor.employee_id
    mine = add_customer(later, name="Mine", owner_id=bo).key
    others = add_customer(later, name="Other").key
    log_interaction(later, customer_id=mine, channel="call", occurred_at=NOON)
    log_interaction(later, customer_id=others, channel="newsletter", campaign="Spring", occurred_at=NOON - timedelta(days=500))
    add_deal(later, name="Big", customer_id=mine, stage_id=NEW)
    for filters, expected in (
        ({}, ["deal", "call", "newsletter"]),
        ({"owner": bo}, ["deal", "call"]),
        ({"team": team}, ["deal", "call"]),
        ({"kinds": ["call", "newsletter"]}, ["call", "newsletter"]),
        ({"campaign": "Spring"}, ["newsletter"]),
        ({"first": NOON.date(), "last": NOON.date()}, ["call"]),
        ({"last": date(2025, 1, 1)}, ["newsletter"]),
        ({"first": date(2026, 12, 1), "last": date(2026, 12, 2)}, []),
    ):
        assert kinds(timeline.of_everyone(later, **filters)) == expected, filters  # type: ignore[arg-type]


def test_the_view_and_the_macro_tell_the_same(later: Session, konex: UUID) -> None:
    log_interaction(later, customer_id=konex, channel="call", occurred_at=NOON)
    add_order(later, customer_id=konex, amount=-4, ordered_at=NOON)
    add_deal(later, name="Big", customer_id=konex, stage_id=NEW)
    edit_customer(later, konex, city="Bonn")
    everyone = later.execute("select * from timeline order by all", {}).fetchall()
    one = later.execute("select * from customer_timeline($konex) order by all", {"konex": konex}).fetchall()
    assert everyone == one
    assert len(one) == 4
