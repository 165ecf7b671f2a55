"""Would you recommend working here? Two clicks for an employee, once a quarter; and what came of it, five answers at a time."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from crm.charts import figures as charts
from crm.commands import anonymous
from crm.commands.enps import answer_enps
from crm.queries import enps, ideas
from crm.store.session import Session
from crm.ui import cards, flash, words
from crm.ui.places import FEEDBACK
from crm.ui.session import current

PROMISE = (
    "Kept without your name, the day and a random key only; shown from five answers on, five together. It cannot be changed or "
    "taken back afterwards, because nobody knows whose it is."
)


def is_asked(session: Session) -> bool:
    """Whether the question waits for the person at the page."""
    known = session.actor.employee_id is not None and ideas.employee_count(session) >= anonymous.FEWEST
    return known and not enps.has_answered(session)


def ways_in(session: Session) -> None:
    """On the page where a day begins: the question of the quarter while it waits, where to say what one needs, the answers."""
    news = ideas.news(session)
    with st.container(horizontal=True, key="say_something"):
        ours = {"feedback_tab": "Our team"}
        if is_asked(session):
            st.page_link(FEEDBACK, label="Would you recommend working here?", icon=":material/how_to_vote:", query_params=ours)
        st.page_link(FEEDBACK, label="Say what you need", icon=":material/lightbulb:", query_params=ours)
        if news["answered"]:
            st.page_link(FEEDBACK, label="What you said was answered", icon=":material/mark_chat_read:", query_params=ours)
        if news["waiting"] and session.may("leader"):
            label = f"Answer our team: {news['waiting']:,} waiting"
            st.page_link(FEEDBACK, label=label, icon=":material/reply:", query_params=ours)


def question(session: Session) -> None:
    """The question of this quarter, until one has answered it."""
    if not is_asked(session):
        return
    with st.container(border=True, key="enps"):
        st.markdown("**Would you recommend working here?**")
        st.pills("0: not at all, 10: certainly", list(range(11)), key="enps_rating")
        st.text_input("What is the main reason? (if you wish)", key="enps_text", max_chars=2_000)
        st.caption(PROMISE)
        flash.problem("enps")
        st.button("Answer without my name", key="enps_send", icon=":material/send:", on_click=_send)


def _send() -> None:
    state, session = st.session_state, current()
    save = partial(answer_enps, session, rating=state.get("enps_rating"), text=state.get("enps_text") or None)
    if flash.attempt("enps", save, "Thank you. The next quarter asks again"):
        for key in ("enps_rating", "enps_text"):
            state.pop(key, None)


def results(session: Session) -> None:
    """The score of each quarter with its interval, how the answers spread, and the reasons."""
    rows = enps.quarters(session)
    if not rows:
        return
    with st.container(border=True, key="enps_results"):
        st.subheader("eNPS", anchor=False)
        latest = next((row for row in rows if row["n"]), None)
        if latest is None:
            st.caption(f"{words.count(rows[0]['answers'], 'answer')} in {rows[0]['label']}. Nothing is shown below five.")
            return
        _score(session, rows, latest)
        waiting = sum(row["answers"] - row["n"] for row in rows if row["label"] == enps.quarter(session).label)
        if waiting:
            verb = "waits" if waiting == 1 else "wait"
            st.caption(f"{words.count(waiting, 'answer')} of this quarter {verb} for more: five come to light together.")
        reasons = enps.reasons(session, latest["starts_on"])
        if reasons:
            with st.expander(f"Reasons in {latest['label']} ({len(reasons)})", key="enps_reasons"):
                for reason in reasons:
                    st.text(reason)


def _score(session: Session, rows: list[dict[str, Any]], latest: dict[str, Any]) -> None:
    before = next((row for row in rows if row["n"] and row["starts_on"] < latest["starts_on"]), None)
    change = None if before is None else f"{latest['score'] - before['score']:+.0f} against {before['label']}"
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.metric(latest["label"], f"{latest['score']:.0f}", change)
        n = latest["n"]
        if st.button(f"n = {n}", key="define_enps", type="tertiary", icon=":material/info:", help="Definition and answers"):
            spread = [
                {"rating": row["rating"], "answers": row["answers"]} for row in enps.distribution(session, latest["starts_on"])
            ]
            cards.explained("eNPS", f"{latest['score']:.0f}", enps.WORDS, enps.FORMULA, n, _frame(spread), key="enps_rows")
    st.caption(f"Between {latest['low']:.0f} and {latest['high']:.0f}, 95 times of 100")
    shown = [row for row in reversed(rows) if row["n"]]
    if len(shown) > 2:
        chart = charts.columns([row["label"] for row in shown], [row["score"] for row in shown], "eNPS")
        st.plotly_chart(chart, key="enps_chart", config={"displayModeBar": False}, alt="eNPS by quarter")


def _frame(rows: list[dict[str, Any]]) -> Any:
    import pandas as pd

    return pd.DataFrame(rows)
