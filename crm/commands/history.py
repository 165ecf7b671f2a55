"""Take changes back."""

from __future__ import annotations

from uuid import UUID

from crm.commands import checks
from crm.commands.employees import FIRST_START
from crm.errors import Refused
from crm.store.session import Session
from crm.store.undo import Undone, undo


def undo_change(session: Session, change_set_id: UUID | str) -> Undone:
    """Undo one change set; the undo can be undone."""
    try:
        wanted = checks.key(change_set_id, "Change")
    except Refused:
        raise Refused(f"“{change_set_id}” is not the id of a change: the history lists them.", "change") from None
    if session.value("select title from change_sets where change_set_id = $key", key=wanted) == FIRST_START:
        raise Refused("This made the first admin, without whom nobody could set anything. Archive that person in Settings.")
    return undo(session, wanted)
