"""The Value page: who is worth what, with its age; each number opens, each quiet customer is one click from a task."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from crm.commands.values import store_values
from crm.queries import worth
from crm.store import session as door
from crm.store.session import SYSTEM, Session
from tests.working import run_waiting

Visit = Callable[..., AppTest]
Ask = Callable[..., object]


@pytest.fixture
def valued_company(demo_company: str) -> Iterator[str]:
    """The demo company, its values computed."""
    store_values(Session(door.opened(), SYSTEM))
    yield demo_company


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def text_of(app: AppTest) -> str:
    return " ".join(str(element.value) for element in [*app.caption, *app.markdown])


def test_before_anything_is_computed_one_click_computes_it(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("value")
    assert "has not been computed yet" in text_of(app)
    app.button(key="renew").click().run()
    assert ask("select count(*) from jobs where kind = 'value' and state = 'waiting'") == 1
    run_waiting(Session(door.opened(), SYSTEM))
    app.run()
    assert "n = 278" in text_of(app) and metrics(app)["The best 20 % hold"] == "70 %"


def test_the_page_says_when_from_what_and_how_it_was_computed(valued_company: str, visit: Visit) -> None:
    said = text_of(visit("value"))
    assert "Computed just now, from purchases up to" in said and "By each customer’s own pace" in said
    assert "purchases were written since" not in said


def test_the_page_says_when_purchases_were_written_since(valued_company: str, visit: Visit, ask: Ask) -> None:
    session = Session(door.opened(), SYSTEM)
    with session.change("Order") as change:
        change.insert("orders", customer_id=session.value("select customer_id from customers"), ordered_at=session.now, amount=5)
    assert "purchases were written since" in text_of(visit("value"))


@pytest.mark.parametrize("number", ["value", "top", "spent", "quiet", "repeat_rate", "retention", "lapsed_customers"])
def test_a_number_opens_to_what_it_says_and_its_rows(valued_company: str, visit: Visit, number: str) -> None:
    app = visit("value")
    app.button(key=f"define_{number}").click().run()
    assert not app.exception
    assert app.code and len(app.dataframe) >= 3


def test_a_quiet_customer_is_one_click_from_a_task(valued_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("value")
    later = next(button for button in app.button if str(button.key).startswith("call_"))
    customer = str(later.key).removeprefix("call_")
    later.click().run()
    due = ask("select due_on from tasks where customer_id = $customer order by created_at desc limit 1", customer=customer)
    assert due == ask("select current_date") + timedelta(days=7)  # type: ignore[operator]


def test_a_quiet_customer_is_one_click_from_a_log(valued_company: str, visit: Visit) -> None:
    app = visit("value")
    next(button for button in app.button if str(button.key).startswith("log_")).click().run()
    assert not app.exception
    assert any(str(area.key) == "log_with.note" for area in app.text_area)


def test_a_segment_lists_its_customers(valued_company: str, visit: Visit) -> None:
    app = visit("value")
    app.session_state["rfm_segments"] = {"selection": {"rows": [], "columns": [], "cells": [(0, "segment")]}}
    app.run()
    session = Session(door.opened(), SYSTEM)
    listed = next(table for table in app.dataframe if table.key == "segment_Champions")
    assert len(listed.value) == len(worth.members(session, "segment", segment="Champions")) > 0


def test_a_cell_of_the_cohorts_lists_its_customers(valued_company: str, visit: Visit) -> None:
    app = visit("value")
    key = next(table.key for table in app.dataframe if str(table.key).startswith("cohort_cells_"))
    app.session_state[key] = {"selection": {"rows": [], "columns": [], "cells": [(0, "1")]}}
    app.run()
    assert not app.exception
    assert any(str(table.key).startswith("cohort_2") for table in app.dataframe)


def test_the_cohorts_show_revenue_too(valued_company: str, visit: Visit) -> None:
    app = visit("value")
    app.segmented_control(key="cohort_shows").set_value("Revenue").run()
    assert not app.exception and any("Revenue" in str(table.key) for table in app.dataframe)


def test_the_tab_stands_in_the_address(valued_company: str, visit: Visit) -> None:
    app = visit("value", value_tab="Worth")
    assert metrics(app)["Value, next 12 months"].startswith("$")


def test_the_profile_says_what_a_customer_is_worth_and_why(valued_company: str, visit: Visit, ask: Ask) -> None:
    best = ask("select customer_id from customer_values order by value_amount desc limit 1")
    app = visit("profile", customer=str(best))
    assert metrics(app)["Value next 12 m"].startswith("$")
    assert "purchases since" in text_of(app)


def test_the_profile_of_one_who_never_bought_has_no_value(valued_company: str, visit: Visit, ask: Ask) -> None:
    lead = ask("select customer_id from customers where customer_id not in (select customer_id from customer_values) limit 1")
    assert metrics(visit("profile", customer=str(lead)))["Value next 12 m"] == "–"


def test_customers_can_be_sorted_by_value(valued_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("customers", sort="By value")
    name = ask("select name from customers join customer_values using (customer_id) order by value_amount desc limit 1")
    assert app.dataframe[0].value["name"].iloc[0] == name
