"""Complaints on the screen: those that wait for me, and on a profile what they told us and what became of it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import streamlit as st

from crm.commands.checks import Saved
from crm.commands.feedback import edit_feedback
from crm.commands.loop import answer_feedback
from crm.queries import choices, complaints, loop
from crm.store.session import Session
from crm.ui import dialogs, edits, flash, forms, words
from crm.ui import loop as loop_parts
from crm.ui.forms import Field
from crm.ui.places import FEEDBACK, PROFILE
from crm.ui.session import cached, current

Row = dict[str, Any]
LATER = {"Tomorrow": 1, "In three days": 3, "Next week": 7}
EDIT = "Edit, hand over"
KEPT = "{name} stands for their first name. It is kept on their timeline; nothing is sent."
ANSWER = [
    Field("words", "What you told them", "area", help=KEPT),
    Field("channel", "By", "choice", ("email", "call", "meeting", "visit", "note"), required=True, default="email"),
]
SHOWN, MORE, TOLD_US, EXCERPT, SHORT = 4, 10, 6, 160, 90
COLORS: dict[str, Any] = {"complaint": "red", "compliment": "green", "suggestion": "blue", "question": "orange"}


def waiting(session: Session, owner_id: UUID | None) -> None:
    """Complaints to answer, the most overdue first; nothing where none waits."""
    rows = cached(session, complaints.waiting, complaints.NOUNS, owner_id)
    if not rows:
        return
    with st.container(border=True, key="complaints"):
        late = sum(row["due_on"] < session.today for row in rows)
        st.subheader("Complaints to answer", anchor=False)
        if late:
            st.caption(f"{words.count(late, 'complaint')} past the day they were due")
        many = st.session_state.get("complaints_shown", SHOWN)
        for row in rows[:many]:
            _waiting(session, row, with_owner=owner_id is None)
        if len(rows) > many:
            show = partial(st.session_state.update, complaints_shown=many + MORE)
            st.button(f"{len(rows) - many} more", key="complaints_more", type="tertiary", on_click=show)


def changes(session: Session, owner_id: UUID | None) -> None:
    """What we promised ourselves to change, the earliest due first; nothing where nothing is under way."""
    rows = cached(session, loop.of_owner, loop.NOUNS, owner_id)
    if not rows:
        return
    with st.container(border=True, key="changes"):
        st.subheader("Changes under way", anchor=False)
        for row in rows[:SHOWN]:
            with st.container(gap=None, key=f"change_{row['action_id']}"):
                st.page_link(FEEDBACK, label=words.plain(row["name"]), query_params=_home(row))
                raised = words.count(row["raised_count"], "person")
                owner = "" if owner_id else f"{row['owner_name'] or 'nobody’s'} · "
                due = words.due(row["due_on"], session.today) if row["due_on"] else "no date"
                st.caption(words.plain(f"{owner}{due} · {raised} raised it" if row["raised_count"] else f"{owner}{due}"))
                if row["origin_text"]:
                    st.caption(words.plain(loop_parts.origin(row)))
                loop_parts.buttons(session, row, "secondary")


def _home(row: Row) -> dict[str, str]:
    """Where on Feedback an action stands: with its theme, the idea or the focus group that it came from."""
    if row["heir_id"]:
        return {"theme": str(row["heir_id"])}
    if row["focus_group_id"]:
        return {"feedback_tab": "Focus groups", "focus": str(row["focus_group_id"])}
    return {"feedback_tab": "Our team" if row["idea_id"] else "Themes"}


def _waiting(session: Session, row: Row, *, with_owner: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"complaint_{row['feedback_id']}"):
        with st.container(gap=None):
            st.markdown(words.plain(excerpt(row, SHORT)))
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.badge(words.due(row["due_on"], session.today), color="red" if row["due_on"] < session.today else "gray")
                if row["customer_name"]:
                    query = {"customer": str(row["customer_id"])}
                    st.page_link(PROFILE, label=words.plain(row["customer_name"]), query_params=query)
                if with_owner:
                    st.caption(words.plain(row["owner_name"] or "nobody’s"), width="content")
        if row["customer_id"]:
            answer_button(row)
        key = f"complaint_later_{row['feedback_id']}"
        st.menu_button(
            "",
            [*LATER, EDIT],
            key=key,
            icon=":material/more_horiz:",
            type="tertiary",
            on_click=_put_off,
            args=(row, key),
            help="Later, or edit and hand over",
        )


def _put_off(row: Row, key: str) -> None:
    chosen, session = st.session_state[key], current()
    if chosen == EDIT:
        edits.ask("feedback", row["feedback_id"])
    elif chosen:
        day = session.today + timedelta(days=LATER[chosen])
        flash.attempt("flash", partial(edit_feedback, session, row["feedback_id"], due_on=day), f"Answer due {day:%d %b}")


def answer_button(row: Row) -> None:
    """The way to say that they were told, and with which words."""
    asked = ("answer_feedback", _answer, row)
    st.button("Answer", key=f"answer_{row['feedback_id']}", on_click=dialogs.asked, args=asked)


@dialogs.dialog("What became of it")
def _answer(row: Row) -> None:
    st.markdown(f"> {words.plain(excerpt(row))}")
    save = partial(answer_feedback, current(), row["feedback_id"])
    forms.draw("answer_feedback", ANSWER, save, done="Kept: they were told", label="They were told")


def story(session: Session, customer: Row) -> None:
    """What a customer told us, and what became of it; nothing where they told us nothing."""
    rows = complaints.of_customer(session, customer["customer_id"], TOLD_US)
    if not rows:
        return
    theirs = session.may("manager") or customer["owner_id"] in (None, session.actor.employee_id)
    with st.expander(f"What they told us ({len(rows)}{'' if len(rows) < TOLD_US else ' latest'})", expanded=True, key="told_us"):
        for row in rows:
            with st.container(gap=None, key=f"told_us_{row['feedback_id']}"):
                said = words.plain(excerpt(row, SHORT))
                st.markdown(f":{COLORS.get(row['kind'], 'gray')}-badge[{words.label(row['kind'])}] {said}")
                with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                    st.caption(words.plain(became(session, row)))
                    may = theirs or row["owner_id"] == session.actor.employee_id
                    if may and not row["told_at"] and row["kind"] in choices.ANSWERED_KINDS:
                        answer_button(row)


def became(session: Session, row: Row) -> str:
    """What became of one piece of feedback, in words."""
    heard = f"heard {words.days_ago(session.local(row['received_at']), session.today)}"
    change = f"we change: {row['action_name']}" if row["action_name"] else ""
    if row["changed_on"]:
        change = f"changed {row['changed_on']:%d %b}: {row['action_name']}"
    return " · ".join(filter(None, [heard, change, duty(session, row, row["kind"])]))


def duty(session: Session, row: Row, kind: str) -> str:
    """When they were told, else who answers a complaint, and by when."""
    if row["told_at"]:
        return f"told {words.days_ago(session.local(row['told_at']), session.today)}"
    if kind != "complaint" or not row["owner_name"]:
        return ""
    return f"{row['owner_name']} answers it" + (f", {words.due(row['due_on'], session.today)}" if row["due_on"] else "")


def logged(what: str, saved: Saved) -> str:
    """What is said after something was logged: with a complaint in it, also who answers it by when."""
    row = complaints.of_interaction(current(), saved.key)
    return f"{what}. {row['owner_name'] or 'Nobody yet'} answers the complaint by {row['due_on']:%d %b}" if row else what


def excerpt(row: Row, most: int = EXCERPT) -> str:
    """The beginning of what they said, or their rating.

    >>> excerpt({"text": None, "rating": 3, "scale": "nps_0_10"}), excerpt({"text": "Late", "rating": None, "scale": None})
    ('rated 3 of 10', 'Late')
    """
    if not row["text"]:
        return f"rated {row['rating']} of {row['scale'].rpartition('_')[2]}"
    return words.shortened(row["text"], most)
