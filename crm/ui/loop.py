"""The loop of a theme on the screen: what we change, that it is changed, who is told, who is asked again, whether it helped."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Literal
from uuid import UUID

import streamlit as st

from crm.commands import loop as act
from crm.queries import loop
from crm.store.session import Session
from crm.ui import dialogs, fields, flash, forms, loop_after, loop_people, phone, words
from crm.ui.forms import Field
from crm.ui.session import cached, current

Row = dict[str, Any]
ORIGIN = 100
TITLE, ANCHOR = "What we do about it", "loop"
STEPS = ("heard", "owned", "changed", "told", "asked again")
NOTE = Field("note", "What is different now", "area", help="It is what people are told.", placeholder="It comes the same day")
NOTHING = "Heard. Nobody has it yet: say what we change, who does it and by when, and everyone who raised it can be told."


def way(session: Session, theme: Mapping[str, Any]) -> None:
    """How far it is, and the way down to it: on a phone the whole loop lies below all quotes."""
    rows = _actions(session, theme)
    _, narrow = phone.either("way_down")
    narrow.markdown(f"[{TITLE}](#{ANCHOR}): {words.plain(rows[0]['state'] if rows else loop.NOBODY)}")


def panel(session: Session, theme: Mapping[str, Any]) -> None:
    """The whole loop of one theme: its latest action with what is to do next, and those of before."""
    rows = _actions(session, theme)
    with st.container(border=True, key=f"loop_{theme['theme_id']}"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader(TITLE, anchor=ANCHOR)
            if not rows or rows[0]["changed_on"]:
                _start_button(theme, is_first=not rows)
        if not rows:
            st.caption(NOTHING)
            return
        draw(session, rows[0])
        if rows[1:]:
            with st.expander(f"Before that ({len(rows) - 1})", key=f"loop_earlier_{theme['theme_id']}"):
                for row in rows[1:]:
                    st.markdown(f"**{words.plain(row['name'])}** · {words.plain(row['state'])}")
                    st.caption(words.plain(_facts(session, row)))


def _actions(session: Session, theme: Mapping[str, Any]) -> list[Row]:
    found: list[Row] = cached(session, loop.actions_of, loop.NOUNS, str(theme["theme_id"]))
    return found


def draw(session: Session, row: Row, *, with_origin: bool = True) -> None:
    """One action, as far as it is, and what is to do next; with what it came from, where that does not stand beside it."""
    _track(row)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(gap=None, width="stretch"):
            st.markdown(f"**{words.plain(row['name'])}**")
            st.caption(words.plain(_facts(session, row)))
            if with_origin and row["origin_text"]:
                st.caption(words.plain(origin(row)))
        buttons(session, row)
    if row["changed_on"]:
        loop_people.draw(session, row)
    if row["told_at"]:
        loop_after.draw(session, row)


def beside(session: Session, action_id: UUID) -> None:
    """An action where it came from, under a finding or an idea: how far it is, who is told, and what is to do next."""
    row = loop.action(session, action_id)
    if row is not None:
        draw(session, row, with_origin=False)


def origin(row: Mapping[str, Any]) -> str:
    """What an action came from, in words; blank for one that began with its theme.

    >>> origin({"focus_group_name": None, "idea_id": 1, "author_name": None, "origin_text": "Let us call back"})
    'From somebody without a name: “Let us call back”'
    """
    if not row["origin_text"]:
        return ""
    who = f"focus group {row['focus_group_name']}" if not row["idea_id"] else row["author_name"] or "somebody without a name"
    return f"From {who}: “{words.shortened(row['origin_text'], ORIGIN)}”"


def may_act(session: Session, row: Mapping[str, Any]) -> bool:
    """Members act on what is theirs or nobody's, managers on all."""
    return session.may("manager") or row["owner_id"] in (None, session.actor.employee_id)


