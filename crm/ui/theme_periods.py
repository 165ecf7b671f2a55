"""The themes of two periods side by side: which rose, which fell, and what may be chance."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.errors import Refused
from crm.queries import periods, theme_changes
from crm.store.session import Session
from crm.ui import filters, phone, taking, theme_head, theme_numbers, theme_table, words
from crm.ui.session import cached
from crm.ui.theme_head import Asked

Row = dict[str, Any]
OTHER = "other_period"


def draw(session: Session, asked: Asked) -> None:
    """Every theme in the period of the page and in another one: what changed, and in which range the change lies."""
    other = _other(session, asked)
    if other is None:
        return
    rows: list[Row] = cached(session, theme_changes.compare, theme_changes.NOUNS, asked.period, other, **asked.filters)
    now, then = asked.period.label, other.label
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(
            f"How many of the comments speak of a theme in {now}, and in the whole of {then}. The true change lies in the range, "
            "95 times of 100.",
            width="content",
        )
        taking.offer("compared", f"Themes {now} and {then}", lambda _: pd.DataFrame(rows))
    wide, narrow = phone.either("compared")
    with wide:
        _compared(asked, other, rows)
    with narrow:
        for number, row in enumerate(rows):
            with phone.card("compared", number):
                theme_head.link(row["name"], row["theme_id"], "compared")
                st.caption(f"{words.share(row['share_other'])} → {words.share(row['share'])} · {_change(row)}  \n{_moved(row)}")


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


def _moved(row: Row) -> str:
    """Whether a share changed, said so that “perhaps not” is no blank.

    >>> _moved({"change": 0.2, "low": 0.1, "high": 0.3}), _moved({"change": 0.02, "low": -0.1, "high": 0.1})
    ('rose', 'may be chance')
    """
    if row["change"] is None:
        return words.NOTHING
    if row["low"] <= 0 <= row["high"]:
        return "may be chance"
    return "rose" if row["change"] > 0 else "fell"


def _compared(asked: Asked, other: periods.Period, rows: list[Row]) -> None:
    """A row a theme; a click on a theme opens it, on a number what it says in its period."""
    now, then = asked.period.label, other.label
    frame = pd.DataFrame(
        {
            "name": row["name"],
            "mentions": row["mentions"],
            "mentions_other": row["mentions_other"],
            "share": theme_numbers.percent(row["share"]),
            "share_other": theme_numbers.percent(row["share_other"]),
            "change": _change(row),
            "moved": _moved(row),
            "net_sentiment": theme_numbers.percent(row["net_sentiment"]),
            "net_sentiment_other": theme_numbers.percent(row["net_sentiment_other"]),
        }
        for row in rows
    )
    config = st.column_config
    columns = {
        "name": config.TextColumn("Theme", width=130),
        "mentions": config.NumberColumn("Mentions", help=f"Mentions {now}", format="localized"),
        "mentions_other": config.NumberColumn(then, help=f"Mentions {then}", format="localized"),
        "share": config.NumberColumn("Share", help=f"Share {now}", format="%.0f %%"),
        "share_other": config.NumberColumn(then, help=f"Share {then}", format="%.0f %%"),
        "change": config.TextColumn("Change in points", help="With the range in which the true change lies."),
        "moved": config.TextColumn("Rose or fell", help="It rose or fell where the whole range is on one side of 0."),
        "net_sentiment": config.NumberColumn("Net sentiment", help=f"Net sentiment {now}", format="%+.0f"),
        "net_sentiment_other": config.NumberColumn(then, help=f"Net sentiment {then}", format="%+.0f"),
    }
    clicked = theme_table.draw(frame, "themes_compared", columns, alt="Themes in two periods")
    if clicked:
        place, column = clicked
        _open(asked, other, rows[place], column)


def _open(asked: Asked, other: periods.Period, row: Row, column: str) -> None:
    """A theme, or what one of its numbers says in the period that it is of."""
    name = "change" if column == "moved" else column.removesuffix("_other")
    if name == "name":
        theme_head.leave_for(row["theme_id"])
    there = Asked(other, asked.filters) if column.endswith("_other") else asked
    after = column[len(name) :] if column.startswith(name) else ""
    title = f"{row['name']}, {there.period.label}" + (f" against {other.label}" if name == "change" else "")
    shown, n = _shown(row, name, after)
    theme_numbers.explain(theme_numbers.of(name), shown, n, there, row["theme_id"], title)


def _shown(row: Row, name: str, after: str) -> tuple[str, int]:
    """A number as people read it, and of how many it is; `after` says of which period."""
    if name == "change":
        return _change(row), row["comments"] + row["comments_other"]
    value = row[f"{name}{after}"]
    if name == "share":
        return words.figure(value, "share"), row[f"comments{after}"]
    return theme_numbers.net(value) if name == "net_sentiment" else f"{value:,}", row[f"mentions{after}"]
