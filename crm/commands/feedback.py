"""Keep what customers tell us, in their words."""

from __future__ import annotations

from typing import Any

from crm.commands import checks
from crm.commands.checks import Saved
from crm.commands.own_values import checked_with_own
from crm.errors import Refused
from crm.queries import choices
from crm.store.session import Session

CHECKS: dict[str, checks.Check] = {
    **dict.fromkeys(("customer_id", "contact_id", "product_id", "employee_id"), checks.key),
    "kind": checks.one_of(choices.FEEDBACK_KINDS),
    "text": checks.NOTE,
    "scale": checks.one_of(choices.SCALES),
    "rating": checks.whole(0, 10),
    "channel": checks.LINE,
    "received_at": checks.instant,
}


def add_feedback(session: Session, **fields: Any) -> Saved:
    """Keep one piece of feedback: a text, a rating on its scale, or both."""
    values = checked_with_own(session, "feedback", fields, CHECKS, {"kind"})
    _check_rating(values)
    if not values.get("text") and values.get("rating") is None:
        raise Refused("What did they say? Write it in their words, or give a rating.", "text")
    values["received_at"] = values.get("received_at") or session.now
    values["employee_id"] = values.get("employee_id") or session.actor.employee_id
    with session.change(f"Keep a {values['kind'].replace('_', ' ')}") as change:
        key = change.insert("feedback", **values)
    return Saved.of(key, change)


def _check_rating(values: dict[str, Any]) -> None:
    rating, scale = values.get("rating"), values.get("scale")
    if rating is None:
        values.pop("scale", None)
        return
    if scale is None:
        raise Refused("On which scale is this rating? Choose one.", "scale")
    least, most = choices.SCALES[scale]
    if not least <= rating <= most:
        raise Refused(f"A rating on this scale lies between {least} and {most}.", "rating")
