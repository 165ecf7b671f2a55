"""How are we doing, and why? Figures against the period before, each opening to its definition and its rows."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.charts import figures as charts
from crm.queries import figures, goals
from crm.queries.periods import Period
from crm.ui import cards, filters, start, words
from crm.ui.header import header
from crm.ui.session import cached, current

CARDS = (
    "won_amount",
    "win_rate",
    "average_deal_amount",
    "weighted_pipeline_amount",
    "customers",
    "new_customers",
    "interactions",
    "nps",
)
MONTHS = 12


def wall(found: dict[str, Any], trends: dict[str, list[Any]], period: Period, chosen: dict[str, Any]) -> None:
    """Eight cards of the same build."""
    with st.grid(4, min_column_width=210):
        for key in CARDS:
            cards.figure(key, found[key], period, session.today, trends.get(key, []), chosen)


def won_by_month(values: list[Any], months: list[Period], goal: list[Any]) -> None:
    """Won amount by month against the goal; the running month is drawn lighter."""
    with st.container(border=True, height="stretch"):
        st.subheader("Won amount by month", anchor=False)
        labels = [month.start.strftime("%b %y") for month in months]
        chart = charts.columns(labels, values, "Won amount", goal=goal, unfinished_last=True)
        st.plotly_chart(chart, key="won_by_month", config={"displayModeBar": False}, alt="Won amount by month against the goal")


def by_owner(found: dict[str, Any]) -> None:
    """Who won most."""
    with st.container(border=True, height="stretch"):
        st.subheader("Won amount by owner", anchor=False)
        ranked = sorted(((one["won_amount"]["value"] or 0, name) for name, one in found["groups"].items()), reverse=True)[:10]
        if not any(value for value, _ in ranked):
            st.caption("No deal was won in this period.")
            return
        chart = charts.bars([name for _, name in ranked], [value for value, _ in ranked], "Won amount")
        st.plotly_chart(chart, key="won_by_owner", config={"displayModeBar": False}, alt="Won amount by owner")


session = current()
with header("Overview"):
    period = filters.period(session)
    chosen = filters.more(session)
if start.is_empty(session):
    start.ways_in()
    st.stop()
start.demo_notice(session)

NOUNS = ("deals", "customers", "interactions", "orders", "feedback", "tasks", "goals", "stages", "employees")
st.caption(f"{period.label} · as of {session.today:%d %b %Y} · against the period before, cut at the same share")
found = cached(session, figures.figures, NOUNS, period, session.today, **chosen)
months = Period.months_until(session.today, MONTHS)
trends = {key: cached(session, figures.series, NOUNS, key, months, session.today, **chosen) for key in CARDS}
wall(found, trends, period, chosen)
left, right = st.columns([3, 2])
with left:
    won_by_month(trends["won_amount"], months, cached(session, goals.targets_by_month, ("goals",), "won_amount", months))
with right:
    by_owner(cached(session, figures.figures, NOUNS, period, session.today, by="owner", keys=("won_amount",), **chosen))
