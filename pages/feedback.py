"""What are they telling us, what is it worth, what do we do? Five tabs, each drawn when it is open."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import streamlit as st

from crm.ui import start
from crm.ui.header import header
from crm.ui.session import current

TABS = {
    "Themes": "crm.ui.themes",
    "Surveys": "crm.ui.surveys",
    "Focus groups": "crm.ui.focus",
    "Our team": "crm.ui.voices",
    "Brand": "crm.ui.brand",
}


def drawing(module: str) -> Callable[..., None]:
    """What draws a tab, given the session; another tab's modules are not even loaded."""
    draw: Callable[..., None] = import_module(module).draw
    return draw


session = current()
with header("Feedback"):
    pass
start.demo_notice(session)
tabs = st.tabs(list(TABS), key="feedback_tab", on_change="rerun", bind="query-params")
for tab, module in zip(tabs, TABS.values(), strict=True):
    if tab.open:
        with tab:
            drawing(module)(session)
