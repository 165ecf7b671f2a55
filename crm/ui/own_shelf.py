"""Own fields in Settings: noun by noun in their order, a choice field with what it offers."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from crm.commands import custom_fields as define
from crm.queries import custom_fields, field_shelves, usage
from crm.ui import cards, settings_fields, shelf, words
from crm.ui.own import KINDS
from crm.ui.session import cached, current
from crm.ui.shelf import Row, Shelf

NOUNS = ("custom_fields", "custom_choices", *custom_fields.NOUNS)
FIELDS = Shelf(
    "custom_field",
    "own fields",
    lambda _: settings_fields.custom_field(st.session_state.get("add_custom_field.kind")),
    define.define_field,
    define.edit_field,
    define.archive_field,
    called="own field",
    kept=lambda _: settings_fields.custom_field_kept(),
)
CHOICES = Shelf(
    "custom_choice",
    "choices",
    lambda _: settings_fields.custom_choice(),
    define.add_choice,
    define.rename_choice,
    define.archive_choice,
    called="choice",
)


def draw() -> None:
    """Every own field; who may not change them is told whom to ask."""
    session = current()
    shelf.who_may("admin", FIELDS.table)
    rows = field_shelves.shelves(session)
    fields = [row for row in rows if row["custom_choice_id"] is None]
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption("What you keep about customers, deals and the rest beyond what every company keeps.")
        shelf.add_button(FIELDS)
    if not fields:
        cards.empty("edit_note", "No own field yet: a contract end, a tier, a membership number …", key="no_own_fields")
        return
    used = cached(session, field_shelves.used, NOUNS)
    for noun in custom_fields.NOUNS:
        own = [row for row in fields if row["noun"] == noun]
        if own:
            _noun(noun, own, rows, used)


def _noun(noun: str, own: list[Row], rows: list[Row], used: dict[str, int]) -> None:
    with st.container(border=True, key=f"own_{noun}"):
        st.subheader(words.label(noun), anchor=False)
        for row in own:
            with shelf.line(FIELDS, row, _detail(row), _uses(noun, row["custom_field_id"], used)):
                shelf.arrows("custom_field_id", row, own, define.reorder_fields)
            if row["kind"] in custom_fields.CHOSEN:
                theirs = [one for one in rows if one["custom_choice_id"] and one["custom_field_id"] == row["custom_field_id"]]
                _choices(row, theirs, used)


def _choices(field: Row, theirs: list[Row], used: dict[str, int]) -> None:
    names = ", ".join(row["name"] for row in theirs)
    with st.expander(words.plain(names or "No choice"), key=f"choices_{field['custom_field_id']}"):
        for row in theirs:
            with shelf.line(CHOICES, row, "", _uses(field["noun"], row["custom_choice_id"], used)):
                shelf.arrows("custom_choice_id", row, theirs, define.reorder_choices)
        shelf.add_button(CHOICES, custom_field_id=field["custom_field_id"])


def _uses(noun: str, key: UUID, used: dict[str, int]) -> usage.Uses:
    number = used.get(str(key), 0)
    return {noun: number} if number else {}


def _detail(row: Row) -> str:
    """What it holds, and where it is asked and shown.

    >>> _detail({"kind": "date", "is_required": True, "is_listed": False})
    'Date · required'
    """
    flags = [word for word, is_so in (("required", row["is_required"]), ("shown in lists", row["is_listed"])) if is_so]
    return " · ".join([KINDS[row["kind"]], *flags])
