"""Which deals need me? The open deals by stage, moved in place; above them, whether they are enough for the goal."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from crm.queries import employees, figures, lists, pipeline, stages
from crm.queries.periods import Period
from crm.queries.sources import DEAL_NOUNS
from crm.ui import board, cards, filters, moving, start, taking, was, words
from crm.ui.header import header
from crm.ui.places import ADD
from crm.ui.session import cached, current

ALL = "All"
EVERYONE = "Everyone"
ALL_CUSTOMERS = "All customers"
CARDS = ("won_amount", "pipeline_coverage", "weighted_pipeline_amount", "open_amount")
GAP_WORDS = {
    "without_customer": "Without customer",
    "without_expected_close": "Without expected close",
    "past_expected_close": "Past expected close",
}


def whose() -> dict[str, Any]:
    """Everyone's deals, or one person's; with all customers, or with those of a segment."""
    people = {row["name"]: row["employee_id"] for row in employees.active(current())}
    chosen = st.selectbox("Owner", [EVERYONE, *people], key="owner", bind="query-params", label_visibility="collapsed", width=170)
    found = {"owner": people[chosen]} if chosen in people else {}
    groups = filters.named_segments(current())
    if groups:
        offered = [ALL_CUSTOMERS, *groups]
        segment = st.selectbox("Segment", offered, key="segment", bind="query-params", label_visibility="collapsed", width=170)
        found |= {"segment": groups[segment]} if segment in groups else {}
    return found


def which() -> Any:
    """The pipeline, where there are several."""
    found = {row["name"]: row["pipeline_id"] for row in stages.pipelines(current())}
    if len(found) < 2:
        return next(iter(found.values()), None)
    chosen = st.selectbox("Pipeline", list(found), key="pipeline", bind="query-params", label_visibility="collapsed", width=170)
    return found[chosen]


def enough(period: Period, chosen: dict[str, Any]) -> None:
    """The figures of the period, and whether the pipeline covers what is missing, in words."""
    session = current()
    whom = {f"for_{name}": key for name, key in chosen.items()}
    # The goal is the company's, or the chosen owner's: a part of the deals says nothing of it.
    is_part = session.scope != "all" and whom.get("for_owner") != session.actor.employee_id
    shown = [key for key in CARDS if not (is_part and key == "pipeline_coverage")]
    found = cached(session, figures.figures, DEAL_NOUNS, period, session.today, keys=tuple(shown), **whom)
    with st.grid(len(shown), min_column_width=150):
        for key in shown:
            cards.figure(key, found[key], period, session.today, filters=whom)
    if is_part:
        return
    needed = cached(session, pipeline.needed, DEAL_NOUNS, period, **whom)
    st.caption(coverage_words(needed, found["pipeline_coverage"]["value"], period))


def coverage_words(needed: dict[str, Any], coverage: float | None, period: Period) -> str:
    """What is missing to the goal, and how much of it could still come."""
    currency, label = current().settings["currency"], words.plain(period.label)
    if needed["missing_amount"] is None:
        return f"There is no won-amount goal for exactly {label}; with one, this line says what is missing."
    if not needed["missing_amount"]:
        return f"The goal of {label} is met."
    missing = words.plain(words.money(needed["missing_amount"], currency))
    enough = f" Enough is {needed['enough']:.2f}×, by the win rate by value of twelve months." if needed["enough"] else ""
    return f"{missing} are missing to the goal of {label}; what could close in time is {coverage or 0:.2f}× that.{enough}"


def gaps(found: dict[str, dict[str, Any]]) -> None:
    """Deals that lack something or are late, each kind in its line; one click shows only those."""
    currency = current().settings["currency"]
    labels = {
        gap: f"{GAP_WORDS[gap]}: {words.count(row['count'], 'deal')} · {words.plain(words.money(row['amount'], currency))}"
        for gap, row in found.items()
        if row["count"] or st.session_state.get("gap") == gap
    }
    if labels:
        st.pills("Show only", list(labels), format_func=labels.__getitem__, key="gap", label_visibility="collapsed")


def picked(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All stages side by side, or the one that is picked: on a phone, a list."""
    names = {str(stage["stage_id"]): f"{words.plain(stage['name'])} {stage['deal_count']:,}" for stage in found}
    labels = {ALL: "All stages"} | names
    chosen = st.segmented_control(
        "Stage",
        list(labels),
        default=ALL,
        required=True,
        format_func=labels.__getitem__,
        key="board_stage",
        label_visibility="collapsed",
    )
    return [stage for stage in found if chosen in (ALL, str(stage["stage_id"]))]


def on_board() -> dict[str, Any]:
    """Which deals the board is about, those under its fold included."""
    gap = st.session_state.get("gap")
    lacking = {gap: session.today if gap == "past_expected_close" else True} if gap else {}
    return {"pipeline": pipeline_id, "is_open": True, **chosen, **lacking}


session = current()
with header("Pipeline"):
    period = filters.period(session)
    pipeline_id = which()
    chosen = whose()
if start.is_empty(session):
    start.ways_in()
    st.stop()
enough(period, chosen)
steps = [stage for stage in stages.active(session) if stage["pipeline_id"] == pipeline_id]
sort, only = st.session_state.get("board_sort", "expected_close"), st.session_state.get("gap")
seen = pipeline.board(session, pipeline_id, sort=sort, only=only, most=board.most_shown(steps), **chosen)
if not any(stage["deal_count"] for stage in seen.stages) and not only:
    with cards.empty("handshake", "No deal is open here."):
        st.page_link(ADD, label="Add a deal", icon=":material/add:", query_params={"kind": "Deal"})
    st.stop()
gaps(seen.gaps)
with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="board_head"):
    columns = picked(seen.stages)
    keys = [key for stage in columns for key in stage["deal_ids"][: board.shown_of(stage)]]
    found = pipeline.cards(session, keys)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right", width="content"):
        st.selectbox(
            "Sort by", list(pipeline.SORTS), format_func=words.label, key="board_sort", label_visibility="collapsed", width=170
        )
        moving.quick(session, [found[key] for key in keys if key in found], steps)
        taking.offer("deals", "Open deals", partial(lists.batches, kind="deals", **on_board()))
usual = cached(session, pipeline.usual, ("stage_changes",))
with st.grid(len(columns), min_column_width=230):
    for stage in columns:
        board.column(session, stage, found, usual.get(stage["stage_id"]), steps, alone=len(columns) == 1)
was.draw(session, period, {"pipeline": pipeline_id, **chosen})
