"""Take changes back."""

from __future__ import annotations

from uuid import UUID

from crm.commands import checks
from crm.store.session import Session
from crm.store.undo import Undone, undo


def undo_change(session: Session, change_set_id: UUID | str) -> Undone:
    """Undo one change set; the undo can be undone."""
    return undo(session, checks.key(change_set_id, "Change"))
