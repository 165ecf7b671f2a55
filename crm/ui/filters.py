"""The period and the filters in a page's header; they stand in the address, so that a link shows what its sender saw."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import streamlit as st

from crm.queries import choices, employees, periods, segments, stages
from crm.store.session import Session
from crm.ui import keys, words

ALL = "All"


def period(session: Session, *, ahead: bool = False) -> periods.Period:
    """The period that the page is about: this quarter unless another is chosen; `ahead` offers the next ones too."""
    first = int(session.settings["first_month_of_year"])
    chosen = st.selectbox(
        "Period",
        offered(session.today, first, ahead=ahead),
        key=keys.PERIOD,
        bind="query-params",
        label_visibility="collapsed",
        width=150,
        accept_new_options=True,
        help="A year, quarter or month: type 2017, 2017-Q2, 2017-04 or 2017-01-01..2017-06-30",
    )
    return periods.parse(chosen, first)


def offered(today: date, first: int, *, ahead: bool = False) -> list[str]:
    """This and the last quarters, years and months; with `ahead`, the next one of each after this one."""
    found = []
    for kind, many in (("quarter", 9), ("year", 4), ("month", 13)):
        newest, *older = periods.latest(kind, today, many, first)
        found += [newest, *([newest.shifted(1)] if ahead else []), *older]
    return [each.label for each in found]


def named_segments(session: Session) -> dict[str, Any]:
    """The segments that a list can be filtered by: name → key."""
    return {row["name"]: row["segment_id"] for row in segments.every(session)}


def popover(names: Iterable[str]) -> Any:
    """The button that the filters lie behind; it counts those that are set, also by a link that was just opened."""
    number = sum(st.session_state.get(name, st.query_params.get(name, ALL)) != ALL for name in names)
    return st.popover(f"Filter ({number})" if number else "Filter", icon=":material/filter_list:")


def more(session: Session) -> dict[str, Any]:
    """Whose: team, owner, pipeline, region, lifecycle, segment; the badge on the button counts what is set."""
    sources = {
        "owner": {row["name"]: row["employee_id"] for row in employees.active(session)},
        "team": {row["name"]: row["team_id"] for row in employees.teams(session)},
        "pipeline": {row["name"]: row["pipeline_id"] for row in stages.pipelines(session)},
        "region": {name: name for name in employees.regions(session)},
        "lifecycle": {words.label(name): name for name in choices.LIFECYCLE_STAGES},
        "segment": named_segments(session),
    }
    with popover(sources):
        picked = {
            name: st.selectbox(words.label(name), [ALL, *options], key=name, bind="query-params")
            for name, options in sources.items()
        }
    return {f"for_{name}": sources[name][value] for name, value in picked.items() if value != ALL}
