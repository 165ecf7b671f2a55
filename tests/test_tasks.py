"""Tasks: planned, done, put off, repeated."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest

from crm.commands.customers import add_customer
from crm.commands.history import undo_change
from crm.commands.tasks import add_task, edit_task, finish_task, snooze_task
from crm.errors import Refused
from crm.queries import records, tasks, timeline
from crm.store.session import Session

MakeSession = Callable[..., Session]
MONDAY = datetime(2026, 3, 2, 9)


@pytest.fixture
def mo(make_session: MakeSession) -> Session:
    return make_session("member", "Mo", MONDAY)


def titles(session: Session, until: date | None = None) -> list[str]:
    return [row["title"] for row in tasks.of_owner(session, session.actor.employee_id, until)]


def test_my_tasks_come_in_the_order_they_are_due(mo: Session) -> None:
    for title, due in (
        ("Late", date(2026, 2, 1)),
        ("Some day", None),
        ("Next week", date(2026, 3, 9)),
        ("Today", date(2026, 3, 2)),
    ):
        add_task(mo, title=title, due_on=due)
    assert titles(mo) == ["Late", "Today", "Next week", "Some day"]
    assert titles(mo, mo.today) == ["Late", "Today"]


def test_a_task_for_another_is_theirs(mo: Session, make_session: MakeSession) -> None:
    bo = make_session("manager", "Bo", MONDAY)
    add_task(bo, title="Call Konex", owner_id=mo.actor.employee_id)
    assert (titles(mo), titles(bo)) == (["Call Konex"], [])


def test_done_logs_the_call_and_plans_the_next_in_one_change(mo: Session) -> None:
    konex = add_customer(mo, name="Konex").key
    key = add_task(mo, title="Call", customer_id=konex, due_on=date(2026, 2, 27), repeat_every="week").key
    saved = finish_task(mo, key, interaction={"channel": "call", "note": "All well"})
    (following,) = tasks.of_customer(mo, konex)
    assert following["due_on"] == date(2026, 3, 6)
    assert sorted(line["kind"] for line in timeline.of_customer(mo, konex)) == ["call", "task"]
    undo_change(mo, saved.change_set_id or "")
    assert [row["task_id"] for row in tasks.of_customer(mo, konex)] == [key]
    assert timeline.of_customer(mo, konex) == []


def test_the_moment_of_the_logged_call_may_be_given(mo: Session) -> None:
    konex = add_customer(mo, name="Konex").key
    key = add_task(mo, title="Call", customer_id=konex).key
    finish_task(mo, key, interaction={"channel": "call", "occurred_at": datetime(2026, 3, 1, 15)})
    (call,) = timeline.of_customer(mo, konex, kinds=["call"])
    assert (call["happened_at"], call["employee_name"]) == (datetime(2026, 3, 1, 15), "Mo")


def test_what_is_done_cannot_be_done_again(mo: Session) -> None:
    key = add_task(mo, title="Call").key
    finish_task(mo, key)
    with pytest.raises(Refused, match="already done"):
        finish_task(mo, key)


def test_put_off_and_edited(mo: Session) -> None:
    key = add_task(mo, title="Call", due_on=mo.today).key
    snooze_task(mo, key, date(2026, 3, 5))
    edit_task(mo, key, title="Call back")
    row = records.one(mo, "tasks", key)
    assert row and (row["due_on"], row["title"]) == (date(2026, 3, 5), "Call back")
