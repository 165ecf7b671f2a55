"""Own fields: defined once, typed and checked wherever values come in, kept through renames, told by name, undone exactly."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.commands import custom_fields as define
from crm.commands.customers import add_customer, edit_customer
from crm.commands.deals import add_deal, edit_deal
from crm.commands.employees import add_employee
from crm.commands.feedback import add_feedback
from crm.commands.history import undo_change
from crm.commands.interactions import log_interaction
from crm.commands.orders import add_order
from crm.commands.own_values import checked_own, value_of
from crm.commands.products import add_product
from crm.commands.tasks import add_task, finish_task
from crm.errors import Conflict, Refused
from crm.queries import custom_fields, figures, history, timeline
from crm.queries.custom_fields import CustomField
from crm.queries.periods import Period
from crm.queries.search import search
from crm.store.session import Session
from crm.store.undo import undo
from tests import small
from tests.small import NEW

END, TIER, TOPICS, BUDGET = "Contract end", "Company tier", "Newsletter topics", "Budget"


def field(session: Session, name: str, noun: str = "customers") -> CustomField:
    return next(each for each in custom_fields.of_noun(session, noun, archived=True) if each.name == name)


def defined(session: Session, name: str, kind: str, noun: str = "customers", **more: Any) -> CustomField:
    define.define_field(session, noun=noun, name=name, kind=kind, **more)
    return field(session, name, noun)


@pytest.fixture
def company(session: Session) -> Session:
    defined(session, END, "date", is_listed=True)
    defined(session, TIER, "choice", choices=["Gold", "Silver", "Bronze"])
    defined(session, TOPICS, "choices", choices="Offers\nEvents\nTips")
    defined(session, BUDGET, "money")
    return session


def added(session: Session, name: str = "Konex", **values: Any) -> UUID:
    """A customer with own values by their fields' names."""
    return add_customer(session, name=name, **own(session, values)).key


def own(session: Session, values: dict[str, Any], noun: str = "customers") -> dict[str, Any]:
    return {field(session, name, noun).argument: value for name, value in values.items()}


def held(session: Session, key: UUID, noun: str = "customers") -> dict[str, str | None]:
    """What a row holds, as people read it."""
    text = session.value(f"select own from {noun} where {noun.removesuffix('s')}_id = $key", key=key)
    fields = custom_fields.of_noun(session, noun, archived=True)
    values = {each.name: custom_fields.as_text(each, custom_fields.value(each, text)) for each in fields}
    return {name: value for name, value in values.items() if value is not None}


def edited(session: Session, key: UUID, **values: Any) -> UUID | None:
    return edit_customer(session, key, **own(session, values)).change_set_id


def test_a_value_of_each_kind_is_kept_as_what_it_is(session: Session) -> None:
    typed = {
        "text": ("Room 7", "Room 7"),
        "long_text": ("Two\nlines", "Two\nlines"),
        "number": ("1 250.5", 1250.5),
        "money": ("1,250.50", Decimal("1250.50")),
        "date": ("2026-05-01", date(2026, 5, 1)),
        "yes_no": ("yes", True),
        "link": ("example.com/a", "https://example.com/a"),
    }
    fields = {kind: defined(session, f"My {kind}", kind) for kind in typed}
    key = add_customer(session, name="Konex", **{fields[kind].argument: text for kind, (text, _) in typed.items()}).key
    text = session.value("select own from customers where customer_id = $key", key=key)
    for kind, (_, value) in typed.items():
        assert custom_fields.value(fields[kind], text) == value
        assert session.value(f"select {custom_fields.value_sql(fields[kind], 'customers')} from customers") == value


def test_choices_are_kept_by_key_and_read_by_name(company: Session) -> None:
    key = added(company, **{TIER: "gold", TOPICS: "tips, Offers"})
    assert held(company, key) == {TIER: "Gold", TOPICS: "Offers, Tips"}
    read = {name: custom_fields.read_sql(field(company, name), "customers") for name in (TIER, TOPICS)}
    assert company.row(f"select {read[TIER]} as tier, {read[TOPICS]} as topics from customers") == {
        "tier": "Gold",
        "topics": "Offers, Tips",
    }


