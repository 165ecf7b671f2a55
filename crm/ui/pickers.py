"""Choose a customer among thousands without sending thousands: type a few letters, take one of the few that fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from crm.queries import contacts, customers, deals
from crm.queries.custom_fields import Choice
from crm.queries.search import CUSTOMERS, search
from crm.ui import words
from crm.ui.session import current

if TYPE_CHECKING:
    from crm.ui.forms import Field

MOST = 6


def customer(label: str, key: str, field: Field) -> None:
    """A customer: the chosen one with a way to change it, or a search with its first hits."""
    chosen = st.session_state.get(key)
    if chosen:
        name = customers.name_of(current(), chosen) or "No longer there"
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(label, name, key=f"{key}.shown.{chosen}", disabled=True)
            st.button("Change", key=f"{key}.change", on_click=_choose, args=(key, None))
        return
    text = st.text_input(label, key=f"{key}.find", type="search", live="250ms", placeholder="Type a name", help=field.help)
    hits = search(current(), text, among=CUSTOMERS)[:MOST] if text else []
    for number, hit in enumerate(hits):
        st.button(
            words.plain(f"{hit['name']} · {hit['detail']}" if hit.get("detail") else hit["name"]),
            key=f"{key}.hit.{number}",
            type="tertiary",
            icon=":material/add:",
            on_click=_choose,
            args=(key, hit["customer_id"]),
        )
    if text and not hits:
        st.caption("Nobody by that name. Add the customer first, or leave this blank.")


def _choose(key: str, value: object) -> None:
    st.session_state[key] = value
    st.session_state.pop(f"{key}.find", None)


def contact(label: str, key: str, field: Field) -> None:
    """A person at the customer that this form has chosen."""
    of = st.session_state.get(key.rsplit(".", 1)[0] + ".customer_id")
    people = {row["contact_id"]: row["name"] for row in contacts.of_customer(current(), of)} if of else {}
    _one_of(label, key, people, field.help)


def deal(label: str, key: str, field: Field) -> None:
    """A deal of the customer that this form has chosen."""
    of = st.session_state.get(key.rsplit(".", 1)[0] + ".customer_id")
    found = {row["deal_id"]: row["name"] for row in deals.of_customer(current(), of)} if of else {}
    _one_of(label, key, found, field.help)


def own_choice(label: str, key: str, field: Field) -> None:
    """One choice of an own field, or yes or no; one that is no longer offered stays where it was chosen."""
    chosen = st.session_state.get(key)
    names = _offered(field, [chosen])
    if chosen not in names:
        st.session_state.pop(key, None)
    st.selectbox(
        label,
        list(names),
        index=None,
        format_func=lambda value: names.get(value, ""),
        key=key,
        help=field.help,
        placeholder="Choose",
    )


def own_choices(label: str, key: str, field: Field) -> None:
    """Several of them."""
    names = _offered(field, st.session_state.get(key) or [])
    st.session_state[key] = [value for value in st.session_state.get(key) or [] if value in names]
    st.multiselect(
        label, list(names), format_func=lambda value: names.get(value, ""), key=key, help=field.help, placeholder="Choose"
    )


def _offered(field: Field, chosen: list[Any]) -> dict[Any, str]:
    if field.own and field.own.kind == "yes_no":
        return {True: "Yes", False: "No"}
    choices: tuple[Choice, ...] = field.own.choices if field.own else ()
    return {
        choice.key: f"{choice.name} (archived)" if choice.is_archived else choice.name
        for choice in choices
        if not choice.is_archived or choice.key in chosen
    }


def _one_of(label: str, key: str, names: dict[object, str], words_: str | None) -> None:
    if st.session_state.get(key) not in names:
        st.session_state.pop(key, None)
    st.selectbox(
        label,
        list(names),
        index=None,
        format_func=lambda value: names.get(value, ""),
        key=key,
        help=words_,
        disabled=not names,
        placeholder="Choose" if names else "Choose a customer first",
    )
