"""A table of themes whose cells open: a name the theme, a number what it says and the rows behind it."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from crm.ui import words

ALL_SEEN = 20
TURN, CLICKED = "theme_table_turn", "theme_table_clicked"


def draw(frame: pd.DataFrame, key: str, columns: dict[str, Any], *, alt: str) -> tuple[int, str] | None:
    """Draw it; the row and the column of the cell that was just clicked."""
    drawn = f"{key}_{st.session_state.get(TURN, 0)}"
    st.dataframe(
        frame,
        key=drawn,
        hide_index=True,
        height="content" if len(frame) <= ALL_SEEN else 740,
        column_config={name: column for name, column in columns.items() if name in frame},
        placeholder=words.NOTHING,
        on_select=partial(_clicked, drawn),
        selection_mode="single-cell",
        alt=alt,
    )
    row, column = st.session_state.pop(CLICKED, (len(frame), ""))
    return (row, column) if row < len(frame) else None


def _clicked(drawn: str) -> None:
    """Keep what was clicked for this run; a table of another key lets the same cell be clicked again."""
    cells = st.session_state[drawn]["selection"]["cells"]
    if cells:
        st.session_state[CLICKED] = tuple(cells[0])
        st.session_state[TURN] = st.session_state.get(TURN, 0) + 1
