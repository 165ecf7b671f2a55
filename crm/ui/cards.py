"""Cards: a figure with its change, its trend and its definition; an empty state with the way out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from crm.queries import figures
from crm.queries.periods import Period
from crm.queries.registry import FIGURES
from crm.store.session import Session
from crm.ui import dialogs, tables, taking, words
from crm.ui.session import current


def figure(
    key: str,
    found: dict[str, Any],
    period: Period,
    as_of: date,
    trend: Sequence[float | None] = (),
    filters: dict[str, Any] | None = None,
    note: str | None = None,
) -> None:
    """One figure: value, change against the previous period, trend, a note; its n opens the definition and the rows."""
    entry = FIGURES[key]
    currency = current().settings["currency"]
    known = [value for value in trend if value is not None]
    difference = words.change(found["value"], found.get("previous"), entry.unit)
    with st.container(border=True, height="stretch", gap="small", key=f"card_{key}"):
        st.metric(
            entry.title,
            words.figure(found["value"], entry.unit, currency),
            0 if difference and found["value"] == found.get("previous") else difference,
            delta_color="normal" if entry.more_is_better else "inverse",
            chart_data=known if len(known) > 2 else None,
            chart_type="area",
        )
        if found["value"] is None:
            st.caption(str(found.get("reason") or "too few to say").capitalize())
        if note:
            st.caption(words.plain(note))
        label = f"n = {found['n']:,}" if found.get("n") is not None else "Definition"
        if st.button(label, key=f"define_{key}", type="tertiary", icon=":material/info:", help="Definition and rows"):
            definition(key, found, period, as_of, filters or {})


@dialogs.dialog("What this figure says", width="large", position="right")
def definition(key: str, found: dict[str, Any], period: Period, as_of: date, filters: dict[str, Any]) -> None:
    """A figure's words, formula and rows."""
    entry, session = FIGURES[key], current()
    st.subheader(entry.title, anchor=False)
    st.markdown(entry.words)
    st.code(entry.formula, language=None, wrap_lines=True)
    exactly = (
        words.exact(found["value"], session.settings["currency"])
        if entry.unit == "money"
        else words.figure(found["value"], entry.unit)
    )
    st.markdown(f"**{words.plain(exactly)}** · {period.label} · as of {as_of:%d %b %Y} · n = {found.get('n') or 0:,}")
    rows = figures.rows_behind(session, key, period, as_of, limit=200, **filters)
    if rows.empty:
        st.caption("No rows stand behind it in this period.")
    else:
        tables.draw_opening(tables.on_clock(session, rows), key=f"rows_{key}", alt=f"The rows behind {entry.title}")
        everything = partial(_all_rows, key=key, period=period, as_of=as_of, filters=filters)
        taking.offer(f"figure_{key}", f"{entry.title} {period.label}", everything)


def _all_rows(session: Session, key: str, period: Period, as_of: date, filters: dict[str, Any]) -> pd.DataFrame:
    return figures.rows_behind(session, key, period, as_of, limit=taking.MOST, **filters)


@dialogs.dialog("What this number says", width="large", position="right")
def explained(
    title: str,
    shown: str,
    says: str,
    formula: str,
    n: int,
    rows: pd.DataFrame,
    key: str,
    everything: taking.Rows | None = None,
) -> None:
    """A number that is no registered figure: its words, its formula and its rows; `everything` gives all of them for a file."""
    st.subheader(words.plain(title), anchor=False)
    st.markdown(says)
    st.code(formula, language=None, wrap_lines=True)
    st.markdown(f"**{words.plain(shown)}** · n = {n:,}")
    if rows.empty:
        st.caption("No rows stand behind it.")
    else:
        tables.draw_opening(tables.on_clock(current(), rows), key=f"rows_{key}", alt=f"The rows behind {title}")
        taking.offer(key, title, everything or (lambda _: rows))


def number(label: str, value: object, words_: str | None = None) -> Any:
    """A plain number with a word about it; what can be done about it is drawn into what it returns."""
    box = st.container(border=True, height="stretch", gap="small")
    box.metric(label, str(value))
    if words_:
        box.caption(words_)
    return box


def is_key(text: str) -> bool:
    """Whether a word of the address can be the key of a row."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def empty(icon: str, sentence: str, key: str = "empty") -> Any:
    """An empty state: an icon, one sentence; the way out is drawn into what it returns."""
    box = st.container(border=True, horizontal_alignment="center", key=key)
    box.markdown(f"### :material/{icon}:", width="content")
    box.markdown(sentence, width="content")
    return box
