"""The rows of a rule on the screen: what is asked about, how it is compared, with what; groups of them, and what is left out.

What stands in the inputs is the draft: it is read from the session's state, so that the count beside it is always of what is
seen. A row's inputs are keyed by what is asked about, so that another subject begins with empty ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any, Literal

import streamlit as st

from crm.queries.comparisons import BY_KIND, LONGEST_DAYS
from crm.queries.conditions import Condition, Group
from crm.queries.subjects import GROUPS, Part, Subject, known
from crm.store.session import Session

DRAFT = "segment_draft"
MATCHES = {"all": "all of these", "any": "any of these", "none": "none of these"}
FIRST_SUBJECT = "lifecycle_stage"
# Words that may be others than those found so far.
OPEN_KINDS = ("choice",)
DAYS = (date(1900, 1, 1), date(2200, 12, 31))


def begin(of: str, rule: Group, version: Any = None) -> None:
    """Start a draft: a new one with one row, or what is kept of a segment.

    The version that was read then goes with it, so that a second editor is told. What somebody wrote since is drawn only
    where nothing was changed here yet.
    """
    draft = st.session_state.get(DRAFT, {})
    if draft.get("of") == of and (draft["version"] in (version, None) or draft.get("first") != _inputs()):
        return
    forget()
    st.session_state[DRAFT] = {"of": of, "groups": [], "number": 0, "rows": {}, "version": version}
    nested = [part for part in rule.parts if isinstance(part, Group)]
    rows = [part for part in rule.parts if isinstance(part, Condition)]
    if rule.match == "none":
        rows, nested = [], [rule]
    _add_group(rule.match if rule.match != "none" else "all", rows or ([] if nested else [Condition(FIRST_SUBJECT, "one_of")]))
    for group in nested:
        _add_group(group.match, [part for part in group.parts if isinstance(part, Condition)])


def forget() -> None:
    """Drop the draft and all that stands in its inputs."""
    for key in [key for key in st.session_state if str(key).startswith("seg.")]:
        del st.session_state[key]
    st.session_state.pop(DRAFT, None)


def draw(session: Session) -> Group:
    """The whole rule as rows; gives it as it stands."""
    subjects, draft = known(session), st.session_state[DRAFT]
    named: dict[int, Mapping[str, str]] = {}
    first, *others = [_group(session, subjects, named, group, place) for place, group in enumerate(draft["groups"])]
    with st.container(horizontal=True, gap="small"):
        for match, label in (("any", "Any of several"), ("all", "All of several"), ("none", "Leave out")):
            add = partial(_add_group, match, [Condition(FIRST_SUBJECT, "one_of")])
            st.button(label, key=f"seg_add_{match}", icon=":material/add:", type="tertiary", on_click=add)
    return Group(first.match, (*first.parts, *(group for group in others if group.parts)))


def drawn() -> None:
    """Keep what stands in the inputs when they were drawn first: nothing was typed while it still stands there."""
    st.session_state[DRAFT].setdefault("first", _inputs())


def _inputs() -> dict[str, Any]:
    return {str(key): value for key, value in st.session_state.items() if str(key).startswith("seg.")}


def _group(
    session: Session, subjects: Mapping[str, Subject], named: dict[int, Mapping[str, str]], group: dict[str, Any], place: int
) -> Group:
    key = f"seg.match.{group['id']}"
    st.session_state.setdefault(key, group["match"])
    with st.container(border=True, key=f"seg_group_{group['id']}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown("and" if place else "**Customers who fit**", width="content")
            offered = [match for match in MATCHES if place or match != "none"]
            st.segmented_control(
                "Which", offered, format_func=MATCHES.__getitem__, key=key, required=True, label_visibility="collapsed"
            )
            if place:
                _away(f"seg_drop_{group['id']}", "Take this group away", partial(_drop_group, group["id"]))
        rows = [_row(session, subjects, named, row, group) for row in group["rows"]]
        add = partial(_add_row, group["id"])
        st.button("Row", key=f"seg_row_{group['id']}", icon=":material/add:", type="tertiary", on_click=add)
    return Group(str(st.session_state.get(key) or group["match"]), tuple(rows))


def _row(
    session: Session, subjects: Mapping[str, Subject], named: dict[int, Mapping[str, str]], row: int, group: dict[str, Any]
) -> Condition:
    start: Condition = st.session_state[DRAFT]["rows"][row]
    offered = [one.key for name in GROUPS for one in subjects.values() if one.group == name]
    offered = [key for key in offered if not subjects[key].is_archived or key == start.subject]
    asked = f"seg.{row}.subject"
    st.session_state.setdefault(asked, start.subject if start.subject in subjects else FIRST_SUBJECT)
    about, compared, with_what, away = st.columns([5, 4, 6, 1], gap="small", vertical_alignment="bottom")
    with about:
        said = partial(_called, subjects)
        key = st.selectbox("Subject", offered, format_func=said, key=asked, label_visibility="collapsed")
    subject = subjects[key]
    same = start if start.subject == key else Condition(key, "")
    with compared:
        name = _comparison(subject, same, f"seg.{row}.{key}.is")
    takes = BY_KIND[subject.kind][name].takes
    place = f"seg.{row}.{key}.{takes}"
    kept = same.value if same.comparison in BY_KIND[subject.kind] and _takes(subject, same.comparison) == takes else None
    with away:
        _away(f"seg_drop_row_{row}", "Take this row away", partial(_drop_row, group["id"], row))
    if takes == "parts":
        return Condition(key, name, _parts(session, named, subject, place, kept or {}))
    with with_what:
        return Condition(key, name, _value(session, named, takes, subject, place, kept))


def _takes(subject: Subject, comparison: str) -> str:
    return BY_KIND[subject.kind][comparison].takes


def _called(subjects: Mapping[str, Subject], key: str) -> str:
    """A subject in the list of all: with its group, where that says more."""
    label, group = subjects[key].label, subjects[key].group
    return label if group in (label, f"{label}s") else f"{label} · {group.lower()}"


def _away(key: str, words: str, drop: Callable[[], None]) -> None:
    st.button("", key=key, icon=":material/close:", type="tertiary", help=words, on_click=drop)


def _comparison(subject: Subject, same: Condition, key: str) -> str:
    comparisons = BY_KIND[subject.kind]
    names = [name for name in comparisons if not (subject.never_blank and name in ("filled", "blank"))]
    st.session_state.setdefault(key, same.comparison if same.comparison in names else names[0])
    said = {name: comparisons[name].label for name in names}
    return str(st.selectbox("Comparison", names, format_func=said.__getitem__, key=key, label_visibility="collapsed"))


def _value(session: Session, named: dict[int, Mapping[str, str]], takes: str, asked: Subject | Part, key: str, start: Any) -> Any:
    """The input that fits the comparison; what stands in it as a rule keeps it."""
    if takes == "nothing":
        return None
    if takes == "several":
        return _several(session, named, asked, key, start)
    if takes in ("numbers", "two_days"):
        first, last = start if isinstance(start, list) and len(start) == 2 else (None, None)
        single = "number" if takes == "numbers" else "day"
        with st.container(horizontal=True, gap="small"):
            return [_single(single, asked, f"{key}.a", first), _single(single, asked, f"{key}.b", last)]
    return _single(takes, asked, key, start)


def _single(takes: str, asked: Subject | Part, key: str, start: Any) -> Any:
    seen: Literal["visible", "collapsed"] = "visible" if isinstance(asked, Part) else "collapsed"
    label = asked.label
    if takes == "text":
        st.session_state.setdefault(key, start or "")
        return st.text_input(label, key=key, live="300ms", label_visibility=seen, placeholder="Text")
    if takes == "day":
        st.session_state.setdefault(key, date.fromisoformat(start) if start else None)
        day = st.date_input(label, None, *DAYS, key=key, format="YYYY-MM-DD", label_visibility=seen)
        return day.isoformat() if isinstance(day, date) else None
    if takes == "days" or asked.key == "times":
        st.session_state.setdefault(key, None if start is None else int(start))
        words = "Any" if isinstance(asked, Part) else "Days"
        return st.number_input(label, 0, LONGEST_DAYS, None, 1, key=key, label_visibility=seen, placeholder=words)
    st.session_state.setdefault(key, None if start is None else float(start))
    words = "Any" if isinstance(asked, Part) else "Number"
    return st.number_input(label, None, None, None, 1.0, "%g", key, label_visibility=seen, placeholder=words)


def _several(session: Session, named: dict[int, Mapping[str, str]], asked: Subject | Part, key: str, start: Any) -> list[str]:
    names = named.setdefault(id(asked.options), asked.options(session) if asked.options else {})
    st.session_state.setdefault(key, list(start or []))
    options = list(dict.fromkeys([*names, *st.session_state[key]]))
    return st.multiselect(
        asked.label,
        options,
        format_func=lambda value: str(names.get(value, value)),
        key=key,
        accept_new_options=asked.kind in OPEN_KINDS,
        label_visibility="visible" if isinstance(asked, Part) else "collapsed",
        placeholder="Any" if isinstance(asked, Part) else "Choose",
    )


def _parts(
    session: Session, named: dict[int, Mapping[str, str]], subject: Subject, key: str, start: Mapping[str, Any]
) -> dict[str, Any]:
    """What the record must be: each part is asked for, and a blank one may be anything."""
    with st.grid(4, min_column_width=140, gap="small"):
        found = {
            part.key: _value(session, named, part.takes, part, f"{key}.{part.key}", start.get(part.key)) for part in subject.parts
        }
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def _add_group(match: str, rows: list[Condition]) -> None:
    draft = st.session_state[DRAFT]
    draft["number"] += 1
    draft["groups"].append({"id": draft["number"], "match": match, "rows": []})
    for row in rows:
        _add_row(draft["number"], row)


def _add_row(group: int, row: Condition | None = None) -> None:
    draft = st.session_state[DRAFT]
    number = len(draft["rows"]) + 1
    draft["rows"][number] = row or Condition(FIRST_SUBJECT, "one_of")
    next(each for each in draft["groups"] if each["id"] == group)["rows"].append(number)


def _drop_row(group: int, row: int) -> None:
    found = next(each for each in st.session_state[DRAFT]["groups"] if each["id"] == group)
    found["rows"].remove(row)


def _drop_group(group: int) -> None:
    draft = st.session_state[DRAFT]
    draft["groups"] = [each for each in draft["groups"] if each["id"] != group]
