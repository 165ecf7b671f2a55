"""Who they are, what they want, what happened, what is next."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from crm.commands.customers import archive_customer, edit_customer
from crm.queries import customers, merges, timeline
from crm.ui import (
    cards,
    complaints,
    customer_figures,
    dialogs,
    entries,
    entry,
    fields,
    flash,
    forms,
    merging,
    own,
    panels,
    rights,
    words,
)
from crm.ui.header import header
from crm.ui.places import ADD, CUSTOMERS
from crm.ui.session import current

FIRST = 15


@dialogs.dialog("Edit customer", width="large")
def edit(row: dict[str, Any]) -> None:
    """Everything about the customer, in one form."""
    session = current()
    save = partial(edit_customer, session, row["customer_id"])
    forms.draw("edit_customer", fields.customer(session), save, done="Saved", row=row)


@st.fragment
def story(row: dict[str, Any]) -> None:
    """What happened: the entry box, then the timeline."""
    dialogs.pass_on()
    session = current()
    entry.box(row["customer_id"])
    kind = st.pills("Show", list(entries.KINDS), format_func=words.label, key="kinds", label_visibility="collapsed")
    many = st.session_state.get("entries_shown", FIRST)
    found = timeline.of_customer(session, row["customer_id"], kinds=entries.KINDS[kind] if kind else None, limit=many + 1)
    is_theirs = session.may("manager") or row["owner_id"] in (None, session.actor.employee_id)
    with st.container(key="story"):
        entries.draw(session, found[:many], may_edit=is_theirs)
    if not found:
        st.caption("Nothing happened yet. Write the first note above.")
    if len(found) > many:
        st.button("Older", key="older", on_click=lambda: st.session_state.update(entries_shown=many + 30))


def facts(row: dict[str, Any]) -> str:
    """One line on who they are."""
    session = current()
    last = row["last_interaction_at"]
    parts = [
        words.label(row["lifecycle_stage"]),
        row["sector"],
        words.count(row["employee_count"], "employee") if row["employee_count"] else None,
        ", ".join(filter(None, [row["city"], row["country"]])) or None,
        f"part of {row['parent_name']}" if row["parent_name"] else None,
        f"owner {row['owner_name']}" if row["owner_name"] else "no owner",
        f"last interaction {words.days_ago(session.local(last), session.today)} ({words.label(row['last_channel']).lower()})"
        if last
        else "never contacted",
    ]
    return " · ".join(part for part in parts if part)


def menu(row: dict[str, Any]) -> None:
    """What else can be done with a customer."""
    st.page_link(CUSTOMERS, label="Customers", icon=":material/chevron_left:")
    query = {"kind": "Deal", "customer": str(row["customer_id"])}
    st.page_link(ADD, label="Deal", icon=":material/add:", query_params=query)
    st.page_link(ADD, label="Task", icon=":material/add:", query_params=query | {"kind": "Task"})
    if st.button("Edit", key="edit", icon=":material/edit:"):
        forms.clear("edit_customer")
        edit(row)
    archive = partial(flash.attempt, "flash", partial(archive_customer, current(), row["customer_id"]), "Archived")
    asked = False
    with st.popover("", icon=":material/more_horiz:", key="more", help="Merge, archive, export, erase"):
        if current().may("manager"):
            asked = st.button("Merge with …", key="merge_with", type="tertiary", icon=":material/merge:")
        st.button("Archive", key="archive", type="tertiary", icon=":material/archive:", on_click=archive)
        if row["kind"] == "person":
            rights.draw(row["customer_id"], row["name"])
        else:
            st.caption("The people here have rights of their own: open one under People.")
    if asked:
        merging.ask_of_customer(row)


def found(key: str | None) -> dict[str, Any] | None:
    """The customer that a link means; of one that was merged, who it became."""
    session = current()
    row = customers.profile(session, key) if key and cards.is_key(key) else None
    became = merges.winner_of(session, "customers", row["customer_id"]) if row and row["archived_at"] else None
    if became:
        st.query_params["customer"] = str(became)
    return customers.profile(session, became) if became else row


customer = found(st.query_params.get("customer"))
if not customer or customer["archived_at"]:
    with header("Profile"):
        pass
    with cards.empty("person_off", "This customer is not here. It may have been archived; History brings it back."):
        st.page_link(CUSTOMERS, label="All customers")
    st.stop()
with header(customer["name"], facts(customer)):
    menu(customer)
customer_figures.draw(current(), customer)
left, right = st.columns([2, 1], gap="large")
with left:
    story(customer)
with right:
    panels.wants(customer)
    complaints.story(current(), customer)
    own.panel("customers", customer)
    panels.people(customer)
    panels.open_work(customer)
    panels.labels(customer)
