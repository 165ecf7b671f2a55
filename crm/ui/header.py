"""The head of every page: its title, what was just done, and the three things a person can always do: log, add, search."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from crm.ui import dialogs, flash, search, words
from crm.ui.places import ADD


@contextmanager
def header(title: str, caption: str | None = None) -> Iterator[None]:
    """Draw the head; what the `with` block draws stands between the title and the search."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="header"):
        st.title(words.plain(title), width="content", anchor=False)
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right", width="content"):
            yield
            st.page_link(ADD, label="Log", icon=":material/add:", query_params={"kind": "Interaction"})
            search.button()
    if caption:
        st.caption(words.plain(caption))
    flash.show()
    flash.problem("flash")
    dialogs.draw()
