"""Ideal profile on the pages: stated and edited by leaders, answered by the data, shown on a profile; the pipeline as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crm.commands import ideal, values
from crm.store.session import Session, command_line, opened

Ask = Callable[..., Any]
Visit = Callable[..., AppTest]


@pytest.fixture
def computed(demo_company: str) -> str:
    session = Session(opened(), command_line("tester"))
    values.store_values(session)
    ideal.store_fits(session)
    return demo_company


def texts(app: AppTest) -> str:
    return "\n".join(one.value for one in [*app.markdown, *app.caption])


def test_what_is_stated_stands_beside_what_the_data_say(computed: str, visit: Visit, ask: Ask) -> None:
    app = visit("value", value_tab="Ideal profile")
    app.segmented_control(key="best").set_value("win_rate").run()
    shown = texts(app)
    assert "Customers in sector software" in shown, "what leadership states"
    assert "**Sector** software" in shown, "what the data say"
    assert "of the best" in shown and "fits better in" in shown, "the drift between them"
    assert "Repeat rate" in shown
    app.segmented_control(key="best").set_value("retention").run()
    assert "No reliable pattern in n = " in texts(app)


def test_before_the_first_computation_the_drift_waits_for_it_and_not_for_an_ideal(demo_company: str, visit: Visit) -> None:
    shown = texts(visit("value", value_tab="Ideal profile"))
    assert "Once how well customers fit is computed, this says whether" in shown
    assert "Once an ideal is stated" not in shown


def test_a_pattern_is_taken_over_and_an_attribute_opens_to_be_edited(computed: str, visit: Visit, ask: Ask) -> None:
    app = visit("value", value_tab="Ideal profile")
    app.segmented_control(key="best").set_value("win_rate").run()
    app.button(key="take_win_rate_0").click().run()
    assert ask("select count(*) from ideal_attributes where archived_at is null") == 4
    key = ask("select ideal_attribute_id from ideal_attributes where weight = 1 and archived_at is null limit 1")
    app.button(key=f"edit_ideal_{key}").click().run()
    assert not app.exception
    assert app.number_input(key="seg.ideal_weight").value == 1
    assert "Customers in West" in texts(app)


def test_the_evidence_of_a_trait_opens(computed: str, visit: Visit) -> None:
    app = visit("value", value_tab="Ideal profile")
    app.button(key="trait_need_0").click().run()
    assert not app.exception and len(app.dataframe) >= 1


def test_a_profile_says_why_a_customer_fits(computed: str, visit: Visit, ask: Ask) -> None:
    key = ask("select customer_id from customer_fits where fit_share = 1 limit 1") or ask(
        "select customer_id from customer_fits order by fit_share desc limit 1"
    )
    app = visit("profile", customer=str(key))
    assert any(metric.label == "Fit" and metric.value != "–" for metric in app.metric)
    app.button(key="fit_why").click().run()
    assert "Together" in texts(app) and "sector software" in texts(app)


def test_the_pipeline_as_it_was_and_the_bridge_open(demo_company: str, visit: Visit) -> None:
    app = visit("pipeline")
    app.session_state["as_it_was"] = True
    app.session_state["bridge"] = True
    app.run()
    assert not app.exception
    assert "The picture is complete from" in texts(app) and "Slip rate" in texts(app)
