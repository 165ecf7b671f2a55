"""What a survey brought: how many answered, and question by question what they said, with how sure the score is."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from crm.charts import figures
from crm.queries import surveys
from crm.store.session import Session
from crm.ui import cards, tables, taking, words
from crm.ui.session import cached, current

PERCENT = ("NPS", "CSAT")
MOST = 500


def draw(survey: dict[str, Any]) -> None:
    """The response rate and a card a question."""
    session = current()
    rate = cached(session, surveys.rate, surveys.NOUNS, survey["survey_id"])
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        with st.container(horizontal=True, width="content"):
            st.metric("Asked", f"{rate['asked']:,}", width="content")
            st.metric("Answered", f"{rate['answered']:,}", width="content")
            if rate["share"] is not None:
                sure = _range(rate["low"] * 100, rate["high"] * 100, " %")
                st.metric("Response rate", words.share(rate["share"]), sure, **_CALM)
        if rate["answered"]:
            rows = partial(_rows, survey_id=survey["survey_id"])
            taking.offer("survey_answers", f"Answers {survey['name']}", rows, label="Export answers")
    found = cached(session, surveys.results, surveys.NOUNS, survey["survey_id"])
    if not rate["answered"]:
        why = "Nobody has answered yet." if rate["asked"] else "Nobody was asked yet. Make links under “Ask people”."
        cards.empty("hourglass_empty", why, key="no_answers")
        return
    if any(row["held_back"] for row in found):
        st.caption("Anonymous answers come to light five or more at a time, so that nobody’s can be told from a difference.")
    said = surveys.answers(session, survey["survey_id"])
    for place, row in enumerate(found):
        _question(row, place, said)


_CALM: dict[str, Any] = {"delta_color": "off", "delta_arrow": "off", "width": "content"}


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
                draw_them = figures.bars if row["kind"] == "choice" else figures.columns
                chart = draw_them(list(row["counts"]), list(row["counts"].values()), "Answers")
                st.plotly_chart(
                    chart, key=f"survey_chart_{place}", config={"displayModeBar": False}, alt=f"Answers to {row['text']}"
                )
        if row["texts"]:
            _words(row, place, said)


def _words(row: dict[str, Any], place: int, said: pd.DataFrame) -> None:
    """What was written, the latest first; a click opens who wrote it."""
    found = said[(said["survey_question_id"] == row["survey_question_id"]) & said["text"].notna()]
    shown = found[[name for name in ("customer_id", "text", "rating", "contact", "customer", "answered_on") if name in found]]
    with st.expander(f"In their words ({len(found):,})", key=f"survey_words_{place}", on_change="rerun") as box:
        if box.open:
            given = shown.dropna(axis="columns", how="all").head(MOST)
            tables.draw_opening(given, key=f"survey_words_rows_{place}", alt="In their words")


def _counted(row: dict[str, Any]) -> str:
    parts = [words.count(row["n"], "answer")]
    if row["texts"]:
        parts.append(f"{row['texts']:,} with words")
    if row["held_back"]:
        parts.append(f"{row['held_back']:,} held back: too few together to show")
    return " · ".join(parts)


def _range(low: float, high: float, unit: str = "", digits: int = 0) -> str:
    return f"{low:.{digits}f} to {high:.{digits}f}{unit}"
