"""How far a job is, drawn by itself until it ends; then the page is drawn once more, with what came of it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.commands.jobs import stop
from crm.queries import jobs
from crm.store.session import Session
from crm.ui import dialogs, flash, words
from crm.ui.session import current

EVERY = "700ms"


def draw(session: Session, kind: str, **filters: Any) -> dict[str, Any] | None:
    """The latest job of a kind: its bar while it is under way, its refusal where it failed; returned for the page to go on.

    Filters as in `jobs.all_of`, such as `asked_by_id`.
    """
    job = jobs.latest(session, kind, **filters)
    if job and jobs.is_under_way(job):
        _bar(str(job["job_id"]), [job])
    elif job and job["state"] == "failed":
        st.error(words.plain(job["message"]), icon=":material/error:")
    return job


@st.fragment(run_every=EVERY)
def _bar(job_id: str, seen: list[dict[str, Any]]) -> None:
    # Within a run of the page the job stands as that run has seen it: to begin again before the widgets further down are drawn
    # would forget what was chosen in them, in the address too.
    job = seen.pop() if seen else jobs.one(current(), job_id)
    if job is None or not jobs.is_under_way(job):
        flash.again()
        dialogs.again()
        st.rerun()
    assert job is not None  # noqa: S101 - st.rerun does not return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"progress_{job['kind']}"):
        st.progress(job["progress_share"] or 0.0, text=words.plain(job["message"]), width="stretch")
        st.button(
            "Stop",
            key=f"stop_{job['kind']}",
            icon=":material/stop_circle:",
            on_click=_stop,
            args=(job_id,),
            disabled=job["stop_asked_at"] is not None,
        )


def _stop(job_id: str) -> None:
    flash.attempt("flash", lambda: stop(current(), job_id), "Stopping")
