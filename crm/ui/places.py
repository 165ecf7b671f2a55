"""Every page of the app, once: its file, its name, its place in the sidebar. Nothing outside this list can be opened."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

PAGES = Path(__file__).resolve().parents[2] / "pages"


def _page(name: str, title: str, icon: str, words: str, *, hidden: bool = False, default: bool = False) -> st.Page:
    return st.Page(
        PAGES / f"{name}.py",
        title=title,
        icon=f":material/{icon}:",
        url_path=name,
        help=words,
        visibility="hidden" if hidden else "visible",
        default=default,
    )


OVERVIEW = _page("overview", "Overview", "monitoring", "How are we doing, and why?", default=True)
CUSTOMERS = _page("customers", "Customers", "groups", "Find customers, and see which ones matter now.")
PROFILE = _page("profile", "Profile", "person", "Who they are, what they want, what happened, what is next.", hidden=True)
ADD = _page("add", "Add", "add_circle", "Enter a customer, contact, interaction, deal, order, feedback or task.")
HISTORY = _page("history", "History", "history", "Who changed what and when; undo anything.")

PLACES = {
    "Work": [CUSTOMERS, ADD, PROFILE],
    "Insight": [OVERVIEW],
    "Company": [HISTORY],
}
