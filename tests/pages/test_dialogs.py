"""Dialogs: a job that ends while somebody types closes none; whatever else runs the page does, as everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

from tests.pages import within

Ask = Callable[..., Any]
Visit = Callable[..., AppTest]


def _page() -> None:
    import streamlit as st

    from crm.ui import dialogs

    @dialogs.dialog("Note")
    def note(about: str) -> None:
        st.text_input(about, key="note")

    dialogs.left()
    dialogs.draw()
    st.button("Ask", key="ask", on_click=dialogs.asked, args=("note", note, "asked"))
    if st.button("Open", key="open"):
        note("opened")
    st.button("As the bar of a job does at its end", key="job_ends", on_click=dialogs.again)


def test_what_is_typed_in_a_dialog_outlives_the_end_of_a_job() -> None:
    for button, label in (("open", "opened"), ("ask", "asked")):
        app = AppTest.from_function(_page).run()
        app.button(key=button).click().run()
        app.text_input(key="note").input("half a sen")
        app.button(key="job_ends").click().run()
        assert (app.text_input(key="note").label, app.text_input(key="note").value) == (label, "half a sen")


def test_a_dialog_that_was_left_is_not_opened_by_the_next_job() -> None:
    app = AppTest.from_function(_page).run()
    app.button(key="open").click().run()
    app.run()
    app.button(key="job_ends").click().run()
    assert not app.text_input


def test_an_action_is_worded_while_a_job_ends_and_then_saved(demo_company: str, visit: Visit, ask: Ask) -> None:
    theme = ask("select theme_id from themes where name = 'Billing'")
    app = visit("feedback", theme=str(theme))
    app.button(key=f"loop_start_{theme}").click().run()
    app.text_input(key="loop_start.name").set_value("Two people look at each invoice")
    within.run(app)
    assert app.text_input(key="loop_start.name").value == "Two people look at each invoice"
    app.button(key="loop_start.save").click().run()
    assert not app.exception and "loop_start.name" not in {each.key for each in app.text_input}
    assert ask("select count(*) from actions where name = 'Two people look at each invoice'") == 1
