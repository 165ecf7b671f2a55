"""Take changes back."""

from __future__ import annotations

from uuid import UUID

from crm.commands import checks
from crm.errors import Refused
from crm.store.session import Session
from crm.store.undo import Undone, undo


def undo_change(session: Session, change_set_id: UUID | str) -> Undone:
    """Undo one change set; the undo can be undone."""
    try:
        wanted = checks.key(change_set_id, "Change")
    except Refused:
        raise Refused(f"“{change_set_id}” is not the id of a change: the history lists them.", "change") from None
    return undo(session, wanted)
