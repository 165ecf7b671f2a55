"""What is new in what people say: themes that emerge this week, with the evidence; what rose and what fell, and who said it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import streamlit as st

from crm.queries import emerging, quotes, standings, theme_changes, theme_worth
from crm.queries.periods import Period
from crm.store.session import Session
from crm.ui import quotes as quoted
from crm.ui import theme_head, words
from crm.ui.places import FEEDBACK
from crm.ui.session import cached
from crm.ui.theme_head import Asked

Row = dict[str, Any]
MOST = 5
CLOSEST = LOUDEST = SPEAKERS = 3
QUOTE = 160


def draw(session: Session, asked: Asked) -> None:
    """Three cards side by side: what is loudest, what is new, what changed."""
    left, middle, right = st.columns(3)
    with left, st.container(border=True, height="stretch", gap="small", key="complained"):
        st.subheader("Complained about most", anchor=False)
        _complained(session, asked)
    with middle, st.container(border=True, height="stretch", gap="small", key="emerging"):
        st.subheader("Emerging this week", anchor=False)
        _emerging(session, asked)
    with right, st.container(border=True, height="stretch", gap="small", key="spotted"):
        st.subheader("Rose and fell", anchor=False)
        _spotted(asked.of(session, theme_changes.spotted), asked.period)


def _complained(session: Session, asked: Asked) -> None:
    """The themes with most that is said in a negative tone, and the money behind each; of the first, the latest of it."""
    money = asked.of(session, theme_worth.money, nouns=theme_worth.NOUNS)
    rows = [row for row in asked.of(session, standings.standings) if row["negative"]]
    for place, row in enumerate(sorted(rows, key=lambda row: -row["negative"])[:LOUDEST]):
        with st.container(gap=None):
            theme_head.link(row["name"], row["theme_id"], "complained", icon=":material/sentiment_dissatisfied:")
            behind = _behind(money.get(row["theme_id"]), session.settings["currency"])
            st.caption(words.plain(f"{row['negative']:,} negative of {words.count(row['mentions'], 'mention')}{behind}"))
            if not place:
                _latest(session, asked, row)
    if not rows:
        st.caption("Nothing negative was said about any theme in this period.")


def _behind(money: Row | None, currency: str) -> str:
    """Who speaks of a theme, in numbers.

    >>> _behind({"customers": 57, "revenue": 1_190_000.0}, "USD"), _behind({"customers": 1, "revenue": 0.0}, "USD")
    (' by 57 customers, revenue $1.19M in 12 months', ' by 1 customer')
    """
    if not money:
        return ""
    who = f" by {words.count(money['customers'], 'customer')}"
    return f"{who}, revenue {words.money(money['revenue'], currency)} in 12 months" if money["revenue"] else who


def _latest(session: Session, asked: Asked, theme: Row) -> None:
    """The last thing that was said about a theme in a negative tone."""
    named = {"theme_id": theme["theme_id"], "period": asked.period, "sentiment": "negative", "size": 1}
    for row in cached(session, quotes.latest, quotes.NOUNS, **named, **asked.filters):
        _said(row)


def _said(row: Row) -> None:
    """The clause that speaks of the theme, in the colour of its tone, with some words around it, and who said it."""
    who = f" · {words.plain(row['customer'])}" if row["customer"] else ""
    text, start, end = quoted.around(row, QUOTE, QUOTE // 3)
    st.markdown(f"“{words.marked(text, start, end, quoted.COLORS[row['tone']])}”{who}")


def _emerging(session: Session, asked: Asked) -> None:
    """The themes of which far more is said than in other weeks; of the first, who says it, and the latest of it."""
    rows: list[Row] = cached(session, emerging.emerging, emerging.NOUNS, **asked.filters)
    found = [row for row in rows if row["is_emerging"]]
    for place, row in enumerate(found[:MOST]):
        key = row["theme_id"] or theme_head.UNASSIGNED
        with st.container(gap=None):
            theme_head.link(row["name"], key, "emerging", icon=":material/local_fire_department:")
            st.caption(evidence(row))
            if not place:
                _heard_lately(session, asked, str(key))
    if not found:
        _nothing_new(rows)


def _nothing_new(rows: list[Row]) -> None:
    """What comes closest to being unusual, so that “nothing” can be checked."""
    known = [row for row in rows if row["expected"] is not None]
    if not known:
        st.caption("Too early to say what is unusual: it takes six weeks of comments.")
        return
    st.caption("Nothing unusual in the last 7 days. The closest to it:")
    for row in known[:CLOSEST]:
        st.caption(f"**{words.plain(row['name'])}**  \n{evidence(row)}")


def _heard_lately(session: Session, asked: Asked, theme: str) -> None:
    """Who spoke of a theme last, and one of them in their words: who complained, if anybody did."""
    week = Period(session.today - timedelta(days=emerging.DAYS - 1), session.today)
    named = {"theme_id": theme, "period": week, "size": SPEAKERS}
    rows = cached(session, quotes.latest, quotes.NOUNS, **named, **asked.filters)
    who = dict.fromkeys(words.plain(row["customer"]) for row in rows if row["customer"])
    if who:
        st.caption(f"Lately from {', '.join(who)}")
    for row in sorted(rows, key=lambda row: row["kind"] != "complaint")[:1]:
        _said(row)


def evidence(row: Row) -> str:
    """Why a theme is said to emerge, or not.

    >>> evidence({"count": 17, "low": 4.0, "high": 9.0, "expected": 6.2})
    '17 times in 7 days; 4 to 9 would be usual'
    >>> evidence({"count": 1, "low": 0.0, "high": 0.0, "expected": 0.0})
    '1 time in 7 days; 0 would be usual'
    """
    low, high = round(row["low"] or 0), round(row["high"] or 0)
    usual = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    return f"{words.count(row['count'], 'time')} in {emerging.DAYS} days; {usual} would be usual"


def _spotted(rows: list[Row], period: Period) -> None:
    for row in rows[:MOST]:
        _line(row)
    if len(rows) > MOST:
        st.caption(f"{len(rows) - MOST} more under Two periods.")
    if not rows:
        st.caption(f"Nothing changed more than by chance between {period.label} and the period before.")


def _line(row: Row, query: dict[str, str] | None = None) -> None:
    """A theme, how its share changed, and who said it; from another page it is a link with this query."""
    rose = row["share"] > row["share_before"]
    with st.container(gap=None):
        icon = ":material/trending_up:" if rose else ":material/trending_down:"
        if query:
            st.page_link(FEEDBACK, label=words.plain(row["name"]), icon=icon, query_params=query)
        else:
            theme_head.link(row["name"], row["theme_id"], "spotted", icon=icon)
        st.caption(f"{moved(row)}{_said_by(row)}")


def moved(row: Row) -> str:
    """How a share changed, with the range of the change where it is beyond chance.

    >>> moved({"share": 0.152, "share_before": 0.081, "low": 0.031, "high": 0.112, "direction": "rose"})
    'from 8 % to 15 % of comments, very likely by 3.1 to 11.2 points'
    >>> moved({"share": 0.09, "share_before": 0.081})
    'from 8 % to 9 % of comments, which may be chance'
    """
    shares = f"from {words.share(row['share_before'])} to {words.share(row['share'])} of comments"
    if "low" not in row:
        return f"{shares}, which may be chance"
    least, most = sorted(abs(row[name]) * 100 for name in ("low", "high"))
    return f"{shares}, very likely by {least:.1f} to {most:.1f} points"


def _said_by(row: Row) -> str:
    if not row.get("who"):
        return ""
    verb = "Most from" if row["direction"] == "rose" else "Before, most from"
    return f"  \n{verb} {', '.join(map(words.plain, row['who']))}"


def up_and_down(session: Session, period: Period, segment: Any = None) -> None:
    """The five that rose or fell most, for a page that is about more than feedback; nothing where there are no themes."""
    rows = _most_moved(session, period, {"segment": segment} if segment else {})
    if not rows:
        return
    with st.container(border=True, gap="small", key="themes_up_and_down"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.subheader("Feedback themes up and down", anchor=False)
            st.page_link(FEEDBACK, label="All themes", query_params={"period": period.label})
        for row in rows:
            query = {theme_head.THEME: str(row["theme_id"]), "period": period.label}
            _line(row, query)


def _most_moved(session: Session, period: Period, kept: Row) -> list[Row]:
    """What changed beyond chance, then what changed most within it."""
    sure = cached(session, theme_changes.spotted, theme_changes.NOUNS, period, **kept)
    known = {row["theme_id"] for row in sure}
    others = cached(session, standings.standings, standings.NOUNS, period, **kept)
    moving = sorted(
        (row for row in others if row["change"] and row["theme_id"] not in known), key=lambda row: -abs(row["change"])
    )
    return [*sure, *moving][:MOST]
