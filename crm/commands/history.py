"""Take changes back."""

from __future__ import annotations

from uuid import UUID

from crm.commands import checks
from crm.commands.employees import FIRST_START
from crm.errors import Conflict, Refused
from crm.queries import merges
from crm.store.session import Session
from crm.store.undo import Undone, undo


def undone_in_words(undone: Undone) -> str:
    """What to say of an undo: that it is done, and what it had to leave out."""
    if not undone.erased:
        return "Undone. History keeps both."
    many = f"{undone.erased:,} rows were" if undone.erased > 1 else "1 row was"
    return f"Undone. {many} left out: of a person who was erased, and whom no undo brings back."


def undo_change(session: Session, change_set_id: UUID | str) -> Undone:
    """Undo one change set; the undo can be undone."""
    try:
        wanted = checks.key(change_set_id, "Change")
    except Refused:
        raise Refused(f"“{change_set_id}” is not the id of a change: the history lists them.", "change") from None
    if session.value("select title from change_sets where change_set_id = $key", key=wanted) == FIRST_START:
        raise Refused("This made the first admin, without whom nobody could set anything. Archive that person in Settings.")
    try:
        return undo(session, wanted)
    except Conflict as error:
        raise Conflict(f"{error.message}{merges.way_out(session, wanted)}", error.field) from None
