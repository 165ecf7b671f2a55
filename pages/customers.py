"""Find customers; see which ones matter now; act on several at once."""

from __future__ import annotations

from math import ceil
from typing import Any

import pandas as pd
import streamlit as st

from crm.queries import choices, customers, employees
from crm.ui import bulk, cards, flash, start, words
from crm.ui.filters import ALL, popover
from crm.ui.header import header
from crm.ui.places import ADD, PROFILE
from crm.ui.session import current

PAGE = 50
COLUMNS = {
    "name": "Name",
    "lifecycle": "Lifecycle",
    "owner": "Owner",
    "last": "Last interaction",
    "open_count": "Open deals",
    "won_amount": "Won",
    "spent_amount": "Spent",
    "sector": "Sector",
    "region": "Region",
    "city": "City",
}
SHOWN = ["name", "lifecycle", "owner", "last", "open_count", "won_amount", "spent_amount"]


def filters() -> dict[str, Any]:
    """Whose, which, where; the badge counts what is set."""
    session = current()
    sources: dict[str, dict[str, Any]] = {
        "lifecycle": {words.label(name): name for name in choices.LIFECYCLE_STAGES},
        "owner": {row["name"]: row["employee_id"] for row in employees.active(session)},
        "team": {row["name"]: row["team_id"] for row in employees.teams(session)},
        "region": {name: name for name in employees.regions(session)},
        "tag": {row["name"]: row["tag_id"] for row in customers.tags(session)},
    }
    with popover(sources):
        picked = {
            name: st.selectbox(words.label(name), [ALL, *names], key=name, bind="query-params") for name, names in sources.items()
        }
        st.multiselect("Columns", list(COLUMNS), SHOWN, format_func=COLUMNS.__getitem__, key="columns", persist_state="session")
    return {name: sources[name].get(value) for name, value in picked.items()}


def shown(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The rows as a person reads them."""
    session = current()
    for row in rows:
        row["lifecycle"] = [row["lifecycle_stage"]]
        row["owner"] = row["owner_name"] or ""
        last = row["last_interaction_at"]
        row["last"] = words.days_ago(session.local(last), session.today) if last else "never"
    columns = ["name", *[name for name in st.session_state.get("columns", SHOWN) if name != "name"]]
    return pd.DataFrame(rows)[columns]


def table(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The list; a click opens the profile, ticks select several. Returns what is ticked."""
    money = {name: st.column_config.NumberColumn(COLUMNS[name], format="localized") for name in ("won_amount", "spent_amount")}
    badges = st.column_config.MultiselectColumn("Lifecycle", options=list(choices.LIFECYCLE_STAGES), color="auto")
    picked = st.dataframe(
        shown(rows),
        key="list",
        hide_index=True,
        height=min(38 + 35 * len(rows), 740),
        column_config=COLUMNS | money | {"lifecycle": badges},
        on_select="rerun",
        selection_mode=["multi-row", "single-cell"],
        alt="Customers",
    )
    cells = picked["selection"]["cells"]
    if cells:
        st.switch_page(PROFILE, query_params={"customer": str(rows[cells[0][0]]["customer_id"])})
    return [rows[number] for number in picked["selection"]["rows"]]


def _first(*asked: Any) -> int:
    """The first row of the page that is turned to; another question begins with its first page."""
    if st.session_state.get("customers_asked") != asked:
        st.session_state["customers_asked"] = asked
        st.session_state["page_number"] = 1
    return (int(st.session_state.get("page_number", 1)) - 1) * PAGE


@st.fragment
def listing(chosen: dict[str, Any], sort: str) -> None:
    """The search and its list, without the rest of the page."""
    flash.pass_on()
    session = current()
    text = st.text_input(
        "Search",
        key="find",
        type="search",
        live="250ms",
        placeholder="Name, city or website",
        label_visibility="collapsed",
        bind="query-params",
    )
    found = customers.page(session, text or "", sort=sort, limit=PAGE, first=_first(text, sort, chosen), **chosen)
    if not found.total:
        with cards.empty("person_search", "No customer fits.", key="nobody"):
            st.page_link(
                ADD, label="Add a customer", icon=":material/person_add:", query_params={"kind": "Customer", "name": text}
            )
        return
    above = st.container()
    ticked = table(found.rows)
    with above:
        if ticked:
            bulk.act_on(ticked)
        else:
            st.caption(words.count(found.total, "customer"))
    if found.total > PAGE:
        st.pagination(ceil(found.total / PAGE), key="page_number")


with header("Customers"):
    order = st.selectbox(
        "Sort by",
        list(customers.SORTS),
        format_func=lambda name: f"By {words.label(name).lower()}",
        key="sort",
        label_visibility="collapsed",
        width=190,
        bind="query-params",
    )
    chosen = filters()
if start.is_empty(current()):
    start.ways_in()
else:
    listing(chosen, order)
