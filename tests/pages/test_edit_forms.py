"""What was entered can be put right where it is seen: on the timeline, in a list of tasks, among the wants and needs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from crm.commands.custom_fields import define_field
from crm.commands.customers import add_customer
from crm.commands.feedback import add_feedback
from crm.commands.interactions import log_interaction
from crm.commands.orders import add_order, edit_order
from crm.commands.products import add_product, archive_product
from crm.commands.tasks import add_task
from crm.commands.traits import add_trait
from crm.queries import custom_fields, records
from crm.store import session as door
from crm.store.session import SYSTEM, Session, acting_as
from crm.ui import fields, keys, loop

Visit = Callable[..., AppTest]
Ask = Callable[..., Any]


def store() -> Session:
    return Session(door.opened(), SYSTEM)


@pytest.fixture
def konex(empty_company: str) -> UUID:
    return add_customer(store(), name="Konex").key


def test_an_order_on_the_timeline_opens_to_its_form_own_fields_included(visit: Visit, konex: UUID) -> None:
    define_field(store(), noun="orders", name="Fair", kind="text")
    (fair,) = custom_fields.of_noun(store(), "orders")
    key = add_order(store(), customer_id=konex, amount=120, number="A 7", ordered_at=datetime(2026, 3, 1, 9)).key
    app = visit("profile", customer=str(konex))
    app.button(key=f"edit_{key}").click().run()
    assert app.number_input(key="edit_order.amount").value == 120
    app.number_input(key="edit_order.amount").set_value(150.0)
    app.text_input(key=f"edit_order.{fair.argument}").input("Ulm")
    app.button(key="edit_order.save").click().run()
    assert not app.exception
    row = records.one(store(), "orders", key) or {}
    assert (row["amount"], row["number"], custom_fields.value(fair, row["own"])) == (150, "A 7", "Ulm")
    assert row["ordered_at"] == datetime(2026, 3, 1, 9)
    app.button(key="flash_undo").click().run()
    assert (records.one(store(), "orders", key) or {})["amount"] == 120


def test_what_is_no_longer_offered_stays_where_it_was_chosen(visit: Visit, konex: UUID) -> None:
    boat, raft = (add_product(store(), name=name).key for name in ("Boat", "Raft"))
    key = add_order(store(), customer_id=konex, amount=120, product_id=boat).key
    archive_product(store(), boat)
    app = visit("profile", customer=str(konex))
    app.button(key=f"edit_{key}").click().run()
    assert app.selectbox(key="edit_order.product_id").options == ["Raft", "Boat"]
    app.number_input(key="edit_order.amount").set_value(150.0)
    app.button(key="edit_order.save").click().run()
    assert not app.exception
    row = records.one(store(), "orders", key) or {}
    assert (row["amount"], row["product_id"]) == (150, boat)
    app.button(key=f"edit_{key}").click().run()
    app.selectbox(key="edit_order.product_id").set_value(raft)
    app.button(key="edit_order.save").click().run()
    assert (records.one(store(), "orders", key) or {})["product_id"] == raft


def test_a_call_keeps_its_customer_when_it_is_corrected(visit: Visit, konex: UUID) -> None:
    key = log_interaction(store(), customer_id=konex, channel="call", note="Speak of boats").key
    app = visit("profile", customer=str(konex))
    app.button(key=f"edit_{key}").click().run()
    app.text_area(key="edit_interaction.note").input("Spoke of boats")
    app.button(key="edit_interaction.save").click().run()
    row = records.one(store(), "interactions", key) or {}
    assert (row["note"], row["customer_id"], row["channel"]) == ("Spoke of boats", konex, "call")


def test_what_stands_around_a_quote_is_put_right_in_its_place(visit: Visit, konex: UUID) -> None:
    said = add_feedback(store(), customer_id=konex, kind="complaint", text="It came late").key
    app = visit("feedback", theme="all")
    me = acting_as(door.opened(), store().value("select employee_id from employees where name = 'You'"))
    call = log_interaction(Session(door.opened(), me), customer_id=konex, channel="call", note="Spoke of boats").key
    app.menu_button(key=f"say_{said}").click("What happened around it").run()
    app.session_state[keys.ASKED] = app.session_state[keys.DIALOG]
    app.button(key=f"edit_{call}").click().run()
    assert not app.exception
    assert app.text_area(key="edit_interaction.note").value == "Spoke of boats"


def test_who_saves_over_anothers_edit_is_told_first(visit: Visit, konex: UUID) -> None:
    key = add_order(store(), customer_id=konex, amount=120).key
    app = visit("profile", customer=str(konex))
    app.button(key=f"edit_{key}").click().run()
    edit_order(store(), key, amount=130)
    app.number_input(key="edit_order.amount").set_value(140.0)
    app.button(key="edit_order.save").click().run()
    assert app.session_state[keys.PROBLEM][0] == "edit_order"
    assert (records.one(store(), "orders", key) or {})["amount"] == 130


def test_an_open_task_is_changed_on_the_profile_and_on_today(visit: Visit, konex: UUID) -> None:
    key = add_task(store(), title="Cal", customer_id=konex, due_on=store().today).key
    app = visit("profile", customer=str(konex))
    app.button(key=f"edit_{key}").click().run()
    app.text_input(key="edit_task.title").input("Call")
    app.button(key="edit_task.save").click().run()
    assert (records.one(store(), "tasks", key) or {})["title"] == "Call"
    app = visit("today")
    app.menu_button(key=f"later_{key}").click("Edit").run()
    app.text_area(key="edit_task.note").input("about boats")
    app.button(key="edit_task.save").click().run()
    row = records.one(store(), "tasks", key) or {}
    assert (row["title"], row["note"], row["customer_id"]) == ("Call", "about boats", konex)


def test_a_want_that_no_longer_holds_is_removed_and_comes_back(visit: Visit, ask: Ask, konex: UUID) -> None:
    like, need = (add_trait(store(), customer_id=konex, kind=kind, text="mails").key for kind in ("like", "need"))
    app = visit("profile", customer=str(konex))
    app.menu_button(key=f"state_{need}").click("Remove").run()
    app.button(key=f"state_{like}").click().run()
    assert ask("select count(*) from traits where archived_at is null") == 0
    app.button(key="flash_undo").click().run()
    assert ask("select list(trait_id) from traits where archived_at is null") == [like]


def test_no_form_ends_in_a_day_whose_calendar_would_cover_its_button(session: Session) -> None:
    for asked in [fields.trait(session), loop.action_fields(session), *(of(session) for of in fields.KINDS.values())]:
        for part in (False, True):  # in sight, and behind “More”
            assert [field.kind for field in asked if field.more is part][-1:] not in (["day"], ["moment"])
