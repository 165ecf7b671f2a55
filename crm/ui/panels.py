"""The side of a profile: wants and needs, people, deals, tasks, tags. Each says what is there and takes one more."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from crm.commands.contacts import add_contact, archive_contact, edit_contact
from crm.commands.tags import tag_customers, untag_customer
from crm.commands.tasks import finish_task
from crm.commands.traits import add_trait, archive_trait, set_trait_state
from crm.queries import choices, contacts, customers, deals, tasks, traits
from crm.ui import dialogs, edits, fields, flash, forms, merging, own, rights, words
from crm.ui.places import DEAL
from crm.ui.session import current

REMOVE = "Remove"


@dialogs.dialog("Contact", width="large")
def person(row: dict[str, Any], *, new: bool) -> None:
    """One contact, to add or to change."""
    session = current()
    asked = [field for field in fields.contact(session) if field.name != "customer_id"]
    save = (
        partial(add_contact, session, customer_id=row["customer_id"])
        if new
        else partial(edit_contact, session, row["contact_id"])
    )
    forms.draw("edit_contact", asked, save, done="Saved", row=None if new else row)
    if not new:
        put_aside = partial(archive_contact, session, row["contact_id"], version=row["version"])
        with st.container(horizontal=True):
            merging.offer(row["contact_id"])
            forms.archive("edit_contact", "Archive", put_aside, f"{row['name']} is archived")
        rights.draw(row["contact_id"], row["name"])


@dialogs.dialog("A want or a need, a like or a dislike")
def learn(customer_id: Any) -> None:
    """One trait with its evidence."""
    session = current()
    forms.draw("add_trait", fields.trait(session), partial(add_trait, session, customer_id=customer_id), done="Kept")


def wants(row: dict[str, Any]) -> None:
    """What they want, need, like, dislike, value, aspire to."""
    with st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader("Wants and needs", anchor=False)
            if st.button("Add", key="add_trait", type="tertiary", icon=":material/add:"):
                forms.clear("add_trait")
                learn(row["customer_id"])
        found = traits.of_customer(current(), row["customer_id"])
        for trait in found:
            _trait(trait)
        if not found:
            st.caption("What do they want, need, like? Ask, and keep it here.")


def _trait(trait: dict[str, Any]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        why = words.plain(trait["evidence"]) if trait["evidence"] else None
        st.markdown(f":gray-badge[{trait['kind']}] {words.plain(trait['text'])}", help=why, width="stretch")
        key = f"state_{trait['trait_id']}"
        if trait["state"]:
            options = [*choices.TRAIT_STATES, REMOVE]
            st.menu_button(trait["state"], options, key=key, type="tertiary", on_click=_set_state, args=(trait, key))
        else:
            hint = "Take it off: it no longer holds"
            st.button("", key=key, type="tertiary", icon=":material/close:", help=hint, on_click=_remove, args=(trait,))


def _set_state(trait: dict[str, Any], key: str) -> None:
    state, session = st.session_state[key], current()
    promise = (trait["promised_on"] or session.today) if state == "promised" else None
    if state == REMOVE:
        _remove(trait)
    elif state and state != trait["state"]:
        flash.attempt("flash", partial(set_trait_state, session, trait["trait_id"], state, promise), f"Marked {state}")


def _remove(trait: dict[str, Any]) -> None:
    flash.attempt("flash", partial(archive_trait, current(), trait["trait_id"]), f"Removed: {trait['text']}")


def people(row: dict[str, Any]) -> None:
    """The humans there."""
    found = contacts.of_customer(current(), row["customer_id"])
    asked = own.known(current(), "contacts")
    with st.expander(f"People ({len(found)})", expanded=True, key="people"):
        for one in found:
            with st.container(gap=None):
                called = words.plain(" · ".join(filter(None, [one["name"], one["title"]])))
                if st.button(called, key=f"contact_{one['contact_id']}", type="tertiary", help="See and edit"):
                    forms.clear("edit_contact")
                    person(one, new=False)
                st.text("\n".join(filter(None, [one["email"], one["phone"], own.line(asked, one)])))
        if row["kind"] != "person" and st.button("Add a contact", key="new_contact", type="tertiary", icon=":material/add:"):
            forms.clear("edit_contact")
            person(row, new=True)


def open_work(row: dict[str, Any]) -> None:
    """Deals and tasks."""
    session = current()
    found = deals.of_customer(session, row["customer_id"])
    with st.expander(f"Deals ({len(found)})", key="deals"):
        for deal in found[:12]:
            amount = words.money(deal["amount"], session.settings["currency"])
            label = " · ".join(map(words.plain, (deal["name"], deal["stage_name"], amount)))
            st.page_link(DEAL, label=label, query_params={"deal": str(deal["deal_id"])})
    todo = tasks.of_customer(session, row["customer_id"])
    with st.expander(f"Tasks ({len(todo)})", key="tasks"):
        for task in todo:
            open_task(task)


def open_task(task: dict[str, Any]) -> None:
    """A task to tick off, or to change."""
    session = current()
    done = partial(flash.attempt, "flash", partial(finish_task, session, task["task_id"]), "Done")
    with st.container(horizontal=True, horizontal_alignment="distribute", gap="small"):
        label = f"{words.plain(task['title'])} · {words.due(task['due_on'], session.today)}"
        st.checkbox(label, key=f"task_{task['task_id']}", on_change=done)
        edits.button("tasks", task["task_id"])


def labels(row: dict[str, Any]) -> None:
    """Tags, and what is written down about them."""
    session = current()
    found = {tag["tag_id"]: tag["name"] for tag in customers.tags_of(session, row["customer_id"])}
    with st.expander(f"Tags ({len(found)})", key="tags"):
        for key, name in found.items():
            take = partial(flash.attempt, "flash", partial(untag_customer, session, row["customer_id"], key), "Tag taken off")
            st.button(words.plain(name), key=f"tag_{key}", icon=":material/close:", on_click=take, help="Take this tag off")
        st.text_input(
            "New tag",
            key="new_tag",
            on_change=_tag,
            args=(row["customer_id"],),
            placeholder="New tag",
            label_visibility="collapsed",
        )


def _tag(customer_id: Any) -> None:
    name = st.session_state["new_tag"]
    if name and flash.attempt("flash", lambda: tag_customers(current(), [customer_id], name), f"Tagged {name}"):
        st.session_state["new_tag"] = ""
