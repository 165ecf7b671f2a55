"""The parts of the page that erases a person: what goes and stays, who else it may be, where others wrote of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from crm.commands.erasure import in_words
from crm.queries.erasures import Alike, Mention, Preview
from crm.ui import words

SHOWN = 100


def outcome(found: Preview) -> None:
    """What becomes of the rows of each table, and why."""
    with st.container(border=True, key="erase_outcome"):
        st.subheader("What goes, and what stays", anchor=False)
        for line in in_words(found):
            head, _, why = line.partition(": ")
            st.markdown(f"**{words.plain(head)}** · {words.plain(why)}")
        st.caption(
            "The change history of these rows goes with them, as do rejected rows of imports, waiting uploads and log lines that "
            "name the person. Employees stay named in what they did."
        )


def alike(found: Sequence[Alike]) -> list[str]:
    """Other records that may be the same person; those that are chosen go, too."""
    if not found:
        return []
    with st.container(border=True, key="erase_alike"):
        st.subheader("Perhaps the same person", anchor=False)
        st.caption("Entered twice? Then erase these, too. Somebody else of the same name stays.")
        return [
            str(one.key)
            for one in found
            if st.checkbox(f"{words.plain(one.name)} (same {', '.join(one.same)})", key=f"also_{one.key}")
        ]


def mentions(found: Sequence[Mention]) -> list[Any]:
    """Texts of others that name the person, in their words; returns the places that are to be blacked out."""
    with st.container(border=True, key="erase_mentions"):
        st.subheader("Where others wrote of them", anchor=False)
        if not found:
            st.caption("No other text names them.")
            return []
        st.caption("What you tick is blacked out (█████), also in the history of that text. The rest stays as it is.")
        sure = [mention for mention in found if mention.is_sure]
        perhaps = [mention for mention in found if not mention.is_sure]
        chosen = _choose(sure, "sure")
        if perhaps:
            label = f"Perhaps somebody else of that name ({len(perhaps):,})"
            with st.expander(label, expanded=not sure, key="erase_perhaps"):
                chosen += _choose(perhaps, "perhaps")
        return chosen


def _choose(found: Sequence[Mention], group: str) -> list[Any]:
    shown = [mention for number, mention in enumerate(found[:SHOWN]) if _one(mention, f"{group}_{number}")]
    rest = found[SHOWN:]
    if rest and st.checkbox(f"The other {len(rest):,}, too", value=group == "sure", key=f"rest_{group}"):
        shown += rest
    return [mention.place for mention in shown]


def _kept(text: str) -> str:
    """A piece of text with the blanks at its ends, which separate it from what is marked."""
    return f"{' ' if text[:1].isspace() else ''}{words.plain(text.strip())}{' ' if text[-1:].isspace() else ''}"


def _one(mention: Mention, key: str) -> bool:
    with st.container(gap=None):
        past = " (in its history)" if mention.is_past else ""
        is_chosen = st.checkbox(f"{words.plain(mention.where)}{past}", value=mention.is_sure, key=f"mention_{key}")
        for before, said, after in mention.contexts[:3]:
            st.caption(f"…{_kept(before)}:red-background[{words.plain(said)}]{_kept(after)}…")
    return bool(is_chosen)
