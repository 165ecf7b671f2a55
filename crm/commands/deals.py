"""Add, change and move deals. A deal's stage says how it ended; the history of its stages is kept beside it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.commands import checks
from crm.commands.checks import Saved, checked
from crm.errors import Refused
from crm.store.changes import Change
from crm.store.session import Session

CHECKS: dict[str, checks.Check] = {
    "name": checks.NAME,
    **dict.fromkeys(("customer_id", "contact_id", "owner_id", "product_id", "stage_id"), checks.key),
    "amount": checks.money(),
    **dict.fromkeys(("opened_on", "expected_close_on", "closed_on"), checks.day),
    "lost_reason": checks.LINE,
    "note": checks.NOTE,
}


def add_deal(session: Session, **fields: Any) -> Saved:
    """Add a possible sale; opened today unless said otherwise."""
    values = checked(fields, CHECKS, {"name", "stage_id"})
    values["opened_on"] = values.get("opened_on") or session.today
    values |= _ending(session, values)
    with session.change(f"Add deal {values['name']}") as change:
        key = change.insert("deals", **values)
        _record(session, change, key, None, values["stage_id"])
    return Saved(key, change.change_set_id)


def edit_deal(session: Session, deal_id: UUID, *, version: UUID | None = None, **fields: Any) -> Saved:
    """Change fields of a deal; a new stage is a move like any other."""
    values = checked(fields, CHECKS, {"name", "stage_id"} & set(fields))
    current = _current(session, deal_id)
    moved = values.get("stage_id") not in {None, current["stage_id"]}
    if moved:
        values |= _ending(session, current | values)
    with session.change(f"Edit deal {values.get('name') or current['name']}") as change:
        change.update("deals", deal_id, version=version, **values)
        if moved:
            _record(session, change, deal_id, current["stage_id"], values["stage_id"])
    return Saved(checks.key(deal_id, "Deal"), change.change_set_id)


def move_deal(
    session: Session,
    deal_id: UUID,
    stage_id: UUID,
    *,
    lost_reason: str | None = None,
    version: UUID | None = None,
) -> Saved:
    """Move a deal to a stage; losing one needs a reason, reopening one clears how it had ended."""
    current = _current(session, deal_id)
    values = checked({"stage_id": stage_id, "lost_reason": lost_reason}, CHECKS, {"stage_id"})
    values |= _ending(session, values | {"closed_on": None})
    stage = _stage(session, values["stage_id"])
    with session.change(f"Move {current['name']} to {stage['name']}") as change:
        change.update("deals", deal_id, version=version, **values)
        if stage["stage_id"] != current["stage_id"]:
            _record(session, change, deal_id, current["stage_id"], stage["stage_id"])
    return Saved(checks.key(deal_id, "Deal"), change.change_set_id)


def _ending(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    """What the outcome of a stage says about the day and the reason of the end."""
    outcome = _stage(session, values["stage_id"])["outcome"]
    if outcome == "lost" and not values.get("lost_reason"):
        raise Refused("Why was it lost? Choose a reason or write one.", "lost_reason")
    return {
        "closed_on": None if outcome == "open" else values.get("closed_on") or session.today,
        "lost_reason": values.get("lost_reason") if outcome == "lost" else None,
    }


def _record(session: Session, change: Change, deal_id: UUID, before: UUID | None, after: UUID) -> None:
    change.insert("stage_changes", deal_id=deal_id, from_stage_id=before, to_stage_id=after, changed_at=session.now)


def _stage(session: Session, stage_id: UUID) -> dict[str, Any]:
    row = session.row("select stage_id, name, outcome from stages where stage_id = $stage_id", stage_id=stage_id)
    if row is None:
        raise Refused("This stage is no longer there. Choose another.", "stage_id")
    return row


def _current(session: Session, deal_id: UUID) -> dict[str, Any]:
    row = session.row(
        "select name, stage_id, closed_on, lost_reason from deals where deal_id = $deal_id", deal_id=deal_id
    )
    if row is None:
        raise Refused("This deal is no longer there. Look for it in History.", "deal_id")
    return row
