"""The themes as rows: how often, how it changed, in which tone, what it does to a score, whose money stands behind it, the loop.

A click on a theme opens it; a click on a number opens what the number says and the rows behind it. On a phone each is a card.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.queries import loop, standings, theme_worth
from crm.store.session import Session
from crm.ui import phone, taking, theme_head, theme_numbers, theme_table, words
from crm.ui.session import cached
from crm.ui.theme_head import Asked
from crm.ui.theme_numbers import MEASURES, NUMBERS

Row = dict[str, Any]
LOOP_WORDS = "Who has it, and how far it has come: nobody yet, owned, changed, told, asked again, and whether it helped."
TREND_WORDS = "Mentions over the weeks (of a longer period: the months) that lead up to the end of the period."
NUMBER_COLUMNS = ("mentions", "share", "net_sentiment", "customers", "revenue", "value", "open_amount")


def draw(session: Session, asked: Asked) -> None:
    """The list, most mentions first, with the score that impact is about."""
    rows = found(session, asked)
    measures = _measures(rows)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        measure = _measure(asked, measures)
        taking.offer("themes", f"Themes {asked.period.label}", lambda asking: _as_file(found(asking, asked)))
    wide, narrow = phone.either("themes")
    with wide:
        _table(session, asked, rows, measure)
        st.caption("Click a theme to open it, a number to see what it says and the rows behind it.")
    with narrow:
        for number, row in enumerate(rows):
            _card(session, number, row, measure)


def _measures(rows: list[Row]) -> list[str]:
    return [name for name in MEASURES if any(row["impact"].get(name) for row in rows)]


def _measure(asked: Asked, measures: list[str]) -> str | None:
    """The score that impact is shown on; asked for where there are several."""
    if len(measures) < 2:
        few = f"No impact on a score in {asked.period.label}: too few who gave one spoke of a theme."
        # Also a blank one is drawn: it keeps what follows at the other end.
        st.caption("" if measures or asked.corpus != "customers" else words.plain(few), width="content")
        return measures[0] if measures else None
    return st.segmented_control(
        "Impact on",
        measures,
        default=measures[0],
        required=True,
        format_func=lambda name: f"Impact on {MEASURES[name]}",
        key="impact_on",
        label_visibility="collapsed",
    )


def found(session: Session, asked: Asked) -> list[Row]:
    """One row per theme, with all that the list shows of it."""
    rows: list[Row] = asked.of(session, standings.standings)
    trends = asked.of(session, standings.trend)
    money = asked.of(session, theme_worth.money, nouns=theme_worth.NOUNS)
    impacts = asked.of(session, theme_worth.impact, nouns=theme_worth.NOUNS)
    states = cached(session, loop.states_of, loop.NOUNS, [row["theme_id"] for row in rows])
    return [
        row
        | {"trend": trends.get(row["theme_id"], []), "loop": states.get(row["theme_id"], "")}
        | dict.fromkeys(("revenue", "value", "open_amount"))
        | money.get(row["theme_id"], {})
        | {"impact": impacts.get(row["theme_id"], {})}
        for row in rows
    ]


def _frame(rows: list[Row], measure: str | None) -> pd.DataFrame:
    """What the table shows, in the order of its columns."""
    shown = []
    for row in rows:
        of_score = row["impact"].get(measure) if measure else None
        shown.append(
            {
                "name": row["name"],
                "mentions": row["mentions"],
                "share": theme_numbers.percent(row["share"]),
                "trend": row["trend"],
                "net_sentiment": None if row["net_sentiment"] is None else round(row["net_sentiment"] * 100),
                "impact": theme_numbers.effect(of_score, measure) if measure else None,
                **{name: row[name] for name in ("customers", "revenue", "value", "open_amount")},
                "loop": row["loop"],
            }
        )
    frame = pd.DataFrame(shown)
    empty = [name for name in ("revenue", "value", "open_amount", "impact") if not any(row[name] for row in shown)]
    return frame.drop(columns=empty)


def _table(session: Session, asked: Asked, rows: list[Row], measure: str | None) -> None:
    clicked = theme_table.draw(_frame(rows, measure), "themes_list", _columns(measure), alt="Themes")
    if clicked:
        row, column = clicked
        _open(session, asked, rows[row], column, measure)


def _columns(measure: str | None) -> dict[str, Any]:
    """Headings, what they say, and formats."""
    config = st.column_config
    heads: dict[str, Any] = {name: {"label": NUMBERS[name].title, "help": NUMBERS[name].says} for name in NUMBER_COLUMNS}
    amounts = {name: config.NumberColumn(**heads[name], format="compact") for name in ("revenue", "value", "open_amount")}
    columns = {
        "name": config.TextColumn("Theme", width=140),
        "mentions": config.NumberColumn(**heads["mentions"], format="localized"),
        "share": config.NumberColumn(**heads["share"], format="%.0f %%"),
        "trend": config.AreaChartColumn("Trend", help=TREND_WORDS, y_min=0, width="small"),
        "net_sentiment": config.NumberColumn(**heads["net_sentiment"], format="%+.0f"),
        "customers": config.NumberColumn(**heads["customers"], format="localized"),
        "loop": config.TextColumn("Loop", help=LOOP_WORDS),
        **amounts,
    }
    if measure:
        number = theme_numbers.impact_on(measure)
        columns["impact"] = config.TextColumn(number.title, help=number.says)
    return columns


def _open(session: Session, asked: Asked, row: Row, column: str, measure: str | None) -> None:
    """A theme, or what one of its numbers says."""
    name = f"{measure}_impact" if column == "impact" else column
    if column not in (*NUMBER_COLUMNS, "impact"):
        theme_head.leave_for(row["theme_id"])
    shown, n = _shown(session, row, column, measure)
    theme_numbers.explain(theme_numbers.of(name), shown, n, asked, row["theme_id"], row["name"])


def _shown(session: Session, row: Row, column: str, measure: str | None) -> tuple[str, int]:
    """A number as people read it, and of how many it is."""
    if column == "impact":
        of_score = row["impact"].get(measure)
        return theme_numbers.effect(of_score, str(measure)), of_score["n"] if of_score else 0
    if column == "net_sentiment":
        return theme_numbers.net(row["net_sentiment"]), row["mentions"]
    if column == "share":
        return words.figure(row["share"], "share"), row["comments"]
    if column in ("mentions", "customers"):
        return f"{row[column]:,}", row[column]
    return words.exact(row[column], session.settings["currency"]), row["customers"]


def _card(session: Session, number: int, row: Row, measure: str | None) -> None:
    """A theme on a phone: what a person wants to know of it in four lines."""
    currency = session.settings["currency"]
    lines = [
        f"{words.count(row['mentions'], 'mention')} · {words.share(row['share'])} of comments"
        + (f" · {change}" if (change := theme_numbers.points(row["change"])) else ""),
        f"Net sentiment {theme_numbers.net(row['net_sentiment'])}"
        + (f" · {MEASURES[measure]} {theme_numbers.effect(row['impact'].get(measure), measure)}" if measure else ""),
        f"{words.count(row['customers'], 'customer')}"
        + (f" · revenue {words.money(row['revenue'], currency)}" if row["revenue"] else "")
        + (f" · open {words.money(row['open_amount'], currency)}" if row["open_amount"] else ""),
        f"Loop: {row['loop']}",
    ]
    with phone.card("themes", number):
        theme_head.link(row["name"], row["theme_id"], "card")
        st.caption("  \n".join(words.plain(line) for line in lines if line))


def _as_file(rows: list[Row]) -> pd.DataFrame:
    """The list for a file: one column a number, the range of the impact apart."""
    flat = []
    for row in rows:
        impacts = {
            f"{name}_{part}": found[part]
            for name in MEASURES
            if (found := row["impact"].get(name))
            for part in ("effect", "low", "high")
        }
        kept = {name: value for name, value in row.items() if name not in ("impact", "trend", "theme_id", "net_before")}
        flat.append(kept | impacts)
    return pd.DataFrame(flat)
