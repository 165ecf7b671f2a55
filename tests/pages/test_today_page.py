"""Today: what waits is done, logged or put off in place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from streamlit.testing.v1 import AppTest

Visit = Callable[..., AppTest]
Ask = Callable[..., Any]
OVERDUE = "select task_id from tasks where done_at is null and due_on < current_date order by due_on, created_at, task_id limit 1"


def test_a_task_is_ticked_done_and_the_tick_can_be_undone(demo_company: str, visit: Visit, ask: Ask) -> None:
    task = ask(OVERDUE)
    app = visit("today")
    app.checkbox(key=f"done_{task}").check().run()
    assert ask("select done_at is not null from tasks where task_id = $task", task=task)
    app.button(key="flash_undo").click().run()
    assert ask("select done_at is null from tasks where task_id = $task", task=task)


def test_a_quiet_customer_is_called_later_with_one_click(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("today")
    later = next(button for button in app.button if str(button.key).startswith("call_"))
    customer = str(later.key).removeprefix("call_")
    later.click().run()
    due = ask("select due_on from tasks where customer_id = $customer order by created_at desc limit 1", customer=customer)
    assert due == ask("select current_date") + timedelta(days=7)


def test_a_promise_is_kept_in_place(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("today")
    kept = next(button for button in app.button if str(button.key).startswith("kept_"))
    trait = str(kept.key).removeprefix("kept_")
    kept.click().run()
    assert ask("select state from traits where trait_id = $trait", trait=trait) == "met"


def test_an_empty_company_is_shown_the_ways_in(empty_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("today")
    app.button(key="make_demo").click().run()
    assert not app.exception
    assert ask("select count(*) from customers") == 401


def test_the_demo_is_taken_away_from_the_start_page(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("today")
    app.button(key="remove_demo").click().run()
    assert ask("select count(*) from customers") == 0
    assert ask("select count(*) from employees") == 1, "the person at the keyboard stays"


def test_a_member_is_not_offered_to_take_the_demo_away(demo_company: str, visit: Visit, ask: Ask) -> None:
    member = ask("select employee_id from employees where role = 'member' order by name limit 1")
    app = visit("today")
    app.selectbox(key="actor").set_value(member).run()
    assert "remove_demo" not in [button.key for button in app.button]
