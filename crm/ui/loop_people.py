"""Everyone who raised what an action changes: told by name, one by one or all at once, with the words that were used."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from crm.commands.ideas import answer_idea
from crm.commands.loop import NAME, Told, tell
from crm.queries import loop
from crm.store.session import Session
from crm.ui import dialogs, forms, taking, words
from crm.ui.forms import Field
from crm.ui.places import PROFILE
from crm.ui.session import current

Row = dict[str, Any]
SINCE = "Since the last change of this theme, at most a year back: who spoke of it before is not written to any more."
FIRST, CHANNELS, EXCERPT = 6, ("email", "call", "meeting", "visit", "note"), 140


def draw(session: Session, action: Row) -> None:
    """Who raised it, those who wait first; a way to tell one, and a way to tell all."""
    key = action["action_id"]
    rows = loop.raised_by(session, key)
    if action["idea_id"]:
        _author(session, action)
        if not rows:
            return
    waiting = [row for row in rows if not row["told_at"]]
    mine = [row for row in waiting if row["may_tell"]]
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"**{words.plain(_count(session, action, rows, waiting))}**", help=SINCE if action["since_at"] else None)
        with st.container(horizontal=True, width="content", gap="small"):
            if rows:
                taking.offer(f"loop_people_{key}", f"Who raised {action['name']}"[:80], partial(_list, action_id=key))
            if mine:
                every = ("loop_tell", _tell, action, None, "everyone who raised it and was not told yet")
                label = f"Tell all {len(mine):,}"
                st.button(label, key=f"loop_tell_all_{key}", type="primary", on_click=dialogs.asked, args=every)
    shown = st.session_state.get(f"loop_shown_{key}", FIRST)
    for row in rows[:shown]:
        _person(session, action, row)
    if len(rows) > shown:
        more = partial(st.session_state.update, {f"loop_shown_{key}": shown + 30})
        st.button(f"Show more of {len(rows):,}", key=f"loop_more_{key}", type="tertiary", on_click=more)


def _author(session: Session, action: Row) -> None:
    """Whose idea it was: told by its answer, which everybody reads, also who stays unknown."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"loop_author_{action['action_id']}"):
        st.markdown(f"**{words.plain(action['author_name'] or 'Somebody without a name')}** had the idea", width="content")
        if action["idea_state"] == "done":
            st.badge(f"told {action['idea_answered_on']:%d %b}", icon=":material/check:", color="green")
        elif session.may("leader"):
            asked = ("loop_answer", _answer, action)
            st.button("Tell them", key=f"loop_answer_{action['action_id']}", type="primary", on_click=dialogs.asked, args=asked)
        else:
            st.caption("Leadership tells them", width="content")


@dialogs.dialog("Tell who had the idea")
def _answer(action: Row) -> None:
    st.markdown(f"> {words.plain(words.shortened(action['origin_text'], EXCERPT))}")
    default = f"It is done: {(action['changed_note'] or action['name']).rstrip('.')}. Thank you for saying so."
    asked = [Field("answer", "In words, for everybody to read", "area", required=True, default=default)]
    save = partial(answer_idea, current(), action["idea_id"], version=action["idea_version"], state="done")
    forms.draw("loop_answer", asked, save, done="Answered", label="They were told")
    st.caption("It stands under Our team, as the answer to the idea.")


def _count(session: Session, action: Row, rows: list[Row], waiting: list[Row]) -> str:
    since = f" since {session.local(action['since_at']):%b %Y}" if action["since_at"] else ""
    if not rows:
        return f"Nobody with a name raised it{since}"
    return f"{words.count(len(rows), 'person')} raised it{since}; {len(rows) - len(waiting):,} told"


def _person(session: Session, action: Row, row: Row) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"loop_person_{row['person_id']}"):
        with st.container(gap=None, width="stretch"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                query = {"customer": str(row["customer_id"])}
                st.page_link(PROFILE, label=words.plain(_called(row)), query_params=query, width="content")
                if row["consent"] == "withdrawn":
                    st.badge("no mailings", color="orange", help="They withdrew their consent to newsletters.")
                if len(row["feedback_ids"]) > 1:
                    st.caption(f"{len(row['feedback_ids'])} times", width="content")
            if row["told_at"]:
                st.badge(f"told {session.local(row['told_at']):%d %b}", icon=":material/check:", color="green")
            else:
                st.caption(words.plain(_said(row)))
        if row["told_at"]:
            return
        if not row["may_tell"]:
            st.caption(words.plain(f"{row['owner_name']} tells them"), width="content")
        else:
            one = ("loop_tell", _tell, action, row["feedback_ids"], _called(row))
            key = f"loop_tell_{action['action_id']}_{row['person_id']}"
            st.button("Tell", key=key, on_click=dialogs.asked, args=one)


def _called(row: Row) -> str:
    names = [row["contact_name"], row["customer_name"]]
    return " · ".join(dict.fromkeys(name for name in names if name))


def _said(row: Row) -> str:
    return f"“{words.shortened(row['text'] or '', EXCERPT)}”"


@dialogs.dialog("Tell them what changed")
def _tell(action: Row, feedback_ids: Any, who: str) -> None:
    session = current()
    st.markdown(f"To **{words.plain(who)}**")
    asked = [
        Field("words", "The words", "area", default=_words(action), help=f"{NAME} stands for the first name of each."),
        Field("channel", "By", "choice", CHANNELS, required=True, default="email"),
    ]
    save = partial(tell, session, action["action_id"], feedback_ids)
    forms.draw("loop_tell", asked, save, done=_done, label="They were told")
    st.caption("Nothing is sent: write or say it yourself, then mark it here. It stands on the timeline of each.")


def _done(told: Told) -> str:
    return "1 person was told" if told.people == 1 else f"{told.people:,} people were told"


def _words(action: Row) -> str:
    """What could be said, to begin with."""
    changed = action["changed_note"] or action["name"]
    return f"Dear {NAME}, you told us about this, and we have changed it: {changed.rstrip('.')}. Thank you for saying so."


def _list(session: Session, action_id: Any) -> pd.DataFrame:
    """Everyone who raised it, as a list for a mail merge."""
    rows = loop.raised_by(session, action_id)
    names = ("contact_name", "customer_name", "email", "consent", "text", "received_at", "told_at", "owner_name")
    return pd.DataFrame([{name: row[name] for name in names} for row in rows], columns=list(names))
