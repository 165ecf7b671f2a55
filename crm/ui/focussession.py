"""The session itself: who is there, the guide with a place for notes under each question, and a box for what somebody just said.

Notes are kept as soon as the cursor leaves them. Who wrote to the same question meanwhile is told of, once; the text stays.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from crm.commands import focus_sessions
from crm.commands import panels as present
from crm.commands.focus_report import speaker
from crm.commands.jobs import ask
from crm.errors import Conflict, CrmError
from crm.queries import focus_groups, panels, themes
from crm.store.session import Session
from crm.ui import dialogs, flash, forms, words
from crm.ui.forms import Field
from crm.ui.session import current

Row = dict[str, Any]
KINDS = ("suggestion", "complaint", "compliment", "question")
LAST, KEPT, PROBLEM = "focus_last_question", "focus_kept", "focus_problem"


def draw(session: Session, group: Row) -> None:
    """Who is there; below, left the guide, right what they say."""
    asked = focus_groups.questions(session, group["focus_group_id"])
    people = [row for row in panels.participants(session, group["focus_group_id"]) if row["state"] != "declined"]
    _present(people)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _guide(session, group, asked)
    with right:
        _quote(session, group, asked, people)
        quotes(session, group)


def _guide(session: Session, group: Row, asked: list[Row]) -> None:
    if not asked:
        st.caption("The guide is empty. Edit the focus group: a question a line.")
    for number, row in enumerate(asked, start=1):
        _note(f"{number} · {row['text']}", row["focus_question_id"], row, focus_sessions.note_answer)
    _note("What else was said", group["focus_group_id"], group, focus_sessions.note_aside)
    if PROBLEM in st.session_state:
        st.error(words.plain(st.session_state[PROBLEM]), icon=":material/error:")
    elif KEPT in st.session_state:
        st.caption(f"Kept at {session.local(st.session_state[KEPT]):%H:%M:%S}. Each note is kept when you leave it.")
    else:
        st.caption("Each note is kept when you leave it.")


def _note(label: str, key: Any, row: Row, save: Any) -> None:
    """A text that is kept by itself; a newer one of somebody else stands in it, unless one is writing there."""
    box, seen = f"focus_note_{key}", f"focus_note_{key}.seen"
    if box not in st.session_state or (
        st.session_state.get(seen) not in (row["version"], None) and st.session_state[box] == st.session_state.get(f"{box}.was")
    ):
        st.session_state[box] = row["note"] or ""
        st.session_state[seen] = row["version"]
    st.session_state[f"{box}.was"] = row["note"] or ""
    st.text_area(words.plain(label), key=box, height=96, max_chars=20_000, on_change=_keep, args=(key, save))


def _keep(key: Any, save: Any) -> None:
    state, session = st.session_state, current()
    box, seen = f"focus_note_{key}", f"focus_note_{key}.seen"
    try:
        saved = save(session, key, note=state[box] or None, version=state.get(seen))
    except Conflict as conflict:
        state[seen] = None  # they know of it now: what they save next stands
        state[PROBLEM] = f"{conflict.message} Your text still stands here; change it once more to keep it instead."
    except CrmError as error:
        state[PROBLEM] = error.message
    else:
        state.pop(PROBLEM, None)
        state[seen] = saved.change_set_id or state.get(seen)
        state[f"{box}.was"] = state[box]
        state[KEPT] = session.now


def _present(people: list[Row]) -> None:
    with st.container(border=True, key="focus_present", gap="small"):
        st.markdown(f"**Who is here** · {sum(row['interaction_id'] is not None for row in people)} of {len(people)}")
        with st.grid(3, min_column_width=240, gap="small"):
            for row in people:
                key = f"here_{row['focus_participant_id']}"
                st.session_state[key] = row["interaction_id"] is not None
                who = words.plain(f"{row['name']}, {row['customer']}")
                st.checkbox(who, key=key, on_change=_mark, args=(row["focus_participant_id"],))
        if not people:
            st.caption("Draw the panel first.")


def _mark(key: Any) -> None:
    here = bool(st.session_state[f"here_{key}"])
    done = "The session is on their timeline" if here else "Taken off their timeline"
    flash.attempt("flash", partial(present.mark_present, current(), key, is_present=here), done)


def _quote(session: Session, group: Row, asked: list[Row], people: list[Row]) -> None:
    """What somebody just said: feedback of theirs, with its theme."""
    fields = [
        *_said_by(asked, people),
        Field("theme_id", "Theme", "choice", {row["theme_id"]: row["name"] for row in themes.every(session)}),
        Field("kind", "Kind", "choice", KINDS, required=True, default=KINDS[0], more=True),
    ]

    def save(**typed: Any) -> Any:
        saved = focus_sessions.add_quote(current(), group["focus_group_id"], **typed)
        st.session_state[LAST] = typed["focus_question_id"]
        ask(current(), "themes")
        return saved

    with st.container(border=True, key="focus_quote_box"):
        forms.draw("focus_quote", fields, save, done="Quote kept", label="Keep the quote")


def _said_by(asked: list[Row], people: list[Row]) -> list[Field]:
    """The words, who said them, to which question."""
    return [
        Field("text", "Somebody says", "area", placeholder="In their words"),
        Field("focus_participant_id", "Who", "choice", {row["focus_participant_id"]: row["name"] for row in people}),
        Field(
            "focus_question_id",
            "To which question",
            "choice",
            {row["focus_question_id"]: row["text"] for row in asked},
            default=st.session_state.get(LAST),
        ),
    ]


@dialogs.dialog("Correct the quote")
def _edit(group: Row, row: Row) -> None:
    session = current()
    asked = focus_groups.questions(session, group["focus_group_id"])
    kind = Field("kind", "Kind", "choice", KINDS, required=True)
    fields = [*_said_by(asked, panels.participants(session, group["focus_group_id"])), kind]

    def save(**typed: Any) -> Any:
        seen = row["version"] if "version" in typed else None  # who was told of a conflict saves over it
        saved = focus_sessions.edit_quote(current(), row["focus_quote_id"], quote_version=seen, **typed)
        ask(current(), "themes")
        return saved

    forms.draw("edit_quote", fields, save, done="Saved", row=row | {"version": row["feedback_version"]})


def quotes(session: Session, group: Row) -> None:
    """What was said so far."""
    rows = focus_groups.quotes(session, group["focus_group_id"])
    found = themes.of_comments(session, [row["feedback_id"] for row in rows])
    for row in rows:
        with st.container(gap=None, key=f"quote_{row['focus_quote_id']}"):
            st.text(f"“{row['text']}”")
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.caption(words.plain(speaker(row)), width="content")
                for theme in found.get(row["feedback_id"], []):
                    st.badge(words.plain(theme["name"]), color="violet")
                if st.button("", key=f"edit_quote_{row['focus_quote_id']}", type="tertiary", icon=":material/edit:", help="Edit"):
                    forms.clear("edit_quote")
                    _edit(group, row)
                put = partial(focus_sessions.archive_quote, session, row["focus_quote_id"], version=row["version"])
                st.button(
                    "",
                    key=f"archive_quote_{row['focus_quote_id']}",
                    type="tertiary",
                    icon=":material/close:",
                    help="Put aside",
                    on_click=partial(flash.attempt, "flash", put, "Put aside"),
                )
