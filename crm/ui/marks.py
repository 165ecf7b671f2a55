"""Charts whose marks open: a click lists the rows behind the mark, below the chart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from crm.ui import tables

Rows = Callable[[int], pd.DataFrame]


@st.fragment
def draw(
    title: str,
    chart: dict[str, Any],
    key: str,
    rows: Rows | None = None,
    *,
    note: str | None = None,
    reversed_marks: bool = False,
) -> None:
    """A card with a chart; `rows` gives what stands behind the mark of a number, counted as the chart was given it."""
    with st.container(border=True, height="stretch"):
        st.subheader(title, anchor=False)
        picked: Any = st.plotly_chart(
            chart,
            key=key,
            config={"displayModeBar": False},
            on_select="rerun" if rows else "ignore",
            selection_mode="points",
            alt=title,
        )
        if note:
            st.caption(note)
        points = picked["selection"]["points"] if rows else []
        if rows and points:
            number = points[0]["point_index"]
            _behind(rows, len(chart["data"][0]["x"]) - 1 - number if reversed_marks else number, key, title)


def _behind(rows: Rows, number: int, key: str, title: str) -> None:
    found = rows(number)
    if found.empty:
        st.caption("No rows stand behind this mark.")
    else:
        tables.draw(found, key=f"{key}_rows", alt=f"The rows behind the mark in {title}", height=260)
