"""What a survey brought: how many answered, and question by question what they said, with how sure the score is."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from crm.charts import figures
from crm.queries import surveys
from crm.queries.survey_sheets import SCALES
from crm.store.session import Session
from crm.ui import cards, taking, words
from crm.ui.places import PROFILE
from crm.ui.session import cached, current

PERCENT = ("NPS", "CSAT")
PAGE, FEW = 10, 6
HELD_BACK = "Anonymous answers come to light five or more at a time, so that nobody’s can be told from a difference."


def draw(survey: dict[str, Any]) -> None:
    """The response rate and a card a question."""
    session = current()
    rate = cached(session, surveys.rate, surveys.NOUNS, survey["survey_id"])
    found = cached(session, surveys.results, surveys.NOUNS, survey["survey_id"])
    is_seen = any(row["n"] for row in found)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top"):
        with st.container(horizontal=True, width="content", gap="large"):
            st.metric("Asked", f"{rate['asked']:,}", width="content")
            st.metric("Answered", f"{rate['answered']:,}", width="content")
            if rate["share"] is not None:
                sure = _range(rate["low"] * 100, rate["high"] * 100, " %")
                st.metric("Response rate", words.share(rate["share"]), sure, **_CALM)
        if is_seen:
            rows = partial(_rows, survey_id=survey["survey_id"])
            taking.offer("survey_answers", f"Answers {survey['name']}", rows, label="Export answers")
    if not is_seen:
        cards.empty("hourglass_empty", _why_nothing(rate, survey), key="no_answers")
        return
    if any(row["held_back"] for row in found):
        st.caption(HELD_BACK)
    said = surveys.answers(session, survey["survey_id"])
    for place, row in enumerate(found):
        _question(row, place, said)


_CALM: dict[str, Any] = {
    "delta_color": "off",
    "delta_arrow": "off",
    "width": "content",
    "help": "Below it the range in which the true value lies, 95 times of 100.",
}


def _why_nothing(rate: dict[str, Any], survey: dict[str, Any]) -> str:
    """No answer, none that may be shown yet, or nobody to give one."""
    if not rate["asked"]:
        return "Nobody was asked yet. Make links under “Ask people”."
    if not rate["answered"]:
        return "Nobody has answered yet."
    if not survey["is_anonymous"]:
        return "Those who answered left every question blank."
    return f"{HELD_BACK} {words.count(rate['answered'], 'person')} answered so far."


def _rows(session: Session, *, survey_id: Any) -> Any:
    return surveys.answers(session, survey_id)


def _question(row: dict[str, Any], place: int, said: pd.DataFrame) -> None:
    with st.container(border=True, key=f"survey_result_{place}"):
        st.markdown(f"**{words.plain(row['text'])}**")
        st.caption(_counted(row))
        if not row["n"]:
            return
        score = row["score"]
        left, right = st.columns([1, 3], gap="medium", vertical_alignment="center")
        if score:
            unit = " %" if score.name == "CSAT" else ""
            digits = 0 if score.name in PERCENT else 1
            with left:
                st.metric(score.name, f"{score.value:.{digits}f}{unit}", _range(score.low, score.high, unit, digits), **_CALM)
        if row["counts"]:
            with right if score else st.container():
                st.plotly_chart(
                    _chart(row), key=f"survey_chart_{place}", config={"displayModeBar": False}, alt=f"Answers to {row['text']}"
                )
        if row["texts"]:
            _words(row, place, said)


def _chart(row: dict[str, Any]) -> dict[str, Any]:
    """How often each answer was given; half an answer is no mark of the axis."""
    is_choice, counts = row["kind"] == "choice", list(row["counts"].values())
    chart = (figures.bars if is_choice else figures.columns)(list(row["counts"]), counts, "Answers")
    if max(counts) < FEW:
        chart["layout"]["xaxis" if is_choice else "yaxis"]["dtick"] = 1
    return chart


def _words(row: dict[str, Any], place: int, said: pd.DataFrame) -> None:
    """What was written, the latest first, a page at a time."""
    found = said[(said["survey_question_id"] == row["survey_question_id"]) & said["text"].notna()]
    pages = f"survey_words_page_{place}"
    with st.expander(f"In their words ({len(found):,})", key=f"survey_words_{place}", on_change="rerun") as box:
        if not box.open:
            return
        first = (int(st.session_state.get(pages, 1)) - 1) * PAGE
        for written in found.iloc[first : first + PAGE].to_dict("records"):
            _written(written, SCALES.get(row["kind"]))
        if len(found) > PAGE:
            st.pagination(-(-len(found) // PAGE), key=pages)


def _written(answer: dict[Any, Any], scale: str | None) -> None:
    """One answer in words: when, with which rating, and by whom where the survey names who answers."""
    facts = [
        f"{answer['answered_on']:%d %b %Y}",
        words.rating(answer["rating"], scale) if pd.notna(answer["rating"]) else None,
        answer["choices"],
    ]
    who = " · ".join(dict.fromkeys(filter(pd.notna, (answer.get("contact"), answer.get("customer")))))
    with st.container(gap=None):
        st.text(answer["text"])
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(words.plain(" · ".join(filter(pd.notna, facts))), width="content")
            if pd.notna(answer.get("customer_id")):
                st.page_link(PROFILE, label=words.plain(who), query_params={"customer": str(answer["customer_id"])})


def _counted(row: dict[str, Any]) -> str:
    parts = [words.count(row["n"], "answer")]
    if row["kind"] == "nps" and row["n"]:
        parts += _recommending([int(number) for number in row["counts"].values()])
    if row["texts"]:
        parts.append(f"{row['texts']:,} with words")
    if row["held_back"]:
        parts.append(f"{row['held_back']:,} held back: too few together to show")
    return " · ".join(parts)


def _recommending(counts: list[int]) -> list[str]:
    """What an NPS is made of, in words; `counts` are of 0 to 10.

    >>> _recommending([1, 0, 0, 0, 0, 0, 1, 0, 3, 5, 2])
    ['7 would recommend (9–10)', '3 undecided (7–8)', '2 would not (0–6)']
    """
    would_not, undecided, would = sum(counts[:7]), sum(counts[7:9]), sum(counts[9:])
    return [f"{would:,} would recommend (9–10)", f"{undecided:,} undecided (7–8)", f"{would_not:,} would not (0–6)"]


def _range(low: float, high: float, unit: str = "", digits: int = 0) -> str:
    return f"{low:.{digits}f} to {high:.{digits}f}{unit}"
