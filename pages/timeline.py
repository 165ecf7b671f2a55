"""What happened, with all customers: by owner, team, kind, campaign and day; older on demand."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.queries import employees, interactions, shown, timeline
from crm.ui import cards, entries, taking, words
from crm.ui.filters import ALL, named_segments, popover
from crm.ui.header import header
from crm.ui.places import ADD
from crm.ui.session import cached, current

PAGE = 50


def filters() -> dict[str, Any]:
    """Whose and which, in the address; the badge counts what is set."""
    session = current()
    people = {row["name"]: row["employee_id"] for row in employees.active(session)}
    teams = {row["name"]: row["team_id"] for row in employees.teams(session)}
    campaigns = cached(session, interactions.campaigns, ("interactions",))
    groups = named_segments(session)
    with popover(("kind", "owner", "team", "segment", "campaign")):
        kind = st.selectbox("Kind", [ALL, *entries.KINDS], format_func=words.label, key="kind", bind="query-params")
        owner = st.selectbox("Owner", [ALL, *people], key="owner", bind="query-params")
        team = st.selectbox("Team", [ALL, *teams], key="team", bind="query-params")
        segment = st.selectbox("Segment", [ALL, *groups], key="segment", bind="query-params")
        campaign = st.selectbox("Campaign", [ALL, *campaigns], key="campaign", bind="query-params")
        days = st.date_input("Days", [], key="days", format="YYYY-MM-DD", help="The first and the last day; blank: until today.")
    return {
        "kinds": entries.KINDS.get(kind),
        "owner": people.get(owner),
        "team": teams.get(team),
        "segment": groups.get(segment),
        "campaign": None if campaign == ALL else campaign,
        "first": days[0] if days else None,
        "last": days[1] if len(days) > 1 else None,
    }


def older(many: int) -> None:
    """Show another page below."""
    st.session_state["timeline_shown"] = many + PAGE


@st.fragment
def story(chosen: dict[str, Any]) -> None:
    """The entries, latest first, day by day."""
    session = current()
    many = st.session_state.get("timeline_shown", PAGE)
    found = timeline.of_everyone(session, **chosen, limit=many + 1)
    if found:
        with st.container(horizontal=True, horizontal_alignment="right"):
            taking.offer("timeline", "Timeline", lambda asking: shown.of_timeline(asking, **chosen))
    entries.draw(session, found[:many], with_customer=True)
    if not found:
        with cards.empty("history", "Nothing happened here yet, or nothing that fits the filter."):
            st.page_link(ADD, label="Log the first interaction", icon=":material/add:", query_params={"kind": "Interaction"})
    if len(found) > many:
        st.button("Older", key="older", on_click=older, args=(many,))


with header("Timeline"):
    chosen = filters()
story(chosen)
