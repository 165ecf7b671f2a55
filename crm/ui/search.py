"""Search from every page: one button, one shortcut, at most twenty hits, each with what tells it from the others."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.queries.search import search
from crm.ui import keys, words
from crm.ui.places import ADD, PROFILE
from crm.ui.session import current


def button() -> None:
    """The button that opens the search; Ctrl+K or ⌘K does the same."""
    if st.button("Search", icon=":material/search:", shortcut="mod+k", key="open_search"):
        st.session_state.pop(keys.SEARCH, None)
        _dialog()


@st.dialog("Search", width="medium")
def _dialog() -> None:
    _hits()


@st.fragment
def _hits() -> None:
    text = st.text_input(
        "Name, e-mail or phone",
        key=keys.SEARCH,
        type="search",
        live="250ms",
        placeholder="Name, e-mail or phone",
        label_visibility="collapsed",
    )
    if not (text or "").strip():
        st.caption("Customers and the people there. Accents and case do not matter.")
        return
    hits = search(current(), text)
    for hit in hits:
        _hit(hit)
    if not hits:
        st.markdown(f"Nobody is called “{words.plain(text)}” here.")
    st.page_link(ADD, label="Create a customer", icon=":material/person_add:", query_params={"kind": "Customer", "name": text})


def _hit(hit: dict[str, Any]) -> None:
    icon = ":material/person:" if hit["kind"] in {"contact", "person"} else ":material/business:"
    with st.container(gap=None):
        st.page_link(PROFILE, label=words.plain(hit["name"]), icon=icon, query_params={"customer": str(hit["customer_id"])})
        if hit.get("detail"):
            st.caption(words.plain(hit["detail"]))
