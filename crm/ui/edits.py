"""Put right what was entered: a line of a timeline or a task opens to the form it was entered with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import streamlit as st

from crm.commands.checks import Saved
from crm.commands.feedback import edit_feedback
from crm.commands.interactions import edit_interaction
from crm.commands.orders import edit_order
from crm.commands.tasks import edit_task
from crm.queries import records
from crm.store.session import Session
from crm.ui import dialogs, fields, forms
from crm.ui.session import current


@dataclass(frozen=True)
class Edit:
    """What one of a table is called, what its form asks, and the command that saves it."""

    noun: str
    fields: Callable[[Session], list[forms.Field]]
    save: Callable[..., Saved]


EDITS = {
    "feedback": Edit("feedback", fields.feedback, edit_feedback),
    "interactions": Edit("interaction", fields.interaction, edit_interaction),
    "orders": Edit("order", fields.order, edit_order),
    "tasks": Edit("task", fields.task, edit_task),
}


def button(table: str, key: UUID) -> None:
    """The way to the form of a record; within a dialog, in whose place it comes, too."""
    st.button("Edit", key=f"edit_{key}", type="tertiary", on_click=ask, args=(table, key))


def ask(table: str, key: UUID) -> None:
    """Ask for the form of a record as it stands now; one that has gone meanwhile is not there to be changed."""
    row = records.one(current(), table, key)
    if row:
        edit = EDITS[table]
        dialogs.asked(f"edit_{edit.noun}", dialogs.dialog(f"Edit {edit.noun}", width="large")(_form), edit, row)


def _form(edit: Edit, row: dict[str, Any]) -> None:
    session = current()
    save = partial(edit.save, session, row[f"{edit.noun}_id"])
    forms.draw(f"edit_{edit.noun}", edit.fields(session), save, done="Saved", row=row)
