"""The phrases of a theme: those that mean it, those that rule it out, and what one more would bring, told before it is pinned."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from crm.commands.themes import add_phrase, remove_phrase
from crm.queries import phrase_reach
from crm.store.session import Session
from crm.ui import flash, theme_change, words
from crm.ui.session import cached, current

Row = dict[str, Any]
TYPED = "phrase.text"


def draw(session: Session, theme: Row) -> None:
    """The phrases as chips, the way to one more for those who may, and what each brings."""
    _chips(session, theme, is_excluded=False)
    _chips(session, theme, is_excluded=True)
    if session.may("manager"):
        _add(session, theme)
    if theme["phrases"]:
        with st.expander("How many say each of them", key="phrases_bring", type="compact", on_change="rerun") as box:
            if box.open:
                _each(session, theme)


def _chips(session: Session, theme: Row, *, is_excluded: bool) -> None:
    """The phrases of one kind as chips; a click takes one away."""
    found = [row for row in theme["phrases"] if row["is_excluded"] is is_excluded]
    if not found:
        return
    st.caption("Not when they say" if is_excluded else "When they say")
    with st.container(horizontal=True, gap="small"):
        for row in found:
            key = f"phrase_{row['theme_phrase_id']}"
            if not session.may("manager"):
                st.badge(words.plain(row["phrase"]), color="red" if is_excluded else "blue")
                continue
            remove = partial(
                theme_change.attempt, partial(remove_phrase, session, row["theme_phrase_id"]), f"“{row['phrase']}” is gone"
            )
            icon = ":material/block:" if is_excluded else ":material/close:"
            take = words.plain(f"Take “{row['phrase']}” away")  # in full: a long one is cut on its chip
            st.button(words.plain(row["phrase"]), key=key, icon=icon, help=take, on_click=remove)


def _add(session: Session, theme: Row) -> None:
    """One more phrase, that means the theme or rules it out; below it what it would bring, so that no button moves."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        typed = st.text_input("Phrase", key=TYPED, placeholder="As they say it", label_visibility="collapsed", max_chars=80)
        st.button("Pin", key="pin_phrase", icon=":material/keep:", on_click=_say, args=(theme, False), help="It means this theme")
        st.button(
            "Forbid", key="forbid_phrase", icon=":material/block:", on_click=_say, args=(theme, True), help="It rules it out"
        )
    flash.problem("phrase")
    for row in _reach(session, theme, typed.split() and [typed]):
        st.caption(words.plain(" ".join(filter(None, (reach(row), loss(row))))))
        _warn(breadth(row))


def _say(theme: Row, is_excluded: bool) -> None:
    phrase = st.session_state.get(TYPED, "")
    done = f"“{phrase.strip()}” {'rules out' if is_excluded else 'means'} {theme['name']}"
    add = partial(add_phrase, current(), theme["theme_id"], phrase=phrase, is_excluded=is_excluded)
    if theme_change.attempt(add, done, "phrase") is not None:
        st.session_state[TYPED] = ""


def _reach(session: Session, theme: Row, phrases: list[str]) -> list[Row]:
    return cached(session, phrase_reach.reach, phrase_reach.NOUNS, str(theme["theme_id"]), phrases) if phrases else []


def _each(session: Session, theme: Row) -> None:
    """How many comments say each phrase, the broadest first."""
    ruling_out = {row["phrase"]: row["is_excluded"] for row in theme["phrases"]}
    for row in sorted(_reach(session, theme, list(ruling_out)), key=lambda row: -row["saying"]):
        st.caption(f"**{words.plain(row['phrase'])}** · {words.plain(amount(row))}")
        _warn(contradiction(row) if ruling_out[row["phrase"]] else breadth(row))


def _warn(problem: str) -> None:
    if problem:
        st.caption(f":material/warning: {words.plain(problem)}")


def amount(row: Row) -> str:
    """How many comments say a phrase.

    >>> amount({"saying": 312, "comments": 2000}), amount({"saying": 1, "comments": 2000}), amount({"saying": 0, "comments": 0})
    ('312 of all 2,000 comments (16 %)', '1 of all 2,000 comments (under 1 %)', 'no comment yet')
    """
    if not row["saying"]:
        return "no comment yet"
    share = row["saying"] / row["comments"]
    shown = words.share(share) if share >= 0.005 else "under 1 %"
    return f"{row['saying']:,} of all {words.count(row['comments'], 'comment')} ({shown})"


def reach(row: Row) -> str:
    """The same in a sentence, with how many of them have the theme.

    >>> reach({"saying": 312, "comments": 2000, "having": 40})
    '312 of all 2,000 comments (16 %) say this, 40 of them with this theme already.'
    >>> reach({"saying": 1, "comments": 2, "having": 0}), reach({"saying": 0, "comments": 2000, "having": 0})
    ('1 of all 2 comments (50 %) says this, none with this theme yet.', 'No comment says this yet.')
    """
    if not row["saying"]:
        return "No comment says this yet."
    having = f"{row['having']:,} of them with this theme already" if row["having"] else "none with this theme yet"
    return f"{amount(row)} {'says' if row['saying'] == 1 else 'say'} this, {having}."


def loss(row: Row) -> str:
    """What a phrase would take away if it were forbidden; blank where that is nothing.

    >>> loss({"losing": 12}), loss({"losing": 0})
    ('Forbidden, it would take the theme from 12 comments.', '')
    """
    return f"Forbidden, it would take the theme from {words.count(row['losing'], 'comment')}." if row["losing"] else ""


def breadth(row: Row) -> str:
    """That more pinned examples of other themes say a phrase than of its own; blank where they do not.

    >>> breadth({"strangers": 18, "examples": 2}), breadth({"strangers": 2, "examples": 2})
    ('18 pinned examples of other themes say it, 2 of this one: it may be too broad.', '')
    >>> breadth({"strangers": 1, "examples": 0})
    '1 pinned example of another theme says it, none of this one: it may be too broad.'
    """
    if row["strangers"] <= row["examples"]:
        return ""
    others = "another theme says" if row["strangers"] == 1 else "other themes say"
    own = f"{row['examples']:,}" if row["examples"] else "none"
    return f"{words.count(row['strangers'], 'pinned example')} of {others} it, {own} of this one: it may be too broad."


def contradiction(row: Row) -> str:
    """That pinned examples of a theme say what rules it out; blank where none does.

    >>> contradiction({"examples": 1}), contradiction({"examples": 0})
    ('1 pinned example of this theme says it.', '')
    """
    if not row["examples"]:
        return ""
    return f"{words.count(row['examples'], 'pinned example')} of this theme {'says' if row['examples'] == 1 else 'say'} it."
