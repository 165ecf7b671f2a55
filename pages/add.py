"""Enter something in a few clicks: one short form a kind, likely duplicates beside it while typing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import streamlit as st

from crm.commands import contacts, customers, deals, feedback, interactions, orders, tasks
from crm.commands.checks import Saved
from crm.queries import duplicates
from crm.ui import cards, complaints, fields, forms, words
from crm.ui.header import header
from crm.ui.places import PROFILE
from crm.ui.session import current

SAVE = {
    "customer": customers.add_customer,
    "contact": contacts.add_contact,
    "interaction": interactions.log_interaction,
    "deal": deals.add_deal,
    "order": orders.add_order,
    "feedback": feedback.add_feedback,
    "task": tasks.add_task,
}
DONE: dict[str, str | Callable[[Saved], str]] = {
    "interaction": partial(complaints.logged, "Logged"),
    "feedback": "Kept what they said",
    "task": "Task added",
}


def prefill(kind: str) -> None:
    """Take what a link says (the customer, a name that was searched for) into the form; what a new link says goes before."""
    asked = st.query_params.to_dict()
    said: dict[str, Any] = {"name": asked["name"]} if "name" in asked else {}
    if kind != "customer" and cards.is_key(asked.get("customer", "")):
        said["customer_id"] = UUID(asked["customer"])
    is_new = asked != st.session_state.get("add_asked")
    st.session_state["add_asked"] = asked
    for name, value in said.items():
        if is_new or f"add_{kind}.{name}" not in st.session_state:
            st.session_state[f"add_{kind}.{name}"] = value


def likely(kind: str, typed: dict[str, Any]) -> None:
    """Those who may be the same, beside the form."""
    if kind not in {"customer", "contact"}:
        return
    found = duplicates.likely(current(), kind, name=typed.get("name"), email=typed.get("email"), phone=typed.get("phone"))
    if found:
        st.markdown("**Already here?**")
    for row in found:
        st.page_link(
            PROFILE,
            label=words.plain(f"{row['name']} · {row['detail']}" if row.get("detail") else row["name"]),
            icon=":material/person_search:",
            query_params={"customer": str(row["customer_id"])},
        )


@st.fragment
def form(kind: str) -> None:
    """The form of one kind, and its likely duplicates."""
    session = current()
    left, right = st.columns([2, 1], gap="large")
    with left:
        typed = forms.draw(
            f"add_{kind}",
            fields.KINDS[kind](session),
            partial(SAVE[kind], session),
            done=DONE.get(kind, f"{words.label(kind)} added"),
            label="Log" if kind == "interaction" else "Add",
        )
    with right:
        likely(kind, typed)


with header("Add"):
    pass
chosen = st.segmented_control(
    "What",
    list(fields.KINDS),
    default="contact",
    required=True,
    format_func=words.label,
    key="kind",
    bind="query-params",
    label_visibility="collapsed",
)
prefill(chosen)
form(chosen)
