"""The brand as a set: how known and how recommended we are, beside NPS and repeat rate; what was measured, and by whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from crm.commands import brand as enter
from crm.commands.checks import Saved
from crm.queries import brand, choices, figures
from crm.queries.periods import Period, containing
from crm.queries.registry import FIGURES
from crm.store.session import Session
from crm.ui import cards, eventlist, flash, shelf, taking, uploader, words
from crm.ui.forms import Field
from crm.ui.session import cached, current
from crm.ui.shelf import Shelf

Row = dict[str, Any]
QUARTERS = 8
PERCENT = 100


def draw(session: Session) -> None:
    """The set over the last twelve months, then the readings with the way to enter one."""
    year = Period(session.today - timedelta(days=364), session.today, first_month=int(session.settings["first_month_of_year"]))
    st.caption(f"The twelve months to {session.today:%d %b %Y}, against the twelve before. Click n to see what a figure says.")
    _set(session, year)
    _readings(session)


def _set(session: Session, year: Period) -> None:
    nouns = tuple(dict.fromkeys(noun for key in brand.SET for noun in FIGURES[key].nouns))
    found = cached(session, figures.figures, nouns, year, session.today, keys=brand.SET)
    entered = cached(session, brand.latest, brand.NOUNS)
    before = cached(session, brand.latest, brand.NOUNS, year.start - timedelta(days=1))
    with st.grid(3, min_column_width=220):
        for key in brand.SET:
            reading = entered.get(key)
            asked = {"n": reading["sample_count"]} if reading else {}  # of how many, not how many readings
            note = "; ".join(_notes(session, reading, before.get(key))) if reading else None
            cards.figure(key, found[key] | asked, year, session.today, _trend(session, key, year), note=note)


def _trend(session: Session, key: str, year: Period) -> list[float | None]:
    """The values of the last eight quarters that are over; of what is measured now and then, none: a line would pretend."""
    if FIGURES[key].macro == "reading_figures":
        return []
    quarters = [containing("quarter", year.end).shifted(-step) for step in range(QUARTERS, 0, -1)]
    found: list[float | None] = cached(session, figures.series, FIGURES[key].nouns, key, quarters, session.today)
    return found


def _notes(session: Session, reading: Row, before: Row | None) -> list[str]:
    """Where a number is from; what another source says of the same days; and whose number it is compared with, if another's."""
    others = [f"also {said(row)}" for row in cached(session, brand.beside, brand.NOUNS, reading)]
    is_other = before and before["taken_from"].casefold() != reading["taken_from"].casefold()
    return [said(reading), *others, *([f"before, by another source: {said(before)}"] if before and is_other else [])]


def said(row: Row) -> str:
    """A reading in a few words: the number, of how many, by whom, over which days.

    >>> from datetime import date
    >>> spring = {"starts_on": date(2026, 4, 1), "ends_on": date(2026, 6, 30), "taken_from": "Panel"}
    >>> said(spring | {"value_share": 0.31, "sample_count": 400})
    '31.0 % of 400 · Panel · 1 Apr to 30 Jun 2026'
    """
    of = f" of {row['sample_count']:,}" if row["sample_count"] else ""
    days = eventlist.days(row["starts_on"], row["ends_on"])
    return f"{words.figure(row['value_share'], 'share')}{of} · {row['taken_from']} · {days}"


def _readings(session: Session) -> None:
    rows = brand.readings(session)
    with st.container(border=True, key="brand_readings"):
        st.subheader("What was measured", anchor=False)
        shown = [row | {"name": FIGURES[row["measure"]].title, "percent": row["value_share"] * PERCENT} for row in rows]
        shelf.draw(READINGS, shown, lambda row: "; ".join(filter(None, [said(row), row["note"]])))
        with st.container(horizontal=True):
            if rows:
                taking.offer("brand_readings", "Brand readings", lambda asking: pd.DataFrame(brand.readings(asking)))
            _bring(session)


def _bring(session: Session) -> None:
    """A file of readings, for those who may enter them."""
    if not session.may(READINGS.role):
        return
    with st.popover("Bring a file", icon=":material/upload_file:", type="tertiary", key="brand_file"):
        st.caption("CSV or Excel with the columns measure, from, to, value (0.31 or 31 %), n, source, note.")
        file = uploader.draw(session, "File", key="brand_upload", type=["csv", "xlsx"], label_visibility="collapsed")
        if file:
            st.button("Import", key="brand_import", type="primary", on_click=_import, args=(file.getvalue(), file.name))
        flash.problem("brand_import")


def _import(content: bytes, name: str) -> None:
    flash.attempt("brand_import", lambda: enter.import_readings(current(), content, name), lambda brought: brought.summary())


def _fields(session: Session) -> list[Field]:
    titles = {measure: FIGURES[measure].title for measure in choices.BRAND_MEASURES}
    return [
        Field("measure", "What was measured", "choice", titles, required=True),
        Field("percent", "Value in %", "decimal", required=True, placeholder="31"),
        Field("taken_from", "Source", required=True, placeholder="Street survey in six cities, by an agency"),
        Field("starts_on", "First day", "day", required=True, default=session.today.replace(day=1)),
        Field("ends_on", "Last day", "day", help="Blank: only that day. The figure counts from here on."),
        Field("sample_count", "Of how many (n)", "number", help="Mentions, people asked, or sales."),
        Field("note", "Note", "area", more=True),
    ]


def _add(session: Session, **typed: Any) -> Saved:
    return enter.add_reading(session, **_as_share(typed))


def _edit(session: Session, brand_reading_id: Any, **typed: Any) -> Saved:
    return enter.edit_reading(session, brand_reading_id, **_as_share(typed))


def _as_share(typed: dict[str, Any]) -> dict[str, Any]:
    """People write per cent, the store keeps a share."""
    percent = typed.pop("percent", None)
    return typed | {"value_share": None if percent is None else percent / PERCENT}


READINGS = Shelf("brand_reading", "brand_readings", _fields, _add, _edit, enter.archive_reading, role="manager", called="reading")
