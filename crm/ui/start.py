"""The start of a company: three ways in when there is nothing, and the way out of the demo."""

from __future__ import annotations

import streamlit as st

from crm.commands import demo
from crm.queries import customers
from crm.store.session import Session
from crm.ui import cards, flash
from crm.ui.places import ADD, DATA
from crm.ui.session import current


def is_empty(session: Session) -> bool:
    """Whether nobody has entered a customer yet."""
    return not customers.exist(session)


def ways_in() -> None:
    """The demo, a file, the first customer."""
    box = cards.empty("waving_hand", "Nothing is here yet. Three ways to begin:", key="ways_in")
    with box.container(horizontal=True, horizontal_alignment="center", vertical_alignment="center"):
        st.page_link(ADD, label="Enter the first customer", icon=":material/person_add:", query_params={"kind": "Customer"})
        st.page_link(DATA, label="Bring a file you have", icon=":material/upload_file:")
        st.button("Look around in a demo company", key="make_demo", icon=":material/explore:", on_click=_make)


def demo_notice(session: Session) -> None:
    """While the demo is there: say so, and offer to take it away."""
    if not demo.is_there(session):
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="demo_notice"):
        st.markdown(":material/explore: This is a demo company. Nothing in it is real.", width="stretch")
        if session.may("manager"):
            st.button("Start with my own data", key="remove_demo", on_click=_remove)


def _make() -> None:
    flash.attempt("flash", lambda: demo.make_demo(current()), lambda made: made.summary())


def _remove() -> None:
    flash.attempt("flash", lambda: demo.remove_demo(current()), lambda removed: removed.summary())
