"""The cohort triangle: of those who first bought in a month, how many still buy later, or for how much."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from crm.queries import cohorts
from crm.ui import tables, taking, words
from crm.ui.session import cached, current

KEPT, REVENUE = "Customers kept", "Revenue"
SHADE = "rgba(52, 120, 200, {:.2f})"


@st.fragment
def draw(as_of: date) -> None:
    """The triangle, as shares or as money; a click on a cell lists its customers."""
    session = current()
    usual = cached(session, cohorts.unit_of, cohorts.NOUNS, as_of)
    with st.container(border=True, key="cohorts"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader("Cohorts", anchor=False)
            with st.container(horizontal=True, width="content"):
                shown = _choice("What", [KEPT, REVENUE], KEPT, "cohort_shows")
                unit = _choice("By", list(cohorts.UNITS), usual, "cohort_unit")
        rows = cached(session, cohorts.triangle, cohorts.NOUNS, as_of, unit)
        if not rows:
            st.caption("Nobody has bought yet.")
            return
        _triangle(pd.DataFrame(rows), shown, unit, as_of)


def _choice(label: str, options: list[str], default: str, key: str) -> str:
    picked: str = st.segmented_control(
        label, options, default=default, required=True, key=key, format_func=words.label, label_visibility="collapsed"
    )
    return picked


def _triangle(rows: pd.DataFrame, shown: str, unit: str, as_of: date) -> None:
    rows["share"] = rows["customer_count"] / rows["size"]
    column = "share" if shown == KEPT else "amount"
    table = rows.pivot(index="cohort_on", columns="age", values=column)
    sizes = rows.groupby("cohort_on")["size"].max()
    frame = table.set_axis([str(age) for age in table.columns], axis=1)
    frame.insert(0, "Customers", sizes)
    frame.insert(0, "First bought", [_name(day, unit) for day in table.index])
    picked = st.dataframe(
        _shaded(frame.reset_index(drop=True), shown),
        key=f"cohort_cells_{shown}_{unit}",
        hide_index=True,
        height="content",
        placeholder="",
        on_select="rerun",
        selection_mode="single-cell",
        alt=f"Cohorts by {unit}: {shown}",
    )
    st.caption(
        f"Columns count the {unit}s since the first purchase: in {unit} 0 everybody bought. The last of each line is the running "
        f"{unit}, still short. Purchases up to {as_of:%d %b %Y}. A click on a cell lists its customers."
    )
    cells = picked["selection"]["cells"]
    if cells and str(cells[0][1]).isdecimal():
        _listed(table.index[cells[0][0]], int(cells[0][1]), unit, as_of)


def _name(day: date, unit: str) -> str:
    """A cohort as people call it.

    >>> _name(date(2026, 4, 1), "month"), _name(date(2026, 4, 1), "quarter"), _name(date(2026, 1, 1), "year")
    ('Apr 2026', '2026 Q2', '2026')
    """
    return {"month": f"{day:%b %Y}", "quarter": f"{day:%Y} Q{(day.month + 2) // 3}", "year": f"{day:%Y}"}[unit]


def _shaded(frame: pd.DataFrame, shown: str) -> Any:
    """The more, the darker; what is still to come stays blank."""
    ages = [name for name in frame.columns if name.isdecimal()]
    rest = frame[[age for age in ages if age != "0"]].to_numpy(dtype="float64")
    top = float(pd.DataFrame(rest).max(axis=None, skipna=True)) if rest.size else 1.0
    currency = current().settings["currency"]

    def shade(value: float) -> str:
        share = 0.0 if pd.isna(value) else max(min(value / top, 1.0), 0.0) if top > 0 else 0.0
        return f"background-color: {SHADE.format(0.55 * share)}" if share else ""

    def text(value: float) -> str:
        return "" if pd.isna(value) else words.share(value) if shown == KEPT else words.money(value, currency)

    return frame.style.map(shade, subset=ages).format(text, subset=ages).format("{:,.0f}", subset=["Customers"])


def _listed(cohort_on: date, age: int, unit: str, as_of: date) -> None:
    found = cohorts.members(current(), as_of, unit, cohort_on, age)
    name = f"First bought {_name(cohort_on, unit)}, {unit} {age}"
    st.markdown(f"**{name}**: {words.count(len(found), 'customer') if len(found) < 200 else 'the 200 who bought most'}")
    key = f"cohort_{cohort_on}_{age}_{unit}"
    tables.draw_opening(found, key=key, alt=name)
    taking.offer(key, name, lambda asking: cohorts.members(asking, as_of, unit, cohort_on, age, taking.MOST))
