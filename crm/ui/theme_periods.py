"""The themes of two periods side by side: which rose, which fell, and what may be chance."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.errors import Refused
from crm.queries import periods, theme_changes
from crm.store.session import Session
from crm.ui import filters, phone, taking, theme_head, theme_numbers, words
from crm.ui.session import cached
from crm.ui.theme_head import Asked

Row = dict[str, Any]
ALL_SEEN = 20
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
        _compared(rows, now, then)
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


def _compared(rows: list[Row], now: str, then: str) -> None:
    frame = pd.DataFrame(
        {
            "name": row["name"],
            "mentions": row["mentions"],
            "mentions_other": row["mentions_other"],
            "share": theme_numbers.percent(row["share"]),
            "share_other": theme_numbers.percent(row["share_other"]),
            "change": _change(row),
            "moved": _moved(row),
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
            "moved": config.TextColumn("Rose or fell", help="It rose or fell where the whole range is on one side of 0."),
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
