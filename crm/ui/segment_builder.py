"""One segment on the screen: its rule as rows with the count and the sentence beside them, or its list; and who is in it."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from crm.commands.segments import add_segment, edit_segment, put_on_list, take_off_list
from crm.errors import Conflict, CrmError
from crm.queries import customers, segments
from crm.queries.conditions import Group, parsed
from crm.ui import cards, flash, keys, pickers, segment_rows, tables, words
from crm.ui.forms import Field
from crm.ui.places import PROFILE, SEGMENTS
from crm.ui.session import cached, current

NEW = "new"
SHOWN = 50
FORM = "segment"


@st.fragment
def rule(kept: dict[str, Any] | None) -> None:
    """Build or change a rule: rows on the left; how many fit, in words and by name, on the right."""
    flash.pass_on()
    session = current()
    if kept:
        segment_rows.begin(str(kept["segment_id"]), parsed(kept["rule"]), kept["version"])
    else:
        segment_rows.begin(NEW, Group())
    left, right = st.columns([5, 2], gap="medium")
    with left:
        drafted = segment_rows.draw(session)
    with right:
        found = _fitting(drafted)
        _save(kept, drafted)
        segment_rows.drawn()
        if found:
            _people(found, "fitting")


def _save(kept: dict[str, Any] | None, drafted: Group) -> None:
    """The name, what it is for, and the one button; kept in this run, so that what was typed last is in it."""
    if kept and not may_change(kept):
        st.caption(words.plain(f"It is {kept['owner_name']}'s: duplicate it to change it, or ask them or a manager."))
        return
    with st.container(border=True):
        name, note = _named(kept)
        flash.problem(FORM)
        if st.button("Save", key="save_segment", type="primary"):
            saved = flash.attempt(FORM, partial(_kept, kept, name, note, drafted), "Segment saved")
            if saved:
                segment_rows.forget()
                st.switch_page(SEGMENTS, query_params={keys.OPEN: str(saved.key)})
            st.rerun()


def _kept(kept: dict[str, Any] | None, name: str, note: str, drafted: Group) -> Any:
    if kept is None:
        return add_segment(current(), name=name, note=note, rule=drafted)
    return _edited(kept, name=name, note=note, rule=drafted)


def _edited(kept: dict[str, Any], **fields: Any) -> Any:
    """Save over the version that was read when the draft began; once told of another's, the next save may replace it."""
    draft = st.session_state[segment_rows.DRAFT]
    try:
        return edit_segment(current(), kept["segment_id"], version=draft["version"], **fields)
    except Conflict:
        draft["version"] = None
        raise


def may_change(row: dict[str, Any]) -> bool:
    """Whether this person may change a segment: their own, nobody's, or as a manager any; what is offered, not what protects."""
    session = current()
    return session.may("manager") or row["owner_id"] in (None, session.actor.employee_id)


def _named(kept: dict[str, Any] | None) -> tuple[str, str]:
    for field in ("name", "note"):
        st.session_state.setdefault(f"seg.{field}", (kept or {}).get(field) or "")
    name = st.text_input("Name *", key="seg.name", max_chars=200, placeholder="What you call them")
    note = st.text_input("Note", key="seg.note", max_chars=300, placeholder="What it is for")
    return name, note


def _fitting(drafted: Group) -> list[dict[str, Any]]:
    """How many customers fit what stands in the rows now; gives the first of them."""
    session = current()
    try:
        number = cached(session, segments.count, segments.NOUNS, drafted)
        first = cached(session, segments.first, segments.NOUNS, drafted, SHOWN)
    except CrmError as error:
        st.error(words.plain(error.message), icon=":material/error:")
        return []
    with st.container(border=True, key="segment_count"):
        st.metric("Customers", f"{number:,}", help="Counted while you build")
        st.markdown(words.plain(segments.sentence(session, drafted)))
        for problem in segments.problems(session, drafted):
            st.caption(f":material/warning: {words.plain(problem)}")
    return first


def _people(found: list[dict[str, Any]], key: str) -> None:
    """Who is in it, the first ones by name; a click opens the profile."""
    tables.draw_opening(pd.DataFrame(found), key=key, alt="Who is in it")


@st.fragment
def listed(kept: dict[str, Any]) -> None:
    """A list: its name, who is on it, and the ways on and off."""
    flash.pass_on()
    session, key = current(), kept["segment_id"]
    segment_rows.begin(str(key), Group(), kept["version"])
    left, right = st.columns([5, 2], gap="medium")
    with left:
        page = customers.page(session, segment=key, limit=SHOWN)
        st.subheader(words.count(page.total, "customer"), anchor=False)
        _members(kept, page.rows, page.total)
    with right, st.container(border=True):
        st.caption(words.plain(segments.words(session, kept)))
        if not may_change(kept):
            st.caption(words.plain(f"It is {kept['owner_name']}'s: duplicate it to change it, or ask them or a manager."))
            return
        name, note = _named(kept)
        segment_rows.drawn()
        flash.problem(FORM)
        if st.button("Save", key="save_segment", type="primary"):
            if flash.attempt(FORM, partial(_edited, kept, name=name, note=note), "Segment saved"):
                segment_rows.forget()
            st.rerun()
        _putting_on(key)


def _members(kept: dict[str, Any], rows: list[dict[str, Any]], number: int) -> None:
    if not rows:
        cards.empty("group_off", "Nobody is on this list yet. Tick customers on their page, or name one here.", key="nobody")
        return
    columns = {"customer_id": "customer_id", "customer": "name", "owner": "owner_name"}
    shown = pd.DataFrame([{name: row[column] for name, column in columns.items()} for row in rows])
    if not may_change(kept):
        tables.draw_opening(shown, key="members", alt="Who is on it")
        return
    both = ["multi-row", "single-cell"]
    picked = tables.draw(shown, key="members", alt="Who is on it", on_select="rerun", selection_mode=both)
    if cells := picked["selection"]["cells"]:
        st.switch_page(PROFILE, query_params={"customer": str(rows[cells[0][0]]["customer_id"])})
    ticked = [rows[place]["customer_id"] for place in picked["selection"]["rows"]]
    take = partial(flash.attempt, FORM, partial(take_off_list, current(), kept["segment_id"], ticked), "Taken off the list")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Take off", key="take_off", icon=":material/person_remove:", disabled=not ticked, on_click=take)
        if number > len(rows):
            st.caption(f"The first {len(rows)} of {number:,}, by name: take some off, or look on Customers.")


def _putting_on(key: UUID) -> None:
    pickers.customer("Put on", "seg.put_on", Field("customer_id", "Put on"))
    chosen = st.session_state.get("seg.put_on")
    if chosen and flash.attempt(FORM, partial(put_on_list, current(), [chosen], segment_id=key), "Put on the list"):
        st.session_state.pop("seg.put_on")
        st.rerun()
