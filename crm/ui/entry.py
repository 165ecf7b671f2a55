"""The entry box: the first thing on a profile. A few words, one click; the rest is filled in already."""

from __future__ import annotations

from functools import partial
from uuid import UUID

import streamlit as st

from crm.commands.interactions import log_interaction
from crm.ui import complaints, fields, flash, forms, own, words
from crm.ui.session import current

KINDS = {"note": "sticky_note_2", "call": "call", "email": "mail", "meeting": "groups", "visit": "directions_walk"}


def box(customer_id: UUID, deal_id: UUID | None = None) -> None:
    """Draw the box; its text stays until it is saved. What it is, is said by the button that saves it."""
    flash.pass_on()
    form = f"entry_{deal_id or customer_id}"
    with st.container(border=True, key="entry_box"):
        st.text_area(
            "What happened?",
            key=f"{form}.note",
            placeholder="What happened? Write it, then say what it was.",
            label_visibility="collapsed",
            height=80,
            max_chars=20_000,
        )
        asked = [*fields.SAID, *own.fields(current(), "interactions")]
        forms.inputs(form, asked)
        flash.problem(form)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption("Save as", width="content")
            for kind, icon in KINDS.items():
                st.button(
                    words.label(kind),
                    key=f"{form}.save_{kind}",
                    icon=f":material/{icon}:",
                    on_click=_save,
                    args=(form, kind, customer_id, deal_id, asked),
                )


def _save(form: str, channel: str, customer_id: UUID, deal_id: UUID | None, asked: list[forms.Field]) -> None:
    values = {"channel": channel, "note": st.session_state.get(f"{form}.note", ""), **forms.typed(form, asked)}
    saved = flash.attempt(
        form,
        lambda: log_interaction(current(), customer_id=customer_id, deal_id=deal_id, **values),
        partial(complaints.logged, f"{words.label(channel)} logged"),
    )
    if saved is not None:
        forms.clear(form)
        st.session_state[f"{form}.note"] = ""
