"""A figure split by what a person chooses: owner, team, region, product, or a field of the company's own."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from crm.charts import figures as charts
from crm.queries import custom_fields, figures
from crm.queries.periods import Period
from crm.queries.registry import FIGURES
from crm.queries.sources import SPLITS
from crm.store.session import Session
from crm.ui import marks, own, taking, words
from crm.ui.session import cached, current

MOST, SHOWN = 15, 200
OWN_NOUNS = ("custom_fields", "custom_choices", *custom_fields.NOUNS)


@st.fragment
def draw(period: Period, chosen: dict[str, Any], nouns: tuple[str, ...]) -> None:
    """The figure, by what, and its groups as bars that open to their rows."""
    session = current()
    labels = offered(session)
    with st.container(horizontal=True, vertical_alignment="bottom", key="split"):
        by = st.selectbox(
            "Split by", list(labels), format_func=labels.__getitem__, key="split_by", bind="query-params", width=260
        )
        keys = [key for key, figure in FIGURES.items() if figure.source.splits_by(by)]
        key = st.selectbox("Figure", keys, format_func=lambda name: FIGURES[name].title, key="split_figure", width=260)
    asked = (*nouns, *OWN_NOUNS)
    found = cached(session, figures.groups, asked, key, period, session.today, by, **chosen)[:MOST]
    title = f"{FIGURES[key].title} by {labels[by]}"
    if not found:
        st.caption(words.plain(f"{title}: nothing was counted in this period."))
        return

    def opened(asking: Session, mark: int, limit: int = taking.MOST) -> Any:
        group = found[mark]["group"]
        return figures.rows_behind(asking, key, period, asking.today, limit, by=by, group=group, **chosen)

    names = [f"{row['name']} (n = {row['n']:,})" for row in found]
    chart = charts.bars(names, [row["value"] for row in found], FIGURES[key].title, is_share=FIGURES[key].unit == "share")
    if FIGURES[key].unit == "money":
        chart = charts.in_money(chart, words.symbol(session.settings["currency"]))
    shown = partial(opened, session, limit=SHOWN)
    marks.draw(title, chart, "split_chart", shown, reversed_marks=True, everything=opened)


def offered(session: Session) -> dict[str, str]:
    """What figures can be split by, in words."""
    asked = [field for noun in custom_fields.NOUNS for field in own.known(session, noun) if field.is_split]
    return {name: name for name in SPLITS} | {field.split: f"{field.name} ({words.label(field.noun).lower()})" for field in asked}