@pytest.mark.parametrize(
    ("kind", "typed", "why"),
    [
        ("number", "many", "“many” is not a number"),
        ("number", "1e99", "too large"),
        ("number", True, "is not a number"),
        ("money", "1.2.3", "is not an amount"),
        ("date", "31.5.2026", "Write it like 2026-11-22"),
        ("date", "1026-05-01", "between 1900 and 2200"),
        ("yes_no", "perhaps", "neither yes nor no"),
        ("link", "javascript:alert(1)", "not a web address"),
        ("link", "two words", "not a web address"),
        ("text", "x" * 301, "300 is the most"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_the_name_of_its_field(session: Session, kind: str, typed: Any, why: str) -> None:
    extra = defined(session, "Extra", kind)
    with pytest.raises(Refused, match="Extra") as refused:
        add_customer(session, name="Konex", **{extra.argument: typed})
    assert why in refused.value.message
    assert refused.value.field == extra.argument
    assert session.value("select count(*) from customers") == 0


def test_a_choice_that_is_not_offered_is_refused_with_those_that_are(company: Session) -> None:
    with pytest.raises(Refused, match=r"Company tier “Iron” is not offered\. Choose one of Gold, Silver, Bronze"):
        added(company, **{TIER: "Iron"})


def test_a_required_field_cannot_be_left_blank_where_it_is_asked_for(session: Session) -> None:
    needed = defined(session, "VAT id", "text", is_required=True)
    with pytest.raises(Refused, match="VAT id is missing") as refused:
        add_customer(session, name="Konex", **{needed.argument: None})
    assert refused.value.field == needed.argument
    with pytest.raises(Refused, match="VAT id is missing"):
        checked_own(session, "customers", {}, is_new=True)
    key = add_customer(session, name="Konex", **{needed.argument: "DE 1"}).key
    edit_customer(session, key, city="Ulm")
    with pytest.raises(Refused, match="VAT id is missing"):
        edit_customer(session, key, version=None, **{needed.argument: " "})


def test_every_noun_takes_own_fields(session: Session) -> None:
    for noun in custom_fields.NOUNS:
        defined(session, "Colour", "text", noun)

    def colour(noun: str) -> dict[str, str]:
        return {field(session, "Colour", noun).argument: "blue"}

    customer = add_customer(session, name="Konex", **colour("customers")).key
    from crm.commands.contacts import add_contact

    add_contact(session, name="Jo", customer_id=customer, **colour("contacts"))
    add_deal(session, name="Pumps", stage_id=NEW, **colour("deals"))
    add_order(session, amount=3, customer_id=customer, **colour("orders"))
    log_interaction(session, channel="call", customer_id=customer, **colour("interactions"))
    add_feedback(session, kind="complaint", text="Late", customer_id=customer, **colour("feedback"))
    add_task(session, title="Call", **colour("tasks"))
    add_product(session, name="Pump", **colour("products"))
    add_employee(session, name="Mo", **colour("employees"))
    for noun in custom_fields.NOUNS:
        sql = custom_fields.value_sql(field(session, "Colour", noun), noun)
        assert session.value(f"select count(*) from {noun} where {sql} = 'blue'") == 1, noun


def test_a_repeated_task_takes_its_own_values_along(session: Session) -> None:
    room = defined(session, "Room", "text", "tasks")
    finish_task(session, add_task(session, title="Sweep", repeat_every="week", **{room.argument: "7"}).key)
    assert session.value(f"select count(*) from tasks where {custom_fields.value_sql(room, 'tasks')} = '7'") == 2


def test_two_people_who_fill_different_fields_of_one_row_both_keep_theirs(company: Session) -> None:
    key = added(company, **{TIER: "Gold"})
    edited(company, key, **{BUDGET: 500})
    edited(company, key, **{END: date(2027, 1, 31)})
    assert held(company, key) == {TIER: "Gold", BUDGET: "500.00", END: "31 Jan 2027"}


def test_a_second_editor_of_a_form_is_told_which_own_field_was_changed(company: Session) -> None:
    key = added(company)
    seen = company.value("select version from customers where customer_id = $key", key=key)
    edited(company, key, **{TIER: "Gold"})
    with pytest.raises(Conflict, match="changed Company tier of this customer"):
        edit_customer(company, key, version=seen, **own(company, {TIER: "Silver"}))


def test_many_rows_take_a_patch_in_one_change(company: Session) -> None:
    keys = [added(company, name, **{TIER: "Gold"}) for name in ("A", "B")]
    tier, budget = field(company, TIER), field(company, BUDGET)
    patch = custom_fields.patch_sql({tier: "incoming.tier", budget: "incoming.budget"}, {tier: "incoming.is_cleared"})
    with company.change("Import") as change:
        change.execute("create temp table incoming (customer_id uuid, tier varchar, budget decimal(14, 2), is_cleared boolean)")
        change.execute("insert into incoming values ($a, null, 5.5, false), ($b, null, null, true)", a=keys[0], b=keys[1])
        change.update_from("customers", f"select customer_id, {patch} as own from incoming")
    assert held(company, keys[0]) == {TIER: "Gold", BUDGET: "5.50"}
    assert held(company, keys[1]) == {}


def test_renaming_a_field_or_a_choice_keeps_every_value(company: Session) -> None:
    key = added(company, **{TIER: "Gold", END: "2026-05-01"})
    before = company.value("select own from customers")
    define.edit_field(company, UUID(field(company, END).key), name="Renewal")
    define.rename_choice(company, UUID(field(company, TIER).choices[0].key), name="Platinum")
    assert held(company, key) == {TIER: "Platinum", "Renewal": "1 May 2026"}
    assert company.value("select own from customers") == before


def test_archived_fields_and_choices_keep_their_values_and_are_no_longer_offered(company: Session) -> None:
    key = added(company, "Konex", **{TIER: "Gold", BUDGET: 5})
    define.archive_field(company, UUID(field(company, BUDGET).key))
    define.archive_choice(company, UUID(field(company, TIER).choices[0].key))
    assert BUDGET not in [each.name for each in custom_fields.of_noun(company, "customers")]
    assert [choice.name for choice in field(company, TIER).choices if not choice.is_archived] == ["Silver", "Bronze"]
    assert held(company, key) == {TIER: "Gold", BUDGET: "5.00"}
    with pytest.raises(Refused, match="no longer there"):
        edited(company, key, **{BUDGET: 6})


def test_fields_and_choices_stand_in_the_order_they_are_put_in(company: Session) -> None:
    fields = custom_fields.of_noun(company, "customers")
    define.reorder_fields(company, [UUID(each.key) for each in reversed(fields)])
    assert [each.name for each in custom_fields.of_noun(company, "customers")] == [BUDGET, TOPICS, TIER, END]
    define.reorder_choices(company, [UUID(choice.key) for choice in reversed(field(company, TIER).choices)])
    assert [choice.name for choice in field(company, TIER).choices] == ["Bronze", "Silver", "Gold"]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"name": ""}, "Name is missing"),
        ({"name": END.upper()}, "There is an own field “Contract end” of customers already"),
        ({"kind": "colour"}, "not known"),
        ({"noun": "goals"}, "not known"),
        ({"kind": "choice"}, "at least one"),
        ({"kind": "text", "choices": ["A"]}, "Only a field of the kind choice"),
        ({"kind": "choice", "choices": ["A", "a"]}, "twice"),
        ({"kind": "choices", "choices": ["A, B"]}, "without commas"),
    ],
)
def test_a_field_that_would_not_work_is_refused(company: Session, given: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused, match=why):
        define.define_field(company, **{"noun": "customers", "name": "New", "kind": "text"} | given)


