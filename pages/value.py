"""Who is worth what, who is slipping away; and whom do we want? Two tabs, each drawn when it is open."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

import streamlit as st

from crm.ui import start
from crm.ui.header import header
from crm.ui.session import current

TABS = {"Worth": "crm.ui.worth", "Ideal profile": "crm.ui.ideal"}


def drawing(module: str) -> Callable[..., None]:
    """What draws a tab, given the session."""
    draw: Callable[..., None] = import_module(module).draw
    return draw


session = current()
with header("Value"):
    pass
if start.is_empty(session):
    start.ways_in()
    st.stop()
start.demo_notice(session)
there = [name for name, module in TABS.items() if find_spec(module)]
for name, tab in zip(there, st.tabs(there, key="value_tab", on_change="rerun", bind="query-params"), strict=True):
    if tab.open:
        with tab:
            drawing(TABS[name])(session)
