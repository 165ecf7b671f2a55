"""What are they telling us, what is it worth, what do we do? Five tabs, each drawn when it is open."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

import streamlit as st

from crm.ui import dialogs, start, todo
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
    """What draws a tab, given the session."""
    draw: Callable[..., None] = import_module(module).draw
    return draw


session = current()
with header("Feedback"):
    pass
if start.is_empty(session):
    start.ways_in()
    st.stop()
start.demo_notice(session)
todo.open_dialogs()
dialogs.draw()
there = [name for name, module in TABS.items() if find_spec(module)]
if there:
    for name, tab in zip(there, st.tabs(there, key="feedback_tab", on_change="rerun", bind="query-params"), strict=True):
        if tab.open:
            with tab:
                drawing(TABS[name])(session)
