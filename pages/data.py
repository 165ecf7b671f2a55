"""Data in and out: take whatever people have, lose nothing, give everything back."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from crm.ui import backups, duplicates, exporting, importing
from crm.ui.header import header
from crm.ui.session import current

# tab → the lowest role that may do anything in it, and what it draws
TABS: dict[str, tuple[str, Callable[..., None]]] = {
    "Import": ("manager", importing.draw),
    "Duplicates": ("member", duplicates.draw),
    "Export": ("member", exporting.draw),
    "Backup": ("admin", backups.draw),
}

session = current()
with header("Data"):
    pass
offered = [name for name, (role, _) in TABS.items() if session.may(role)]
for name, tab in zip(offered, st.tabs(offered, key="data_tab", on_change="rerun", bind="query-params"), strict=True):
    if tab.open:
        with tab:
            TABS[name][1](session)
