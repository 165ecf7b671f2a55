"""The script that runs for every visitor: who is there, the navigation, then the page.

It lies apart from `pages/` on purpose: beside it, Streamlit would serve any file of that folder before the navigation
below has run once.
"""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from crm.ui import dialogs, sidebar
from crm.ui.places import navigation

st.set_page_config(
    page_title="CRM",
    page_icon=str(Path(__file__).parent / "static" / "icon.png"),
    layout="wide",
)
page = st.navigation(navigation(), position="sidebar")
dialogs.left()
sidebar.draw()
page.run()
