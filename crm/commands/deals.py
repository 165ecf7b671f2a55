"""Add, change and move deals. A deal's stage says how it ended; the history of its stages is kept beside it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from crm.commands import checks
from crm.commands.checks import Saved, checked
from crm.commands.own_values import checked_with_own
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
MOVED = {name: CHECKS[name] for name in ("stage_id", "closed_on", "amount", "lost_reason")}


def add_deal(session: Session, **fields: Any) -> Saved:
    """Add a possible sale; opened today, or the day it closed if that is over, unless said otherwise."""
    values = checked_with_own(session, "deals", fields, CHECKS, {"name", "stage_id"})
    values["opened_on"] = values.get("opened_on") or min(values.get("closed_on") or session.today, session.today)
    values |= _ending(session, values)
    with session.change(f"Add deal {values['name']}") as change:
        key = change.insert("deals", **values)
        _record(session, change, key, None, values["stage_id"])
    return Saved.of(key, change)


def edit_deal(session: Session, deal_id: UUID, *, version: UUID | None = None, **fields: Any) -> Saved:
    """Change fields of a deal; a new stage is a move like any other."""
    values = checked_with_own(session, "deals", fields, CHECKS, {"name", "stage_id"} & set(fields))
    current = _current(session, deal_id)
    moved = values.get("stage_id") not in {None, current["stage_id"]}
    if moved:
        values |= _ending(session, {**current, "closed_on": None, **values})
    with session.change(f"Edit deal {values.get('name') or current['name']}") as change:
        change.update("deals", deal_id, version=version, **values)
        if moved:
            _record(session, change, deal_id, current["stage_id"], values["stage_id"], values["closed_on"])
    return Saved.of(checks.key(deal_id, "Deal"), change)


def move_deal(
    session: Session,
    deal_id: UUID,
    stage_id: UUID,
    *,
    version: UUID | None = None,
    **ending: Any,
) -> Saved:
    """Move a deal to a stage; losing one needs a reason, reopening one clears how it had ended.

    `ending` is what a person may say of the end: `closed_on` (today unless said otherwise), `amount`, `lost_reason`.
    """
    current = _current(session, deal_id)
    values = checked({"stage_id": stage_id, **ending}, MOVED, {"stage_id"})
    stays = values["stage_id"] == current["stage_id"]
    known = {"opened_on": current["opened_on"], "closed_on": current["closed_on"] if stays else None}
    values |= _ending(session, known | values)
    stage = _stage(session, values["stage_id"])
    with session.change(f"Move {current['name']} to {stage['name']}") as change:
        change.update("deals", deal_id, version=version, **values)
        if not stays:
            _record(session, change, deal_id, current["stage_id"], stage["stage_id"], values["closed_on"])
    return Saved.of(checks.key(deal_id, "Deal"), change)


def archive_deal(session: Session, deal_id: UUID, *, version: UUID | None = None) -> Saved:
    """Put a deal aside: it is in no pipeline and no figure; History brings it back."""
    with session.change(f"Archive deal {_current(session, deal_id)['name']}") as change:
        change.archive("deals", deal_id, version=version)
    return Saved.of(deal_id, change)


def _ending(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    """What the outcome of a stage says about the day and the reason of the end."""
    outcome = _stage(session, values["stage_id"])["outcome"]
    if outcome == "open":
        return {"closed_on": None, "lost_reason": None}
    if outcome == "lost" and not values.get("lost_reason"):
        raise Refused("Why was it lost? Choose a reason or write one.", "lost_reason")
    closed_on = values.get("closed_on") or session.today
    if closed_on > session.today:
        raise Refused("Closed lies in the future. A deal is won or lost on a day that has come.", "closed_on")
    if values.get("opened_on") and closed_on < values["opened_on"]:
        raise Refused(
            f"Closed lies before the deal was opened, on {values['opened_on']:%d %b %Y}. Correct one of them.", "closed_on"
        )
    return {"closed_on": closed_on, "lost_reason": values.get("lost_reason") if outcome == "lost" else None}


def _record(
    session: Session, change: Change, deal_id: UUID, before: UUID | None, after: UUID, closed_on: date | None = None
) -> None:
    moved_at = _moved_at(session, deal_id, closed_on or session.today)
    change.insert("stage_changes", deal_id=deal_id, from_stage_id=before, to_stage_id=after, changed_at=moved_at)


def _moved_at(session: Session, deal_id: UUID, day: date) -> datetime:
    """Now; for an end entered later the end of its day, but never before the move before it."""
    if day >= session.today:
        return session.now
    last = session.value(
        "select max(changed_at) from stage_changes where deal_id = $deal_id and archived_at is null", deal_id=deal_id
    )
    evening = session.end_of(day) - timedelta(seconds=1)
    return max(evening, last + timedelta(seconds=1)) if last else evening


def _stage(session: Session, stage_id: UUID) -> dict[str, Any]:
    row = session.row("select stage_id, name, outcome from stages where stage_id = $stage_id", stage_id=stage_id)
    if row is None:
        raise Refused("This stage is no longer there. Choose another.", "stage_id")
    return row


def _current(session: Session, deal_id: UUID) -> dict[str, Any]:
    row = session.row(
        "select name, stage_id, opened_on, closed_on, lost_reason from deals where deal_id = $deal_id", deal_id=deal_id
    )
    if row is None:
        raise Refused("This deal is no longer there. Look for it in History.", "deal_id")
    return row
