"""One theme: its numbers, what was said, who said it, what finds it, and the loop from what we change to who was told."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.errors import Refused
from crm.queries import theme_worth, themes
from crm.store.session import Session
from crm.ui import cards, loop, quotes, theme_edits, theme_head, theme_list, theme_numbers, theme_segments, words
from crm.ui.theme_head import EVERYTHING, UNASSIGNED, Asked
from crm.ui.theme_numbers import MEASURES, NUMBERS

Row = dict[str, Any]
TITLES = {UNASSIGNED: "Comments without a theme", EVERYTHING: "All comments"}
PARTS = ["Quotes", "By segment"]


def draw(session: Session, asked: Asked, key: str) -> None:
    """The theme that the address names; `unassigned` and `all` are lists of quotes alone."""
    if key in TITLES:
        _back()
        st.subheader(TITLES[key], anchor=False)
        quotes.draw(asked, key)
        return
    theme = _found(session, key)
    if theme is None:
        _back()
        cards.empty("search_off", "This theme is not here. It may have been archived; History brings it back.", key="no_theme")
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="theme_head"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
            _back()
            st.subheader(words.plain(theme["name"]), anchor=False, width="content")
        with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
            theme_edits.menu(session, theme)
    if theme["note"]:
        st.text(theme["note"])
    loop.way(session, theme)
    _numbers(session, asked, theme)
    left, right = st.columns([5, 3], gap="medium")
    with left:
        _said(session, asked, theme)
    with right:
        loop.panel(session, theme)
        theme_edits.draw(session, theme)


def _back() -> None:
    theme_head.link("Themes", None, "back", icon=":material/chevron_left:")


def _found(session: Session, key: str) -> Row | None:
    """The theme of a key; of one that was merged, the theme it became part of."""
    if not cards.is_key(key):
        return None
    try:
        theme = themes.one(session, key)
    except Refused:
        return None
    return None if theme["archived_at"] else theme


def _numbers(session: Session, asked: Asked, theme: Row) -> None:
    """The numbers of the list for this theme, each opening to its definition and rows."""
    row = next((row for row in theme_list.found(session, asked) if row["theme_id"] == theme["theme_id"]), None)
    if row is None:
        return
    key, customers = theme["theme_id"], row["customers"]
    scores = asked.of(session, theme_worth.impact, nouns=theme_worth.NOUNS).get(None, {})
    with st.grid(5, min_column_width=150):
        mentions, share = f"{row['mentions']:,}", words.figure(row["share"], "share")
        more = row["mentions"] - row["mentions_before"] if row["mentions_before"] else None
        theme_numbers.card("mentions", NUMBERS["mentions"], mentions, row["mentions"], asked, key, delta=more, delta_color="off")
        points = words.change(row["share"], row["share_before"], "share")
        theme_numbers.card("share", NUMBERS["share"], share, row["comments"], asked, key, delta=points, delta_color="off")
        net = theme_numbers.net(row["net_sentiment"])
        theme_numbers.card("net_sentiment", NUMBERS["net_sentiment"], net, row["mentions"], asked, key)
        for measure in MEASURES:
            if row["impact"].get(measure):
                _impact(row, measure, asked)
        theme_numbers.card("customers", NUMBERS["customers"], f"{customers:,}", customers, asked, key)
        for name in ("revenue", "value", "open_amount"):
            if row[name]:
                shown = words.money(row[name], session.settings["currency"])
                theme_numbers.card(name, NUMBERS[name], shown, customers, asked, key)
    silent = [MEASURES[name] for name in MEASURES if scores.get(name) and not row["impact"].get(name)]
    few = f" Impact on {', '.join(silent)}: too few scores to say." if silent else ""
    st.caption(words.plain(theme_numbers.AGAINST.format(asked.period.previous(session.today)[0].label) + few))


def _impact(row: Row, measure: str, asked: Asked) -> None:
    """What the theme does to a score, with the range below it."""
    found, number = row["impact"][measure], theme_numbers.impact_on(measure)
    low, shown, high = (theme_numbers.in_score(found[name], measure) for name in ("low", "effect", "high"))
    look = {"delta": f"{low} to {high}", "delta_color": "off", "delta_arrow": "off"}
    theme_numbers.card(f"{measure}_impact", number, shown, found["n"], asked, row["theme_id"], **look)


def _said(session: Session, asked: Asked, theme: Row) -> None:
    """What was said, and in which segments."""
    first, second = st.tabs(PARTS, key="theme_part", on_change="rerun", bind="query-params")
    if first.open:
        with first:
            quotes.draw(asked, str(theme["theme_id"]))
    if second.open:
        with second:
            theme_segments.of_theme(session, asked, theme)
