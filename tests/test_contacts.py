"""Contacts: humans at customers, and customers who are persons."""

from __future__ import annotations

from datetime import date

import pytest

from crm.commands.contacts import add_contact, archive_contact, edit_contact
from crm.commands.customers import add_customer
from crm.commands.history import undo_change
from crm.errors import Refused
from crm.queries import contacts, customers, duplicates
from crm.store.session import Session


def test_a_contact_without_a_company_makes_a_customer_who_is_a_person(session: Session) -> None:
    saved = add_contact(session, name="Ann Li", email="Ann@Example.COM", city="Bonn")
    (customer,) = customers.page(session).rows
    (contact,) = contacts.of_customer(session, customer["customer_id"])
    assert (customer["name"], customer["kind"], customer["city"]) == ("Ann Li", "person", "Bonn")
    assert (contact["contact_id"], contact["email"]) == (saved.key, "Ann@example.com")
    undo_change(session, saved.change_set_id or "")
    assert not customers.exist(session)


def test_renaming_and_archiving_a_person_does_it_to_both(session: Session) -> None:
    key = add_contact(session, name="Ann Li").key
    edit_contact(session, key, name="Ann Lee")
    (customer,) = customers.page(session).rows
    assert customer["name"] == "Ann Lee"
    archive_contact(session, key)
    assert customers.page(session).total == 0


def test_a_company_has_many_contacts_and_keeps_its_name(session: Session) -> None:
    konex = add_customer(session, name="Konex").key
    for name in ("Bob", "ann"):
        add_contact(session, name=name, customer_id=konex, born_on=date(1990, 1, 1))
    assert [row["name"] for row in contacts.of_customer(session, konex)] == ["ann", "Bob"]
    edit_contact(session, contacts.of_customer(session, konex)[0]["contact_id"], name="Anna")
    assert customers.name_of(session, konex) == "Konex"


def test_a_person_cannot_move_and_a_company_cannot_be_left_blank(session: Session) -> None:
    konex = add_customer(session, name="Konex").key
    person, employee = add_contact(session, name="Ann").key, add_contact(session, name="Bob", customer_id=konex).key
    with pytest.raises(Refused, match="in person"):
        edit_contact(session, person, customer_id=konex)
    with pytest.raises(Refused, match="needs a customer"):
        edit_contact(session, employee, customer_id=None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no at sign"),
        ("email", "a@b"),
        ("phone", "12"),
        ("born_on", date(1800, 1, 1)),
        ("consent", "maybe"),
        ("name", None),
    ],
)
def test_a_refusal_names_the_field(session: Session, field: str, value: object) -> None:
    with pytest.raises(Refused) as refusal:
        add_contact(session, **{"name": "Ann", field: value})
    assert refusal.value.field == field
    assert not customers.exist(session)


def test_consent_is_kept_with_the_moment_it_was_given(session: Session) -> None:
    key = add_contact(session, name="Ann").key
    unknown = contacts.one(session, key)
    assert unknown and unknown["consent_at"] is None
    edit_contact(session, key, consent="given")
    given = contacts.one(session, key)
    assert given and given["consent_at"] == session.now


def test_likely_duplicates_are_named_while_typing(session: Session) -> None:
    konex = add_customer(session, name="Konex Industries").key
    add_contact(session, name="Jörg Müller", email="joerg@konex.example", phone="+12125550123", customer_id=konex)
    for typed in (
        {"name": "Jorg Muller"},
        {"name": "Jörg Mueller"},
        {"email": "JOERG@konex.example"},
        {"phone": "(212) 555-0123"},
    ):
        assert [row["customer_id"] for row in duplicates.likely(session, "contact", **typed)] == [konex], typed
    assert duplicates.likely(session, "contact", name="Ann Li") == []
    assert [row["name"] for row in duplicates.likely(session, "customer", name="konex industrie")] == ["Konex Industries"]
    assert duplicates.likely(session, "customer", name="") == []
