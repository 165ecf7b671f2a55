"""External events on the pages: declared on Goals, drawn on the charts, opened from a mark."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from streamlit.testing.v1 import AppTest

Ask = Callable[..., Any]
Visit = Callable[..., AppTest]


def texts(app: AppTest) -> str:
    return "\n".join(one.value for one in [*app.markdown, *app.caption])


def test_a_leader_declares_an_event_on_the_goals_page(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("goals")
    app.session_state["external"] = True
    app.run()
    assert "Competitor halves its prices" in texts(app) and "A description, not a cause" in texts(app)
    app.button(key="add_external_event_button").click().run()
    app.text_input(key="add_external_event.name").set_value("Port *strike*")
    app.date_input(key="add_external_event.starts_on").set_value(date(2026, 11, 2))
    app.multiselect(key="add_external_event.figures").set_value(["orders"])
    app.number_input(key="add_external_event.percent").set_value(-20)
    app.button(key="add_external_event.save").click().run()
    assert not app.exception
    row = "select effect_share from external_events where name = 'Port *strike*' and ends_on = '2026-11-02'"
    assert ask(row) == -0.2


def test_the_overviews_chart_bears_the_events(demo_company: str, visit: Visit) -> None:
    chart = visit("overview").get("plotly_chart")
    assert any("Competitor halves its prices" in one.proto.spec for one in chart)