def test_a_choice_that_is_offered_already_is_refused(company: Session) -> None:
    tier = field(company, TIER)
    with pytest.raises(Refused, match="“Gold” is offered already"):
        define.add_choice(company, UUID(tier.key), " gold ")
    with pytest.raises(Refused, match="“Gold” is offered already"):
        define.rename_choice(company, UUID(tier.choices[1].key), name="GOLD")
    define.rename_choice(company, UUID(tier.choices[0].key), name="GOLD")
    assert [choice.name for choice in field(company, TIER).choices] == ["GOLD", "Silver", "Bronze"]


def test_only_admins_define_fields_and_values_are_written_as_the_row_is(
    company: Session, make_session: Callable[..., Session]
) -> None:
    owner, other = make_session("member", "Mo"), make_session("member", "Di")
    with pytest.raises(Refused, match="admin"):
        define.define_field(owner, noun="customers", name="Mine", kind="text")
    key = added(company)
    edit_customer(company, key, owner_id=owner.actor.employee_id)
    edited(owner, key, **{TIER: "Gold"})
    with pytest.raises(Refused, match="Ask the owner"):
        edited(other, key, **{TIER: "Silver"})


def test_history_and_timeline_tell_a_change_by_the_names_of_field_and_choice(company: Session) -> None:
    key = added(company, "Konex", **{END: "2026-05-01", TOPICS: ["Offers"]})
    changed = edited(company, key, **{END: "2026-06-01", TOPICS: "Offers; Tips"})
    assert changed
    told = history.rows_of(company, changed)[["field", "before", "after"]].values.tolist()
    assert told == [[END, "1 May 2026", "1 Jun 2026"], [TOPICS, "Offers", "Offers, Tips"]]
    (line,) = [each for each in timeline.of_customer(company, key) if each["kind"] == "change"]
    assert line["body"] == "Contract end: 1 May 2026 → 1 Jun 2026\nNewsletter topics: Offers → Offers, Tips"


