"""Themes by segment: the share of each theme in what the customers of a segment say."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from crm.charts import figures as charts
from crm.queries import segments, theme_changes, theme_rows
from crm.store.session import Session
from crm.ui import cards, marks, phone, taking, theme_head, theme_numbers, theme_table, words
from crm.ui.places import SEGMENTS
from crm.ui.session import cached
from crm.ui.theme_head import Asked

Row = dict[str, Any]
MOST_SEGMENTS, WIDTH = 12, 160
FEW = 5  # comments of a segment: of fewer no share is shown


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


def draw(session: Session, asked: Asked) -> None:
    """The share of each theme in the comments of each segment; on a phone a card a theme."""
    rows = _by_segment(session, asked)
    if _no_segments(rows):
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        said = f"How many of the comments of a segment's customers in {asked.period.label} speak of a theme"
        st.caption(f"{said}; {words.NOTHING} where there are fewer than {FEW} comments.", width="content")
        taking.offer("by_segment", "Themes by segment", lambda _: pd.DataFrame(rows))
    themes: dict[Any, list[Row]] = {}
    for row in rows:
        themes.setdefault(row["theme_id"], []).append(row)
    wide, narrow = phone.either("segmented")
    with wide:
        _segmented(asked, list(themes.values()))
    with narrow:
        for number, found in enumerate(themes.values()):
            with phone.card("segmented", number):
                theme_head.link(found[0]["name"], found[0]["theme_id"], "segmented")
                st.caption("  \n".join(f"{words.plain(row['segment'])}: {_in_words(row)}" for row in found))


def _told(row: Row) -> float | None:
    """The share of a theme in a segment, unless it is one of very few comments."""
    return None if row["comments"] < FEW else row["share"]


def _in_words(row: Row) -> str:
    return "too few comments" if row["comments"] < FEW else f"{words.share(row['share'])} of {row['comments']:,}"


def _line(found: list[Row]) -> Row:
    """A theme's row of the table."""
    return {"name": found[0]["name"]} | {str(row["segment_id"]): theme_numbers.percent(_told(row)) for row in found}


def _segmented(asked: Asked, themes: list[list[Row]]) -> None:
    """A row a theme, a column a segment; a click on a theme opens it, on a share what was said there."""
    config = st.column_config
    columns: dict[str, Any] = {"name": config.TextColumn("Theme", width=150)}
    for row in themes[0]:
        said = f"{row['segment']}: {words.count(row['comments'], 'comment')}"
        columns[str(row["segment_id"])] = config.NumberColumn(row["segment"], help=said, width=WIDTH, format="%.0f %%")
    frame = pd.DataFrame(_line(found) for found in themes)
    clicked = theme_table.draw(frame, "themes_by_segment", columns, alt="Share of themes by segment")
    if clicked:
        place, column = clicked
        by_segment = {str(row["segment_id"]): row for row in themes[place]}
        if column not in by_segment:
            theme_head.leave_for(themes[place][0]["theme_id"])
        _share(asked, by_segment[column])


def _share(asked: Asked, row: Row) -> None:
    """What the share of a theme in one segment says, and the comments behind it."""
    there = Asked(asked.period, asked.filters | {"segment": row["segment_id"]})
    shown, name = words.figure(_told(row), "share"), f"{row['name']} in the segment {row['segment']}"
    theme_numbers.explain(theme_numbers.of("share"), shown, row["comments"], there, row["theme_id"], name)


def of_theme(session: Session, asked: Asked, theme: Row) -> None:
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
