"""Our own people: say what you need in two clicks, by name or without; see who else is for it, and what leadership answered."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from crm.commands import anonymous
from crm.commands import ideas as say
from crm.commands.jobs import ask
from crm.queries import choices, ideas, themes
from crm.store.session import Session
from crm.ui import cards, dialogs, enps, flash, forms, loop, taking, words
from crm.ui import themes as theme_tab
from crm.ui.filters import ALL
from crm.ui.forms import Field
from crm.ui.session import current

Row = dict[str, Any]
KINDS = {"idea": "Idea", "blocker": "Blocker", "need": "What we need"}
STATES = {"open": "Not answered yet", "planned": "Planned", "done": "Done", "declined": "Declined"}
COLORS: dict[str, Any] = {"open": "gray", "planned": "blue", "done": "green", "declined": "orange"}
ASKED = {
    "idea": "What could we do better?",
    "blocker": "What hinders you?",
    "need": "What do you need to serve customers better?",
}
UNKNOWN = (
    "Without your name nothing in the store leads back to you: a random key, the day, nobody's name. Nobody can take it back "
    "either, and your way of writing may still tell."
)
FEW = f"From {anonymous.FEWEST} employees on, this can be said without a name, and each quarter asks how it is to work here."
ANSWER = [
    Field(
        "state", "What becomes of it", "choice", {name: STATES[name] for name in ("planned", "done", "declined")}, required=True
    ),
    Field("answer", "In words, for everybody to read", "area", required=True),
]
FIRST = 12
SAID = "What was said"


def draw(session: Session) -> None:
    """The tab: what to say on the left, with eNPS; what was said on the right. Or the themes over it, by the same engine."""
    view = st.segmented_control(
        "View", list(VIEWS), default=SAID, required=True, key="team_view", label_visibility="collapsed", bind="query-params"
    )
    VIEWS[view or SAID](session)


def _voices(session: Session) -> None:
    left, right = st.columns([1, 2], gap="large")
    with left:
        _entry(session)
        enps.question(session)
        enps.results(session)
    with right:
        _said(session)


def _entry(session: Session) -> None:
    """A kind, a text, with or without a name."""
    with st.container(border=True, key="say"):
        kind = st.segmented_control(
            "What is it?",
            list(KINDS),
            default="need",
            required=True,
            format_func=KINDS.__getitem__,
            key="say_kind",
            label_visibility="collapsed",
        )
        st.text_area(ASKED[kind], key="say_text", max_chars=20_000, height=110)
        if ideas.employee_count(session) >= anonymous.FEWEST:
            st.checkbox("Without my name", key="say_unnamed", help=UNKNOWN)
        else:
            st.caption(FEW)
        flash.problem("say")
        st.button("Send", key="say_send", type="primary", icon=":material/send:", on_click=_send)


def _send() -> None:
    state, session = st.session_state, current()
    unnamed = bool(state.get("say_unnamed"))
    share = partial(say.share_idea, session, kind=state["say_kind"], text=state.get("say_text") or "", is_anonymous=unnamed)
    done = "Said, without your name" if unnamed else "Said. Leadership will answer here"
    if flash.attempt("say", share, done):
        state["say_text"] = ""
        if not unnamed:  # a job knows who asked for it, and when
            ask(session, "themes")


def _said(session: Session) -> None:
    """What was said: filters, then one card each."""
    if not ideas.every(session):
        cards.empty("lightbulb", "Nobody has said anything yet. The first word is yours.", key="no_ideas")
        return
    newest, chosen = _filters()
    rows = ideas.every(session, newest=newest, **chosen)
    if not rows:
        cards.empty("lightbulb", "Nothing fits.", key="no_ideas")
    many = st.session_state.get("ideas_shown", FIRST)
    found = themes.of_comments(session, [row["idea_id"] for row in rows[:many]])
    for row in rows[:many]:
        _card(session, row, found.get(row["idea_id"], []))
    if len(rows) > many:
        st.button("More", key="ideas_more", type="tertiary", on_click=lambda: st.session_state.update(ideas_shown=many + 30))


def _filters() -> tuple[bool, dict[str, Any]]:
    """Whether the newest come first, and which are shown."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.selectbox("Kind", [ALL, *KINDS], format_func=lambda name: KINDS.get(name, name), key="ideas_kind", width=135)
        state = st.selectbox(
            "State", [ALL, *STATES], format_func=lambda name: STATES.get(name, name), key="ideas_state", width=155
        )
        newest = st.segmented_control(
            "Order",
            ["Most wanted", "Newest"],
            default="Most wanted",
            required=True,
            key="ideas_order",
            label_visibility="collapsed",
        )
        chosen: dict[str, Any] = {name: value for name, value in (("kind", kind), ("state", state)) if value != ALL}
        taking.offer("ideas", "What our team says", partial(_everything, **chosen))
    return newest == "Newest", chosen