def test_own_values_are_found_by_typing_them(company: Session) -> None:
    notes = defined(company, "Remark", "long_text")
    add_customer(company, name="Konex", **{notes.argument: "Prefers the Blue Ocean line"})
    added(company, "Bolt", **{TIER: "Gold", TOPICS: "Events"})
    assert [hit["name"] for hit in search(company, "blue ocean")] == ["Konex"]
    assert [hit["name"] for hit in search(company, "gold")] == ["Bolt"]
    assert [hit["name"] for hit in search(company, "events")] == ["Bolt"]


def test_taking_back_a_field_or_choice_that_holds_values_is_refused(company: Session) -> None:
    level = define.define_field(company, noun="customers", name="Level", kind="choice", choices=["A"])
    key = added(company, Level="A")
    assert level.change_set_id
    with pytest.raises(Conflict, match="1 customers have a value"):
        undo_change(company, level.change_set_id)
    edited(company, key, Level=None)
    undo_change(company, level.change_set_id)
    assert held(company, key) == {}


CELLS = {
    "text": st.text(min_size=1, max_size=40),
    "long_text": st.text(min_size=1, max_size=200),
    "number": st.integers(-(10**14), 10**14) | st.floats(-1e12, 1e12),
    "money": st.decimals(-(10**11), 10**11, places=2),
    "date": st.dates(date(1900, 1, 1), date(2200, 12, 31)),
    "yes_no": st.booleans(),
}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_value_comes_back_and_any_change_of_it_undoes_to_equal_text(session: Session, data: st.DataObject) -> None:
    known = {each.kind: each for each in custom_fields.of_noun(session, "customers")}
    fields = {kind: known.get(kind) or defined(session, f"My {kind}", kind) for kind in CELLS}
    before, after = (
        {kind: data.draw(st.none() | cell, label=kind) for kind, cell in CELLS.items() if data.draw(st.booleans())} for _ in "ab"
    )
    key = add_customer(session, name="Konex", **{fields[kind].argument: value for kind, value in before.items()}).key

    def text() -> str | None:
        found: str | None = session.value("select own from customers where customer_id = $key", key=key)
        return found

    stood = text()
    for kind, value in before.items():
        assert custom_fields.value(fields[kind], stood) == custom_fields.value(fields[kind], kept(fields[kind], value))
    new = {fields[kind].argument: value for kind, value in after.items()}
    changed = edit_customer(session, key, version=None, city="Ulm", **new)
    assert list(json.loads(text() or "{}").items()) == sorted(filled(fields, before | after).items())
    assert changed.change_set_id
    undo_change(session, changed.change_set_id)
    assert text() == stood


def kept(of: CustomField, value: Any) -> str:
    """What one value is in the store, made another way."""
    return json.dumps({of.key: value_of(of, value)})


def filled(fields: dict[str, CustomField], values: dict[str, Any]) -> dict[str, Any]:
    whole = {fields[kind].key: value_of(fields[kind], value) for kind, value in values.items()}
    return {key: value for key, value in whole.items() if value is not None}


