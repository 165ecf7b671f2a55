"""The entry box: the first thing on a profile. Kind, a few words, save; the rest is filled in already."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from crm.commands.interactions import log_interaction
from crm.ui import flash, words
from crm.ui.session import current

KINDS = ["note", "call", "email", "meeting", "visit"]


def box(customer_id: UUID, deal_id: UUID | None = None) -> None:
    """Draw the box; its text stays until it is saved."""
    flash.pass_on()
    form = f"entry_{deal_id or customer_id}"
    with st.container(border=True, key="entry_box"):
        st.segmented_control(
            "Kind",
            KINDS,
            default="note",
            required=True,
            format_func=words.label,
            key=f"{form}.channel",
            label_visibility="collapsed",
        )
        st.text_area(
            "What happened?",
            key=f"{form}.note",
            placeholder="Write a note, log a call, a mail, a meeting …",
            label_visibility="collapsed",
            height=80,
            max_chars=20_000,
        )
        flash.problem(form)
        st.button("Save", key=f"{form}.save", type="primary", on_click=_save, args=(form, customer_id, deal_id))


def _save(form: str, customer_id: UUID, deal_id: UUID | None) -> None:
    channel, note = st.session_state[f"{form}.channel"], st.session_state.get(f"{form}.note", "")
    saved = flash.attempt(
        form,
        lambda: log_interaction(current(), customer_id=customer_id, deal_id=deal_id, channel=channel, note=note),
        f"{words.label(channel)} logged",
    )
    if saved is not None:
        st.session_state[f"{form}.note"] = ""
