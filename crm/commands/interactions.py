"""Log what happened between us and a customer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.commands import checks
from crm.commands.checks import Saved
from crm.commands.own_values import checked_with_own
from crm.errors import Refused
from crm.queries import choices
from crm.store.session import Session

CHECKS: dict[str, checks.Check] = {
    **dict.fromkeys(("customer_id", "contact_id", "deal_id", "employee_id"), checks.key),
    "channel": checks.one_of(choices.CHANNELS),
    "direction": checks.one_of(choices.DIRECTIONS),
    "occurred_at": checks.instant,
    "subject": checks.LINE,
    "note": checks.NOTE,
    "duration_minutes": checks.whole(0, 10_000),
    "campaign": checks.LINE,
}


def log_interaction(session: Session, **fields: Any) -> Saved:
    """Log a call, e-mail, meeting, visit, post, newsletter or note; now and by oneself unless said otherwise."""
    values = checked_with_own(session, "interactions", fields, CHECKS, {"channel"})
    values["occurred_at"] = values.get("occurred_at") or session.now
    values["employee_id"] = values.get("employee_id") or session.actor.employee_id
    if not (values.get("note") or values.get("subject")) and values["channel"] == "note":
        raise Refused("A note needs a text. Write what is worth remembering.", "note")
    if not values.get("customer_id") and not values.get("campaign"):
        raise Refused("Customer is missing. Say with whom it was.", "customer_id")
    with session.change(f"Log {_name(values['channel'])}{_with(session, values.get('customer_id'))}") as change:
        key = change.insert("interactions", **values)
    return Saved.of(key, change)


def edit_interaction(session: Session, interaction_id: UUID, *, version: UUID | None = None, **fields: Any) -> Saved:
    """Correct what was logged."""
    values = checked_with_own(session, "interactions", fields, CHECKS, {"channel", "occurred_at"} & set(fields))
    with session.change("Correct an interaction") as change:
        change.update("interactions", interaction_id, version=version, **values)
    return Saved.of(checks.key(interaction_id, "Interaction"), change)


def _name(channel: str) -> str:
    return f"an {channel}" if channel[0] in "aeiou" else f"a {channel}"


def _with(session: Session, customer_id: UUID | None) -> str:
    if not customer_id:
        return ""
    name = session.value("select name from customers where customer_id = $customer_id", customer_id=customer_id)
    return f" with {name}" if name else ""
