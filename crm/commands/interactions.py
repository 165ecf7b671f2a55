"""Log what happened between us and a customer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.commands import checks
from crm.commands.checks import Saved, checked
from crm.commands.feedback import with_duty
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


def log_interaction(session: Session, *, said: str | None = None, said_kind: str | None = None, **fields: Any) -> Saved:
    """Log a call, e-mail, meeting, visit, post, newsletter or note; now and by oneself unless said otherwise.

    What they `said` in it, in their words, is kept as feedback of that kind in the same change set.
    """
    values = checked_with_own(session, "interactions", fields, CHECKS, {"channel"})
    values["occurred_at"] = values.get("occurred_at") or session.now
    values["employee_id"] = values.get("employee_id") or session.actor.employee_id
    if not (values.get("note") or values.get("subject") or said) and values["channel"] == "note":
        raise Refused("A note needs a text. Write what is worth remembering.", "note")
    if not values.get("customer_id") and not values.get("campaign"):
        raise Refused("Customer is missing. Say with whom it was.", "customer_id")
    told = _told(session, values, said, said_kind)
    with session.change(f"Log {_name(values['channel'])}{_with(session, values.get('customer_id'))}") as change:
        key = change.insert("interactions", **values)
        if told:
            change.insert("feedback", interaction_id=key, **told)
    return Saved.of(key, change)


def _told(session: Session, logged: dict[str, Any], said: str | None, kind: str | None) -> dict[str, Any]:
    """The feedback that was given while something was logged; nothing where nothing was said."""
    if checks.blank(said) and not kind:
        return {}
    if checks.blank(said):
        raise Refused(f"What was the {kind}? Write it in their words, or take the kind away.", "said")
    if not kind:
        raise Refused("They said something: is it a complaint, a suggestion, a compliment or a question?", "said_kind")
    told = checked({"said_kind": kind, "said": said}, {"said_kind": checks.one_of(choices.SAID_KINDS), "said": checks.NOTE})
    shared = {name: logged.get(name) for name in ("customer_id", "contact_id", "employee_id", "channel")}
    heard = {"kind": told["said_kind"], "text": told["said"], "received_at": logged["occurred_at"]}
    return with_duty(session, shared | heard)


def edit_interaction(session: Session, interaction_id: UUID, *, version: UUID | None = None, **fields: Any) -> Saved:
    """Correct what was logged."""
    values = checked_with_own(session, "interactions", fields, CHECKS, {"channel", "occurred_at"} & set(fields))
    if "customer_id" in values and not (values["customer_id"] or values.get("campaign")):
        raise Refused("Customer is missing. Say with whom it was.", "customer_id")
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
