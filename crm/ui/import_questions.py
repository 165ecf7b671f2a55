"""What a file cannot say by itself, asked once: how its days are written, what its unknown words mean, what may be changed."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from crm.commands.imports import Plan, Unknown, ValueQuestion
from crm.queries.choices import FEEDBACK_KINDS
from crm.ui import words
from crm.ui.import_draft import Draft

ORDERS = {"dmy": "day first", "mdy": "month first", "ymd": "year first"}
REJECT, BLANK, CREATE = "Reject these rows", "Leave blank", "Create it"
SHOWN, OFFERED = 5, 200  # words asked at once; answers offered, more are typed


def draw(draft: Draft, plan: Plan) -> None:
    """Every open question; what is missing may be created with the rows that name it."""
    if plan.days:
        _days(draft, plan)
    if plan.is_kind_open:
        _kind(draft, plan)
    for question in plan.unknown:
        _words(draft, plan, question)
    if draft.create_missing or any(question.may_create for question in plan.unknown):
        choice(
            draft,
            "create_missing",
            "Create those that are missing",
            "Otherwise a row that names one we do not know is rejected, with its line and the reason.",
        )


def choice(draft: Draft, name: str, label: str, help_: str) -> None:
    """A yes or no that holds for the whole file."""
    key = f"import_{name}"
    st.session_state[key] = getattr(draft, name)
    st.checkbox(label, key=key, help=help_, on_change=lambda: setattr(draft, name, st.session_state[key]))


def _days(draft: Draft, plan: Plan) -> None:
    """One answer for the whole file: nobody writes days in two ways in one table."""
    first = plan.days[0]
    readings = {order: f"{day:%-d %B %Y} ({ORDERS[order]})" for order, day in first.readings.items()}
    st.session_state["import_days"] = plan.mapping.day_order
    with st.container(border=True, key="import_question_days"):
        st.radio(
            f"“{words.plain(first.cell)}” in {words.plain(first.header)}: which day is it?",
            list(readings),
            format_func=readings.__getitem__,
            index=None,
            key="import_days",
            horizontal=True,
            on_change=_set_days,
            args=(draft, plan),
        )


def _set_days(draft: Draft, plan: Plan) -> None:
    draft.mapping = plan.mapping.with_day_order(st.session_state["import_days"])


def _kind(draft: Draft, plan: Plan) -> None:
    """What the comments of a file are that does not say it: as the import takes them by itself, unless somebody knows better."""
    by_itself = "survey_answer" if plan.has("rating") else "suggestion"
    st.session_state["import_feedback_kind"] = plan.mapping.blank("kind") or by_itself
    with st.container(border=True, key="import_question_kind_of_feedback"):
        st.radio(
            "What are these comments?",
            FEEDBACK_KINDS,
            format_func=lambda kind: f"{words.label(kind)}s",
            key="import_feedback_kind",
            horizontal=True,
            help="The file does not say it. It decides what waits for an answer, and how a comment of no clear tone is heard.",
            on_change=_set_kind,
            args=(draft, plan, by_itself),
        )


def _set_kind(draft: Draft, plan: Plan, by_itself: str) -> None:
    said = st.session_state["import_feedback_kind"]
    draft.mapping = plan.mapping.with_blank("kind", None if said == by_itself else said)


def _words(draft: Draft, plan: Plan, question: ValueQuestion) -> None:
    """The words of one field that we do not know, the commonest first; many of them stand behind a click."""
    many = words.count(len(question.values), question.field.replace("_", " "))
    with st.container(border=True, key=f"import_question_{question.field}"):
        st.markdown(f"**{many}** of this file we do not know. What is meant?")
        for number, unknown in enumerate(question.values[:SHOWN]):
            _word(draft, plan, question, unknown, f"import_value_{question.field}_{number}")
        if len(question.values) > SHOWN:
            with st.expander(f"{len(question.values) - SHOWN} more", key=f"import_more_{question.field}"):
                for number, unknown in enumerate(question.values[SHOWN:], SHOWN):
                    _word(draft, plan, question, unknown, f"import_value_{question.field}_{number}")


def _word(draft: Draft, plan: Plan, question: ValueQuestion, unknown: Unknown, key: str) -> None:
    said, choice = st.columns([4, 7], vertical_alignment="center", gap="small")
    said.markdown(f"{words.plain(unknown.text)} :gray[· {words.count(unknown.rows, 'row')}]")
    given = plan.mapping.values.get(question.field, {})
    missing = CREATE if draft.create_missing and question.may_create else REJECT
    stands = (given[unknown.text] or BLANK) if unknown.text in given else missing
    likely = [unknown.suggestion] if unknown.suggestion else []
    names = question.choices if len(question.choices) <= OFFERED else likely
    st.session_state[key] = stands
    with choice.container(horizontal=True, vertical_alignment="center"):
        st.selectbox(
            unknown.text,
            list(dict.fromkeys([missing, BLANK, *names, stands])),
            key=key,
            label_visibility="collapsed",
            accept_new_options=names is not question.choices,
            on_change=_mean,
            args=(draft, plan, question.field, unknown.text, key),
        )
        if unknown.suggestion and unknown.text not in given:
            st.button(
                f"Use {words.plain(unknown.suggestion)}",
                key=f"{key}.use",
                type="tertiary",
                on_click=_use,
                args=(draft, plan, question.field, unknown.text, unknown.suggestion),
            )


def _mean(draft: Draft, plan: Plan, field: str, text: str, key: str) -> None:
    chosen = st.session_state[key]
    if chosen in {REJECT, CREATE}:
        given = {word: meaning for word, meaning in plan.mapping.values.get(field, {}).items() if word != text}
        draft.mapping = replace(plan.mapping, values={**plan.mapping.values, field: given})
    else:
        _use(draft, plan, field, text, None if chosen == BLANK else chosen)


def _use(draft: Draft, plan: Plan, field: str, text: str, meaning: str | None) -> None:
    draft.mapping = plan.mapping.with_value(field, text, meaning)
