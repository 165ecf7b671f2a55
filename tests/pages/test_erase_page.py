"""The page that erases a person: what goes, what others wrote, the word to type, the proof; and the list in Settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crm.commands.contacts import add_contact
from crm.commands.interactions import log_interaction
from crm.store import session as door
from crm.store.session import Session, command_line

Visit = Callable[..., AppTest]
Ask = Callable[..., Any]


@pytest.fixture
def ann(demo_company: str) -> str:
    """A contact whom somebody mentions in a note about another customer."""
    session = Session(door.opened(), command_line("tester"))
    harbour, elsewhere = (row["customer_id"] for row in session.rows("from customers where kind = 'company' limit 2"))
    key = add_contact(session, name="Ann **Quist", email="ann@quist.example", customer_id=harbour).key
    log_interaction(session, channel="note", note="Ann **Quist sent us here", customer_id=elsewhere)
    log_interaction(session, channel="note", note="No Quist today", customer_id=elsewhere)
    return str(key)


def shown(app: AppTest) -> str:
    return "\n".join(str(part.value) for part in [*app.markdown, *app.caption, *app.error, *app.title])


def test_a_person_is_erased_after_a_look_and_the_word(visit: Visit, ask: Ask, ann: str) -> None:
    app = visit("erase", person=ann)
    assert app.checkbox(key="mention_sure_0").value is True
    assert app.checkbox(key="mention_perhaps_0").value is False
    app.button(key="erase").click().run()
    assert "Type ERASE to confirm" in shown(app)
    assert ask("select count(*) from contacts where contact_id = $key", key=ann) == 1
    app.text_input(key="confirm").set_value("erase")
    app.button(key="erase").click().run()
    assert not app.exception and "0 found" in shown(app)
    assert ask("select count(*) from contacts where contact_id = $key", key=ann) == 0
    assert ask("select count(*) from interactions where note = '█████ sent us here'") == 1
    assert ask("select count(*) from interactions where note = 'No Quist today'") == 1


def test_the_list_in_settings_says_nothing_of_whom(visit: Visit, ann: str) -> None:
    app = visit("erase", person=ann)
    app.text_input(key="confirm").set_value("ERASE")
    app.button(key="erase").click().run()
    settings = visit("settings", settings_tab="Erasures")
    assert "0 found" in shown(settings) and "Quist" not in shown(settings)
    settings.text_input(key="erasure_search_text").set_value("Quist").run()
    assert "1 found" in shown(settings)


def test_who_may_not_erase_is_told_whom_to_ask(visit: Visit, ask: Ask, ann: str) -> None:
    app = visit("erase", person=ann)
    app.selectbox(key="actor").set_value(ask("select employee_id from employees where role = 'member' limit 1")).run()
    assert "Erasing a person needs the role of admin" in shown(app)
    with pytest.raises(KeyError):
        app.button(key="erase")


@pytest.mark.parametrize("person", ["", "nonsense", "01900000-0000-7000-8000-00000000dead"])
def test_an_address_of_nobody_says_so(visit: Visit, demo_company: str, person: str) -> None:
    text = shown(visit("erase", person=person))
    assert "Choose whom" in text or "There is nobody" in text


def test_a_profile_of_a_person_offers_export_and_erasure(visit: Visit, ask: Ask, demo_company: str) -> None:
    person = str(ask("select customer_id from customers where kind = 'person' and archived_at is null limit 1"))
    app = visit("profile", customer=person)
    assert any(element.proto.label == "Export all we hold" for element in app.get("download_button"))
