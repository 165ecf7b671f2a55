"""How are we doing, and why? Figures against the period before, each opening to its definition and its rows."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.charts import figures as charts
from crm.queries import employees, figures, goals, sales
from crm.queries.periods import Period
from crm.ui import cards, eventlist, filters, marks, splits, start, tables, taking, theme_news, words
from crm.ui.header import header
from crm.ui.places import PIPELINE
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
NOUNS = ("deals", "stages", "stage_changes", "customers", "interactions", "orders", "feedback", "tasks", "goals", "employees")
MONTHS = 12


def wall() -> None:
    """Eight cards of the same build; their trends end with the last finished month of the period."""
    months = [month for month in Period.months_until(until, MONTHS + 1) if month.end < session.today][-MONTHS:]
    found = ask(figures.figures, period, session.today, keys=CARDS)
    with st.grid(4, min_column_width=170):
        for key in CARDS:
            cards.figure(key, found[key], period, session.today, ask(figures.series, key, months, session.today), chosen)


def ask(question: Any, *arguments: Any, **named: Any) -> Any:
    """The answer under the page's filters."""
    return cached(session, question, NOUNS, *arguments, **named, **chosen)


def won_by_month(months: list[Period]) -> None:
    """Won amount by month against the goal; the running month is drawn lighter."""
    values = ask(figures.series, "won_amount", months, session.today)
    # The goal is the company's: beside a part of it the line would say nothing.
    is_part = chosen or not session.is_whole
    targets = [None] * len(months) if is_part else cached(session, goals.targets_by_month, ("goals",), "won_amount", months)
    if not any(values) and not any(targets):
        with cards.empty("savings", "No deal was won in these twelve months, and no goal is set for them.", key="no_won"):
            st.page_link(PIPELINE, label="Pipeline")
        return
    labels = [words.month(month.start) for month in months]
    chart = charts.columns(labels, values, "Won amount", goal=targets, unfinished_last=until == session.today)
    chart = charts.in_money(chart, symbol)
    outside = eventlist.on_periods(session, months, labels)

    def opened(asking: Any, mark: int, limit: int = taking.MOST) -> Any:
        return figures.rows_behind(asking, "won_amount", months[mark], asking.today, limit, **chosen)

    marks.draw("Won amount by month", chart, "won_by_month", everything=opened, events=outside, figure="won_amount")


def win_rate_by_owner() -> None:
    """Who wins how often, and how sure that is."""
    rows = ask(sales.win_rates, period, session.today)[:12]
    if not rows:
        cards.empty("handshake", "No deal was closed in this period.", key="no_closed")
        return
    people = {row["name"]: row["employee_id"] for row in employees.active(session)}
    labels = [f"{row['owner']} ({row['n']}{', too few to say' if row['few'] else ''})" for row in rows]
    shares, lows, highs = ([row[name] for row in rows] for name in ("share", "low", "high"))

    def opened(asking: Any, mark: int, limit: int = taking.MOST) -> Any:
        whose = chosen | {"for_owner": people.get(rows[mark]["owner"])}
        return figures.rows_behind(asking, "win_rate", period, asking.today, limit, **whose)

    chart = charts.intervals(labels, shares, lows, highs, "Win rate", faint=[row["few"] for row in rows])
    note = "In brackets the closed deals; the line is where the true rate lies, 95 times of 100."
    marks.draw("Win rate by owner", chart, "win_rate_by_owner", note=note, reversed_marks=True, everything=opened)


def funnel() -> None:
    """How far the deals opened in the period have come."""
    rows = ask(sales.funnel, period)
    if rows:
        chart = charts.funnel([row["name"] for row in rows], [row["deal_count"] for row in rows], "Deals")

        def opened(asking: Any, mark: int, limit: int = taking.MOST) -> Any:
            return sales.reached(asking, period, rows[mark]["stage_id"], limit, **chosen)

        note = "Each share is of the stage before; a stage that was skipped counts as reached."
        marks.draw("How far deals of the period came", chart, "funnel", note=note, everything=opened)


def closing() -> None:
    """When the open deals should close."""
    rows = ask(sales.closing_by_month, session.today)
    if rows:
        chart = charts.paired([row["month"] for row in rows], rows, {"amount": "Potential", "weighted_amount": "Weighted"})
        chart = charts.in_money(chart, symbol)
        due = {row["month"]: Period.months_until(row["due_on"], 1)[0] for row in rows if row["due_on"]}
        outside = eventlist.on_periods(session, list(due.values()), list(due))

        def opened(asking: Any, mark: int, limit: int = taking.MOST) -> Any:
            return sales.closing_in(asking, rows[mark]["month"], asking.today, limit, **chosen)

        marks.draw("Open deals by expected close", chart, "closing", everything=opened, events=outside)


def movers() -> None:
    """Customers who buy more, and less, than in the 90 days before."""
    found = cached(session, sales.movers, NOUNS, session.today, for_segment=chosen.get("for_segment"))
    if not found.empty:
        with st.container(border=True):
            st.subheader("Customers rising and falling", anchor=False)
            tables.draw(found.round(), key="movers", alt="Customers rising and falling")
            taking.offer("movers", "Customers rising and falling", lambda _: found)
            st.caption("Bought in the last 90 days against the 90 days before.")


session = current()
symbol = words.symbol(session.settings["currency"])
with header("Overview"):
    period = filters.period(session)
    chosen = filters.more(session)
if start.is_empty(session):
    start.ways_in()
    st.stop()
start.demo_notice(session)
until = min(session.today, period.end)  # a period of the past is seen with the months before its end
seen = f"{words.plain(period.label)} · as of {session.today:%d %b %Y}"
st.caption(f"{seen} · against the period before, cut at the same share · click a mark for its rows")
wall()
left, right = st.columns(2)
with left:
    won_by_month(Period.months_until(until, MONTHS))
    funnel()
with right:
    win_rate_by_owner()
    closing()
splits.draw(period, chosen, NOUNS)
movers()
theme_news.up_and_down(session, period, chosen.get("for_segment"))
