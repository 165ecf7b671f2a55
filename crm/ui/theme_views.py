"""Themes in another light: two periods side by side, and their share in each segment."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from crm.charts import figures as charts
from crm.errors import Refused
from crm.queries import periods, segments, theme_changes, theme_rows
from crm.store.session import Session
from crm.ui import cards, filters, marks, phone, taking, theme_head, theme_numbers, words
from crm.ui.places import SEGMENTS
from crm.ui.session import cached
from crm.ui.theme_head import Asked

Row = dict[str, Any]
MOST_SEGMENTS, ALL_SEEN = 12, 20
FEW = 5
OTHER = "other_period"


def two_periods(session: Session, asked: Asked) -> None:
    """Every theme in the period of the page and in another one: what changed, and in which range the change lies."""
    other = _other(session, asked)
    if other is None:
        return
    rows: list[Row] = cached(session, theme_changes.compare, theme_changes.NOUNS, asked.period, other, **asked.filters)
    now, then = asked.period.label, other.label
    st.caption(
        f"The share of comments that speak of a theme in {now} and in {then}. The range is where the true change lies, 95 times "
        "of 100."
    )
    wide, narrow = phone.either("compared")
    with wide:
        _compared(rows, now, then)
    with narrow:
        for number, row in enumerate(rows):
            with phone.card("compared", number):
                theme_head.link(row["name"], row["theme_id"], "compared")
                st.caption(f"{words.share(row['share_other'])} → {words.share(row['share'])} · {_change(row)}")
    taking.offer("compared", f"Themes {now} and {then}", lambda _: pd.DataFrame(rows))


def _other(session: Session, asked: Asked) -> periods.Period | None:
    """The period to compare with: the one before, unless another is chosen."""
    first = int(session.settings["first_month_of_year"])
    before = asked.period.previous(session.today)[0].label
    offered = list(dict.fromkeys([before, *filters.offered(session.today, first)]))
    st.session_state.setdefault(OTHER, st.query_params.get(OTHER, before))
    chosen = st.selectbox(
        f"{asked.period.label} against", offered, key=OTHER, bind="query-params", accept_new_options=True, width=220
    )
    try:
        return periods.parse(chosen, first)
    except Refused as error:
        st.error(words.plain(error.message), icon=":material/error:")
        return None


def _change(row: Row) -> str:
    """The change of a share with its range."""
    if row["change"] is None:
        return "nothing to compare"
    low, value, high = (theme_numbers.signed(row[name] * 100) for name in ("low", "change", "high"))
    return f"{value} ({low} to {high})"


def _percent(share: float | None) -> float | None:
    return None if share is None else share * 100


def _compared(rows: list[Row], now: str, then: str) -> None:
    frame = pd.DataFrame(
        {
            "name": row["name"],
            "mentions": row["mentions"],
            "mentions_other": row["mentions_other"],
            "share": _percent(row["share"]),
            "share_other": _percent(row["share_other"]),
            "change": _change(row),
            "is_clear": row["change"] is not None and not row["low"] <= 0 <= row["high"],
            "net": None if row["net_sentiment"] is None else row["net_sentiment"] * 100,
            "net_other": None if row["net_sentiment_other"] is None else row["net_sentiment_other"] * 100,
        }
        for row in rows
    )
    config = st.column_config
    picked: Any = st.dataframe(
        frame,
        key="themes_compared",
        hide_index=True,
        height="content" if len(rows) <= ALL_SEEN else 740,
        column_config={
            "name": config.TextColumn("Theme", width=130),
            "mentions": config.NumberColumn("Mentions", help=f"Mentions {now}", format="localized"),
            "mentions_other": config.NumberColumn(then, help=f"Mentions {then}", format="localized"),
            "share": config.NumberColumn("Share", help=f"Share {now}", format="%.0f %%"),
            "share_other": config.NumberColumn(then, help=f"Share {then}", format="%.0f %%"),
            "change": config.TextColumn("Change in points", help="With the range in which the true change lies."),
            "is_clear": config.CheckboxColumn("Beyond chance", help="The range of the change leaves out 0."),
            "net": config.NumberColumn("Net sentiment", help=f"Net sentiment {now}", format="%+.0f"),
            "net_other": config.NumberColumn(then, help=f"Net sentiment {then}", format="%+.0f"),
        },
        placeholder=words.NOTHING,
        on_select="rerun",
        selection_mode="single-cell",
        alt="Themes in two periods",
    )
    cells = picked["selection"]["cells"]
    if cells:
        theme_head.go(rows[cells[0][0]]["theme_id"])
        st.rerun()


def _by_segment(session: Session, asked: Asked) -> list[Row]:
    """The themes in each segment, as many as can be looked at together."""
    keys = [row["segment_id"] for row in segments.every(session)][:MOST_SEGMENTS]
    rest = {name: value for name, value in asked.filters.items() if name != "segment"}
    nouns = (*theme_changes.NOUNS, *segments.NOUNS)
    found: list[Row] = cached(session, theme_changes.by_segment, nouns, asked.period, keys, **rest) if keys else []
    return found


def _no_segments(rows: list[Row]) -> bool:
    if rows:
        return False
    with cards.empty("filter_list", "There is no segment yet to look at themes by.", key="no_segments"):
        st.page_link(SEGMENTS, label="Build a segment", icon=":material/add:", query_params={"open": "new"})
    return True


def by_segment(session: Session, asked: Asked) -> None:
    """The share of each theme in the comments of each segment."""
    rows = _by_segment(session, asked)
    if _no_segments(rows):
        return
    frame = pd.DataFrame(rows)
    table = frame.pivot_table(index="name", columns="segment", values="share", sort=False, dropna=False, observed=True)
    counts = frame.groupby("segment", sort=False)["comments"].first()
    names = {name: f"{name} (n = {counts[name]:,})" for name in table.columns}
    st.caption(f"Of the comments of a segment's customers in {asked.period.label}, how many speak of a theme.")
    st.dataframe(
        (table * 100).reset_index(),
        key="themes_by_segment",
        hide_index=True,
        height="content" if len(table) <= ALL_SEEN else 740,
        column_config={
            "name": st.column_config.TextColumn("Theme", width="medium"),
            **{name: st.column_config.NumberColumn(label, format="%.0f %%") for name, label in names.items()},
        },
        placeholder=words.NOTHING,
        alt="Share of themes by segment",
    )
    taking.offer("by_segment", "Themes by segment", lambda _: frame)


def theme_by_segment(session: Session, asked: Asked, theme: Row) -> None:
    """One theme's share in each segment, with the range in which it lies; a click lists what was said."""
    rows = [row for row in _by_segment(session, asked) if row["theme_id"] == theme["theme_id"] and row["comments"]]
    if _no_segments(rows):
        return
    labels = [f"{row['segment']} ({row['mentions']:,} of {row['comments']:,})" for row in rows]
    values, lows, highs = ([row[name] for row in rows] for name in ("share", "low", "high"))
    chart = charts.intervals(labels, values, lows, highs, "Share", faint=[row["comments"] < FEW for row in rows])
    marks.draw(
        "Share of comments by segment",
        chart,
        "theme_segments",
        note="The line is where the true share lies, 95 times of 100. A click lists what was said.",
        reversed_marks=True,
        everything=partial(_said_in, rows=rows, asked=asked),
    )


def _said_in(session: Session, mark: int, limit: int = theme_rows.MOST, *, rows: list[Row], asked: Asked) -> pd.DataFrame:
    kept = asked.filters | {"segment": rows[mark]["segment_id"]}
    return theme_rows.said(session, asked.period, rows[mark]["theme_id"], limit=limit, **kept)