def _everything(session: Session, **chosen: str) -> Any:
    """For a file: without who is for what."""
    import pandas as pd

    left_out = ("is_my_vote", "version", "employee_id", "action_id", "idea_id")
    return pd.DataFrame(ideas.every(session, newest=True, **chosen)).drop(columns=list(left_out), errors="ignore")


def _card(session: Session, row: Row, about: list[Row]) -> None:
    key = row["idea_id"]
    with st.container(border=True, key=f"idea_{key}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(KINDS[row["kind"]], color="gray")
            st.badge(STATES[row["state"]], color=COLORS[row["state"]])
            for theme in about:
                st.badge(words.plain(theme["name"]), color="violet")
        st.text(row["text"])
        st.caption(words.plain(f"{row['author'] or 'Without a name'} · {words.days_ago(row['said_on'], session.today)}"))
        if row["answer"]:
            with st.container(border=True, gap=None):
                who = f"{row['answered_by'] or 'Leadership'}, {row['answered_on']:%d %b %Y}"
                st.caption(words.plain(who))
                st.text(row["answer"])
        if row["action"]:
            loop.beside(session, row["action_id"])
        _doing(session, row)


def _doing(session: Session, row: Row) -> None:
    """Vote; answer and act for leaders; correct and put aside what one said oneself."""
    key = row["idea_id"]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            str(row["votes"]),
            key=f"vote_{key}",
            icon=":material/thumb_up:",
            type="primary" if row["is_my_vote"] else "secondary",
            help="You are for it. Click to take it back" if row["is_my_vote"] else "I am for it",
            on_click=_vote,
            args=(key,),
        )
        own = row["employee_id"] is not None and row["employee_id"] == session.actor.employee_id
        if session.may("leader"):
            _opening("answer_idea", "Answer", "reply", row, _answer)
            if not row["action_id"]:
                _opening("act_idea", "Make it an action", "bolt", row, _act)
        if own and not row["answered_on"]:
            _opening("edit_idea", "Edit", "edit", row, _edit)
        if own or session.may("leader"):
            put = partial(flash.attempt, "flash", partial(say.archive_idea, session, key, version=row["version"]), "Put aside")
            st.button("Put aside", key=f"archive_idea_{key}", type="tertiary", icon=":material/archive:", on_click=put)


def _opening(form: str, label: str, icon: str, row: Row, dialog: Any) -> None:
    if st.button(label, key=f"{form}_{row['idea_id']}", type="tertiary", icon=f":material/{icon}:"):
        forms.clear(form)
        dialog(row)


def _vote(key: Any) -> None:
    flash.attempt("flash", partial(say.vote, current(), key), "Your vote is counted")


@dialogs.dialog("Answer")
def _answer(row: Row) -> None:
    st.text(row["text"])
    state = row["state"] if row["state"] != "open" else "planned"
    forms.draw(
        "answer_idea", ANSWER, partial(say.answer_idea, current(), row["idea_id"]), done="Answered", row=row | {"state": state}
    )


@dialogs.dialog("Make it an action")
def _act(row: Row) -> None:
    st.text(row["text"])
    session = current()
    save = partial(say.act_on_idea, session, row["idea_id"])
    forms.draw("act_idea", loop.action_fields(session), save, done="It is an action now", label="Start")


@dialogs.dialog("Edit")
def _edit(row: Row) -> None:
    asked = [
        Field("kind", "Kind", "choice", {name: KINDS[name] for name in choices.IDEA_KINDS}, required=True),
        Field("text", "In your words", "area", required=True),
    ]
    forms.draw("edit_idea", asked, partial(say.edit_idea, current(), row["idea_id"]), done="Saved", row=row)


VIEWS: dict[str, Callable[[Session], None]] = {SAID: _voices, "Themes": partial(theme_tab.draw, corpus="employees")}
