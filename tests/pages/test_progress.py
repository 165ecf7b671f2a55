"""A job's bar: its end draws the page anew, but not in the middle of a page, which would forget what is chosen further down."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crm.commands.jobs import ask
from crm.queries import jobs
from crm.store.session import Session, command_line, opened


def _page() -> None:
    import streamlit as st

    from crm.ui import progress
    from crm.ui.session import current

    st.session_state["begun"] = st.session_state.get("begun", 0) + 1
    progress.draw(current(), "themes")
    st.session_state["ended"] = st.session_state.get("ended", 0) + 1


def test_a_page_is_drawn_to_its_end_also_when_the_job_ends_meanwhile(empty_company: str, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(opened(empty_company), command_line("test"))
    job_id = ask(session, "themes")
    latest = jobs.latest

    def overtaken(*asked: Any, **named: Any) -> dict[str, Any] | None:
        found = latest(*asked, **named)
        session.note("update jobs set state = 'done', finished_at = $now where job_id = $job", now=session.now, job=job_id)
        return found

    with monkeypatch.context() as beside:
        beside.setattr(jobs, "latest", overtaken)
        app = AppTest.from_function(_page).run()
    assert not app.exception
    assert app.session_state["begun"] == app.session_state["ended"]
