"""Profile, Add, Customers and History, driven as a person drives them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

Visit = Callable[..., AppTest]
Ask = Callable[..., Any]
SCRIPT = "<script>alert(1)</script> [x](http://evil.example) =1+1"


def first_customer(ask: Ask) -> str:
    return str(ask("select customer_id from customers where kind = 'company' order by name limit 1"))


def test_a_note_is_kept_with_one_click_and_its_text_leaves_the_box(demo_company: str, visit: Visit, ask: Ask) -> None:
    customer = first_customer(ask)
    app = visit("profile", customer=customer)
    app.text_area(key=f"entry_{customer}.note").input(SCRIPT)
    app.button(key=f"entry_{customer}.save_call").click().run()
    assert ask("select note from interactions order by created_at desc, occurred_at desc limit 1") == SCRIPT
    assert app.text_area(key=f"entry_{customer}.note").value == ""


def test_a_profile_that_is_not_there_leads_back(company: str, visit: Visit) -> None:
    for address in ("00000000-0000-0000-0000-000000000000", "nonsense", "' or 1=1"):
        app = visit("profile", customer=address)
        assert any("not here" in text.value for text in app.markdown)


def test_a_contact_without_a_customer_becomes_a_person(empty_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("add", kind="Contact")
    app.text_input(key="add_contact.name").input("Ada Byron")
    app.text_input(key="add_contact.email").input("ada@byron.example")
    app.button(key="add_contact.save").click().run()
    assert ask("select kind from customers where name = 'Ada Byron'") == "person"
    assert app.text_input(key="add_contact.name").value == ""


def test_a_contact_who_left_is_archived_where_they_are_seen(demo_company: str, visit: Visit, ask: Ask) -> None:
    customer = first_customer(ask)
    here = "select count(*) from contacts where customer_id = $customer and archived_at is null"
    before = ask(here, customer=customer)
    app = visit("profile", customer=customer)
    leaving = ask("select contact_id from contacts where customer_id = $customer order by name limit 1", customer=customer)
    app.button(key=f"contact_{leaving}").click().run()
    app.button(key="edit_contact.archive").click().run()
    assert ask(here, customer=customer) == before - 1
    assert ask("select archived_at is not null from contacts where contact_id = $leaving", leaving=leaving)
    app.button(key="flash_undo").click().run()
    assert ask(here, customer=customer) == before


def test_a_refused_form_names_the_field_and_keeps_what_was_typed(empty_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("add", kind="Contact")
    app.text_input(key="add_contact.name").input("Ada Byron")
    app.text_input(key="add_contact.email").input("not an address")
    app.button(key="add_contact.save").click().run()
    assert "E-mail" in app.error[0].value.replace("\\", "")
    assert app.text_input(key="add_contact.name").value == "Ada Byron"
    assert app.text_input(key="add_contact.email").value == "not an address"
    assert ask("select count(*) from contacts") == 0


def test_a_likely_duplicate_shows_while_typing(demo_company: str, visit: Visit, ask: Ask) -> None:
    name = ask("select name from contacts order by name limit 1")
    app = visit("add", kind="Contact")
    app.text_input(key="add_contact.name").input(name[:-1]).run()
    assert any("Already here" in text.value for text in app.markdown)


def test_a_list_is_searched_filtered_and_paged(demo_company: str, visit: Visit) -> None:
    app = visit("customers")
    app.text_input(key="find").input("zzzz no such").run()
    assert any("No customer fits" in text.value for text in app.markdown)
    app.text_input(key="find").input("").run()
    assert any("401 customers" in caption.value for caption in app.caption)


def test_history_undoes_the_latest_change(demo_company: str, visit: Visit, ask: Ask) -> None:
    customer = first_customer(ask)
    app = visit("profile", customer=customer)
    app.text_area(key=f"entry_{customer}.note").input("To be undone")
    app.button(key=f"entry_{customer}.save_call").click().run()
    change = ask("select change_set_id from change_sets order by made_at desc, change_set_id desc limit 1")
    app = visit("history")
    app.button(key=f"undo_{change}").click().run()
    assert ask("select count(*) from interactions where note = 'To be undone'") == 0
