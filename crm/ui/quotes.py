"""What people said, word by word: searched, filtered, sorted, a page at a time; the clause that speaks of the theme is marked.

Their text is drawn as text wherever markdown is read (words.marked), so that nothing in it comes alive.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from crm.queries import complaints, lines, quotes, theme_rows
from crm.store.session import Session
from crm.ui import cards, dialogs, flash, quote_menu, taking, words
from crm.ui import complaints as answering
from crm.ui.places import PROFILE
from crm.ui.session import cached, current
from crm.ui.theme_head import EVERYTHING, UNASSIGNED, Asked

Row = dict[str, Any]
TURN = "quotes_turn"
STYLE = '<style>[class*="st-key-quote_"] a { padding-left: 0 }</style>'  # a name lines up with what they said
PAGE, LONGEST, BEFORE = 20, 600, 200
COLORS = {"negative": "red", "positive": "green", "neutral": "gray", None: "gray"}
SORTS = {"newest": "Newest", "oldest": "Oldest", "worst": "Worst tone", "best": "Best tone", "rating": "Lowest rating"}
TONES = ("negative", "neutral", "positive")
# A rating says little without its scale: what may be asked for is a part of one scale.
SCORES: dict[str, tuple[str, int, int]] = {
    "NPS 0–6": ("nps_0_10", 0, 6),
    "NPS 7–8": ("nps_0_10", 7, 8),
    "NPS 9–10": ("nps_0_10", 9, 10),
    "CSAT 1–2": ("csat_1_5", 1, 2),
    "CSAT 3": ("csat_1_5", 3, 3),
    "CSAT 4–5": ("csat_1_5", 4, 5),
    "CES 1–3": ("ces_1_7", 1, 3),
    "CES 4–7": ("ces_1_7", 4, 7),
    "Stars 1–2": ("stars_1_5", 1, 2),
    "Stars 3": ("stars_1_5", 3, 3),
    "Stars 4–5": ("stars_1_5", 4, 5),
}


@st.fragment
def draw(asked: Asked, theme: str) -> None:
    """The quotes of a theme, of none (“unassigned”), or all of them."""
    flash.pass_on()
    dialogs.pass_on()
    session = current()
    chosen = _chosen(asked)
    of = {"theme_id": None if theme == EVERYTHING else theme, "period": asked.period, **asked.filters, **chosen}
    found = cached(session, quotes.quotes, quotes.NOUNS, page=_page(of), size=PAGE, **of)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(f"{words.count(found.total, 'comment')} in {asked.period.label}", width="content")
        if found.total:
            taking.offer("quotes", "Quotes", partial(_everything, of=of))
    if not found.total:
        cards.empty("format_quote", "No comment fits. Take a longer period, or fewer filters.", key="no_quotes")
        return
    st.html(STYLE)
    duties = _duties(session, asked, found.rows)
    for row in found.rows:
        _quote(session, row | {"corpus": asked.corpus, "duty": duties.get(row["comment_id"])}, theme)
    if found.pages > 1:
        st.pagination(found.pages, key=_pages())


def _chosen(asked: Asked) -> dict[str, Any]:
    """What is searched for, and how it is sorted."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="quote_filters"):
        text = st.text_input(
            "Search",
            key="quote_find",
            type="search",
            live="300ms",
            placeholder="Search what they said",
            label_visibility="collapsed",
            bind="query-params",
            width=230,
        )
        tone = st.segmented_control(
            "Tone", TONES, format_func=words.label, key="quote_tone", label_visibility="collapsed", bind="query-params"
        )
        score = None
        if asked.corpus == "customers":
            score = st.selectbox(
                "Score",
                list(SCORES),
                index=None,
                key="quote_score",
                placeholder="Any score",
                label_visibility="collapsed",
                bind="query-params",
                width=130,
            )
        sort = st.selectbox(
            "Sort",
            list(SORTS),
            format_func=SORTS.__getitem__,
            key="quote_sort",
            label_visibility="collapsed",
            bind="query-params",
            width=150,
        )
    scale, low, high = SCORES.get(score or "", (None, None, None))
    return {"search": text or None, "sentiment": tone, "scale": scale, "rating_from": low, "rating_to": high, "sort": sort}


