"""One record becomes two again: exactly as before where nothing happened since, else with what was done since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.commands.contacts import add_contact, edit_contact
from crm.commands.custom_fields import define_field
from crm.commands.customers import add_customer, edit_customer
from crm.commands.duplicates import keep_apart
from crm.commands.history import undo_change
from crm.commands.interactions import log_interaction
from crm.commands.merges import merge
from crm.commands.tags import tag_customers
from crm.commands.tasks import add_task, edit_task
from crm.commands.unmerging import unmerge
from crm.errors import Refused
from crm.queries import contacts, customers, merges, merging
from crm.queries.unmerging import unmerging
from crm.store.session import Session
from tests.importing import picture
from tests.test_merging import later, of_person

NAMES = st.sampled_from(["Ann Miller", "Anne Miller", "Ann", "Konex"])
PHONES = st.sampled_from([None, "+12125550123", "+12125550124"])
CITIES = st.sampled_from([None, "Bonn", "Rome"])
TEXTS = st.sampled_from([None, "Pays late", "Likes mail"])
SIDES = st.sampled_from(["winner", "loser", None])


@dataclass(frozen=True)
class Entered:
    """One record as somebody enters it, with what hangs on it."""

    name: str
    phone: str | None
    city: str | None
    note: str | None
    own: str | None
    consent: str
    born_on: date | None
    is_tagged: bool
    tasks: int


RECORDS = st.builds(
    Entered,
    NAMES,
    PHONES,
    CITIES,
    TEXTS,
    TEXTS,
    st.sampled_from(["given", "unknown", "withdrawn"]),
    st.sampled_from([None, date(1980, 5, 1), date(1981, 5, 1)]),
    st.booleans(),
    st.integers(0, 2),
)


@pytest.fixture
def fields(session: Session) -> dict[str, UUID]:
    """An own text of contacts and of customers."""
    return {noun: define_field(session, noun=noun, name="Remark", kind="text").key for noun in ("contacts", "customers")}


def enter(session: Session, record: Entered, noun: str, fields: dict[str, UUID]) -> UUID:
    """A company, or a customer in person; what hangs on it."""
    own = {f"own_{fields[noun]}": record.own}
    if noun == "customers":
        key = add_customer(session, name=record.name, phone=record.phone, city=record.city, note=record.note, **own).key
        customer = key
        contact = add_contact(session, name="Bo", email="bo@x.example", customer_id=key, consent=record.consent).key
    else:
        key = add_contact(
            session,
            name=record.name,
            phone=record.phone,
            city=record.city,
            note=record.note,
            consent=record.consent,
            born_on=record.born_on,
            **own,
        ).key
        customer, contact = of_person(session, key), key
    for number in range(record.tasks):
        add_task(session, title=f"Task {number}", customer_id=customer, contact_id=contact)
    if record.is_tagged:
        tag_customers(session, [customer], "vip")
    return key


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    noun=st.sampled_from(["contacts", "customers"]),
    records=st.lists(RECORDS, min_size=2, max_size=4),
    sides=st.lists(SIDES, min_size=12, max_size=12),
    chain=st.booleans(),
    apart=st.booleans(),
)
def test_merge_then_unmerge_is_as_if_nothing_had_been(
    session: Session,
    fields: dict[str, UUID],
    noun: str,
    records: list[Entered],
    sides: list[str | None],
    chain: bool,
    apart: bool,
) -> None:
    keys = [enter(session, record, noun, fields) for record in records]
    if apart:
        keep_apart(session, noun, keys[0], keys[-1])
    pictures = []
    for number in range(1, len(keys)):
        winner, loser = (keys[number], keys[number - 1]) if chain else (keys[0], keys[number])
        pictures.append(picture(session))
        plan = merging.preview(session, noun, winner, loser)
        wanted = {choice.key: side for choice, side in zip(plan.choices, sides, strict=False) if side}
        merge(session, noun, winner, loser, choices=wanted)
    for before in reversed(pictures):
        unmerge(session, latest(session))
        assert picture(session) == before


def latest(session: Session) -> UUID:
    """The merge that was made last; the history's keys follow time."""
    key: UUID = session.value("select merge_id from merges order by change_set_id desc, noun limit 1")
    return key


