"""Charts whose marks open: a click lists the rows behind the mark, below the chart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from crm.charts import figures as charts
from crm.ui import eventlist, tables, taking, words
from crm.ui.eventlist import Mark
from crm.ui.session import current

Rows = Callable[[int], pd.DataFrame]
Everything = Callable[..., pd.DataFrame]  # (session, mark, most rows); without the last, all of them
SHOWN = 200


@st.fragment
def draw(
    title: str,
    chart: dict[str, Any],
    key: str,
    rows: Rows | None = None,
    *,
    note: str | None = None,
    reversed_marks: bool = False,
    counted_through: bool = False,
    everything: Everything | None = None,
    events: Sequence[Mark] = (),
    figure: str | None = None,
) -> None:
    """A card with a chart; `rows` gives what stands behind the mark of a number, counted as the chart was given it;
    of all its traces one after the other where they are `counted_through`.

    `everything` gives the same without an end, for a file, and with one where `rows` is left out. `events` stand on
    top of the chart; a click on one opens it, with the chart's `figure` before it and after it.
    """
    chart = charts.with_events(chart, events)
    if everything and not rows:
        rows = partial(everything, current(), limit=SHOWN)
    with st.container(border=True, height="stretch"):
        st.subheader(words.plain(title), anchor=False)
        picked: Any = st.plotly_chart(
            chart,
            key=key,
            config={"displayModeBar": False},
            on_select="rerun" if rows or events else "ignore",
            selection_mode="points",
            alt=title,
        )
        if note:
            st.caption(note)
        points = picked["selection"]["points"] if rows or events else []
        if points and chart["data"][points[0]["curve_number"]].get("name") == charts.EVENTS:
            eventlist.behind(events[points[0]["point_index"]]["events"], figure)
        elif rows and points:
            number = points[0]["point_index"]
            if counted_through:
                number += sum(len(trace["x"]) for trace in chart["data"][: points[0]["curve_number"]])
            _behind(rows, len(chart["data"][0]["x"]) - 1 - number if reversed_marks else number, key, title, everything)


def _behind(rows: Rows, number: int, key: str, title: str, everything: Everything | None) -> None:
    found = rows(number)
    if found.empty:
        st.caption("No rows stand behind this mark.")
    else:
        shown = tables.on_clock(current(), found)
        tables.draw(shown, key=f"{key}_rows", alt=f"The rows behind the mark in {title}", height=260)
        taking.offer(f"{key}_rows", title, lambda session: everything(session, number) if everything else found)
