"""Saved segments as chips above a list: one click keeps the list to one of them, another lets go."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.ui import keys
from crm.ui.filters import named_segments
from crm.ui.places import SEGMENTS
from crm.ui.session import current

MOST = 8
KEY = "segment"


def draw() -> Any:
    """The chips, one's own segments first, and the way to build one; gives the key of the one that is chosen."""
    found = named_segments(current())
    linked = st.session_state.get(KEY, st.query_params.get(KEY))
    shown = list(found)[:MOST]
    shown += [linked] if linked in found and linked not in shown else []
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="segment_chips"):
        chosen = None
        if shown:
            chosen = st.pills("Segment", shown, key=KEY, bind="query-params", label_visibility="collapsed")
        if len(found) > len(shown):
            st.page_link(SEGMENTS, label=f"All {len(found)}")
        elif found:
            st.page_link(SEGMENTS, label="Segments")
        st.page_link(SEGMENTS, label="Segment", icon=":material/add:", query_params={keys.OPEN: "new"})
    return found.get(chosen or "")
