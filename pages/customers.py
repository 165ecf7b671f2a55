"""Find customers; see which ones matter now; act on several at once."""

from __future__ import annotations

from functools import partial
from math import ceil
from typing import Any

import streamlit as st

from crm.queries import choices, customers, employees
from crm.queries import shown as everything
from crm.ui import bulk, cards, customer_cards, customer_table, flash, own, phone, segment_chips, start, taking, words
from crm.ui.filters import ALL, popover
from crm.ui.header import header
from crm.ui.places import ADD
from crm.ui.session import current

PAGE = 50


def filters() -> dict[str, Any]:
    """Whose, which, where; the badge counts what is set."""
    session = current()
    sources: dict[str, dict[str, Any]] = {
        "lifecycle": {words.label(name): name for name in choices.LIFECYCLE_STAGES},
        "owner": {row["name"]: row["employee_id"] for row in employees.active(session)},
        "team": {row["name"]: row["team_id"] for row in employees.teams(session)},
        "region": {name: name for name in employees.regions(session)},
        "tag": {row["name"]: row["tag_id"] for row in customers.tags(session)},
        **own.answers(session, "customers"),
    }
    labels = own.columns(session, "customers")
    with popover(sources):
        picked = {
            name: st.selectbox(words.plain(labels.get(name) or words.label(name)), [ALL, *names], key=name, bind="query-params")
            for name, names in sources.items()
        }
        own.choose_columns(customer_table.COLUMNS | labels, [*customer_table.SHOWN, *own.listed(session, "customers")])
    return {name: sources[name].get(value) for name, value in picked.items()}


def all_rows(text: str, sort: str, chosen: dict[str, Any]) -> taking.Rows:
    """The whole list for a file, in the columns that are shown."""
    return partial(everything.of_customers, columns=customer_table.headings(), search=text, sort=sort, **chosen)


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
    wide, narrow = phone.either("customers")
    with wide:
        ticked = customer_table.draw(found.rows)
    with narrow:
        customer_cards.draw(found.rows, "customers")
    with above:
        if ticked:
            bulk.act_on(ticked)
        else:
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
                st.caption(words.count(found.total, "customer"), width="content")
                taking.offer("customers", "Customers", all_rows(text or "", sort, chosen))
    if found.total > PAGE:
        st.pagination(ceil(found.total / PAGE), key="page_number")


sorts = own.sorts(current(), "customers")
with header("Customers"):
    order = st.selectbox(
        "Sort by",
        [*customers.SORTS, *sorts],
        format_func=lambda name: f"By {sorts[name] if name in sorts else words.label(name).lower()}",
        key="sort",
        label_visibility="collapsed",
        width=190,
        bind="query-params",
    )
    chosen = filters()
if start.is_empty(current()):
    start.ways_in()
else:
    listing(chosen | {"segment": segment_chips.draw()}, order)
