"""The foot of the sidebar: who is at the page, switched here where there is no sign-in, and the day the data is seen from."""

from __future__ import annotations

import streamlit as st

from crm.queries import employees
from crm.ui import keys, words
from crm.ui.session import current


def draw() -> None:
    """Draw the person and the day."""
    session = current()
    people = {row["employee_id"]: row for row in employees.active(session)}
    with st.sidebar:
        st.space("stretch")
        if session.actor.employee_id in people:
            st.session_state.setdefault(keys.ACTOR, session.actor.employee_id)
            st.selectbox(
                "You are",
                list(people),
                format_func=lambda key: f"{people[key]['name']} · {people[key]['role']}",
                key=keys.ACTOR,
                help="Without a sign-in this app serves this computer only, and anyone here may act as anyone.",
            )
        st.caption(f"{words.plain(session.settings['company_name'])} · as of {session.today:%d %b %Y}")
