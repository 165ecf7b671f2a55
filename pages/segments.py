"""Groups of customers under a name: what rule or list each is, how many are in it now, and the way to build one."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from crm.commands.segments import archive_segment, duplicate_segment, list_from, refresh_list
from crm.errors import CrmError
from crm.queries import segments
from crm.queries.conditions import parsed
from crm.ui import cards, flash, segment_builder, segment_rows, start, words
from crm.ui.header import header
from crm.ui.keys import OPEN
from crm.ui.places import CUSTOMERS, SEGMENTS
from crm.ui.session import cached, current

DUPLICATE, FREEZE, REFRESH, ARCHIVE = "Duplicate", "Keep as a list", "Refresh", "Archive"


def line(row: dict[str, Any]) -> None:
    """One segment: its name, what it is in words, how many; open it, or do one of the rarer things."""
    session = current()
    key = row["segment_id"]
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(gap=None):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"**{words.plain(row['name'])}**", width="content")
                st.badge(row["kind"], color="blue" if row["kind"] == "rule" else "gray")
            st.caption(words.plain(" · ".join(filter(None, [segments.words(session, row), row["note"], owner(row)]))))
            for problem in segments.problems(session, parsed(row["rule"])):
                st.caption(f":material/warning: {words.plain(problem)}")
        with st.container(horizontal=True, vertical_alignment="center", width="content", gap="small"):
            number = cached(session, segments.count_of, segments.NOUNS, key)
            shown = words.count(number, "customer")
            st.page_link(CUSTOMERS, label=shown, icon=":material/groups:", query_params={"segment": row["name"]})
            st.page_link(SEGMENTS, label="Open", icon=":material/edit:", query_params={OPEN: str(key)})
            menu(row)


def owner(row: dict[str, Any]) -> str | None:
    """Whose it is, where it is somebody else's."""
    theirs = row["owner_id"] and row["owner_id"] != current().actor.employee_id
    return f"by {row['owner_name']}" if theirs else None


def menu(row: dict[str, Any]) -> None:
    """What else can be done with a segment."""
    taken = row["kind"] == "list" and row["rule"]
    mine = segment_builder.may_change(row)
    ways = {DUPLICATE: True, FREEZE: row["kind"] == "rule", REFRESH: taken and mine, ARCHIVE: mine}
    options = [way for way, is_there in ways.items() if is_there]
    key = f"more_{row['segment_id']}"
    chosen = partial(act, row, key)
    st.menu_button("", options, key=key, icon=":material/more_horiz:", type="tertiary", help="More", on_click=chosen)


def act(row: dict[str, Any], key: str) -> None:
    """Do what was chosen from the menu."""
    session, segment_id = current(), row["segment_id"]
    ways: dict[str, tuple[Any, str]] = {
        DUPLICATE: (partial(duplicate_segment, session, segment_id), "Duplicated"),
        FREEZE: (partial(list_from, session, segment_id), "Kept as a list"),
        REFRESH: (partial(refresh_list, session, segment_id), "The list is as its rule says now"),
        ARCHIVE: (partial(archive_segment, session, segment_id, version=row["version"]), f"{row['name']} is archived"),
    }
    if st.session_state[key] in ways:
        flash.attempt("flash", *ways[st.session_state[key]])


def every() -> None:
    """All segments, one's own first."""
    found = segments.every(current())
    for row in found:
        line(row)
    if not found:
        with cards.empty("filter_list", "No segment yet. Say who belongs together, and use it as a filter everywhere."):
            st.page_link(SEGMENTS, label="Build the first", icon=":material/add:", query_params={OPEN: segment_builder.NEW})


def opened(asked: str) -> dict[str, Any] | None:
    """The segment that the address names, if it is in use."""
    if not cards.is_key(asked):
        return None
    try:
        found = segments.one(current(), asked)
    except CrmError:
        return None
    return None if found["archived_at"] else found


asked = st.query_params.get(OPEN)
if asked is None:
    segment_rows.forget()
    with header("Segments"):
        st.page_link(CUSTOMERS, label="Customers", icon=":material/chevron_left:")
        new = {OPEN: segment_builder.NEW}
        st.page_link(SEGMENTS, label="New segment", icon=":material/add:", query_params=new)
    if start.is_empty(current()):
        start.ways_in()
    else:
        every()
    st.stop()
kept = opened(asked)
with header(kept["name"] if kept else "New segment"):
    st.page_link(SEGMENTS, label="Segments", icon=":material/chevron_left:")
    if kept:
        st.page_link(CUSTOMERS, label="On Customers", icon=":material/groups:", query_params={"segment": kept["name"]})
if asked != segment_builder.NEW and not kept:
    cards.empty("filter_list_off", "This segment is not here. It may have been archived; History brings it back.")
elif kept and kept["kind"] == "list":
    segment_builder.listed(kept)
else:
    segment_builder.rule(kept)