def test_what_is_checked_is_a_patch_that_says_what_to_empty(company: Session) -> None:
    tier, end = field(company, TIER), field(company, END)
    patch = checked_own(company, "customers", {tier.key: "Silver", end.argument: ""})
    assert patch == {tier.key: tier.choices[1].key, end.key: None}


def figure_by(session: Session, by: str, key: str) -> dict[str, Any]:
    period = Period(date(2025, 1, 1), date(2025, 12, 31))
    found = figures.figures(session, period, date(2025, 12, 31), by=by, keys=(key,))["groups"]
    return {name: one[key]["value"] for name, one in found.items()}


def test_a_figure_splits_by_a_choice_of_its_customer_and_by_yes_or_no_of_the_deal(session: Session) -> None:
    keys = small.company(session)
    tier = defined(session, TIER, "choice", choices=["Gold", "Silver"])
    budget = defined(session, "Budget confirmed", "yes_no", "deals")
    for nickname, name in (("acme", "Gold"), ("bolt", "Silver")):
        edited(session, keys[nickname], **{tier.name: name})
    for nickname, answer in (("first", True), ("second", False)):
        edit_deal(session, keys[nickname], version=None, **{budget.argument: answer})
    won = deals_by_hand(session)
    for by in (TIER, "deals:Budget confirmed"):
        expected: dict[str, float] = {}
        for deal in won:
            expected[deal[by]] = round(expected.get(deal[by], 0) + float(deal["amount"]), 2)
        got = {name: value for name, value in figure_by(session, by, "won_amount").items() if value}
        assert got == expected, by
    assert figure_by(session, TIER, "revenue") == {"Silver": 95.25, "(none)": 10.0}
    assert figure_by(session, TIER, "customers") == {"Gold": 1, "Silver": 1}


def deals_by_hand(session: Session) -> list[dict[str, Any]]:
    """The won deals of the year with what their own fields say, read value by value."""
    tier, budget = field(session, TIER), field(session, "Budget confirmed", "deals")
    rows = session.rows(
        """
        select deals.amount, deals.own, customers.own as of_customer
        from deals
        inner join stages on stages.stage_id = deals.stage_id
        left join customers on customers.customer_id = deals.customer_id
        where stages.outcome = 'won' and deals.archived_at is null and year(deals.closed_on) = 2025
        """
    )
    return [
        {
            "amount": row["amount"],
            TIER: custom_fields.as_text(tier, custom_fields.value(tier, row["of_customer"])) or "(none)",
            "deals:Budget confirmed": custom_fields.as_text(budget, custom_fields.value(budget, row["own"])) or "(none)",
        }
        for row in rows
    ]


def test_every_figure_answers_a_split_by_an_own_field_or_says_that_it_cannot(session: Session) -> None:
    small.company(session)
    period = Period(date(2025, 4, 1), date(2025, 6, 30))
    for noun in custom_fields.NOUNS:
        each = defined(session, "Answer", "yes_no", noun)
        for name, one in figures.figures(session, period, date(2025, 6, 30), by=each.split)["groups"].items():
            assert name == "(none)"
            assert all(found["value"] is not None or found["reason"] for found in one.values())


def test_a_split_that_is_not_offered_or_has_two_meanings_is_refused_with_those_that_are(company: Session) -> None:
    defined(company, TIER, "choice", "deals", choices=["A"])
    with pytest.raises(Refused, match="customers:Company tier, deals:Company tier"):
        figure_by(company, TIER, "won_amount")
    with pytest.raises(Refused, match="not split by “Contract end”"):
        figure_by(company, END, "won_amount")
    assert figure_by(company, "customers:company TIER", "won_amount") == {}


def test_what_is_taken_away_leaves_the_fields_that_others_fill(session: Session) -> None:
    with session.change("Demo") as change:
        for name in ("Used", "Spare"):
            made = define.add_to(change, session, noun="customers", name=name, kind="choice", choices=["A", "B"])
        filled_in = json.dumps({made.key: made.choices[0].key})
        change.insert("customers", name="Demo", kind="company", lifecycle_stage="lead", own=filled_in)
    key = added(session, "Real", Used="B")
    undo(session, change.change_set_id, keeping=True)
    (left,) = custom_fields.of_noun(session, "customers")
    assert (left.name, [choice.name for choice in left.choices]) == ("Used", ["B"])
    assert held(session, key) == {"Used": "B"}