@pytest.fixture
def pair(session: Session) -> tuple[UUID, UUID]:
    """Two companies, of which the first is to stay."""
    one = add_customer(session, name="Konex", city="Bonn").key
    other = add_customer(session, name="Konex Industries", city="Rome", phone="+12125550123").key
    add_task(session, title="Theirs", customer_id=other)
    return one, other


def row(session: Session, key: UUID) -> dict[str, Any]:
    found = customers.profile(session, key)
    assert found
    return found


def test_a_value_that_was_changed_since_stays_with_the_winner_unless_it_is_said_to_be_the_losers(
    session: Session, pair: tuple[UUID, UUID]
) -> None:
    one, other = pair
    merge(session, "customers", one, other, choices={"customers.city": "winner"})
    edit_customer(later(session), one, city="Oslo", phone="+12125550199", sector="Pumps")
    plan = unmerging(session, latest(session))
    assert {edit.key: (edit.then, edit.now) for edit in plan.edits} == {
        "customers.city": ("Bonn", "Oslo"),
        "customers.phone": ("+12125550123", "+12125550199"),
        "customers.sector": (None, "Pumps"),
    }
    unmerge(later(session, 2), latest(session), choices={"customers.phone": "loser", "customers.city": "winner"})
    names = ("name", "city", "phone", "sector", "archived_at")
    assert [row(session, one)[name] for name in names] == ["Konex", "Oslo", None, "Pumps", None]
    assert [row(session, other)[name] for name in names] == ["Konex Industries", "Rome", "+12125550199", None, None]


def test_what_was_added_since_stays_unless_it_is_said_to_go_along(session: Session, pair: tuple[UUID, UUID]) -> None:
    one, other = pair
    merge(session, "customers", one, other)
    since = later(session)
    stays, goes = (add_task(since, title=title, customer_id=one).key for title in ("Stays", "Goes"))
    call = log_interaction(since, customer_id=one, channel="call").key
    plan = unmerging(session, latest(session))
    assert plan.added["tasks"] == {stays: "Stays", goes: "Goes"} and set(plan.added["interactions"]) == {call}
    with pytest.raises(Refused, match="was not added since"):
        unmerge(later(session, 2), latest(session), added=[("tasks", one)])
    unmerge(later(session, 2), latest(session), added=[("tasks", goes)])
    owners = {task["title"]: task["customer_id"] for task in session.rows("select title, customer_id from tasks")}
    assert owners == {"Theirs": other, "Stays": one, "Goes": other}


def test_a_moved_row_that_was_changed_since_goes_back_as_it_is_now(session: Session, pair: tuple[UUID, UUID]) -> None:
    one, other = pair
    task = session.value("select task_id from tasks")
    merge(session, "customers", one, other)
    edit_task(later(session), task, title="Theirs, tomorrow")
    unmerge(later(session, 2), latest(session))
    assert session.row("select title, customer_id from tasks") == {"title": "Theirs, tomorrow", "customer_id": other}


def test_a_moved_row_that_somebody_gave_to_another_stays_there(session: Session, pair: tuple[UUID, UUID]) -> None:
    one, other = pair
    task, third = session.value("select task_id from tasks"), add_customer(session, name="Alder").key
    merge(session, "customers", one, other)
    edit_task(later(session), task, customer_id=third)
    unmerge(later(session, 2), latest(session))
    assert session.value("select customer_id from tasks") == third


def test_own_fields_go_back_one_by_one(session: Session, fields: dict[str, UUID]) -> None:
    own = f"own_{fields['customers']}"
    size = f"own_{define_field(session, noun='customers', name='Size', kind='number').key}"
    one = add_customer(session, name="Konex", **{own: "Mine"}).key
    other = add_customer(session, name="Konex", **{own: "Theirs", size: "7.5"}).key
    before = {key: session.value("select own from customers where customer_id = $key", key=key) for key in (one, other)}
    merge(session, "customers", one, other, choices={f"customers.{own}": "loser"})
    changes: dict[str, Any] = {"city": "Oslo", size: "9"}
    edit_customer(later(session), one, **changes)
    unmerge(later(session, 2), latest(session), choices={f"customers.{size}": "loser"})
    after = {key: session.value("select own from customers where customer_id = $key", key=key) for key in (one, other)}
    assert after == {one: before[one], other: before[other].replace("7.5", "9")}


