"""Search from every page: one button, one shortcut, at most twenty hits, each with what tells it from the others."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.queries.search import search
from crm.ui import dialogs, keys, taking, words
from crm.ui.places import ADD, DEAL, PROFILE
from crm.ui.session import current

ICONS = {"contact": "person", "person": "person", "deal": "handshake"}


def button() -> None:
    """The button that opens the search; Ctrl+K or ⌘K does the same."""
    if st.button("Search", icon=":material/search:", shortcut="mod+k", key="open_search"):
        st.session_state.pop(keys.SEARCH, None)
        _dialog()


@dialogs.dialog("Search", width="medium")
def _dialog() -> None:
    _hits()


@st.fragment
def _hits() -> None:
    text = st.text_input(
        "Name, e-mail, phone, deal, tag",
        key=keys.SEARCH,
        type="search",
        live="250ms",
        placeholder="Name, e-mail, phone, deal, tag or own field",
        label_visibility="collapsed",
    )
    if not (text or "").strip():
        st.caption("Customers, the people there and deals. Accents and case do not matter.")
        return
    hits = search(current(), text)
    for hit in hits:
        _hit(hit)
    if hits:
        taking.offer("hits", "Search", lambda _: pd.DataFrame(hits))
    else:
        st.markdown(f"Nobody and no deal is called “{words.plain(text)}” here.")
    st.page_link(ADD, label="Create a customer", icon=":material/person_add:", query_params={"kind": "Customer", "name": text})


def _hit(hit: dict[str, Any]) -> None:
    icon = ICONS.get(hit["kind"], "business")
    is_deal = hit["kind"] == "deal"
    query = {"deal": str(hit["deal_id"])} if is_deal else {"customer": str(hit["customer_id"])}
    with st.container(gap=None):
        st.page_link(DEAL if is_deal else PROFILE, label=words.plain(hit["name"]), icon=f":material/{icon}:", query_params=query)
        if hit.get("detail"):
            st.caption(words.plain(hit["detail"]))
