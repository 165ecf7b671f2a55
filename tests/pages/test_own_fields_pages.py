"""Own fields as people meet them: defined in Settings, filled in on a form, seen on a profile, in a list, in a split."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from crm.commands.custom_fields import archive_choice, define_field
from crm.commands.customers import add_customer
from crm.queries import custom_fields
from crm.queries.custom_fields import CustomField
from crm.store import session as door
from crm.store.session import SYSTEM, Session
from crm.ui import keys

Visit = Callable[..., AppTest]
Ask = Callable[..., Any]
HOSTILE = "![pixel](http://evil.example/p.png) [link](http://evil.example)"


def store() -> Session:
    return Session(door.opened(), SYSTEM)


def field(name: str, noun: str = "customers") -> CustomField:
    return next(each for each in custom_fields.of_noun(store(), noun, archived=True) if each.name == name)


def names(noun: str = "customers") -> list[str]:
    return [each.name for each in custom_fields.of_noun(store(), noun)]


def settings(visit: Visit) -> AppTest:
    app = visit("settings")
    app.session_state["settings_tab"] = "Own fields"
    app.run()
    assert not app.exception
    return app


def told(app: AppTest) -> str:
    texts = (*app.caption, *app.error, *app.markdown, *app.text)
    return " ".join(element.value for element in texts).replace("\\", "")


@pytest.mark.usefixtures("empty_company")
def test_an_admin_renames_a_choice_field_adds_a_choice_reorders_and_takes_it_back(visit: Visit) -> None:
    define_field(store(), noun="customers", name="Company tier", kind="choice", choices="Gold\nSilver")
    app = settings(visit)
    tier = field("Company tier")
    app.button(key=f"edit_{tier.key}").click().run()
    app.text_input(key="edit_custom_field.name").set_value("Tier")
    app.checkbox(key="edit_custom_field.is_listed").check()
    app.button(key="edit_custom_field.save").click().run()
    assert (names(), field("Tier").is_listed) == (["Tier"], True)
    app.button(key=f"add_custom_choice_button{tier.key}").click().run()
    app.text_input(key="add_custom_choice.name").input("Bronze")
    app.button(key="add_custom_choice.save").click().run()
    app.button(key=f"up_{field('Tier').choices[2].key}").click().run()
    assert [choice.name for choice in field("Tier").choices] == ["Gold", "Bronze", "Silver"]
    app.button(key="flash_undo").click().run()
    assert [choice.name for choice in field("Tier").choices] == ["Gold", "Silver", "Bronze"]


@pytest.mark.usefixtures("empty_company")
def test_an_admin_adds_a_date_and_archives_it_and_a_double_name_is_refused(visit: Visit) -> None:
    app = settings(visit)
    assert "No own field yet" in told(app)
    for _ in "12":
        app.button(key="add_custom_field_button").click().run()
        app.text_input(key="add_custom_field.name").input("Contract end")
        app.selectbox(key="add_custom_field.kind").set_value("date")
        app.button(key="add_custom_field.save").click().run()
        assert not app.exception
    assert names() == ["Contract end"]
    assert "There is an own field “Contract end” of customers already" in app.session_state[keys.PROBLEM][1]
    app.button(key=f"edit_{field('Contract end').key}").click().run()
    app.button(key="archive_custom_field").click().run()
    assert names() == []


@pytest.mark.usefixtures("demo_company")
def test_who_may_not_change_fields_sees_them_and_is_told_whom_to_ask(visit: Visit, ask: Ask) -> None:
    app = visit("settings")
    app.selectbox(key=keys.ACTOR).set_value(ask("select employee_id from employees where role = 'member' limit 1")).run()
    app.session_state["settings_tab"] = "Own fields"
    app.run()
    assert "needs the role of admin" in told(app)
    assert "Company tier" in told(app)
    changing = [str(button.key) for button in app.button if str(button.key).startswith(("edit_", "up_", "add_custom"))]
    assert changing == []


@pytest.mark.usefixtures("demo_company")
def test_a_profile_shows_own_fields_and_its_form_changes_only_what_is_changed(visit: Visit, ask: Ask) -> None:
    tier, end = field("Company tier"), field("Contract end")
    filled = custom_fields.value_sql(end, "customers")
    key = ask(f"select customer_id from customers where {filled} is not null order by name limit 1")
    app = visit("profile", customer=str(key))
    before = custom_fields.value(end, ask("select own from customers where customer_id = $key", key=key))
    assert f"{before.day} {before:%b %Y}" in told(app)
    app.button(key="edit").click().run()
    assert app.date_input(key=f"edit_customer.{end.argument}").value == before
    app.selectbox(key=f"edit_customer.{tier.argument}").set_value(tier.choices[2].key)
    app.date_input(key=f"edit_customer.{end.argument}").set_value(date(2030, 1, 31))
    app.button(key="edit_customer.save").click().run()
    assert not app.exception
    assert {"Bronze", "31 Jan 2030"} <= {text.value for text in app.text}
    body = next(text.value for text in app.text if "Contract end:" in text.value)
    assert f"Contract end: {before.day} {before:%b %Y} → 31 Jan 2030" in body


@pytest.mark.usefixtures("empty_company")
def test_a_form_asks_a_required_field_at_once_and_refuses_without_it(visit: Visit, ask: Ask) -> None:
    define_field(store(), noun="customers", name="VAT id", kind="text", is_required=True)
    define_field(store(), noun="customers", name="Budget", kind="number")
    vat, budget = field("VAT id"), field("Budget")
    app = visit("add", kind="Customer")
    app.text_input(key="add_customer.name").input("Konex")
    app.number_input(key=f"add_customer.{budget.argument}").set_value(12.5)
    app.button(key="add_customer.save").click().run()
    assert "VAT id is missing. Fill it in." in told(app)
    assert app.text_input(key="add_customer.name").value == "Konex"
    app.text_input(key=f"add_customer.{vat.argument}").input("DE 17")
    app.button(key="add_customer.save").click().run()
    text = ask("select own from customers where name = 'Konex'")
    assert (custom_fields.value(vat, text), custom_fields.value(budget, text)) == ("DE 17", 12.5)


@pytest.mark.usefixtures("empty_company")
def test_the_entry_box_takes_own_fields_of_interactions_and_the_timeline_shows_them(visit: Visit, ask: Ask) -> None:
    define_field(store(), noun="interactions", name="Mood", kind="choice", choices=["Good", "Bad"])
    key, mood = add_customer(store(), name="Konex").key, field("Mood", "interactions")
    app = visit("profile", customer=str(key))
    app.text_area(key=f"entry_{key}.note").input("Spoke about boats")
    app.selectbox(key=f"entry_{key}.{mood.argument}").set_value(mood.choices[1].key)
    app.button(key=f"entry_{key}.save_call").click().run()
    assert custom_fields.value(mood, ask("select own from interactions")) == mood.choices[1].key
    assert "Mood: Bad" in told(app)
    assert app.selectbox(key=f"entry_{key}.{mood.argument}").value is None


@pytest.mark.usefixtures("empty_company")
def test_an_archived_choice_stays_in_the_form_of_whoever_has_it(visit: Visit) -> None:
    define_field(store(), noun="customers", name="Tier", kind="choice", choices=["Gold", "Silver"])
    define_field(store(), noun="customers", name="Topics", kind="choices", choices=["Boats", "Cars"])
    tier, topics = field("Tier"), field("Topics")
    key = add_customer(store(), name="Konex", **{tier.argument: "Gold", topics.argument: ["Boats", "Cars"]}).key
    for choice in (tier.choices[0], topics.choices[0]):
        archive_choice(store(), UUID(choice.key))
    app = visit("profile", customer=str(key))
    app.button(key="edit").click().run()
    assert sorted(app.selectbox(key=f"edit_customer.{tier.argument}").options) == ["Gold (archived)", "Silver"]
    app.text_input(key="edit_customer.city").input("Ulm")
    app.button(key="edit_customer.save").click().run()
    text = store().value("select own from customers where city = 'Ulm'")
    assert custom_fields.as_text(field("Tier"), custom_fields.value(tier, text)) == "Gold"
    assert sorted(custom_fields.value(topics, text)) == sorted(choice.key for choice in topics.choices)


@pytest.mark.usefixtures("demo_company")
def test_the_list_shows_sorts_and_keeps_by_own_fields(visit: Visit, ask: Ask) -> None:
    tier, end = field("Company tier"), field("Contract end")
    app = visit("customers")
    assert {tier.argument, end.argument} <= set(app.dataframe[0].value.columns)
    app.selectbox(key="sort").set_value(end.argument).run()
    app.selectbox(key=tier.argument).set_value("Gold").run()
    shown = app.dataframe[0].value
    assert set(shown[tier.argument]) == {"Gold"}
    ends = [day for day in shown[end.argument] if day is not None]
    assert ends == sorted(ends)
    gold = f"{custom_fields.value_sql(tier, 'customers')} = $gold"
    number = ask(f"select count(*) from customers where {gold}", gold=tier.choices[0].key)
    assert f"{number} customers" in told(app)


@pytest.mark.usefixtures("demo_company")
def test_overview_splits_a_figure_by_an_own_field(visit: Visit) -> None:
    budget = field("Budget confirmed", "deals")
    app = visit("overview")
    app.selectbox(key="split_by").set_value(budget.split)
    app.run()
    app.selectbox(key="split_figure").set_value("win_rate").run()
    assert not app.exception
    assert any("Win rate by Budget confirmed" in text.value.replace("\\", "") for text in app.subheader)


@pytest.mark.usefixtures("empty_company")
def test_what_a_field_is_called_and_holds_is_text_everywhere(visit: Visit) -> None:
    for kind in ("text", "choice"):
        choices = [HOSTILE[:50]] if kind == "choice" else None
        define_field(store(), noun="customers", name=f"{kind} {HOSTILE[:40]}", kind=kind, choices=choices, is_listed=True)
    values = {each.argument: HOSTILE[:50] for each in custom_fields.of_noun(store(), "customers")}
    key = add_customer(store(), name="Konex", **values).key
    for app in (visit("profile", customer=str(key)), visit("customers"), settings(visit)):
        labels = [element.label for element in (*app.expander, *app.selectbox)]
        texts = [element.value for element in (*app.caption, *app.markdown)] + labels
        assert not [text for text in texts if "](" in text]
