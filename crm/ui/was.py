"""The pipeline as it was on a past day, and the bridge over a period: below the board, drawn when it is opened."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from crm.charts import figures as charts
from crm.queries import time_machine
from crm.queries.periods import Period
from crm.queries.time_machine import STEPS, Bridge
from crm.store.session import Session
from crm.ui import tables, taking, words
from crm.ui.session import cached

LABELS = {step: words.label(step) for step in STEPS}


def draw(session: Session, period: Period, chosen: dict[str, Any]) -> None:
    """Two folds; each asks only when it is open."""
    with st.expander("The pipeline as it was", key="as_it_was", on_change="rerun") as box:
        if box.open:
            _as_it_was(session, period, chosen)
    with st.expander("The bridge: from the start of the period to its end", key="bridge", on_change="rerun") as box:
        if box.open:
            _bridge(session, period, chosen)


def _as_it_was(session: Session, period: Period, chosen: dict[str, Any]) -> None:
    start = min(period.start - timedelta(days=1), session.today)
    picked = st.date_input(
        "At the close of", start, date(1990, 1, 1), session.today, key="past_day", format="YYYY-MM-DD", width=200
    )
    day = picked if isinstance(picked, date) else start
    rows = cached(session, time_machine.as_of, time_machine.NOUNS, day, **chosen)
    _complete(session, day, sum(row["later_count"] for row in rows), sum(row["deal_count"] for row in rows))
    if not rows:
        st.caption("No deal was open that day.")
        return
    currency = session.settings["currency"]
    with st.grid(len(rows), min_column_width=150):
        for row in rows:
            st.metric(words.plain(row["stage"] or "No stage"), words.money(row["amount"], currency), border=True)
            st.caption(words.count(row["deal_count"], "deal"))
    found = cached(session, time_machine.deals_as_of, time_machine.NOUNS, day, **chosen)
    tables.draw(found, key="deals_as_of", alt="The deals that were open that day", height=300)
    taking.offer("deals_as_of", f"Pipeline of {day}", lambda asking: time_machine.deals_as_of(asking, day, taking.MOST, **chosen))


def _complete(session: Session, day: date, later: int, number: int) -> None:
    """From which day on the picture is whole, and how much of this one was entered later."""
    since = cached(session, time_machine.complete_from, time_machine.NOUNS)
    if since is None:
        st.caption("The picture is complete for every day: each deal was entered when it was opened.")
    elif day >= since:
        st.caption(f"The picture is complete from {since:%d %b %Y} on.")
    else:
        st.caption(
            f"The picture is complete from {since:%d %b %Y} on. {later:,} of these {words.count(number, 'deal')} were entered "
            "later: their days and stages are as entered, their amount and expected close as first known."
        )


def _bridge(session: Session, period: Period, chosen: dict[str, Any]) -> None:
    if period.start > session.today:
        st.caption("This period has not begun.")
        return
    found = cached(session, time_machine.bridge, time_machine.NOUNS, period, **chosen)
    before, after = period.start - timedelta(days=1), min(period.end, session.today)
    since = cached(session, time_machine.complete_from, time_machine.NOUNS)
    if since and before < since:
        missed = "what was pushed or valued anew before is not seen"
        st.caption(f"The picture is complete from {since:%d %b %Y} on: {missed}.")
    if not (found.start_count or found.end_count or any(found.counts.values())):
        st.caption("No deal was due by the end of this period.")
        return
    labels = [f"{before:%d %b %Y}", *LABELS.values(), f"{after:%d %b %Y}"]
    amounts = [float(found.start), *(float(amount) for amount in found.steps.values()), float(found.end)]
    chart = charts.waterfall(labels, amounts, "Due by the end of the period")
    chart = charts.in_money(chart, words.symbol(session.settings["currency"]))
    st.plotly_chart(chart, key="bridge_chart", config={"displayModeBar": False}, alt="How the pipeline went from start to end")
    st.caption(said(found, period))
    table = pd.DataFrame(
        {
            "step": labels,
            "deal_count": [found.start_count, *found.counts.values(), found.end_count],
            "amount": [found.start, *found.steps.values(), found.end],
        }
    )
    tables.draw(table, key="bridge_table", alt="The bridge in numbers")


def said(found: Bridge, period: Period) -> str:
    """How much slipped, in words."""
    what = f"Open deals whose expected close is by {period.end:%d %b %Y}; the steps add up exactly."
    if found.slip_rate is None:
        return f"{what} No deal was due in the period at its start: too few to say how many slip."
    low, high = found.slip_interval
    return (
        f"{what} Slip rate {words.share(found.slip_rate)} ({words.share(low)} to {words.share(high)}): "
        f"{found.slipped_count:,} of {words.count(found.due_count, 'deal')} due in it moved out of it. Expected closes were "
        f"put off {words.count(found.push_count, 'time')} in all."
    )