def test_a_consent_that_was_withdrawn_since_is_withdrawn_for_both(session: Session) -> None:
    one, other = (add_contact(session, name=name, email="ann@x.example", consent="given").key for name in ("Ann", "Ann Mil"))
    merge(session, "contacts", one, other)
    edit_contact(later(session), one, consent="withdrawn")
    unmerge(later(session, 2), latest(session))
    assert [(contacts.one(session, key) or {})["consent"] for key in (one, other)] == ["withdrawn", "withdrawn"]


def test_a_consent_that_was_given_since_is_given_by_the_winner_only(session: Session) -> None:
    one, other = (add_contact(session, name=name, email="ann@x.example").key for name in ("Ann", "Ann Mil"))
    merge(session, "contacts", one, other)
    edit_contact(later(session), one, consent="given")
    unmerge(later(session, 2), latest(session))
    assert [(contacts.one(session, key) or {})["consent"] for key in (one, other)] == ["given", "unknown"]


def test_a_persons_name_goes_to_contact_and_customer_alike(session: Session) -> None:
    one, other = (add_contact(session, name=name, email="ann@x.example").key for name in ("Ann", "Anna"))
    merge(session, "contacts", one, other)
    edit_contact(later(session), one, name="Anna Miller")
    (edit,) = unmerging(session, latest(session)).edits
    assert edit.key == "contacts.name"
    unmerge(later(session, 2), latest(session), choices={edit.key: "loser"})
    for key, name in ((one, "Ann"), (other, "Anna Miller")):
        assert (contacts.one(session, key) or {})["name"] == row(session, of_person(session, key))["name"] == name


def test_the_first_merge_of_a_chain_can_be_taken_back_while_the_second_stands(session: Session) -> None:
    first, second, third = (add_customer(session, name=name).key for name in ("Konex A", "Konex B", "Konex C"))
    add_task(session, title="Of A", customer_id=first)
    add_task(session, title="Of B", customer_id=second)
    merge(session, "customers", second, first)
    one = latest(session)
    merge(later(session), "customers", third, second)
    other = latest(session)
    unmerge(later(session, 2), one)
    owners = {task["title"]: task["customer_id"] for task in session.rows("select title, customer_id from tasks")}
    assert owners == {"Of A": first, "Of B": third}
    assert [merges.winner_of(session, "customers", key) for key in (first, second)] == [None, third]
    unmerge(later(session, 3), other)
    owners = {task["title"]: task["customer_id"] for task in session.rows("select title, customer_id from tasks")}
    assert owners == {"Of A": first, "Of B": second}
    assert session.value("select count(*) from customers where archived_at is null") == 3


def test_an_unmerge_can_be_undone_and_a_merge_is_taken_back_once(session: Session, pair: tuple[UUID, UUID]) -> None:
    merge(session, "customers", *pair)
    edit_customer(later(session), pair[0], city="Oslo")
    merged, key = picture(session), latest(session)
    saved = unmerge(later(session, 2), key)
    with pytest.raises(Refused, match="taken back already"):
        unmerge(later(session, 3), key)
    undo_change(session, saved.change_set_id or "")
    assert picture(session) == merged


def test_only_managers_unmerge_and_only_what_was_changed_is_chosen(
    session: Session, make_session: Any, pair: tuple[UUID, UUID]
) -> None:
    merge(session, "customers", *pair)
    with pytest.raises(Refused, match="role of manager"):
        unmerge(make_session("member"), latest(session))
    with pytest.raises(Refused, match="not changed since"):
        unmerge(session, latest(session), choices={"customers.city": "loser"})
