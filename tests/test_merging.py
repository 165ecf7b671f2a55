"""Two records become one: nothing is lost, nothing hangs in the air, and no consent grows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from crm.commands.contacts import add_contact, archive_contact, edit_contact
from crm.commands.custom_fields import define_field
from crm.commands.customers import add_customer, edit_customer
from crm.commands.deals import add_deal
from crm.commands.duplicates import keep_apart
from crm.commands.history import undo_change
from crm.commands.interactions import log_interaction
from crm.commands.merges import merge
from crm.commands.orders import add_order
from crm.commands.segments import put_on_list
from crm.commands.tags import tag_customers
from crm.commands.tasks import add_task
from crm.commands.traits import add_trait
from crm.errors import Conflict, Refused
from crm.queries import contacts, customers, duplicates, history, merges, merging
from crm.store import rules
from crm.store.rules import key_of
from crm.store.session import Session
from tests.importing import fates, imported

MakeSession = Callable[..., Session]
NEW = UUID("01900000-0000-7000-8000-000000000101")


def later(session: Session, hours: int = 1) -> Session:
    """The same person some hours on."""
    return Session(session.database, session.actor, session.now + timedelta(hours=hours))


def of_person(session: Session, contact: UUID) -> UUID:
    """The customer that a contact is in person."""
    key: UUID = session.value("select customer_id from contacts where contact_id = $contact", contact=contact)
    return key


@pytest.fixture
def two(session: Session) -> tuple[UUID, UUID]:
    """One company, entered twice; what hangs on the second."""
    winner = add_customer(session, name="Konex", city="Bonn").key
    loser = add_customer(session, name="Konex Industries", phone="+12125550123", website="konex.example", note="Big").key
    ann = add_contact(session, name="Ann", customer_id=loser).key
    add_task(session, title="Call", customer_id=loser, contact_id=ann)
    add_deal(session, name="Pumps", stage_id=NEW, customer_id=loser)
    add_order(session, customer_id=loser, amount=3)
    log_interaction(session, customer_id=loser, channel="call", contact_id=ann)
    add_trait(session, customer_id=loser, kind="need", text="Speed")
    add_customer(session, name="Konex North", parent_id=loser)
    return winner, loser


def hanging(session: Session, noun: str, key: UUID) -> int:
    """How many rows in use of any table refer to this record."""
    return sum(
        session.value(f"select count(*) from {child} where archived_at is null and {column} = $key", key=key)
        for child, columns in rules.REFERENCES.items()
        for column, parent in columns.items()
        if parent == noun
    )


def test_all_that_hung_on_the_loser_hangs_on_the_winner(session: Session, two: tuple[UUID, UUID]) -> None:
    winner, loser = two
    moves = merging.preview(session, "customers", winner, loser).moves
    before = hanging(session, "customers", loser)
    assert sum(moves.values()) == before == 7
    merge(session, "customers", winner, loser)
    assert hanging(session, "customers", loser) == 0
    assert hanging(session, "customers", winner) == before


def test_a_blank_is_filled_and_the_fuller_value_wins_unless_somebody_chooses(session: Session, two: tuple[UUID, UUID]) -> None:
    winner, loser = two
    merge(session, "customers", winner, loser, choices={"customers.website": "winner"})
    kept = customers.profile(session, winner)
    assert kept
    assert [kept[name] for name in ("name", "city", "phone", "website", "note")] == [
        "Konex Industries", "Bonn", "+12125550123", None, "Big",
    ]  # fmt: skip


def test_of_two_values_the_newer_one_is_the_default_but_the_owner_stays(session: Session, make_session: MakeSession) -> None:
    bo, cy = make_session("manager", "Bo"), make_session("manager", "Cy")
    one = add_customer(session, name="Konex", sector="Pumps", owner_id=bo.actor.employee_id).key
    other = add_customer(later(session), name="Konex", sector="Valves", owner_id=cy.actor.employee_id).key
    merge(bo, "customers", one, other)
    row = session.row("select sector, owner_id from customers where customer_id = $one", one=one)
    assert row == {"sector": "Valves", "owner_id": bo.actor.employee_id}


def test_two_notes_are_kept_both(session: Session) -> None:
    one, other = (add_customer(session, name="Konex", note=note).key for note in ("Pays late", "Likes mail"))
    merge(session, "customers", one, other)
    assert session.value("select note from customers where customer_id = $one", one=one) == "Pays late\n\nLikes mail"


def test_an_address_is_one_value_and_is_completed_only_by_its_like(session: Session) -> None:
    def address(**first: str) -> str:
        keys = [
            add_contact(session, name="Ann", email="ann@x.example", **fields).key
            for fields in (first, {"street": "1 Main Street", "city": "Bonn", "country": "Germany"})
        ]
        merge(session, "contacts", *keys, choices={"contacts.address": "winner"})
        row = contacts.one(session, keys[0]) or {}
        return " ".join(filter(None, (row["street"], row["city"], row["country"])))

    assert address(city="Bonn") == "1 Main Street Bonn Germany"
    assert address(city="Rome") == "Rome"


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("given", "given", "given"),
        ("given", "unknown", "unknown"),
        ("unknown", "given", "unknown"),
        ("given", "withdrawn", "withdrawn"),
        ("withdrawn", "unknown", "withdrawn"),
    ],
)
def test_consent_never_widens(session: Session, one: str, other: str, both: str) -> None:
    keys = [
        add_contact(later(session, hours), name="Ann", email="ann@x.example", consent=consent).key
        for hours, consent in enumerate((one, other))
    ]
    merge(session, "contacts", *keys)
    row = contacts.one(session, keys[0])
    assert row and row["consent"] == both
    assert (row["consent_at"] is None) == (both == "unknown")


def test_people_who_come_together_at_one_customer_keep_the_stricter_consent(session: Session) -> None:
    companies = [add_customer(session, name="Konex").key for _ in range(2)]
    for company, consent in zip(companies, ("withdrawn", "given"), strict=True):
        add_contact(session, name="Ann", email="Ann@x.example", customer_id=company, consent=consent)
    add_contact(session, name="Bo", email="bo@x.example", customer_id=companies[1], consent="given")
    merge(session, "customers", *companies)
    found = {(row["name"], row["consent"]) for row in contacts.of_customer(session, companies[0])}
    assert found == {("Ann", "withdrawn"), ("Bo", "given")}


def test_what_both_bear_is_borne_once(session: Session) -> None:
    keys = [add_customer(session, name="Konex").key for _ in range(2)]
    tag_customers(session, keys, "vip")
    tag_customers(session, keys[1:], "late")
    put_on_list(session, keys, name="Our list")
    merge(session, "customers", *keys)
    assert [row["name"] for row in customers.tags_of(session, keys[0])] == ["late", "vip"]
    sql = "select count(*) from {} where archived_at is null and customer_id = $key"
    assert [session.value(sql.format(table), key=keys[0]) for table in ("customer_tags", "segment_members")] == [2, 1]


def test_own_fields_merge_one_by_one(session: Session) -> None:
    tier, size, remark = (
        define_field(session, noun="customers", name=name, kind=kind).key
        for name, kind in (("Tier", "text"), ("Size", "number"), ("Remark", "long_text"))
    )
    one = add_customer(session, name="Konex", **{f"own_{tier}": "Gold", f"own_{remark}": "First"}).key
    other = add_customer(session, name="Konex", **{f"own_{tier}": "Iron", f"own_{size}": "7", f"own_{remark}": "Second"}).key
    merge(session, "customers", one, other, choices={f"customers.own_{tier}": "winner"})
    own = session.value("select own from customers where customer_id = $one", one=one)
    assert all(part in own for part in ('"Gold"', ":7", "First\\n\\nSecond"))


def test_persons_become_one_as_customers_and_as_contacts(session: Session) -> None:
    one, other = (add_contact(session, name=name, email="ann@x.example").key for name in ("Ann Mil", "Ann Miller"))
    add_order(session, customer_id=of_person(session, other), amount=3)
    merge(session, "contacts", one, other)
    winner, loser = (of_person(session, key) for key in (one, other))
    kept = customers.profile(session, winner)
    assert kept and kept["name"] == "Ann Miller" and kept["order_count"] == 1
    assert session.value("select archived_at is not null from customers where customer_id = $key", key=loser)
    assert [row["contact_id"] for row in contacts.of_customer(session, winner)] == [one]
    assert len(merges.standing(session)) == 1


def test_a_person_who_turns_out_to_be_at_a_company_goes_there_with_everything(session: Session) -> None:
    konex = add_customer(session, name="Konex").key
    there = add_contact(session, name="Ann Miller", customer_id=konex).key
    private = add_contact(session, name="Ann Miller", email="ann@x.example").key
    add_order(session, customer_id=of_person(session, private), amount=3)
    assert merging.better(session, "contacts", private, there) == (there, private)
    with pytest.raises(Refused, match="contact at a company"):
        merge(session, "contacts", private, there)
    merge(session, "contacts", there, private)
    kept = customers.profile(session, konex)
    assert kept and kept["order_count"] == 1 and kept["name"] == "Konex"
    assert (contacts.one(session, there) or {})["email"] == "ann@x.example"


def test_an_old_link_leads_to_the_winner_over_any_number_of_merges(session: Session) -> None:
    keys = [add_customer(session, name="Konex").key for _ in range(4)]
    for winner, loser in ((1, 0), (2, 1), (3, 2)):
        merge(session, "customers", keys[winner], keys[loser])
    assert [merges.winner_of(session, "customers", key) for key in keys] == [keys[3]] * 3 + [None]


def test_who_is_not_the_loser_is_not_the_winner(session: Session) -> None:
    one, other, third, fourth = (add_contact(session, name=f"Ann {number}", email="ann@x.example").key for number in range(4))
    keep_apart(session, "contacts", other, third)
    keep_apart(session, "contacts", one, fourth)
    keep_apart(session, "contacts", other, fourth)
    keep_apart(session, "contacts", one, other)
    merge(session, "contacts", one, other)
    pairs = {frozenset((row["one_id"], row["other_id"])) for row in duplicates.not_duplicates(session)}
    assert pairs == {frozenset((one, third)), frozenset((one, fourth))}
    assert len(duplicates.not_duplicates(session)) == 2


def test_a_company_that_was_part_of_the_loser_is_not_part_of_itself(session: Session) -> None:
    loser = add_customer(session, name="Konex").key
    winner = add_customer(session, name="Konex", parent_id=loser).key
    merge(session, "customers", winner, loser)
    assert session.value("select parent_id from customers where customer_id = $key", key=winner) is None


def test_an_external_id_goes_with_its_source_and_may_come_from_the_loser(session: Session) -> None:
    with session.change("Import") as change:
        keys = [
            change.insert("customers", name="Konex", kind="company", lifecycle_stage="lead", **fields)
            for fields in ({}, {"external_id": "7", "source": "hubspot"})
        ]
    merge(session, "customers", *keys)
    row = session.row("select external_id, source from customers where customer_id = $key", key=keys[0])
    assert row == {"external_id": "7", "source": "hubspot"}


def test_merging_is_for_managers_and_only_of_what_can_be_one(session: Session, make_session: MakeSession) -> None:
    company, other = (add_customer(session, name="Konex").key for _ in range(2))
    ann = add_contact(session, name="Ann").key
    with pytest.raises(Refused, match="role of manager"):
        merge(make_session("member"), "customers", company, other)
    with pytest.raises(Refused, match="one record already"):
        merge(session, "customers", company, company)
    with pytest.raises(Refused, match="company and a person"):
        merge(session, "customers", company, of_person(session, ann))
    with pytest.raises(Refused, match="cannot be chosen"):
        merge(session, "customers", company, other, choices={"customers.name": "both"})
    with pytest.raises(Refused, match="cannot be chosen"):
        merge(session, "customers", company, other, choices={"customers.version": "loser"})
    archive_contact(session, ann)
    with pytest.raises(Refused, match="archived"):
        merge(session, "contacts", ann, add_contact(session, name="Ann").key)
    with pytest.raises(Refused, match="contacts and customers"):
        merge(session, "deals", company, other)


def test_whoever_merges_what_somebody_changed_meanwhile_is_told(session: Session, two: tuple[UUID, UUID]) -> None:
    plan = merging.preview(session, "customers", *two)
    versions = {str(key): row["version"] for key, row in plan.pairs[0].sides}
    edit_customer(session, two[1], city="Rome")
    with pytest.raises(Conflict, match="changed city"):
        merge(session, "customers", *two, versions=versions)
    assert session.value("select count(*) from merges") == 0


def test_a_merge_is_one_change_that_history_tells_and_undoes_where_it_can(session: Session) -> None:
    one, other = (add_contact(session, name=name, email="ann@x.example").key for name in ("Ann", "Ann Miller"))
    saved = merge(session, "contacts", one, other)
    assert saved.change_set_id
    told = history.rows_of(session, saved.change_set_id)
    assert {"merge", "contact", "customer"} <= set(told["what"])
    undo_change(session, saved.change_set_id)
    assert merges.standing(session) == []
    again = merge(session, "contacts", one, other)
    edit_contact(session, one, phone="+12125550123")
    assert "Data, Duplicates" in (history.blocked(session, again.change_set_id or "") or "")
    with pytest.raises(Conflict, match="Or unmerge them in Data, Duplicates"):
        undo_change(session, again.change_set_id or "")


def test_every_table_of_the_rules_is_moved(session: Session) -> None:
    """Whoever adds a table that refers to customers or contacts need not think of merges."""
    children = {child for noun in merging.NOUNS for child in merging.hanging([noun])}
    assert {"tasks", "deals", "contacts", "segment_members", "customers"} <= children
    for child in children:
        key_of(child)


def test_a_file_that_still_has_the_ids_of_both_reaches_the_winner(session: Session) -> None:
    both = "External id,Name,City,Phone\n1,Konex,Bonn,\n2,Konex Industries,,+12125550123\n"
    imported(session, "customers", both)
    first, second = session.rows("select customer_id from customers order by external_id")
    merge(session, "customers", first["customer_id"], second["customer_id"], choices={"customers.name": "winner"})
    again = imported(session, "customers", "External id,Name,Website\n2,Konex Industries,konex.example\n")
    assert fates(again)[:2] == (0, 1)
    row = customers.profile(session, first["customer_id"]) or {}
    assert (row["name"], row["website"], row["external_id"]) == ("Konex", "konex.example", "1")
    imported(session, "orders", "External id,Customer external id,Amount,Date\n7,2,12.50,2026-02-01\n")
    assert session.value("select customer_id from orders") == first["customer_id"]


def test_a_person_who_was_merged_is_not_made_again_by_the_next_file(session: Session) -> None:
    text = "External id,Name,E-mail,Phone\n1,Ann Lee,ann@x.example,\n2,Anna Lee,anna@x.example,+12125550123\n"
    imported(session, "contacts", text)
    first, second = session.rows("select contact_id from contacts order by external_id")
    merge(session, "contacts", first["contact_id"], second["contact_id"])
    assert fates(imported(session, "contacts", text)) == (0, 0, 2, 0, 0)
    assert session.value("select count(*) from customers where archived_at is null") == 1
