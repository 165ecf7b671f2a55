"""Duplicates: pairs that are likely one, side by side, for a person to decide; and the merges that can be taken back."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from math import ceil
from typing import Any

import streamlit as st

from crm.commands.duplicates import keep_apart, reconsider
from crm.commands.jobs import ask
from crm.queries import duplicates, jobs, merges
from crm.store.session import Session
from crm.ui import cards, flash, merging, phone, progress, words
from crm.ui.places import PROFILE
from crm.ui.session import current

JOB = "duplicates"
PAGE = 10
LABELS = {"contacts": "Contacts", "customers": "Companies"}
HIDDEN = ("customer_id",)
SAME = " :green[:material/check:]"
Row = tuple[str, str, str]  # label, one, the other


def draw(session: Session) -> None:
    """Candidates first, then what was decided before."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        noun = st.segmented_control(
            "Of",
            list(LABELS),
            default="contacts",
            required=True,
            format_func=LABELS.__getitem__,
            key="duplicates_of",
            label_visibility="collapsed",
        )
        search = duplicates.last_search(session, noun)
        under_way = jobs.is_under_way(jobs.latest(session, JOB))
        if search and session.scope == "all":
            st.button("Look again", key="look_again", icon=":material/refresh:", on_click=_ask, disabled=under_way)
    progress.draw(session, JOB)
    if search:
        _candidates(session, noun, search)
    elif not under_way:
        with cards.empty("join_inner", "Nobody has looked for duplicates here yet.", key="no_search"):
            st.button("Look for duplicates", key="look", type="primary", icon=":material/search:", on_click=_ask)
    _merged(session)
    _apart(session)


def _ask() -> None:
    flash.attempt("flash", lambda: ask(current(), JOB), "Looking for duplicates")


def _candidates(session: Session, noun: str, search: dict[str, Any]) -> None:
    """The pairs of one page, the likeliest first."""
    number = duplicates.count(session, noun)
    made = session.local(search["made_at"])
    age = "" if search["is_fresh"] else " Something was changed since: look again for what is new."
    st.caption(
        f"{words.count(number, 'likely pair')} among {search['row_count']:,} {LABELS[noun].lower()}, "
        f"looked for on {made:%d %b %Y at %H:%M}.{age}"
    )
    if not number:
        cards.empty("task_alt", "No two of them look like one.", key="no_pairs")
        return
    pages = ceil(number / PAGE)
    page = min(int(st.session_state.get(f"pairs_{noun}", 1)), pages)
    found = duplicates.pairs(session, noun, limit=PAGE, first=(page - 1) * PAGE)
    known = duplicates.sides(session, noun, [pair[side] for pair in found for side in ("one_id", "other_id")])
    for number, pair in enumerate(found):
        _pair(session, noun, number, pair, known)
    if pages > 1:
        st.pagination(pages, key=f"pairs_{noun}")


