"""Tables of rows: people's text stays text, days are days, amounts line up."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.store.session import Session
from crm.ui import words
from crm.ui.places import DEAL, PROFILE

DAY, MOMENT = "D MMM YYYY", "D MMM YYYY, HH:mm"


def draw(frame: pd.DataFrame, *, key: str, alt: str, **options: Any) -> Any:
    """Draw a frame with a heading and a format that follow from each column's name."""
    shown = _in_words(frame[[name for name in frame.columns if not name.endswith("_id")]])
    config = {name: _column(name) for name in shown.columns}
    return st.dataframe(shown, key=key, hide_index=True, column_config=config, placeholder=words.NOTHING, alt=alt, **options)


def _in_words(frame: pd.DataFrame) -> pd.DataFrame:
    """Stored words as people write them: a kind, and a rating with its scale in one column."""
    shown = frame.copy()
    if "kind" in shown:
        shown["kind"] = shown["kind"].map(words.label, na_action="ignore")
    if {"rating", "scale"} <= set(shown):
        pairs = zip(shown["rating"], shown.pop("scale"), strict=True)
        shown["rating"] = [None if pd.isna(value) else words.rating(value, scale) for value, scale in pairs]
    return shown


def draw_opening(frame: pd.DataFrame, *, key: str, alt: str) -> None:
    """The same, and a click on a row opens its deal, else its customer."""
    picked = draw(frame, key=key, alt=alt, on_select="rerun", selection_mode="single-cell")
    cells = picked["selection"]["cells"]
    row = frame.iloc[cells[0][0]] if cells else {}
    for name, page in (("deal_id", DEAL), ("customer_id", PROFILE)):
        if pd.notna(row.get(name)):
            st.switch_page(page, query_params={name.removesuffix("_id"): str(row[name])})


def on_clock(session: Session, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its instants on the company's clock, as people read them."""
    shown = frame.copy()
    for name in shown.columns:
        if str(name).endswith("_at"):
            instants = pd.to_datetime(shown[name]).dt.tz_localize("UTC")
            shown[name] = instants.dt.tz_convert(str(session.zone)).dt.tz_localize(None)
    return shown


def title(name: str) -> str:
    """The heading of a column."""
    if name == "amount":
        return "Amount"
    return words.label(name.removesuffix("_at").removesuffix("_on").removesuffix("_amount").removesuffix("_share"))


def _column(name: str) -> Any:
    heading = title(name)
    if name.endswith("_on"):
        return st.column_config.DateColumn(heading, format=DAY)
    if name.endswith("_at"):
        return st.column_config.DatetimeColumn(heading, format=MOMENT)
    if name.endswith("amount"):
        return st.column_config.NumberColumn(heading, format="localized")
    if name.endswith("_share"):
        return st.column_config.NumberColumn(heading, format="percent")
    return st.column_config.Column(heading)
