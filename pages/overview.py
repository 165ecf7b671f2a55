"""How are we doing, and why? Figures against the period before, each opening to its definition and its rows."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.charts import figures as charts
from crm.queries import employees, figures, goals, sales
from crm.queries.periods import Period
from crm.ui import cards, filters, marks, start, tables, words
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
    targets = cached(session, goals.targets_by_month, ("goals",), "won_amount", months)
    if not any(values) and not any(targets):
        with cards.empty("savings", "No deal was won in these twelve months, and no goal is set for them.", key="no_won"):
            st.page_link(PIPELINE, label="Pipeline")
        return
    chart = charts.columns(
        [words.month(month.start) for month in months], values, "Won amount", goal=targets, unfinished_last=until == session.today
    )
    marks.draw("Won amount by month", chart, "won_by_month", lambda mark: behind("won_amount", months[mark], **chosen))


def behind(key: str, of: Period, **these: Any) -> Any:
    """The rows behind one mark."""
    return figures.rows_behind(current(), key, of, current().today, limit=200, **these)


def win_rate_by_owner() -> None:
    """Who wins how often, and how sure that is."""
    rows = ask(sales.win_rates, period, session.today)[:12]
    if not rows:
        cards.empty("handshake", "No deal was closed in this period.", key="no_closed")
        return
    people = {row["name"]: row["employee_id"] for row in employees.active(session)}
    labels = [f"{row['owner']} ({row['n']}{', too few to say' if row['few'] else ''})" for row in rows]
    shares, lows, highs = ([row[name] for row in rows] for name in ("share", "low", "high"))

    def opened(mark: int) -> Any:
        return behind("win_rate", period, **(chosen | {"for_owner": people.get(rows[mark]["owner"])}))

    chart = charts.intervals(labels, shares, lows, highs, "Win rate", faint=[row["few"] for row in rows])
    note = "In brackets the closed deals; the line is where the true rate lies, 95 times of 100."
    marks.draw("Win rate by owner", chart, "win_rate_by_owner", opened, note=note, reversed_marks=True)


def funnel() -> None:
    """How far the deals opened in the period have come."""
    rows = ask(sales.funnel, period)
    if rows:
        chart = charts.funnel([row["name"] for row in rows], [row["deal_count"] for row in rows], "Deals")

        def opened(mark: int) -> Any:
            return sales.reached(current(), period, rows[mark]["stage_id"], **chosen)

        marks.draw(
            "How far deals of the period came", chart, "funnel", opened, note="A stage that was skipped counts as reached."
        )


def closing() -> None:
    """When the open deals should close."""
    rows = ask(sales.closing_by_month, session.today)
    if rows:
        chart = charts.paired([row["month"] for row in rows], rows, {"amount": "Potential", "weighted_amount": "Weighted"})
        marks.draw(
            "Open deals by expected close",
            chart,
            "closing",
            lambda mark: sales.closing_in(current(), rows[mark]["month"], current().today, **chosen),
        )


def movers() -> None:
    """Customers who buy more, and less, than in the 90 days before."""
    found = cached(session, sales.movers, NOUNS, session.today)
    if not found.empty:
        with st.container(border=True):
            st.subheader("Customers rising and falling", anchor=False)
            tables.draw(found, key="movers", alt="Customers rising and falling")
            st.caption("Bought in the last 90 days against the 90 days before.")


session = current()
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
movers()
