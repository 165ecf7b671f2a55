"""The tab Surveys: which there are and how many answered; one opened, with its questions, whom to ask, and what they said."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal
from uuid import UUID

import streamlit as st

from crm.commands.surveys import archive_survey, close_survey, duplicate_survey, open_survey
from crm.errors import CrmError
from crm.queries import surveys
from crm.store.session import Session
from crm.ui import cards, flash, survey_builder, survey_results, survey_sending, words
from crm.ui.session import cached, current

SURVEY, NEW = "survey", "new"
QUESTIONS, ASK, RESULTS = "Questions", "Ask people", "Results"
COLOURS: dict[str, Literal["gray", "green", "blue"]] = {"draft": "gray", "open": "green", "closed": "blue"}
OPEN, CLOSE, DUPLICATE, ARCHIVE = "Open for answers", "Close for answers", "Duplicate", "Archive"


def draw(session: Session) -> None:
    """The list, or the survey that the address names."""
    asked = st.query_params.get(SURVEY)
    if asked == NEW:
        _back()
        survey_builder.draw(None)
    elif asked:
        _opened(session, asked)
    else:
        survey_builder.forget()
        _listed(session)


def _button(label: str, key: str, to: UUID | str | None, icon: str, kind: Literal["secondary", "tertiary"] = "secondary") -> None:
    """A way to a survey, or back to all. No link: from a page to itself it would lose what the tabs have bound."""
    st.button(label, key=key, icon=f":material/{icon}:", type=kind, on_click=_go, args=(to,))


def _go(to: UUID | str | None) -> None:
    st.session_state.pop("survey_part", None)
    if to is None:
        st.query_params.pop(SURVEY, None)
    else:
        st.query_params[SURVEY] = str(to)


def _listed(session: Session) -> None:
    found = cached(session, surveys.every, surveys.NOUNS)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(
            "Each person gets a link of their own to a page that works on any phone. What they write becomes feedback.",
            width="content",
        )
        if session.may("manager"):
            _button("New survey", "survey_new", NEW, "add")
    for row in found:
        _line(session, row)
    if not found:
        with cards.empty("quiz", "No survey yet. One question and “why?” is a good first one.", key="no_survey"):
            if session.may("manager"):
                _button("Ask how likely they are to recommend us", "survey_first", NEW, "add")


def _line(session: Session, row: dict[str, Any]) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(gap=None):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"**{words.plain(row['name'])}**", width="content")
                st.badge(row["state"], color=COLOURS[row["state"]])
                if row["is_anonymous"]:
                    st.badge("anonymous", color="gray")
            st.caption(words.plain(_answered(row)))
        with st.container(horizontal=True, vertical_alignment="center", width="content", gap="small"):
            label = "Edit" if row["state"] == surveys.DRAFT else "Results"
            _button(label, f"survey_open_{row['survey_id']}", row["survey_id"], "chevron_right")
            if session.may("manager"):
                _menu(row)


def _answered(row: dict[str, Any]) -> str:
    if not row["asked"]:
        return "Nobody was asked yet"
    shown = f"{row['answered']:,} of {row['asked']:,} answered ({words.share(row['answered'] / row['asked'])})"
    return shown + (f" · closes on {row['closes_on']:%d %b %Y}" if row["closes_on"] and row["state"] == surveys.OPEN else "")


def _menu(row: dict[str, Any]) -> None:
    options = [CLOSE if row["state"] == surveys.OPEN else OPEN, DUPLICATE, ARCHIVE]
    key = f"survey_more_{row['survey_id']}"
    act = partial(_act, row, key)
    st.menu_button("", options, key=key, icon=":material/more_horiz:", type="tertiary", help="More", on_click=act)


def _act(row: dict[str, Any], key: str) -> None:
    """Do what was chosen from the menu."""
    session, survey_id = current(), row["survey_id"]
    ways: dict[str, tuple[Any, str]] = {
        OPEN: (partial(open_survey, session, survey_id), f"{row['name']} is open"),
        CLOSE: (partial(close_survey, session, survey_id), f"{row['name']} is closed"),
        DUPLICATE: (partial(duplicate_survey, session, survey_id), "Duplicated as a draft"),
        ARCHIVE: (partial(archive_survey, session, survey_id, version=row["version"]), f"{row['name']} is archived"),
    }
    if st.session_state[key] in ways:
        flash.attempt("flash", *ways[st.session_state[key]])


def _back() -> None:
    _button("All surveys", "survey_all", None, "chevron_left", "tertiary")


def _opened(session: Session, asked: str) -> None:
    try:
        survey = surveys.one(session, asked) if cards.is_key(asked) else None
    except CrmError:
        survey = None
    _back()
    if survey is None:
        cards.empty("quiz", "This survey is not here. It may have been archived; History brings it back.", key="no_survey")
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
            st.subheader(words.plain(survey["name"]), anchor=False, width="content")
            st.badge(survey["state"], color=COLOURS[survey["state"]])
            if survey["is_anonymous"]:
                st.badge("anonymous", color="gray")
        _ways(session, survey)
    parts = [QUESTIONS] if survey["state"] == surveys.DRAFT else [RESULTS, ASK, QUESTIONS]
    if st.session_state.get("survey_part") not in parts:  # also of a survey whose opening was undone
        st.session_state["survey_part"] = parts[0]
    part = st.segmented_control("Part", parts, key="survey_part", required=True, label_visibility="collapsed")
    {QUESTIONS: survey_builder.draw, ASK: survey_sending.draw, RESULTS: survey_results.draw}[str(part or parts[0])](survey)


def _ways(session: Session, survey: dict[str, Any]) -> None:
    """The one step that comes next: open it, or close it."""
    if not session.may("manager"):
        return
    is_open = survey["state"] == surveys.OPEN
    kind: Literal["secondary", "primary"] = "secondary" if is_open else "primary"
    st.button(CLOSE if is_open else OPEN, key="survey_step", type=kind, on_click=_step, args=(survey, is_open))


def _step(survey: dict[str, Any], is_open: bool) -> None:
    """Close it, or open it and turn to whom to ask."""
    command, done = (close_survey, "is closed") if is_open else (open_survey, "is open: ask people now")
    work = partial(command, current(), survey["survey_id"])
    if flash.attempt("flash", work, f"{survey['name']} {done}") is not None:
        st.session_state["survey_part"] = RESULTS if is_open else ASK
