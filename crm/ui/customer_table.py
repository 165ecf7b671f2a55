"""Customers as a table: the columns that a person chose; a click opens the profile, ticks select several."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.queries import choices
from crm.ui import own, words
from crm.ui.places import PROFILE
from crm.ui.session import current

COLUMNS = {
    "name": "Name",
    "lifecycle": "Lifecycle",
    "owner": "Owner",
    "last": "Last interaction",
    "open_count": "Open deals",
    "won_amount": "Won",
    "spent_amount": "Spent",
    "value_amount": "Value",
    "fit_share": "Fit",
    "sector": "Sector",
    "region": "Region",
    "city": "City",
}
SHOWN = ["name", "lifecycle", "owner", "last", "open_count", "won_amount", "spent_amount", "value_amount", "fit_share"]
MONEY = ("won_amount", "spent_amount", "value_amount")


def _shown(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The rows as a person reads them."""
    session = current()
    for row in rows:
        row["lifecycle"] = [row["lifecycle_stage"]]
        row["owner"] = row["owner_name"] or ""
        last = row["last_interaction_at"]
        row["last"] = words.days_ago(session.local(last), session.today) if last else "never"
    own.spread(session, "customers", rows)
    shown = pd.DataFrame(rows)[[name for name, _ in headings()]]
    amounts = shown.columns.intersection(MONEY)
    return shown.assign(**shown[amounts].astype(float).round())


def headings() -> list[tuple[str, str]]:
    """The columns that are shown, each with its heading; the name first."""
    known = COLUMNS | own.columns(current(), "customers")
    chosen = ["name", *st.session_state.get("columns", SHOWN)]
    return [(name, known[name]) for name in dict.fromkeys(chosen) if name in known]


def draw(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The list; a click opens the profile, ticks select several. Returns what is ticked."""
    money = {name: st.column_config.NumberColumn(COLUMNS[name], format="localized") for name in MONEY}
    money["fit_share"] = st.column_config.NumberColumn(COLUMNS["fit_share"], format="%.2f")
    badges = st.column_config.MultiselectColumn("Lifecycle", options=list(choices.LIFECYCLE_STAGES), color="auto")
    picked = st.dataframe(
        _shown(rows),
        key="list",
        hide_index=True,
        height=min(38 + 35 * len(rows), 740),
        placeholder="",
        column_config=COLUMNS | money | {"lifecycle": badges} | own.column_config(current(), "customers"),
        on_select="rerun",
        selection_mode=["multi-row", "single-cell"],
        alt="Customers",
    )
    cells = picked["selection"]["cells"]
    if cells:
        st.switch_page(PROFILE, query_params={"customer": str(rows[cells[0][0]]["customer_id"])})
    return [rows[number] for number in picked["selection"]["rows"]]
