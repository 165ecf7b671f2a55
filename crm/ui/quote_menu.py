"""What a person can say about a quote: it is an example, it does not fit, its theme or tone is another, somebody is to answer."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

import streamlit as st

from crm.commands.themes import correct_sentiment, mark_comment
from crm.queries import themes, timeline
from crm.store.session import Session
from crm.ui import complaints, dialogs, edits, entries, flash, theme_change, words
from crm.ui.places import PROFILE
from crm.ui.session import current
from crm.ui.theme_head import EVERYTHING, UNASSIGNED

Row = dict[str, Any]
WHOLE = "quotes_whole"
PIN, NOT, BACK = "Pin as example", "Does not fit", "No longer an example"
ADD, AROUND, FULL = "Add another theme …", "What happened around it", "Read in full"
TONES = {"Tone: negative": "negative", "Tone: neutral": "neutral", "Tone: positive": "positive"}
AS_READ = "Tone: as it was read"
EITHER_SIDE = 8


def draw(row: Row, theme: str, *, is_cut: bool) -> None:
    """The menu of one quote."""
    key = f"say_{row['comment_id']}"
    options = [*_of_theme(row, theme), ADD, *_tones(row)]
    options += [complaints.EDIT] if row["corpus"] == "customers" else []
    options += [AROUND] if row["customer_id"] else []
    options = [FULL, *options] if is_cut else options
    st.menu_button(
        "",
        options,
        key=key,
        type="tertiary",
        icon=":material/more_horiz:",
        help="Correct it",
        on_click=_say,
        args=(row, theme, key),
    )


def _of_theme(row: Row, theme: str) -> list[str]:
    if theme in (UNASSIGNED, EVERYTHING):
        return []
    is_pinned = any(str(one["theme_id"]) == theme and one["found_by"] == "person" for one in row["themes"])
    return [BACK if is_pinned else PIN, NOT]


def _tones(row: Row) -> list[str]:
    others = [words_ for words_, tone in TONES.items() if tone != row["tone"]]
    return [*others, AS_READ] if row["read_by"] == "person" else others


def _say(row: Row, theme: str, key: str) -> None:
    said, session, comment = st.session_state[key], current(), row["comment_id"]
    if said in (PIN, NOT, BACK):
        fits = {PIN: True, NOT: False, BACK: None}[said]
        done = {PIN: "Pinned as an example", NOT: "It no longer counts here", BACK: "No longer an example"}[said]
        theme_change.attempt(partial(mark_comment, session, theme, comment, fits=fits), done)
    elif said in TONES or said == AS_READ:
        tone = TONES.get(said)
        done = f"Its tone is {tone} now" if tone else "Its tone is as it was read"
        theme_change.attempt(partial(correct_sentiment, session, comment, sentiment=tone), done)
    elif said == FULL:
        st.session_state[WHOLE] = {*st.session_state.get(WHOLE, ()), str(comment)}
    elif said == complaints.EDIT:
        edits.ask("feedback", comment)
    elif said == ADD:
        dialogs.asked("add_another", _add, row)
    elif said == AROUND:
        dialogs.asked("around", _around, row)


def is_whole(key: str) -> bool:
    """Whether somebody asked to read all of a long comment."""
    return key in st.session_state.get(WHOLE, ())


@dialogs.dialog("Add another theme")
def _add(row: Row) -> None:
    """A theme that this comment is about, too."""
    flash.pass_on()
    session = current()
    has = {one["theme_id"] for one in row["themes"]}
    offered = {one["theme_id"]: one["name"] for one in themes.every(session, row["corpus"]) if one["theme_id"] not in has}
    st.markdown(f"“{words.plain(words.cut(row['text'], 300))}”")
    if not offered:
        st.caption("There is no other theme yet. Add one on the tab Themes.")
        return
    named = offered.__getitem__
    chosen = st.selectbox("Theme", list(offered), format_func=named, key="another_theme", index=None, placeholder="Choose")
    flash.problem("add_another")
    st.button("Add", key="add_another", type="primary", disabled=chosen is None, on_click=_added, args=(row, offered))


def _added(row: Row, offered: dict[UUID, str]) -> None:
    theme = st.session_state["another_theme"]
    mark = partial(mark_comment, current(), theme, row["comment_id"], fits=True)
    theme_change.attempt(mark, f"It counts for {offered.get(theme)}, too", "add_another")


@dialogs.dialog("What happened around it", width="large", position="right")
def _around(row: Row) -> None:
    """The customer's timeline about that day, so that a sentence is read with what led to it."""
    session = current()
    st.page_link(PROFILE, label=f"Profile of {words.plain(row['customer'])}", query_params={"customer": str(row["customer_id"])})
    entries.draw(session, _near(session, row))


def _near(session: Session, row: Row) -> list[Row]:
    """The lines of the timeline after the comment, itself, and before it."""
    place = (row["received_at"], row["comment_id"])
    before = timeline.of_customer(session, row["customer_id"], before=place, limit=EITHER_SIDE)
    later = timeline.of_customer(session, row["customer_id"], limit=500)
    after = [line for line in later if (line["happened_at"], line["record_id"]) >= place]
    return [*after[-EITHER_SIDE:], *before]
