"""Add and change customers. A customer who is a person has exactly one contact, and the two bear one name."""

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
        "kind": checks.one_of(choices.CUSTOMER_KINDS),
        "lifecycle_stage": checks.one_of(choices.LIFECYCLE_STAGES),
        "owner_id": checks.key,
        "parent_id": checks.key,
        **dict.fromkeys(("sector", "region", "country", "city", "website"), checks.LINE),
        "phone": checks.phone(session.settings["phone_region"]),
        "employee_count": checks.whole(0, 10_000_000),
        "annual_revenue_amount": checks.money(),
        "founded_year": checks.whole(1000, 2200),
        "cadence_days": checks.whole(1, 3650),
        "note": checks.NOTE,
    }


def add_customer(session: Session, **fields: Any) -> Saved:
    """Add a company that we serve or want to serve, or a person with the one contact that they are."""
    values = checked_with_own(
        session, "customers", {"kind": "company", "lifecycle_stage": "lead"} | fields, _checks(session), {"name"}
    )
    with session.change(f"Add {values['name']}") as change:
        key = change.insert("customers", **values)
        if values["kind"] == "person":
            change.insert("contacts", customer_id=key, name=values["name"], phone=values.get("phone"), consent="unknown")
    return Saved.of(key, change)


def edit_customer(session: Session, customer_id: UUID, *, version: UUID | None = None, **fields: Any) -> Saved:
    """Change fields of a customer; renaming a person renames the contact too."""
    if "kind" in fields:
        raise Refused("A company cannot become a person, nor a person a company. Add the other as a new customer.", "kind")
    required = {"name", "lifecycle_stage"} & set(fields)
    values = checked_with_own(session, "customers", fields, _checks(session), required)
    if values.get("parent_id") == checks.key(customer_id, "Customer"):
        raise Refused("A customer cannot be its own parent. Choose another.", "parent_id")
    with session.change(f"Edit {values.get('name') or _name(session, customer_id)}") as change:
        change.update("customers", customer_id, version=version, **values)
        if "name" in values:
            _rename_person(session, change, customer_id, values["name"])
    return Saved.of(checks.key(customer_id, "Customer"), change)


def archive_customer(session: Session, customer_id: UUID, *, version: UUID | None = None) -> Saved:
    """Put a customer aside; a person's contact with it. Nothing is deleted, and History brings it back."""
    with session.change(f"Archive {_name(session, customer_id)}") as change:
        change.archive("customers", customer_id, version=version)
        for contact_id in _person(session, customer_id):
            change.archive("contacts", contact_id)
    return Saved.of(checks.key(customer_id, "Customer"), change)


def assign_customers(session: Session, customer_ids: list[UUID], owner_id: UUID | None) -> Saved:
    """Give customers to an owner, all in one change."""
    session.require("manager", "Assigning customers")
    with session.change(f"Assign {len(customer_ids)} customers") as change:
        change.update_from(
            "customers",
            "select unnest($customer_ids::uuid[]) as customer_id, $owner_id::uuid as owner_id",
            customer_ids=customer_ids,
            owner_id=owner_id,
        )
    return Saved.of(customer_ids[0], change)


def _rename_person(session: Session, change: Change, customer_id: UUID, name: str) -> None:
    for contact_id in _person(session, customer_id):
        change.update("contacts", contact_id, name=name)


def _person(session: Session, customer_id: UUID) -> list[UUID]:
    rows = session.rows(
        """
        select contacts.contact_id
        from contacts
        inner join customers on customers.customer_id = contacts.customer_id
        where contacts.customer_id = $customer_id and customers.kind = 'person' and contacts.archived_at is null
        """,
        customer_id=customer_id,
    )
    return [row["contact_id"] for row in rows]


def _name(session: Session, customer_id: UUID) -> str:
    name = session.value("select name from customers where customer_id = $customer_id", customer_id=customer_id)
    if name is None:
        raise Refused("This customer is no longer there. Look for it in History.", "customer_id")
    return str(name)
