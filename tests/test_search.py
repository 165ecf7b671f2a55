"""Search: some letters of a name, an e-mail, a phone number, a deal, a tag, an own field; names alike when nothing fits."""

from __future__ import annotations

import pytest

from crm.commands.contacts import add_contact
from crm.commands.custom_fields import define_field
from crm.commands.customers import add_customer, archive_customer, edit_customer
from crm.commands.deals import add_deal, archive_deal, edit_deal
from crm.commands.tags import tag_customers
from crm.queries.search import CUSTOMERS, search
from crm.store.session import Session
from tests.small import NEW


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


def test_customers_are_found_by_any_of_their_tags_and_say_which(company: Session) -> None:
    konex, person = (hit["customer_id"] for text in ("konex", "ann li") for hit in search(company, text)[:1])
    for name, key in (("Key customer", konex), ("Key account", konex), ("Key customer", person)):
        tag_customers(company, [key], name)
    hits = {hit["name"]: hit["detail"] for hit in search(company, "KEY")}
    assert set(hits) == {"Konex Industries", "Ann Li"}
    assert "tag Key account · tag Key customer" in hits["Konex Industries"]


def test_deals_are_found_by_name_and_open_to_themselves(company: Session) -> None:
    konex = search(company, "konex")[0]["customer_id"]
    add_deal(company, name="Blue pumps", customer_id=konex, stage_id=NEW)
    add_deal(company, name="Nobody's pumps", stage_id=NEW)
    found = {hit["name"]: hit for hit in search(company, "pumps")}
    assert found["Blue pumps"]["kind"] == "deal"
    assert found["Blue pumps"]["detail"] == "Konex Industries · New"
    assert found["Blue pumps"]["deal_id"] == company.value("select deal_id from deals where name = 'Blue pumps'")
    assert found["Nobody's pumps"]["customer_id"] is None
    assert search(company, "pumps", among=CUSTOMERS) == []


def test_a_renamed_or_archived_deal_is_found_by_what_it_is_called_now(company: Session) -> None:
    deal = add_deal(company, name="Pumps", stage_id=NEW).key
    edit_deal(company, deal, name="Hoses")
    assert (found(company, "pumps"), found(company, "hoses")) == ([], ["Hoses"])
    archive_deal(company, deal)
    assert found(company, "hoses") == []


def test_a_hit_says_by_which_own_field_it_was_found_and_a_person_still_appears_once(company: Session) -> None:
    field = add_field(company)
    for text, name in (("konex", "Konex Industries"), ("ann li", "Ann Li")):
        key = search(company, text)[0]["customer_id"]
        remark = f"Spoke about boats with {name} at the fair, and of the long winter before it"
        edit_customer(company, key, version=None, **{field: remark})
    hits = {hit["name"]: hit["detail"] for hit in search(company, "the long winter")}
    assert set(hits) == {"Konex Industries", "Ann Li"}
    assert "Remark: …" in hits["Ann Li"]
    assert "the long winter" in hits["Ann Li"]
    assert len(search(company, "ann li")) == 1


def add_field(session: Session) -> str:
    key = define_field(session, noun="customers", name="Remark", kind="long_text").key
    return f"own_{key}"
