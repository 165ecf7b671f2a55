"""Add and change the humans at our customers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.commands import checks
from crm.commands.checks import Saved
from crm.commands.own_values import checked_with_own
from crm.errors import Refused
from crm.queries import choices
from crm.store.changes import Change
from crm.store.session import Session


def _checks(session: Session) -> dict[str, checks.Check]:
    return {
        "name": checks.NAME,
        "customer_id": checks.key,
        "email": checks.email,
        "phone": checks.phone(session.settings["phone_region"]),
        **dict.fromkeys(("first_name", "last_name", "title", "street", "postcode", "city", "state", "country"), checks.LINE),
        "born_on": checks.day,
        "consent": checks.one_of(choices.CONSENTS),
        "note": checks.NOTE,
    }


def add_contact(session: Session, **fields: Any) -> Saved:
    """Add a person at a customer; without a customer, a customer who is a person."""
    values = checked_with_own(session, "contacts", fields, _checks(session), {"name"})
    values["consent"] = values.get("consent") or "unknown"
    values |= _consented(session, values)
    _refuse_second(session, values.get("customer_id"))
    with session.change(f"Add {values['name']}") as change:
        if not values.get("customer_id"):
            values["customer_id"] = _add_person(session, change, values)
        key = change.insert("contacts", **values)
    return Saved.of(key, change)


def edit_contact(session: Session, contact_id: UUID, *, version: UUID | None = None, **fields: Any) -> Saved:
    """Change fields of a contact; a customer who is that person takes the new name too."""
    values = checked_with_own(session, "contacts", fields, _checks(session), {"name"} & set(fields))
    current = _current(session, contact_id)
    if "customer_id" in values and values["customer_id"] != current["customer_id"]:
        _refuse_leaving(current, values["customer_id"])
        _refuse_second(session, values["customer_id"])
    if values.get("consent") and values["consent"] != current["consent"]:
        values |= _consented(session, values)
    with session.change(f"Edit {values.get('name') or current['name']}") as change:
        change.update("contacts", contact_id, version=version, **values)
        if "name" in values and current["kind"] == "person":
            change.update("customers", current["customer_id"], name=values["name"])
    return Saved.of(checks.key(contact_id, "Contact"), change)


def archive_contact(session: Session, contact_id: UUID, *, version: UUID | None = None) -> Saved:
    """Put a contact aside; if they are the customer, the customer too."""
    current = _current(session, contact_id)
    with session.change(f"Archive {current['name']}") as change:
        change.archive("contacts", contact_id, version=version)
        if current["kind"] == "person":
            change.archive("customers", current["customer_id"])
    return Saved.of(checks.key(contact_id, "Contact"), change)


def _refuse_second(session: Session, customer_id: UUID | None) -> None:
    """A customer who is a person is exactly one contact."""
    sql = "select name from customers where customer_id = $customer_id and kind = 'person'"
    name = customer_id and session.value(sql, customer_id=customer_id)
    if name:
        raise Refused(f"{name} is a person, not a company: nobody else can be a contact there. Choose a company.", "customer_id")


def _refuse_leaving(current: dict[str, Any], customer_id: UUID | None) -> None:
    if customer_id is None:
        raise Refused("A contact needs a customer. Choose one.", "customer_id")
    if current["kind"] == "person":
        raise Refused(f"{current['name']} is a customer in person and cannot move to another.", "customer_id")


def _add_person(session: Session, change: Change, values: dict[str, Any]) -> UUID:
    return change.insert(
        "customers",
        name=values["name"],
        kind="person",
        lifecycle_stage="lead",
        owner_id=session.actor.employee_id,
        city=values.get("city"),
        country=values.get("country"),
    )


def _consented(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    known = values.get("consent") in {"given", "withdrawn"}
    return {"consent_at": session.now} if known else {}


def _current(session: Session, contact_id: UUID) -> dict[str, Any]:
    row = session.row(
        """
        select
            contacts.name,
            contacts.consent,
            contacts.customer_id,
            customers.kind,
        from contacts
        inner join customers on customers.customer_id = contacts.customer_id
        where contacts.contact_id = $contact_id
        """,
        contact_id=contact_id,
    )
    if row is None:
        raise Refused("This contact is no longer there. Look for it in History.", "contact_id")
    return row
