"""A timeline on the screen: one line an entry, what a person wrote as plain text, and the way to older ones."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.store.session import Session
from crm.ui import complaints, edits, words
from crm.ui.places import PROFILE

ICONS = {
    "call": "call",
    "email": "mail",
    "meeting": "groups",
    "visit": "directions_walk",
    "post": "campaign",
    "newsletter": "newsmode",
    "note": "sticky_note_2",
    "order": "shopping_cart",
    "deal": "handshake",
    "feedback": "forum",
    "survey": "quiz",
    "action": "published_with_changes",
    "task": "task_alt",
    "change": "edit_note",
}
KINDS = {
    "calls": ["call"],
    "mails": ["email"],
    "meetings": ["meeting", "visit"],
    "notes": ["note"],
    "deals": ["deal"],
    "orders": ["order"],
    "feedback": ["feedback", "action"],
    "surveys": ["survey"],
    "tasks": ["task"],
    "changes": ["change"],
}


def draw(session: Session, entries: list[dict[str, Any]], *, with_customer: bool = False, may_edit: bool = False) -> None:
    """Draw entries, latest first, as they come; `may_edit`: whether the person may change what hangs on this customer."""
    for entry in entries:
        _line(session, entry, with_customer, may_edit or entry["employee_id"] == session.actor.employee_id)


def _line(session: Session, entry: dict[str, Any], with_customer: bool, may_edit: bool) -> None:
    with st.container(gap=None):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(_head(entry), width="content")
            if with_customer and entry.get("customer_id"):
                query = {"customer": str(entry["customer_id"])}
                st.page_link(PROFILE, label=words.plain(entry["customer_name"]), query_params=query)
            if may_edit and not with_customer and entry["table_name"] in edits.EDITS:
                edits.button(entry["table_name"], entry["record_id"])
        st.caption(_tail(session, entry))
        became = entry["duty"] and complaints.duty(session, entry["duty"], entry["duty"]["feedback_kind"])
        if became:
            st.caption(words.plain(became))
        if entry.get("own"):
            st.caption(" · ".join(words.plain(f"{name}: {text}") for name, text in entry["own"].items()))
        if entry.get("body"):
            st.text(entry["body"])


def _head(entry: dict[str, Any]) -> str:
    icon = f":material/{ICONS.get(entry['kind'], 'circle')}:"
    title = entry.get("title") or ""
    return f"{icon} **{words.label(entry['kind'])}** {words.plain(title)}"


def _tail(session: Session, entry: dict[str, Any]) -> str:
    parts = [
        f"{session.local(entry['happened_at']):%d %b %Y}",
        words.days_ago(session.local(entry["happened_at"]), session.today),
        entry.get("employee_name") or entry.get("actor_name"),
        entry.get("contact_name"),
        words.exact(entry["amount"], session.settings["currency"]) if entry.get("amount") is not None else None,
        f"campaign {entry['campaign']}" if entry.get("campaign") else None,
    ]
    return " · ".join(words.plain(part) for part in parts if part)
