"""What was found in a focus group: each with the quotes that it stands on, and the themes, actions and wants that came of it."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from crm.commands import findings as find
from crm.commands.focus_report import speaker
from crm.commands.jobs import ask
from crm.queries import choices, focus_groups, panels, themes
from crm.store.session import Session
from crm.ui import cards, dialogs, flash, forms, loop, theme_head, todo, words
from crm.ui.forms import Field
from crm.ui.session import current

Row = dict[str, Any]
EXCERPT = 90
ICONS = {"theme": "sell", "trait": "favorite"}
Quotes = dict[Any, Row]


def draw(session: Session, group: Row) -> None:
    """The findings, then the way to add one."""
    quotes = {row["focus_quote_id"]: row for row in focus_groups.quotes(session, group["focus_group_id"])}
    rows = focus_groups.findings(session, group["focus_group_id"])
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(f"{words.count(len(rows), 'finding')} on {words.count(len(quotes), 'quote')}")
        if st.button("Add a finding", key="add_finding", icon=":material/add:", type="primary"):
            forms.clear("finding_form")
            _add(group, quotes)
    for row in rows:
        _card(group, row, quotes)
    if not rows:
        cards.empty("lightbulb", "Nothing is written down as found yet. What do the quotes have in common?", key="no_findings")


def _card(group: Row, row: Row, quotes: Quotes) -> None:
    with st.container(border=True, gap="small", key=f"finding_{row['focus_finding_id']}"):
        st.text(row["text"])
        for quote in (quotes[key] for key in row["quotes"] if key in quotes):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.caption(words.plain(f"“{quote['text']}”"), width="content")
                if quote["customer_id"]:
                    todo.link(quote["customer_id"], speaker(quote))
        for outcome in row["outcomes"]:
            _outcome(current(), outcome)
        _doing(group, row, quotes)


def _outcome(session: Session, row: Row) -> None:
    """What it became, and where that stands."""
    if row["action_id"]:
        loop.beside(session, row["action_id"])
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":material/{ICONS[row['kind']]}: {words.label(row['kind'])} **{words.plain(row['name'])}**", width="content")
        if row["customer_id"]:
            todo.link(row["customer_id"], row["customer"])
        elif row["theme_id"]:
            key = f"finding_outcome_{row['finding_outcome_id']}"
            st.button("Open", key=key, type="tertiary", on_click=_open_theme, args=(row["theme_id"],))


def _open_theme(theme_id: Any) -> None:
    st.session_state["feedback_tab"] = "Themes"
    theme_head.go(theme_id)


def _doing(group: Row, row: Row, quotes: Quotes) -> None:
    session, key = current(), row["focus_finding_id"]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if session.may("manager"):
            _opening("Make it a theme", "finding_theme", "sell", partial(_theme, group, row), key)
        _opening("Make it an action", "finding_action", "bolt", partial(_action, group, row), key)
        _opening("Keep as a want or need", "finding_trait", "favorite", partial(_traits, group, row), key)
        _opening("Edit", "finding_edit", "edit", partial(_edit, row, quotes), key)
        put = partial(find.archive_finding, session, key, version=row["version"])
        st.button(
            "Put aside",
            key=f"archive_finding_{key}",
            type="tertiary",
            icon=":material/archive:",
            on_click=partial(flash.attempt, "flash", put, "Put aside"),
        )


def _opening(label: str, form: str, icon: str, dialog: Any, key: Any) -> None:
    if st.button(label, key=f"{form}_{key}", type="tertiary", icon=f":material/{icon}:"):
        forms.clear(form)
        dialog()


def _fields(quotes: Quotes) -> list[Field]:
    named = {key: f"{speaker(row)}: {row['text'][:EXCERPT]}" for key, row in quotes.items()}
    return [
        Field("text", "What was found", "area", required=True),
        Field("quotes", "The quotes that it stands on", "several", named),
    ]


@dialogs.dialog("Add a finding", width="large")
def _add(group: Row, quotes: Quotes) -> None:
    def save(text: Any = None, quotes: Any = None) -> Any:
        return find.add_finding(current(), group["focus_group_id"], text=text, quotes=quotes or ())

    forms.draw("finding_form", _fields(quotes), save, done="Kept", label="Keep")


@dialogs.dialog("Edit the finding", width="large")
def _edit(row: Row, quotes: Quotes) -> None:
    save = partial(find.edit_finding, current(), row["focus_finding_id"])
    forms.draw("finding_edit", _fields(quotes), save, done="Saved", row=row)


@dialogs.dialog("Make it a theme")
def _theme(group: Row, row: Row) -> None:
    st.text(row["text"])
    st.caption("Its quotes become the theme's first examples. Every comment that is like them is found by it.")
    fields = [
        Field("name", "Name of a new theme"),
        Field(
            "theme_id", "Or a theme that is there", "choice", {each["theme_id"]: each["name"] for each in themes.every(current())}
        ),
        Field(
            "phrases", "Words that always mean it", placeholder="delivery hour, time slot", help="Several: separated by commas."
        ),
    ]

    def save(phrases: Any = None, **typed: Any) -> Any:
        told = [phrase.strip() for phrase in (phrases or "").split(",") if phrase.strip()]
        saved = find.make_theme(current(), row["focus_finding_id"], phrases=told, **typed)
        ask(current(), "themes")
        return saved

    forms.draw("finding_theme", fields, save, done="It is a theme now", label="Make the theme")


@dialogs.dialog("Make it an action")
def _action(group: Row, row: Row) -> None:
    session = current()
    st.text(row["text"])
    forms.draw(
        "finding_action",
        loop.action_fields(session),
        partial(find.make_action, session, row["focus_finding_id"]),
        done="It is an action now",
        label="Start",
    )


@dialogs.dialog("Keep as a want or need")
def _traits(group: Row, row: Row) -> None:
    session = current()
    st.text(row["text"])
    came = [each for each in panels.participants(session, group["focus_group_id"]) if each["state"] != "declined"]
    fields = [
        Field(
            "participants",
            "Whose is it?",
            "several",
            {each["focus_participant_id"]: each["name"] for each in came},
            required=True,
        ),
        Field("kind", "Kind", "choice", choices.TRAIT_KINDS, required=True, default="want"),
        Field("text", "In a few words", required=True),
    ]

    def save(participants: Any = None, **typed: Any) -> Any:
        return find.make_traits(session, row["focus_finding_id"], participants=participants or (), **typed)

    forms.draw("finding_trait", fields, save, done="It stands on their profiles", label="Keep")
