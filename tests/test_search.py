"""Search: a few letters of a name, an e-mail, a phone number; names that sound alike when nothing fits."""

from __future__ import annotations

import pytest

from crm.commands.contacts import add_contact
from crm.commands.customers import add_customer, archive_customer
from crm.queries.search import search
from crm.store.session import Session


@pytest.fixture
def company(session: Session) -> Session:
    konex = add_customer(session, name="Konex Industries", city="Köln").key
    add_contact(session, name="Jörg Müller", email="joerg@konex.example", phone="+12125550123", customer_id=konex)
    add_contact(session, name="Ann Li", email="ann@home.example")
    add_customer(session, name="Cheers & Co")
    return session


def found(session: Session, text: str) -> list[str]:
    return [hit["name"] for hit in search(session, text)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("konex ind", "Konex Industries"),
        ("JÖRG", "Jörg Müller"),
        ("jorg mul", "Jörg Müller"),
        ("joerg@konex", "Jörg Müller"),
        ("212 555 0123", "Jörg Müller"),
        ("& co", "Cheers & Co"),
        ("chears & co", "Cheers & Co"),
        ("Jorg Mueler", "Jörg Müller"),
    ],
)
def test_letters_of_a_name_mail_or_number_find_it(company: Session, text: str, name: str) -> None:
    assert name in found(company, text)


def test_a_person_appears_once(company: Session) -> None:
    (hit,) = search(company, "ann li")
    assert hit["kind"] in {"contact", "person"}
    assert "ann@home.example" in hit["detail"]


def test_each_hit_says_what_tells_it_from_others_of_its_name(session: Session) -> None:
    for city in ("Bonn", "Ulm"):
        add_customer(session, name="Twin", city=city)
    details = [hit["detail"] for hit in search(session, "twin")]
    assert len(details) == 2
    assert all(any(city in detail for detail in details) for city in ("Bonn", "Ulm"))


def test_what_begins_with_the_text_comes_first(session: Session) -> None:
    for name in ("Old Harbor", "Harbor"):
        add_customer(session, name=name)
    assert found(session, "harbor") == ["Harbor", "Old Harbor"]


def test_at_most_twenty_and_none_for_nothing(session: Session) -> None:
    for number in range(25):
        add_customer(session, name=f"Branch {number}")
    assert len(search(session, "branch")) == 20
    assert search(session, "") == search(session, "   ") == search(session, "zzzzqqqq") == []


def test_archived_customers_are_not_found(session: Session) -> None:
    archive_customer(session, add_customer(session, name="Konex").key)
    assert search(session, "konex") == []


def test_wildcards_and_quotes_are_letters_like_others(company: Session) -> None:
    for text in ("%", "__", "' or 1=1 --", "*."):
        assert found(company, text) == []
