"""The grid of recency and frequency: how many customers stand in each place, what the places are called, who they are."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.charts import figures as charts
from crm.queries import worth
from crm.store.session import Session
from crm.ui import cards, marks, tables, taking, words
from crm.ui.session import cached, current

FEWEST = 5
# Places in the palette, which has eight: new and promising ones look alike, and so do those who are slipping away.
COLORS = dict(zip(worth.SEGMENTS, (0, 1, 2, 3, 3, 4, 5, 6, 6, 7), strict=True))


def draw(session: Session) -> None:
    """The grid, and beside it its groups with what to do about each."""
    rows = cached(session, worth.grid, worth.NOUNS)
    if not rows:
        cards.empty("grid_on", f"The grid of recency and frequency needs {FEWEST} customers who have bought.", key="no_rfm")
        return
    left, right = st.columns([2, 3], gap="medium")
    with left:
        _grid(rows)
    with right:
        _segments(rows)


def _grid(rows: list[dict[str, Any]]) -> None:
    currency = current().settings["currency"]
    bubbles = [
        {
            "x": row["frequency_score"],
            "y": row["recency_score"],
            "size": row["customer_count"],
            "color": COLORS[row["segment"]],
            "name": row["segment"],
            "words": f"{words.count(row['customer_count'], 'customer')} spent {words.money(row['spent_amount'], currency)}",
        }
        for row in rows
    ]

    def asked(mark: int) -> dict[str, Any]:
        return {"recency": rows[mark]["recency_score"], "frequency": rows[mark]["frequency_score"]}

    marks.draw(
        "Recency and frequency",
        charts.bubbles(bubbles, "How often (5 = most)", "How lately (5 = last)"),
        "rfm_grid",
        lambda mark: worth.members(current(), "place", **asked(mark)),
        note="A fifth of customers in each row and column; the number is how many. A click lists them.",
        everything=lambda asking, mark: worth.members(asking, "place", limit=taking.MOST, **asked(mark)),
    )


@st.fragment
def _segments(rows: list[dict[str, Any]]) -> None:
    """One line a group, the best first; a click lists its customers. “Segments” are, on a screen, what people made."""
    found = pd.DataFrame(rows).groupby("segment")[["customer_count", "spent_amount", "value_amount"]].sum(min_count=1)
    names = [name for name in worth.SEGMENTS if name in found.index]
    frame = found.loc[names].round().rename(columns={"customer_count": "customers"})
    frame.insert(0, "group", names)
    frame.insert(4, "what_to_do", [worth.SEGMENTS[name].partition(". ")[2] for name in names])
    with st.container(border=True, height="stretch", key="segments"):
        st.subheader("What to do about each group", anchor=False)
        picked = tables.draw(
            frame,
            key="rfm_segments",
            alt="Groups by recency and frequency, with their customers",
            on_select="rerun",
            selection_mode="single-cell",
        )
        cells = picked["selection"]["cells"]
        if cells:
            _listed(names[cells[0][0]])
        else:
            st.caption("A click on a line lists its customers.")


def _listed(segment: str) -> None:
    st.markdown(f"**{segment}** · {worth.SEGMENTS[segment]}")
    shown = worth.members(current(), "segment", segment=segment)
    tables.draw_opening(shown, key=f"segment_{segment}", alt=f"The customers of the group {segment}")
    taking.offer(
        f"segment_{segment}", segment, lambda asking: worth.members(asking, "segment", limit=taking.MOST, segment=segment)
    )
