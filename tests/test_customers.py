"""Customers: adding, changing, archiving, finding a page of them, and the head of a profile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest

from crm.commands.contacts import add_contact
from crm.commands.customers import add_customer, archive_customer, assign_customers, edit_customer
from crm.commands.deals import add_deal
from crm.commands.feedback import add_feedback
from crm.commands.history import undo_change
from crm.commands.interactions import log_interaction
from crm.commands.orders import add_order
from crm.commands.tags import tag_customers, untag_customer
from crm.errors import Conflict, Refused
from crm.queries import customers
from crm.store.session import Session

WON = UUID("01900000-0000-7000-8000-000000000108")
NEW = UUID("01900000-0000-7000-8000-000000000101")
MakeSession = Callable[..., Session]


def names(page: customers.Page) -> list[str]:
    return [row["name"] for row in page.rows]


def test_a_customer_is_a_lead_until_said_otherwise(session: Session) -> None:
    key = add_customer(session, name="Konex").key
    row = customers.profile(session, key)
    assert row and (row["lifecycle_stage"], row["kind"], row["spent_amount"]) == ("lead", "company", 0)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "  ", "missing"),
        ("name", "x" * 201, "200 is the most"),
        ("lifecycle_stage", "friend", "not known"),
        ("phone", "call me", "not a phone number"),
        ("annual_revenue_amount", -1, "less than 0"),
        ("annual_revenue_amount", "nan", "too large|not an amount"),
        ("employee_count", 1.5e12, "between"),
        ("founded_year", 12, "between"),
        ("colour", "red", "no field"),
    ],
)
def test_a_refusal_names_the_field_and_writes_nothing(session: Session, field: str, value: Any, words: str) -> None:
    with pytest.raises(Refused, match=words) as refusal:
        add_customer(session, **{"name": "Konex", field: value})
    assert refusal.value.field == field
    assert not customers.exist(session)


def test_what_people_write_is_kept_as_they_wrote_it(session: Session) -> None:
    for name in ("<script>alert(1)</script>", "=1+1", "O'Brien; drop table customers", "Ünïcødé 🙂", "a\x00b"):
        key = add_customer(session, name=name).key
        assert customers.name_of(session, key) == name.replace("\x00", "")


def test_a_person_has_exactly_one_contact_of_the_same_name(session: Session) -> None:
    key = add_customer(session, name="Ann Li", kind="person").key
    edit_customer(session, key, name="Ann Lee")
    assert session.rows("select name from contacts") == [{"name": "Ann Lee"}]
    with pytest.raises(Refused, match="Ann Lee is a person"):
        add_contact(session, name="Bob", customer_id=key)
    archive_customer(session, key)
    assert session.value("select count(*) from contacts where archived_at is null") == 0


def test_a_phone_number_is_kept_in_international_spelling(session: Session) -> None:
    key = add_customer(session, name="Konex", phone="(212) 555-0123").key
    assert customers.profile(session, key)["phone"] == "+12125550123"  # type: ignore[index]


def test_the_second_editor_is_told(session: Session, make_session: MakeSession) -> None:
    key = add_customer(session, name="Konex").key
    seen = customers.profile(session, key)["version"]  # type: ignore[index]
    edit_customer(make_session("manager", "Bo"), key, version=seen, city="Bonn")
    with pytest.raises(Conflict, match="Bo changed city"):
        edit_customer(session, key, version=seen, city="Ulm")


def test_saving_what_already_stands_offers_nothing_to_undo(session: Session) -> None:
    key = add_customer(session, name="Konex").key
    assert edit_customer(session, key, name="Konex").change_set_id is None


def test_a_page_counts_all_and_shows_some_by_name_without_case_and_accents(session: Session) -> None:
    for name in ("zeta", "Émile", "alpha", "Beta"):
        add_customer(session, name=name)
    page = customers.page(session, limit=3)
    assert (names(page), page.total) == (["alpha", "Beta", "Émile"], 4)
    assert names(customers.page(session, limit=3, first=3)) == ["zeta"]
    assert names(customers.page(session, "EMI")) == ["Émile"]
    assert customers.page(session, "nobody").total == 0


def test_archived_customers_are_not_listed_but_undo_brings_them_back(session: Session) -> None:
    key = add_customer(session, name="Konex").key
    archived = archive_customer(session, key)
    assert customers.page(session).total == 0
    undo_change(session, archived.change_set_id or "")
    assert customers.page(session).total == 1


def test_filters_narrow_the_list(session: Session, make_session: MakeSession) -> None:
    with session.change("Team") as change:
        team = change.insert("teams", name="West")
    bo = make_session("manager", "Bo", team_id=team).actor.employee_id
    konex = add_customer(session, name="Konex", owner_id=bo, region="West", lifecycle_stage="loyal").key
    add_customer(session, name="Cheers", region="East")
    tag = tag_customers(session, [konex], "vip").key
    for filters in ({"owner": bo}, {"team": team}, {"region": "West"}, {"lifecycle": "loyal"}, {"tag": tag}):
        assert names(customers.page(session, **filters)) == ["Konex"], filters
    assert names(customers.page(session, region="East", owner=None)) == ["Cheers"]
    untag_customer(session, konex, tag)
    assert customers.page(session, tag=tag).total == 0


def test_quiet_customers_can_be_listed(session: Session) -> None:
    silent, fresh = (add_customer(session, name=name, lifecycle_stage="customer").key for name in ("Silent", "Fresh"))
    log_interaction(session, customer_id=silent, channel="call", occurred_at=datetime(2026, 1, 1, 9))
    log_interaction(session, customer_id=fresh, channel="call", occurred_at=datetime(2026, 6, 1, 9))
    assert names(customers.page(session, quiet_on=date(2026, 6, 2))) == ["Silent"]


def test_the_profile_sums_up_the_relationship(session: Session, make_session: MakeSession) -> None:
    bo = make_session("manager", "Bo").actor.employee_id
    holding = add_customer(session, name="Holding").key
    key = add_customer(session, name="Konex", owner_id=bo, parent_id=holding).key
    add_order(session, customer_id=key, amount=100, ordered_at=datetime(2025, 5, 1, 12))
    add_order(session, customer_id=key, amount=-30, ordered_at=datetime(2025, 6, 1, 12))
    add_deal(session, name="Open", customer_id=key, stage_id=NEW, amount=50)
    add_deal(
        session, name="Won", customer_id=key, stage_id=WON, amount=70, opened_on=date(2025, 3, 1), closed_on=date(2025, 4, 1)
    )
    log_interaction(session, customer_id=key, channel="call", occurred_at=datetime(2025, 7, 1))
    log_interaction(session, customer_id=key, channel="newsletter", occurred_at=datetime(2025, 8, 1))
    add_feedback(session, customer_id=key, kind="survey_answer", scale="nps_0_10", rating=9)
    tag_customers(session, [key], "vip")
    row = customers.profile(session, str(key))
    expected = {
        "owner_name": "Bo",
        "parent_name": "Holding",
        "spent_amount": 70,
        "order_count": 2,
        "open_amount": 50,
        "open_count": 1,
        "won_amount": 70,
        "customer_since_on": date(2025, 4, 1),
        "last_interaction_at": datetime(2025, 8, 1),
        "last_two_way_at": datetime(2025, 7, 1),
        "last_channel": "newsletter",
        "nps_rating": 9,
        "tags": "vip",
    }
    assert row is not None
    assert {name: row[name] for name in expected} == expected


def test_the_list_and_the_summary_of_everyone_agree(session: Session) -> None:
    keys = [add_customer(session, name=f"Customer {n}").key for n in range(5)]
    for n, key in enumerate(keys):
        add_order(session, customer_id=key, amount=n)
        log_interaction(session, customer_id=key, channel="email")
    everyone = session.rows("select * from customer_summary order by customer_id")
    assert sorted(customers.summaries(session, keys), key=lambda row: row["customer_id"]) == everyone
    assert names(customers.page(session, sort="spent_amount")) == [f"Customer {n}" for n in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize("sort", customers.SORTS)
def test_every_sort_lists_everyone(session: Session, sort: str) -> None:
    add_customer(session, name="Konex")
    add_customer(session, name="Cheers")
    assert sorted(names(customers.page(session, sort=sort))) == ["Cheers", "Konex"]


def test_tagging_twice_bears_one_tag_and_is_undone_as_one(session: Session) -> None:
    keys = [add_customer(session, name=name).key for name in ("Konex", "Cheers")]
    first = tag_customers(session, keys[:1], "VIP")
    both = tag_customers(session, keys, " vip ")
    assert first.key == both.key
    assert [(tag["name"], tag["customer_count"]) for tag in customers.tags(session)] == [("VIP", 2)]
    undo_change(session, both.change_set_id or "")
    assert [tag["name"] for tag in customers.tags_of(session, keys[1])] == []
    assert [tag["name"] for tag in customers.tags_of(session, keys[0])] == ["VIP"]


def test_only_a_manager_assigns(session: Session, make_session: MakeSession) -> None:
    keys = [add_customer(session, name=name).key for name in ("Konex", "Cheers")]
    member = make_session("member", "Mo")
    with pytest.raises(Refused, match="manager"):
        assign_customers(member, keys, member.actor.employee_id)
    assign_customers(make_session("manager"), keys, member.actor.employee_id)
    assert customers.page(session, owner=member.actor.employee_id).total == 2
