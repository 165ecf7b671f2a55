"""Keep what customers tell us, in their words. A complaint is somebody's to answer, by a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from crm.commands import checks
from crm.commands.checks import Saved
from crm.commands.own_values import checked_with_own
from crm.errors import Refused
from crm.queries import choices, records
from crm.store.session import Session

CHECKS: dict[str, checks.Check] = {
    **dict.fromkeys(("customer_id", "contact_id", "product_id", "employee_id", "owner_id"), checks.key),
    "kind": checks.one_of(choices.FEEDBACK_KINDS),
    "text": checks.NOTE,
    "scale": checks.one_of(choices.SCALES),
    "rating": checks.whole(0, 10),
    "channel": checks.LINE,
    "received_at": checks.instant,
    "due_on": checks.day,
}
NOTHING_SAID = "What did they say? Write it in their words, or give a rating."


def add_feedback(session: Session, **fields: Any) -> Saved:
    """Keep one piece of feedback: a text, a rating on its scale, or both; a complaint with its owner and due day."""
    values = checked_with_own(session, "feedback", fields, CHECKS, {"kind"})
    values["received_at"] = values.get("received_at") or session.now
    values["employee_id"] = values.get("employee_id") or session.actor.employee_id
    _check(values)
    with session.change(f"Keep a {values['kind'].replace('_', ' ')}") as change:
        key = change.insert("feedback", **with_duty(session, values))
    return Saved.of(key, change)


def edit_feedback(session: Session, feedback_id: UUID, *, version: UUID | None = None, **fields: Any) -> Saved:
    """Correct what was kept, or hand it to somebody else for another day; what becomes a complaint gets both."""
    values = checked_with_own(session, "feedback", fields, CHECKS, {"kind", "received_at"} & set(fields))
    current = records.one(session, "feedback", feedback_id)
    if current is None:
        raise Refused("This feedback is no longer there. Look for it in History.", "feedback_id")
    whole = current | values
    _check(whole)
    if {"rating", "scale"} & set(values):
        values["scale"] = whole["scale"]
    if whole["kind"] == "complaint" != current["kind"]:
        duty = with_duty(session, {name: whole[name] for name in ("kind", "customer_id", "received_at", "owner_id", "due_on")})
        values |= {"owner_id": duty["owner_id"], "due_on": duty["due_on"]}
    with session.change(f"Correct a {whole['kind'].replace('_', ' ')}") as change:
        change.update("feedback", feedback_id, version=version, **values)
    return Saved.of(checks.key(feedback_id, "Feedback"), change)


def with_duty(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    """A complaint with who answers it by when: the customer's owner, else who took it; so many days after it came."""
    if values["kind"] != "complaint":
        return values
    owner = values.get("owner_id") or _owner_of(session, values.get("customer_id")) or session.actor.employee_id
    days = timedelta(days=int(session.settings["complaint_due_days"]))
    return values | {"owner_id": owner, "due_on": values.get("due_on") or session.local(values["received_at"]).date() + days}


def _owner_of(session: Session, customer_id: UUID | None) -> UUID | None:
    """The customer's owner, while they work here."""
    if customer_id is None:
        return None
    owner: UUID | None = session.value(
        """
        select employees.employee_id
        from customers
        inner join employees on employees.employee_id = customers.owner_id and employees.archived_at is null
        where customers.customer_id = $customer_id
        """,
        customer_id=customer_id,
    )
    return owner


def _check(values: dict[str, Any]) -> None:
    """There is a text or a rating, and the rating lies on its scale; without a rating there is no scale."""
    rating, scale = values.get("rating"), values.get("scale")
    if rating is None:
        values["scale"] = None
        if not values.get("text"):
            raise Refused(NOTHING_SAID, "text")
        return
    if scale is None:
        raise Refused("On which scale is this rating? Choose one.", "scale")
    least, most = choices.SCALES[scale]
    if not least <= rating <= most:
        raise Refused(f"A rating on this scale lies between {least} and {most}.", "rating")