def _page(of: dict[str, Any]) -> int:
    """The page that is turned to, from 0; another question begins with its first, and pages of its own."""
    if st.session_state.get("quotes_asked") != of:
        st.session_state["quotes_asked"] = of
        st.session_state[TURN] = st.session_state.get(TURN, 0) + 1
    return int(st.session_state.get(_pages(), 1)) - 1


def _pages() -> str:
    """The key of what turns the pages."""
    return f"quote_page_{st.session_state.get(TURN, 0)}"


def _duties(session: Session, asked: Asked, rows: list[Row]) -> dict[UUID, Row]:
    """What became of each comment, of those that customers made."""
    if asked.corpus != "customers":
        return {}
    found: dict[UUID, Row] = cached(session, lines.duties, complaints.NOUNS, [str(row["comment_id"]) for row in rows])
    return found


def _everything(session: Session, of: dict[str, Any]) -> pd.DataFrame:
    """All quotes of a question, for a file."""
    named = {name: value for name, value in of.items() if name not in ("period", "theme_id", "sort")}
    return theme_rows.said(session, of["period"], of["theme_id"], **named)


def _quote(session: Session, row: Row, theme: str) -> None:
    """One comment: who and when, their words, its themes, and what can be said about it."""
    key = str(row["comment_id"])
    is_whole = quote_menu.is_whole(key)
    text, start, end = (row["text"], row["clause_start"], row["clause_end"]) if is_whole else around(row)
    with st.container(border=True, gap="small", key=f"quote_{key}"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            if row["customer_id"]:
                name = words.plain(row["customer"] or "A customer")
                st.page_link(PROFILE, label=f"**{name}**", query_params={"customer": str(row["customer_id"])})
            else:
                st.caption("Nobody by name", width="content")
            quote_menu.draw(row, theme, is_cut=text != row["text"])
        said = words.marked(text, start, end, COLORS[row["tone"]])
        st.markdown(f"{said}  \n:small[:gray[{_tail(session, row)}]]  \n{_badges(row, theme)}")


def around(row: Row, longest: int = LONGEST, before: int = BEFORE) -> tuple[str, int | None, int | None]:
    """A long comment cut to what stands around its clause (to its beginning, without one), with the clause's new place.

    >>> around({"text": "a " * 400 + "late" + " b" * 400, "clause_start": 800, "clause_end": 804}, 20, 6)
    ('… a a late b b b b b…', 6, 10)
    >>> around({"text": "It came late", "clause_start": 8, "clause_end": 12})
    ('It came late', 8, 12)
    """
    text, start, end = row["text"], row["clause_start"], row["clause_end"]
    if len(text) <= longest:
        return text, start, end
    first = max((start or 0) - before, 0)
    first = text.find(" ", first) + 1 if first else 0
    if start is not None:
        first = min(first, start) if first else 0
    shown = words.cut(text[first:], longest)
    lead = "… " if first else ""
    if start is None or end is None:
        return lead + shown, None, None
    seen = len(shown.removesuffix("…").rstrip())
    return lead + shown, len(lead) + start - first, len(lead) + min(end - first, seen)


def _tail(session: Session, row: Row) -> str:
    """When, who there, about what, how it came, which rating."""
    received: datetime = session.local(row["received_at"])
    parts = [
        f"{received:%d %b %Y}",
        row.get("contact") if row.get("contact") != row["customer"] else None,
        words.label(row["kind"]) if row["kind"] else None,
        row.get("product"),
        words.rating(row["rating"], row["scale"]) if row["rating"] is not None else None,
        _became(session, row),
    ]
    return " · ".join(words.plain(part) for part in parts if part)


def _became(session: Session, row: Row) -> str:
    """Who answers a complaint, and by when; of all that customers say, when they were told."""
    if row["duty"]:
        return answering.duty(session, row["duty"], row["kind"])
    return "nobody answers it yet" if row["kind"] == "complaint" else ""


def _badges(row: Row, theme: str) -> str:
    """Its themes, each in the colour of its tone; what a person said is marked."""
    named = [
        f":{COLORS[one['tone']]}-badge[{':material/keep: ' if one['found_by'] == 'person' else ''}{words.plain(one['name'])}]"
        for one in row["themes"]
    ]
    said = ":gray-badge[:material/edit: tone corrected]" if row["read_by"] == "person" else ""
    return " ".join([*(named or [":gray-badge[no theme]"] * (theme != UNASSIGNED)), said]).strip()
