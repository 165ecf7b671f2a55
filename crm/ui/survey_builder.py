"""Build a survey: its questions and words on the left, the page as the customer will see it on the right.

What is typed is kept in a draft, not in the inputs: those of a language that is not shown are gone from the screen.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import streamlit as st

from crm.commands.surveys import MOST_QUESTIONS, add_survey, edit_survey, field_of
from crm.errors import Conflict
from crm.queries import survey_pages, surveys
from crm.queries.choices import QUESTION_KINDS
from crm.queries.survey_sheets import LANGUAGES, default, texts_of
from crm.ui import flash
from crm.ui.session import current

DRAFT, FORM, INPUT = "survey_draft", "survey_form", "svy."
KINDS = {
    "nps": "Recommend (NPS, 0–10)",
    "csat": "Satisfied (CSAT, 1–5)",
    "ces": "Easy (CES, 1–7)",
    "rating": "Stars (1–5)",
    "text": "Free text",
    "choice": "Choice",
}
# The preview stays in sight beside a long list of questions.
STAYS = "<style>@media (min-width: 641px) { div:has(> .st-key-survey_preview) { position: sticky; top: 4rem } }</style>"
Draft = dict[str, Any]


def forget() -> None:
    """Drop the draft and what stands in its inputs."""
    for key in [key for key in st.session_state if str(key).startswith(INPUT)]:
        del st.session_state[key]
    st.session_state.pop(DRAFT, None)


@st.fragment
def draw(survey: Mapping[str, Any] | None) -> None:
    """The whole builder of one survey; of a new one where there is none."""
    flash.pass_on()
    session = current()
    draft = _begun(survey)
    left, right = st.columns([5, 4], gap="medium")
    with left:
        if session.may("manager"):
            _about(draft, survey)
            language = _language(draft)
            _texts(draft, language)
            for place, question in enumerate(list(draft["questions"])):
                _question(draft, question, place, language)
            _more(draft)
            _save(draft, survey)
        else:
            st.caption("Managers make surveys. Ask one of them to change it.")
            language = _language(draft)
    st.html(STAYS)
    with right, st.container(border=True, key="survey_preview"):
        st.caption("As the customer sees it")
        page = survey_pages.preview(session, draft, _shown(draft), language)
        st.iframe(page, height=760, alt="The survey as the customer sees it")


def _begun(survey: Mapping[str, Any] | None) -> Draft:
    """The draft of this survey, begun from what is kept where there is none, or where it was saved since."""
    of = (str(survey["survey_id"]), survey["version"]) if survey else ("new", None)
    draft: Draft | None = st.session_state.get(DRAFT)
    if draft is None or draft["of"][0] != of[0]:
        forget()
        draft = st.session_state[DRAFT] = _kept(survey, of) if survey else _new(of)
    return draft


def _new(of: Any) -> Draft:
    first = {"survey_question_id": None, "uid": uuid4().hex, "kind": "nps", "is_required": True, "asks_why": True}
    return {
        "of": of, "version": None, "name": "", "language": "en", "is_anonymous": False, "link_days": 30, "closes_on": None,
        "texts": {"en": {}}, "questions": [first | {"is_multiple": False, "texts": {"en": {}}}],
    }  # fmt: skip


def _kept(survey: Mapping[str, Any], of: Any) -> Draft:
    kept = ("name", "language", "is_anonymous", "link_days", "closes_on", "version")
    texts = {survey["language"]: {}, **texts_of(survey["texts"])}
    asked = surveys.questions(current(), survey["survey_id"])
    questions = [row | {"uid": str(row["survey_question_id"]), "texts": texts_of(row["texts"])} for row in asked]
    return {"of": of, "texts": texts, "questions": questions, **{name: survey[name] for name in kept}}


def _input(draw: Any, held: Draft, name: str, label: str, key: str, blank: Any = "", **options: Any) -> None:
    """One input over one place of the draft."""
    key = f"{INPUT}{key}"
    if key not in st.session_state:
        st.session_state[key] = held.get(name) if held.get(name) is not None else blank
    held[name] = draw(label, key=key, **options)


def _about(draft: Draft, survey: Mapping[str, Any] | None) -> None:
    _input(st.text_input, draft, "name", "Name *", "name", max_chars=200, placeholder="What we call it")
    flash.problem_at(FORM, "name")
    _input(
        st.checkbox, draft, "is_anonymous", "Anonymous", "is_anonymous", False,
        disabled=bool(survey and survey["opened_at"]),
        help="Nobody can see who answered what: no name, only the day, and nothing below five answers. Once the survey was open, "
        "this stays as it is.",
    )  # fmt: skip
    with st.expander("Languages and last day", key=f"{INPUT}more"):
        left, right = st.columns(2)
        with left:
            _input(st.number_input, draft, "link_days", "Days that a link works", "link_days", 30, min_value=1, max_value=365)
        with right:
            _input(st.date_input, draft, "closes_on", "Last day for answers", "closes_on", None, format="YYYY-MM-DD", value=None)
        others = [code for code in LANGUAGES if code != draft["language"]]
        draft["others"] = [code for code in draft["texts"] if code != draft["language"]]
        _input(
            st.multiselect, draft, "others", "Also in", "others", [],
            options=others, format_func=LANGUAGES.get, placeholder="Languages",
        )  # fmt: skip
        for code in [code for code in draft["texts"] if code not in (draft["language"], *draft["others"])]:
            del draft["texts"][code]
        for code in draft["others"]:
            draft["texts"].setdefault(code, {})


def _language(draft: Draft) -> str:
    """The language whose words are typed and shown now."""
    codes = list(draft["texts"])
    if len(codes) == 1:
        return str(codes[0])
    key = f"{INPUT}language"
    if st.session_state.get(key) not in codes:
        st.session_state[key] = draft["language"]  # set, not a default: after saving, the browser would keep showing another
    return str(st.segmented_control("Words in", codes, format_func=LANGUAGES.__getitem__, key=key, required=True))


def _texts(draft: Draft, language: str) -> None:
    held = draft["texts"].setdefault(language, {})
    _input(st.text_input, held, "title", "Title that they read", f"{language}.title", max_chars=300, placeholder=draft["name"])
    with st.expander("Words before and after", key=f"{INPUT}around"):
        for name, label in (("intro", "Before the questions"), ("thanks", "After sending: what will happen")):
            _input(st.text_area, held, name, label, f"{language}.{name}", max_chars=2_000, height=80)


def _question(draft: Draft, question: Draft, place: int, language: str) -> None:
    uid, held = question["uid"], question["texts"].setdefault(language, {})
    with st.container(border=True, key=f"survey_question_{place}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            _input(
                st.selectbox, question, "kind", f"Question {place + 1}", f"{uid}.kind", "nps",
                options=list(QUESTION_KINDS), format_func=KINDS.__getitem__,
            )  # fmt: skip
            _moves(draft, place)
        flash.problem_at(FORM, field_of(place + 1, "kind"))
        kind = question["kind"]
        _input(
            st.text_area, held, "question", "What you ask", f"{uid}.{language}.question",
            max_chars=500, height=68, placeholder=default(kind, language, "question").replace("{company}", _company()),
        )  # fmt: skip
        if kind == "choice":
            _choices(held, uid, language, is_first=language == draft["language"])
            flash.problem_at(FORM, field_of(place + 1, "choices"))
            _input(st.checkbox, question, "is_multiple", "Several may be chosen", f"{uid}.is_multiple", False)
        elif kind != "text":
            low, high = st.columns(2)
            for column, end, label in ((low, "low", "Word at the low end"), (high, "high", "Word at the high end")):
                with column:
                    shown = default(kind, language, end)
                    _input(st.text_input, held, end, label, f"{uid}.{language}.{end}", max_chars=300, placeholder=shown)
        with st.container(horizontal=True):
            _input(st.checkbox, question, "is_required", "Must be answered", f"{uid}.is_required", False)
            if kind != "text":
                _input(st.checkbox, question, "asks_why", "Ask for the reason", f"{uid}.asks_why", False)


def _company() -> str:
    return current().settings.get("company_name") or ""


def _choices(held: Draft, uid: str, language: str, *, is_first: bool) -> None:
    """The choices, one a line; in another language a blank line leaves one as it is in the first."""
    held["lines"] = "\n".join(held.get("choices") or [])
    words = None if is_first else "In the same order. A blank line leaves a choice untranslated."
    _input(st.text_area, held, "lines", "Choices, one a line", f"{uid}.{language}.choices", height=110, help=words)
    lines = [line.strip() for line in (held.pop("lines") or "").rstrip().split("\n")]
    held["choices"] = lines if any(lines) and not is_first else [line for line in lines if line]


def _moves(draft: Draft, place: int) -> None:
    questions = draft["questions"]
    for icon, words, to in (("arrow_upward", "Move up", place - 1), ("arrow_downward", "Move down", place + 1)):
        st.button(
            "", key=f"survey_{icon}_{place}", icon=f":material/{icon}:", type="tertiary", help=words,
            disabled=not 0 <= to < len(questions), on_click=partial(_move, questions, place, to),
        )  # fmt: skip
    st.button(
        "", key=f"survey_drop_{place}", icon=":material/close:", type="tertiary", help="Take this question away",
        disabled=len(questions) == 1, on_click=partial(_move, questions, place, None),
    )  # fmt: skip


def _move(questions: list[Draft], place: int, to: int | None) -> None:
    """To another place, or away; what was refused of a question is of its old place."""
    flash.dismiss(FORM)
    question = questions.pop(place)
    if to is not None:
        questions.insert(to, question)


def _more(draft: Draft) -> None:
    fresh = {"survey_question_id": None, "is_required": False, "asks_why": False, "is_multiple": False}
    st.caption("Add a question")
    with st.container(horizontal=True, gap="small"):
        for kind, label in KINDS.items():
            add = partial(_add, draft, fresh | {"kind": kind})
            full = len(draft["questions"]) >= MOST_QUESTIONS
            st.button(label, key=f"survey_add_{kind}", icon=":material/add:", type="tertiary", on_click=add, disabled=full)


def _add(draft: Draft, question: Draft) -> None:
    draft["questions"].append(question | {"uid": uuid4().hex, "texts": {}})


def _shown(draft: Draft) -> list[Draft]:
    return [question | {"survey_question_id": question["uid"]} for question in draft["questions"]]


def _save(draft: Draft, survey: Mapping[str, Any] | None) -> None:
    flash.problem(FORM)
    if survey and survey["state"] == surveys.DRAFT:
        st.caption("Kept as a draft. Once it is as it should be, open it for answers at the top of the page.")
    if st.button("Save", key="survey_save", type="primary"):
        saved = flash.attempt(FORM, partial(_written, draft, survey), "Survey saved")
        if saved:
            forget()
            st.query_params["survey"] = str(saved.key)
        st.rerun()


def _written(draft: Draft, survey: Mapping[str, Any] | None) -> Any:
    names = ("name", "language", "is_anonymous", "link_days", "closes_on", "texts", "questions")
    fields = {name: draft[name] for name in names}
    if survey is None:
        return add_survey(current(), **fields)
    try:
        return edit_survey(current(), UUID(str(survey["survey_id"])), version=draft["version"], **fields)
    except Conflict:
        draft["version"] = None  # told of the other's change, the next save may replace it
        raise
