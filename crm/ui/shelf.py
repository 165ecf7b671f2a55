"""A shelf of Settings: the rows of one noun. Each opens to its form, which says what uses it before it is put aside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import streamlit as st

from crm.commands.checks import Saved
from crm.queries import employees, usage
from crm.store.session import Session
from crm.ui import cards, dialogs, flash, forms, keys, words
from crm.ui.session import cached, current

Row = dict[str, Any]
MOST, NAMED = 40, 3


@dataclass(frozen=True)
class Shelf:
    """One noun: how it is called, who may change it, what its form asks, and the three commands on it.

    `called` is its name where people read it, `kept` what can still be changed of one that is there, where that is less.
    """

    noun: str
    table: str
    fields: Callable[[Session], list[forms.Field]]
    add: Callable[..., Saved]
    edit: Callable[..., Saved]
    archive: Callable[..., Saved]
    role: str = "admin"
    called: str = ""
    kept: Callable[[Session], list[forms.Field]] | None = None

    @property
    def name(self) -> str:
        """What people call it."""
        return self.called or self.noun

    def key(self, row: Row) -> Any:
        """The key of a row."""
        return row[f"{self.noun}_id"]


def who_may(role: str, what: str) -> None:
    """To those who may not: one sentence on whom to ask."""
    if current().may(role):
        return
    able = [row["name"] for row in employees.active(current()) if row["role"] == role]
    named = f", like {', '.join(able[:NAMED])}" if able else ""
    above = "" if role == "admin" else " or higher"
    st.caption(words.plain(f"Changing {what} needs the role of {role}{above}: ask one of them{named}."))


def draw(shelf: Shelf, rows: Sequence[Row], detail: Callable[[Row], str]) -> None:
    """The whole shelf: who may change it or the way to add, a search where there are many, the lines."""
    who_may(shelf.role, shelf.table.replace("_", " "))
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        found = _fitting(shelf, rows)
        add_button(shelf)
    if not found:
        cards.empty("search_off", f"No {shelf.name} {'fits' if rows else 'yet'}.", key=f"no_{shelf.table}")
        return
    used = uses(shelf, found)
    with st.container(border=True, key=f"shelf_{shelf.table}"):
        for row in found:
            with line(shelf, row, detail(row), used.get(shelf.key(row), {})):
                pass


def uses(shelf: Shelf, rows: Sequence[Row]) -> dict[Any, usage.Uses]:
    """What uses each row."""
    return cached(current(), usage.uses, usage.users(shelf.table), shelf.table, [shelf.key(row) for row in rows])


def add_button(shelf: Shelf, label: str | None = None, **given: Any) -> None:
    """The way to add one, for those who may; what is given goes to the command beside what is typed."""
    place = "_".join(map(str, given.values()))
    if current().may(shelf.role) and st.button(
        label or f"Add a{'n' if shelf.name[0] in 'aeiou' else ''} {shelf.name}",
        key=f"add_{shelf.noun}_button{place}",
        icon=":material/add:",
    ):
        forget(f"add_{shelf.noun}")
        dialogs.dialog(f"Add {shelf.name}")(_add)(shelf, given)


@contextmanager
def line(shelf: Shelf, row: Row, detail: str, used: usage.Uses) -> Iterator[None]:
    """One row: its name and what it says; what uses it; for those who may, the form behind it."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        with st.container(gap=None, width="content"):
            st.markdown(f"**{words.plain(row['name'])}**")
            if detail:
                st.caption(words.plain(detail))
        with st.container(horizontal=True, width="content", vertical_alignment="center", gap="small"):
            st.caption(usage.in_words(dict(list(used.items())[:NAMED])), width="content")
            yield
            if current().may(shelf.role):
                _edit_button(shelf, row, used)


def _edit_button(shelf: Shelf, row: Row, used: usage.Uses) -> None:
    if st.button("Edit", key=f"edit_{shelf.key(row)}", type="tertiary", icon=":material/edit:"):
        forget(f"edit_{shelf.noun}")
        dialogs.dialog(f"Edit {shelf.name}")(_edit)(shelf, row, used)


def _fitting(shelf: Shelf, rows: Sequence[Row]) -> Sequence[Row]:
    """The rows that fit a search, where there are more than one sees at once."""
    if len(rows) <= MOST:
        st.caption(words.count(len(rows), shelf.name))
        return rows
    text = st.text_input(
        "Find",
        key=f"find_{shelf.table}",
        type="search",
        live="250ms",
        placeholder=f"Find one of {words.count(len(rows), shelf.name)}",
        label_visibility="collapsed",
        width=300,
    )
    wanted = (text or "").casefold().strip()
    return [row for row in rows if wanted in row["name"].casefold()][:MOST]


def _add(shelf: Shelf, given: dict[str, Any]) -> None:
    session = current()
    save = partial(shelf.add, session, **given)
    forms.draw(f"add_{shelf.noun}", shelf.fields(session), save, done=f"{words.label(shelf.name)} added", label="Add")


def _edit(shelf: Shelf, row: Row, used: usage.Uses) -> None:
    session = current()
    save = partial(shelf.edit, session, shelf.key(row))
    forms.draw(f"edit_{shelf.noun}", (shelf.kept or shelf.fields)(session), save, done="Saved", row=row)
    with st.container(border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        keeps = f"Used by {usage.in_words(used)}. Once archived it stays theirs, and nobody can choose it any more."
        st.caption(keeps if used else "Nothing uses it.")
        st.button("Archive", key=f"archive_{shelf.noun}", icon=":material/archive:", on_click=_archive, args=(shelf, row))
    flash.problem(f"archive_{shelf.noun}")


def _archive(shelf: Shelf, row: Row) -> None:
    put_aside = partial(shelf.archive, current(), shelf.key(row), version=row["version"])
    flash.attempt(f"archive_{shelf.noun}", put_aside, f"{row['name']} is archived")


def forget(form: str) -> None:
    """An opened dialog starts anew: without what was typed or refused in it before."""
    forms.clear(form)
    st.session_state.pop(keys.PROBLEM, None)


def arrows(key: str, row: Row, rows: Sequence[Row], reorder: Callable[..., Saved]) -> None:
    """Up and down, for those who may."""
    if not current().may("admin"):
        return
    order = [each[key] for each in rows]
    place = order.index(row[key])
    for icon, other, way in (("arrow_upward", place - 1, "up"), ("arrow_downward", place + 1, "down")):
        st.button(
            way.title(),  # the name that a screen reader says; an icon alone has none
            key=f"{way}_{row[key]}",
            type="tertiary",
            icon=f":material/{icon}:",
            help=f"Move {words.plain(row['name'])} {way}",
            disabled=not 0 <= other < len(order),
            on_click=_move,
            args=(order, place, other, reorder),
        )


def _move(order: list[UUID], place: int, other: int, reorder: Callable[..., Saved]) -> None:
    order[place], order[other] = order[other], order[place]
    flash.attempt("flash", partial(reorder, current(), order), "Reordered")
