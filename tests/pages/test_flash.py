"""What was just done is said until the person goes on, also when a job's end draws the page anew."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def _page() -> None:
    import streamlit as st

    from crm.ui import flash

    flash.show()
    st.button("Rename", key="rename", on_click=flash.attempt, args=("form", lambda: True, "Renamed"))
    st.button("A job ends", key="job", on_click=flash.again)
    st.button("Go on", key="go")


def test_the_end_of_a_job_leaves_what_was_said_and_the_next_click_takes_it_away() -> None:
    app = AppTest.from_function(_page).run()
    app.button(key="rename").click().run()
    app.button(key="job").click().run()
    assert "Renamed" in app.markdown[0].value
    app.button(key="go").click().run()
    assert not app.markdown
