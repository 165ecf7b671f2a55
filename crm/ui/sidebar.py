"""The foot of the sidebar: who is at the page, switched here where there is no sign-in, and the day the data is seen from."""

from __future__ import annotations

from functools import partial

import streamlit as st

from crm.commands.employees import rename_oneself
from crm.queries import employees
from crm.store.session import Session
from crm.ui import forms, keys, words
from crm.ui.session import current


def draw() -> None:
    """Draw the person and the day."""
    session = current()
    people = {row["employee_id"]: row for row in employees.active(session)}
    with st.sidebar:
        st.space("stretch")
        if session.actor.employee_id in people:
            # Set anew in each run: the browser remembers a label, and a new name or role is another label.
            st.session_state[keys.ACTOR] = session.actor.employee_id
            st.selectbox(
                "You are",
                list(people),
                format_func=lambda key: f"{people[key]['name']} · {people[key]['role']}",
                key=keys.ACTOR,
                help="Without a sign-in this app serves this computer only, and anyone here may act as anyone.",
            )
            _rename(session)
        st.caption(f"{words.plain(session.settings['company_name'])} · as of {session.today:%d %b %Y}")


def _rename(session: Session) -> None:
    """One's own name: the first admin is called “You” until somebody says who that is."""
    if keys.FLASH in st.session_state:
        # Something was just saved: closed, so that the page's header, drawn after this, comes to say so.
        st.session_state["rename"] = False
    box = st.popover("Change my name", key="rename", type="tertiary", icon=":material/edit:", on_change="rerun")
    if box.open:
        with box:
            forms.draw(
                f"rename_{session.actor.employee_id}",
                [forms.Field("name", "My name", required=True)],
                partial(rename_oneself, session),
                done="Your name is changed",
                row={"name": session.actor.name},
            )
