"""What finds a theme, to be read and changed: its name, its phrases, those that rule it out, the examples it learns from."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from crm.commands.themes import add_theme, archive_theme, mark_comment, merge_themes, rename_theme
from crm.queries import themes
from crm.store.session import Session
from crm.ui import dialogs, flash, forms, theme_change, theme_head, theme_phrases, words
from crm.ui.forms import Field
from crm.ui.session import current

Row = dict[str, Any]
FIRST = 6
NAME = [
    Field("name", "Name", required=True, placeholder="Late delivery"),
    Field("note", "Note", "area", placeholder="What belongs to it, what does not"),
]


def menu(session: Session, theme: Row) -> None:
    """Rename, merge, archive: for those who may."""
    if not session.may("manager"):
        return
    rename, merge = ("rename_theme_form", _rename, theme), ("merge_theme", _merge, theme)
    st.button("Rename", key="rename_theme", icon=":material/edit:", on_click=dialogs.asked, args=rename)
    st.button("Merge into …", key="merge_theme", icon=":material/merge:", on_click=dialogs.asked, args=merge)
    archive = partial(theme_change.attempt, partial(archive_theme, session, theme["theme_id"]), f"{theme['name']} is archived")
    st.button("", key="archive_theme", type="tertiary", icon=":material/archive:", help="Archive", on_click=archive)


def add_button(session: Session, corpus: str) -> None:
    """The way to a theme that nobody had to suggest."""
    if not session.may("manager"):
        return
    new = ("new_theme_form", _new, corpus)
    st.button("New theme", key="new_theme", icon=":material/add:", on_click=dialogs.asked, args=new)


@dialogs.dialog("New theme")
def _new(corpus: str) -> None:
    """A name, and the phrases that mean it."""
    asked = [
        NAME[0],
        Field(
            "phrases",
            "Phrases that mean it",
            "area",
            help="One a line, as customers say it.",
            placeholder="too late\nnever arrived",
        ),
        NAME[1],
    ]
    forms.draw("new_theme_form", asked, theme_change.then_read(partial(_added, corpus)), done="The theme is there", label="Add")


def _added(corpus: str, *, name: str, phrases: str | None, note: str | None) -> Any:
    lines = [line.strip() for line in (phrases or "").splitlines() if line.strip()]
    return add_theme(current(), name=name, corpus=corpus, phrases=lines, note=note)


@dialogs.dialog("Rename the theme")
def _rename(theme: Row) -> None:
    save = theme_change.then_read(partial(rename_theme, current(), theme["theme_id"]))
    forms.draw("rename_theme_form", NAME, save, done="Renamed", row=theme)


@dialogs.dialog("Merge into another theme")
def _merge(theme: Row) -> None:
    """All that hangs on this theme becomes part of another; undo makes them two again."""
    flash.pass_on()
    offered = {
        row["theme_id"]: row["name"] for row in themes.every(current(), theme["corpus"]) if row["theme_id"] != theme["theme_id"]
    }
    if not offered:
        st.caption("There is no other theme.")
        return
    name = words.plain(theme["name"])
    st.markdown(f"**{name}** ends; its phrases, examples, comments and actions become part of the other.")
    chosen = st.selectbox(
        "Merge into", list(offered), format_func=offered.__getitem__, index=None, key="merge_winner", placeholder="Choose"
    )
    flash.problem("merge_theme")
    done = f"{theme['name']} is part of {offered.get(chosen, '')} now"
    merge = partial(_merged, theme["theme_id"], done)
    st.button("Merge", key="merge_theme_save", type="primary", disabled=chosen is None, on_click=merge)


def _merged(loser_id: Any, done: str) -> None:
    winner = st.session_state["merge_winner"]
    if theme_change.attempt(partial(merge_themes, current(), winner, loser_id), done, "merge_theme") is not None:
        st.query_params[theme_head.THEME] = str(winner)


def draw(session: Session, theme: Row) -> None:
    """Phrases and examples, each with the way to take it back."""
    with st.container(border=True, gap="small", key="theme_finds"):
        st.subheader("What finds it", anchor=False)
        if theme["merged_from"]:
            st.caption("Includes " + ", ".join(words.plain(row["name"]) for row in theme["merged_from"]))
        theme_phrases.draw(session, theme)
        _examples(theme)


def _examples(theme: Row) -> None:
    """Comments that people pinned, and those that they said do not fit."""
    for fits, title in ((True, "Examples"), (False, "Said not to fit")):
        found = [row for row in theme["marks"] if row["fits"] is fits]
        if found:
            with st.expander(f"{title} ({len(found)})", key=f"examples_{fits}"):
                for row in found[: st.session_state.get("examples_shown", FIRST)]:
                    _example(theme, row)
                if len(found) > st.session_state.get("examples_shown", FIRST):
                    st.button("All", key=f"all_examples_{fits}", type="tertiary", on_click=_show_all)


def _show_all() -> None:
    st.session_state["examples_shown"] = 10_000


def _example(theme: Row, row: Row) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        who = f" · {words.plain(row['customer'])}" if row["customer"] else ""
        st.caption(f"“{words.plain(words.cut(row['text'], 160))}”{who}", width="stretch")
        unpin = partial(mark_comment, current(), theme["theme_id"], row["comment_id"], fits=None)
        st.button(
            "",
            key=f"unpin_{row['theme_mark_id']}",
            type="tertiary",
            icon=":material/close:",
            help="Unpin" if row["fits"] else "Let it count again",
            on_click=partial(theme_change.attempt, unpin, "Unpinned" if row["fits"] else "It may count again"),
        )
