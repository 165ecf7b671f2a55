"""What can be done to several customers at once; each is one change, undone with one click."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from crm.commands.customers import assign_customers
from crm.commands.segments import put_on_list
from crm.commands.tags import tag_customers
from crm.queries import employees, lists, segments
from crm.ui import flash, taking, words
from crm.ui.session import current


def act_on(ticked: list[dict[str, Any]]) -> None:
    """Tag, put on a list or assign everything that is ticked, as one change."""
    session = current()
    keys = [row["customer_id"] for row in ticked]
    people = {row["employee_id"]: row["name"] for row in employees.active(session)}
    with st.container(horizontal=True, vertical_alignment="center", key="bulk"):
        st.markdown(f"**{words.count(len(keys), 'customer')}**", width="content")
        taking.offer("ticked", "Customers", partial(lists.batches, kind="customers", keys=keys))
        st.text_input("Tag", key="bulk_tag", placeholder="Tag", label_visibility="collapsed", width=160)
        st.button("Tag", key="bulk_tag_save", on_click=_tag, args=(keys,))
        st.selectbox(
            "List",
            [row["name"] for row in segments.every(session) if row["kind"] == "list"],
            index=None,
            key="bulk_list",
            placeholder="List, or a new one",
            accept_new_options=True,
            label_visibility="collapsed",
            width=190,
        )
        st.button("Add to segment", key="bulk_list_save", on_click=_put_on, args=(keys,))
        if session.may("manager"):
            owner = st.selectbox(
                "Owner",
                list(people),
                index=None,
                format_func=people.__getitem__,
                key="bulk_owner",
                placeholder="Owner",
                label_visibility="collapsed",
                width=200,
            )
            st.button("Assign", key="bulk_owner_save", disabled=owner is None, on_click=_assign, args=(keys,))


def _tag(keys: list[Any]) -> None:
    name = st.session_state["bulk_tag"]
    flash.attempt("flash", lambda: tag_customers(current(), keys, name), f"Tagged {words.count(len(keys), 'customer')}")


def _put_on(keys: list[Any]) -> None:
    name = st.session_state["bulk_list"]
    done = f"{words.count(len(keys), 'customer')} put on {name}"
    flash.attempt("flash", lambda: put_on_list(current(), keys, name=name), done)


def _assign(keys: list[Any]) -> None:
    owner = st.session_state["bulk_owner"]
    flash.attempt("flash", lambda: assign_customers(current(), keys, owner), f"Assigned {words.count(len(keys), 'customer')}")
