"""The company's own fields on the screen: as inputs of a form, as lines on a profile."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import streamlit as st

from crm.queries import custom_fields
from crm.queries.custom_fields import CustomField
from crm.store.session import Session
from crm.ui import tables, words
from crm.ui.forms import Field
from crm.ui.session import cached, current

KINDS = {
    "text": "Text",
    "long_text": "Long text",
    "number": "Number",
    "money": "Money",
    "date": "Date",
    "yes_no": "Yes or no",
    "choice": "A choice",
    "choices": "Several choices",
    "link": "Link",
}
INPUTS = {
    "text": "text",
    "long_text": "area",
    "number": "decimal",
    "money": "money",
    "date": "day",
    "yes_no": "own choice",
    "choice": "own choice",
    "choices": "own choices",
    "link": "url",
}
COLUMNS: dict[str, Callable[[str], Any]] = {
    "number": lambda name: st.column_config.NumberColumn(name, format="localized"),
    "money": lambda name: st.column_config.NumberColumn(name, format="localized"),
    "date": lambda name: st.column_config.DateColumn(name, format=tables.DAY),
    "link": st.column_config.LinkColumn,
}


def known(session: Session, noun: str) -> list[CustomField]:
    """A noun's own fields: asked for many times on one page, so kept until somebody changes one."""
    return [field for field in cached(session, custom_fields.every, ("custom_fields", "custom_choices")) if field.noun == noun]


def fields(session: Session, noun: str) -> list[Field]:
    """What a noun's form asks of its own fields: the required ones at once, the rest behind “More”."""
    return [
        Field(
            each.argument,
            words.plain(each.name),
            INPUTS[each.kind],
            required=each.is_required,
            more=not each.is_required,
            own=each,
        )
        for each in known(session, noun)
    ]


def shown(session: Session, field: CustomField, value: Any) -> str | None:
    """A value in words; money with its currency."""
    if field.kind == "money" and value is not None:
        return words.exact(value, session.settings["currency"])
    return custom_fields.as_text(field, value)


def panel(noun: str, row: dict[str, Any]) -> None:
    """The own fields of a row, in their order; nothing where there are none."""
    session = current()
    asked = known(session, noun)
    if not asked:
        return
    held = {each: custom_fields.value(each, row.get("own")) for each in asked}
    number = sum(value is not None for value in held.values())
    with st.expander(f"Own fields ({number})", expanded=number > 0, key="own_fields"):
        for field, value in held.items():
            if value is not None:
                _line(session, field, value)
        if not number:
            st.caption("None is filled in yet. Edit, then “More”.")


def _line(session: Session, field: CustomField, value: Any) -> None:
    with st.container(gap=None, key=f"own_{field.key}"):
        st.caption(words.plain(field.name))
        if field.kind == "link":
            st.page_link(value, label=words.plain(value.split("://", 1)[-1]), icon=":material/open_in_new:")
        else:
            st.text(shown(session, field, value) or "")


def columns(session: Session, noun: str) -> dict[str, str]:
    """The columns that a list can show of own fields, by heading."""
    return {field.argument: field.name for field in known(session, noun)}


def listed(session: Session, noun: str) -> list[str]:
    """Those that show until somebody chooses others."""
    return [field.argument for field in known(session, noun) if field.is_listed]


def sorts(session: Session, noun: str) -> dict[str, str]:
    """Those that a list can be sorted by."""
    return {field.argument: field.name for field in known(session, noun) if field.is_sort}


def answers(session: Session, noun: str) -> dict[str, dict[str, Any]]:
    """Those that a list can be filtered by, each with its few answers."""
    asked = [field for field in known(session, noun) if field.is_filter]
    return {
        field.argument: {"Yes": True, "No": False} if field.kind == "yes_no" else {one.name: one.key for one in field.choices}
        for field in asked
    }


def choose_columns(names: dict[str, str], usual: list[str]) -> None:
    """Which columns a list shows; a field that was put aside meanwhile leaves the choice."""
    if "columns" in st.session_state:
        st.session_state["columns"] = [name for name in st.session_state["columns"] if name in names]
    st.multiselect("Columns", list(names), usual, format_func=names.__getitem__, key="columns", persist_state="session")


def spread(session: Session, noun: str, rows: list[dict[str, Any]]) -> None:
    """Put each own field's value into the rows under its argument: days and numbers as such, the rest as people read it."""
    asked = known(session, noun)
    for row in rows:
        for field in asked:
            found = custom_fields.value(field, row["own"])
            row[field.argument] = found if field.kind in COLUMNS else custom_fields.as_text(field, found) or ""


def column_config(session: Session, noun: str) -> dict[str, Any]:
    """How a table draws them."""
    return {
        field.argument: COLUMNS[field.kind](field.name) if field.kind in COLUMNS else st.column_config.TextColumn(field.name)
        for field in known(session, noun)
    }


def line(fields: Iterable[CustomField], row: dict[str, Any]) -> str:
    """The fields that are shown in lists, as one line about a row; as plain text."""
    listed = [field for field in fields if field.is_listed]
    return " · ".join(f"{name}: {text}" for name, text in custom_fields.filled(listed, row.get("own")).items())