def _track(row: Row) -> None:
    """The way through the loop as a row of badges: passed, and to come."""
    done = [True, bool(row["owner_id"]), bool(row["changed_on"]), row["told_count"] > 0, row["asked_count"] > 0]
    told = f"told {row['told_count']:,} of {row['raised_count']:,}" if row["changed_on"] and row["raised_count"] else "told"
    steps = STEPS[:-1] if row["idea_id"] else STEPS  # whoever had an idea is no customer
    labels = [told if step == "told" else step for step in steps]
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"loop_track_{row['action_id']}"):
        for label, is_done in zip(labels, done, strict=False):
            st.badge(label, icon=":material/check:" if is_done else None, color="green" if is_done else "gray")
        if row["asked_count"] and row["state"] != loop.ASKED:
            st.badge(row["state"], color={"helped": "green", "got worse": "red"}.get(row["state"], "gray"))  # type: ignore[arg-type]


def _facts(session: Session, row: Row) -> str:
    owner = row["owner_name"] or "nobody’s"
    if not row["changed_on"]:
        due = words.due(row["due_on"], session.today) if row["due_on"] else "no date"
        return f"{owner} · {due}" + (f" · {words.count(row['raised_count'], 'person')} raised it" if row["raised_count"] else "")
    note = f" · {row['changed_note']}" if row["changed_note"] else ""
    return f"{owner} · changed {row['changed_on']:%d %b %Y}{note}"


def buttons(session: Session, row: Row, kind: Literal["primary", "secondary"] = "primary") -> None:
    """What its owner does next; nothing for others."""
    if not may_act(session, row):
        return
    key = row["action_id"]
    with st.container(horizontal=True, width="content", gap="small"):
        changed, edit = ("loop_changed", _changed, row), ("loop_edit", _edit, row)
        if not row["changed_on"]:
            st.button("It is changed", key=f"loop_changed_{key}", type=kind, on_click=dialogs.asked, args=changed)
        st.button("Edit", key=f"loop_edit_{key}", type="tertiary", icon=":material/edit:", on_click=dialogs.asked, args=edit)


def _start_button(theme: Mapping[str, Any], *, is_first: bool) -> None:
    label = "Start an action" if is_first else "Start another"
    kind: Literal["primary", "tertiary"] = "primary" if is_first else "tertiary"
    key, start = f"loop_start_{theme['theme_id']}", ("loop_start", _start, theme)
    st.button(label, key=key, type=kind, icon=":material/add:", on_click=dialogs.asked, args=start)


@dialogs.dialog("What we change")
def _start(theme: Mapping[str, Any]) -> None:
    session = current()
    st.caption(f"About **{words.plain(theme['name'])}**")
    save = partial(act.start_action, session, theme_id=theme["theme_id"])
    forms.draw("loop_start", action_fields(session), save, done="Started", label="Start")


def action_fields(session: Session) -> list[Field]:
    """What an action says; members keep it or leave it to nobody."""
    people = fields.people(session)
    if not session.may("manager"):
        people = {key: name for key, name in people.items() if key == session.actor.employee_id}
    return [
        Field("name", "What we change", required=True, placeholder="A second carrier for the west"),
        Field("due_on", "By when", "day"),
        Field("owner_id", "Who does it", "choice", people, default=session.actor.employee_id),
    ]


@dialogs.dialog("It is changed")
def _changed(row: Row) -> None:
    session = current()
    st.markdown(f"**{words.plain(row['name'])}**")
    asked = [Field("on", "Since", "day", default=session.today), NOTE]
    save = partial(act.mark_changed, session, row["action_id"])
    done = "Changed: now tell them" if row["raised_count"] else "Changed"
    forms.draw("loop_changed", asked, save, done=done, label="Changed")


@dialogs.dialog("Action")
def _edit(row: Row) -> None:
    session = current()
    asked = action_fields(session)
    if row["changed_on"]:
        asked += [Field("changed_on", "Changed on", "day"), Field("changed_note", "What is different now", "area")]
    forms.draw("loop_edit", asked, partial(act.edit_action, session, row["action_id"]), done="Saved", row=row)
    put_aside = partial(act.archive_action, session, row["action_id"], version=row["version"])
    st.button("Archive", key="loop_archive", on_click=partial(flash.attempt, "flash", put_aside, "Put aside"))
