"""A list on a phone is cards, on a wide screen a table: both are sent, and the width of the browser's window chooses.

The server does not know that width; a rule of style does. A card is a container that `card` gives: its one link is as large as
the whole of it, for a thumb.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

NARROW = 640
STYLE = """
<style>
@media (max-width: {narrow}px) {{ .st-key-{key}_wide {{ display: none }} }}
@media (min-width: {wide}px) {{ .st-key-{key}_narrow {{ display: none }} }}
[class*="st-key-{key}_card_"] {{ position: relative }}
[class*="st-key-{key}_card_"] a {{ padding: 0; position: static }}
[class*="st-key-{key}_card_"] a::after {{ content: ""; position: absolute; inset: 0 }}
</style>
"""


def either(key: str) -> tuple[Any, Any]:
    """Two containers in one place: what is drawn into the first is seen on a wide screen, into the second on a phone."""
    st.html(STYLE.format(key=key, narrow=NARROW, wide=NARROW + 1))  # from constants and the caller's own key
    return st.container(key=f"{key}_wide"), st.container(key=f"{key}_narrow", gap="small")


def card(key: str, number: int) -> Any:
    """One card of the narrow list."""
    return st.container(border=True, gap=None, key=f"{key}_card_{number}")
