"""Keep what a customer wants, needs, likes, dislikes, values and aspires to, and what we did about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.commands import checks
from crm.commands.checks import Saved, checked
from crm.errors import Refused
from crm.queries import choices
from crm.store.session import Session

CHECKS: dict[str, checks.Check] = {
    **dict.fromkeys(("customer_id", "contact_id", "interaction_id", "feedback_id"), checks.key),
    "kind": checks.one_of(choices.TRAIT_KINDS),
    "text": checks.LINE,
    "state": checks.one_of(choices.TRAIT_STATES),
    "promised_on": checks.day,
    "evidence": checks.NOTE,
    "observed_on": checks.day,
}


def add_trait(session: Session, **fields: Any) -> Saved:
    """Keep a trait with its evidence; a want or need begins open, or promised where a day is given."""
    values = checked(fields, CHECKS, {"customer_id", "kind", "text"})
    values["observed_on"] = values.get("observed_on") or session.today
    if values["kind"] in choices.PROMISES:
        values["state"] = values.get("state") or ("promised" if values.get("promised_on") else "open")
    elif values.get("promised_on"):
        raise Refused("Only a want or a need can be promised.", "promised_on")
    with session.change(f"Keep a {values['kind']}: {values['text']}") as change:
        key = change.insert("traits", **values)
    return Saved.of(key, change)


def set_trait_state(session: Session, trait_id: UUID, state: str, promised_on: Any = None) -> Saved:
    """Say what became of a want or a need: promised by a day, met, declined, open again."""
    values = checked({"state": state, "promised_on": promised_on}, CHECKS, {"state"})
    if values["state"] == "promised" and not values["promised_on"]:
        raise Refused("By when is it promised? Choose a day.", "promised_on")
    if values["state"] != "promised":
        values.pop("promised_on")
    with session.change(f"Mark a need {state}") as change:
        change.update("traits", trait_id, **values)
    return Saved.of(checks.key(trait_id, "Trait"), change)


def archive_trait(session: Session, trait_id: UUID) -> Saved:
    """Put a trait aside that no longer holds."""
    with session.change("Archive a trait") as change:
        change.archive("traits", trait_id)
    return Saved.of(checks.key(trait_id, "Trait"), change)
