"""Focus groups: plan one, draw its panel, take notes while people talk, and make something of what was found."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import streamlit as st

from crm.commands import focus_groups as plan
from crm.commands.focus_report import focus_report
from crm.errors import Refused
from crm.queries import employees, focus_groups, panels, segments
from crm.store.session import Session
from crm.ui import cards, dialogs, flash, focusfindings, focuspanel, focussession, forms, words
from crm.ui.forms import Field
from crm.ui.session import current

Row = dict[str, Any]
PARAMETER = "focus"
STEPS = {"Panel": focuspanel.draw, "Session": focussession.draw, "Findings": focusfindings.draw}
AGAIN = "The same guide, segment and mixture, for other people on another day."
MIXED_BY = ("region", "lifecycle_stage")


def draw(session: Session) -> None:
    """The one that the address names, else all of them."""
    key = st.query_params.get(PARAMETER)
    try:
        group = focus_groups.one(session, key) if key and cards.is_key(key) else None
    except Refused:
        group = None
    if group:
        _one(session, group)
    else:
        _all(session)


def _all(session: Session) -> None:
    rows = focus_groups.every(session)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption("A few customers, asked in one session: for the why behind the figures.")
        if st.button("Plan a focus group", key="plan_focus", icon=":material/add:", type="primary"):
            forms.clear("plan_focus_form")
            _plan()
    if not rows:
        cards.empty("groups", "No focus group yet. Plan one: a purpose, a segment, a guide of a few questions.", key="no_focus")
    with st.grid(3, min_column_width=280):
        for row in rows:
            _card(session, row)


def _card(session: Session, row: Row) -> None:
    with st.container(border=True, height="stretch", gap="small", key=f"focus_{row['focus_group_id']}"):
        st.markdown(f"**{words.plain(row['name'])}**")
        st.caption(words.plain(facts(session, row)))
        if row["purpose"]:
            st.text(row["purpose"])
        parts = [
            f"{row['participants']} on the panel",
            f"{row['present']} came",
            words.count(row["quotes"], "quote"),
            words.count(row["findings"], "finding"),
        ]
        st.caption(" · ".join(parts))
        st.button("Open", key=f"open_focus_{row['focus_group_id']}", on_click=_go, args=(row["focus_group_id"],))


def facts(session: Session, row: Row) -> str:
    """When, where, of whom, led by whom."""
    held = row["held_at"]
    when = f"{session.local(held):%d %b %Y, %H:%M}" if held else "No day yet"
    return " · ".join(
        filter(
            None,
            [
                when,
                row["place"],
                f"from {row['segment_name'] or 'all customers'}",
                row["owner_name"] and f"led by {row['owner_name']}",
            ],
        )
    )


def _go(key: Any) -> None:
    if key:
        st.query_params[PARAMETER] = str(key)
    else:
        st.query_params.pop(PARAMETER, None)


def _one(session: Session, group: Row) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            st.button("All", key="focus_all", icon=":material/chevron_left:", type="tertiary", on_click=_go, args=(None,))
            st.subheader(words.plain(group["name"]), anchor=False, width="content")
        with st.container(horizontal=True, width="content"):
            if st.button("Edit", key="edit_focus", icon=":material/edit:", type="tertiary"):
                forms.clear("edit_focus_form")
                _edit(group)
            if st.button("Plan another", key="plan_again", icon=":material/content_copy:", type="tertiary", help=AGAIN):
                forms.clear("plan_focus_form")
                _plan(_as_planned(session, group))
            _report(session, group)
            archive = partial(plan.archive_focus_group, session, group["focus_group_id"], version=group["version"])
            put = partial(flash.attempt, "flash", archive, "Put aside")
            st.button("Archive", key="archive_focus", icon=":material/archive:", type="tertiary", on_click=put)
    st.caption(words.plain(facts(session, group)))
    if group["purpose"]:
        st.text(group["purpose"])
    default = "Findings" if group["findings"] else "Session" if group["quotes"] or group["present"] else "Panel"
    step = st.segmented_control(
        "Step",
        list(STEPS),
        default=default,
        required=True,
        key=f"focus_step_{group['focus_group_id']}",
        label_visibility="collapsed",
    )
    STEPS[step](session, group)


def _fields(session: Session) -> list[Field]:
    named = {row["segment_id"]: row["name"] for row in segments.every(session)}
    people = {row["employee_id"]: row["name"] for row in employees.active(session)}
    mixed = panels.attributes(session)
    default = [key for key in MIXED_BY if key in mixed]
    return [
        Field("name", "Name", required=True, placeholder="What delivery means to shops"),
        Field("purpose", "What should it find out?", "area"),
        Field("segment_id", "Of whom", "choice", named, placeholder="All customers"),
        Field("size", "How many to invite", "number", default=plan.SIZE),
        Field("strata", "As mixed as the segment by", "several", mixed, default=default),
        Field("guide", "Guide: a question a line", "area", placeholder="How do you order today?\nWhat hinders you?"),
        Field("held_at", "When", "moment"),
        Field("place", "Where"),
        Field("owner_id", "Led by", "choice", people, default=session.actor.employee_id, more=True),
        Field("cooldown_days", "Not who was on a panel in the last … days", "number", default=panels.COOLDOWN_DAYS, more=True),
        Field("asks_unknown", "Also ask who never said yes or no to being written to", "flag", more=True),
    ]


def _report(session: Session, group: Row) -> None:
    """All of it as one page, once there is something to read."""
    if group["present"] or group["quotes"] or group["findings"]:
        st.download_button(
            "Report",
            data=partial(_page, session, group["focus_group_id"]),
            file_name=f"{group['name'][:80]}.html",
            mime="text/html",
            key="focus_report",
            on_click="ignore",
            type="tertiary",
            icon=":material/download:",
            help="Who came, what was said to each question, and what was found: one page that prints.",
        )


def _page(session: Session, focus_group_id: Any) -> bytes:
    """Runs beside the page when the button is pressed."""
    return focus_report(Session(session.database, session.actor), focus_group_id)


def _as_planned(session: Session, group: Row) -> Row:
    """What stands in the form of a plan."""
    guide = "\n".join(row["text"] for row in focus_groups.questions(session, group["focus_group_id"]))
    return group | {"guide": guide, "strata": json.loads(group["strata"]) if group["strata"] else []}


@dialogs.dialog("Plan a focus group", width="large")
def _plan(like: Row | None = None) -> None:
    """From nothing, or with the guide and the people of one before; its name and day are new."""
    session = current()
    row = like and {name: like[name] for name in like if name not in ("version", "name", "held_at")}

    def save(**typed: Any) -> Any:
        saved = plan.add_focus_group(session, **typed)
        _go(saved.key)
        return saved

    forms.draw("plan_focus_form", _fields(session), save, done="Planned. Draw the panel next", label="Plan", row=row)


@dialogs.dialog("Edit focus group", width="large")
def _edit(group: Row) -> None:
    session = current()
    save = partial(plan.edit_focus_group, session, group["focus_group_id"])
    forms.draw("edit_focus_form", _fields(session), save, done="Saved", row=_as_planned(session, group))