def _pair(session: Session, noun: str, number: int, pair: dict[str, Any], known: dict[Any, dict[str, Any]]) -> None:
    one, other = known[pair["one_id"]], known[pair["other_id"]]
    key = f"{pair['one_id']}_{pair['other_id']}"
    with st.container(border=True, key=f"pair_{key}"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
                st.badge(likelihood(pair["score"]), color="green" if pair["score"] >= duplicates.SURE else "orange")
                for side in (one, other):
                    _link(side)
            with st.container(horizontal=True, gap="small", width="content"):
                if session.may("manager") and st.button("Merge…", key=f"merge_{key}", icon=":material/merge:"):
                    merging.ask(noun, pair["one_id"], pair["other_id"])
                st.button("Not a duplicate", key=f"apart_{key}", type="tertiary", on_click=_keep_apart, args=(noun, pair))
        _sides(session, str(number), one, other)


def _link(side: dict[str, Any]) -> None:
    st.page_link(PROFILE, label=words.plain(side["name"]), query_params={"customer": str(side["customer_id"])}, width="content")


def likelihood(score: float) -> str:
    """How likely two are one; nothing is ever sure.

    >>> likelihood(0.734), likelihood(0.9999)
    ('73 % likely', 'over 99 % likely')
    """
    return "over 99 % likely" if score > 0.99 else f"{score * 100:.0f} % likely"


def _sides(session: Session, key: str, one: dict[str, Any], other: dict[str, Any]) -> None:
    """The two side by side; on a phone one below the other."""
    names = [name for name in one if name not in HIDDEN and (one[name] or other[name])]
    rows = [(words.label(name.removesuffix("_at")), _text(session, one[name]), _text(session, other[name])) for name in names]
    rows = [row for row in rows if row[0] != "Added" or row[1] != row[2]]  # that both came in one file says nothing
    wide, narrow = phone.either(f"sides_{key}")
    wide.markdown(table(rows))
    narrow.markdown(lines(rows))


def table(rows: list[Row]) -> str:
    """Two records side by side as a table of markdown, the names at its head; equal values are marked.

    >>> print(table([("Name", "Ann", "Anne"), ("City", "Bonn", "Bonn")]))
    | :gray[Name] | Ann | Anne |
    |:--|:--|:--|
    | :gray[City] :green[:material/check:] | Bonn | Bonn |
    """
    head, *rest = [
        f"| :gray[{label}]{SAME if is_same(one, other) else ''} | {_plain(one)} | {_plain(other)} |" for label, one, other in rows
    ]
    return "\n".join([head, "|:--|:--|:--|", *rest])


def lines(rows: list[Row]) -> str:
    """The same for a narrow screen: what agrees once, what differs with both.

    >>> lines([("Name", "Ann", "Anne"), ("City", "Bonn", "Bonn")]).split("  \\n")
    [':gray[Name] Ann · Anne', ':gray[City] :green[:material/check:] Bonn']
    """
    parts = [
        f":gray[{label}]{SAME} {_plain(one)}" if is_same(one, other) else f":gray[{label}] {_plain(one)} · {_plain(other)}"
        for label, one, other in rows
    ]
    return "  \n".join(parts)


def is_same(one: str, other: str) -> bool:
    """Whether two texts say the same, case left aside."""
    return one.casefold() == other.casefold()


def _plain(text: str) -> str:
    return words.plain(text) or words.NOTHING


def _text(session: Session, value: Any) -> str:
    if isinstance(value, datetime):
        return f"{session.local(value):%d %b %Y}"
    if isinstance(value, date):
        return f"{value:%d %b %Y}"
    return "" if value is None else str(value)


def _keep_apart(noun: str, pair: dict[str, Any]) -> None:
    done = f"{pair['one_name']} and {pair['other_name']} stay two"
    flash.attempt("flash", partial(keep_apart, current(), noun, pair["one_id"], pair["other_id"]), done)


def _merged(session: Session) -> None:
    """Merges that stand, each with its way back."""
    found = merges.standing(session)
    if not found:
        return
    with st.expander(f"Merged ({len(found)})", key="merged"):
        for row in found:
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                when = f"{session.local(row['merged_at']):%d %b %Y, %H:%M}"
                into = f"{words.plain(row['loser_name'])} → **{words.plain(row['winner_name'])}**"
                st.markdown(f"{into}  \n:small[:gray[{when} · {words.plain(row['actor_name'])}]]", width="content")
                if session.may("manager") and st.button("Unmerge…", key=f"unmerge_{row['merge_id']}", type="tertiary"):
                    merging.ask_back(row["merge_id"])


def _apart(session: Session) -> None:
    """Pairs that somebody said are two."""
    found = duplicates.not_duplicates(session)
    if not found:
        return
    with st.expander(f"Not duplicates ({len(found)})", key="kept_apart"):
        for row in found:
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                st.markdown(f"{words.plain(row['one_name'])} · {words.plain(row['other_name'])}", width="content")
                st.button(
                    "Maybe after all",
                    key=f"reconsider_{row['not_duplicate_id']}",
                    type="tertiary",
                    on_click=partial(
                        flash.attempt, "flash", partial(reconsider, current(), row["not_duplicate_id"]), "Listed again"
                    ),
                )
