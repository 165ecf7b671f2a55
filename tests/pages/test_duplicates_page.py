"""The Duplicates tab: pairs side by side, decided in place; merged in a dialog, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crm.commands.contacts import add_contact
from crm.commands.customers import edit_customer
from crm.commands.duplicates import find_duplicates
from crm.commands.merges import merge
from crm.store import session as door
from crm.store.session import Session, command_line
from tests.working import run_waiting

Visit = Callable[..., AppTest]
Ask = Callable[..., Any]


def opened(visit: Visit) -> AppTest:
    return visit("data", data_tab="Duplicates")


def store() -> Session:
    """The store as the command line sees it now."""
    return Session(door.opened(), command_line("tester"))


@pytest.fixture
def twins(empty_company: str) -> list[Any]:
    session = store()
    keys = [add_contact(session, name=name, email="ann@x.example").key for name in ("Ann [x](y) Miller", "Anne [x](y) Miller")]
    find_duplicates(session)
    return keys


def click(app: AppTest, beginning: str) -> AppTest:
    """Press the one button whose key begins like this."""
    (button,) = [button for button in app.button if str(button.key).startswith(beginning)]
    button.click().run()
    assert not app.exception
    return app


def text(app: AppTest) -> str:
    return "\n".join(str(part.value) for part in (*app.markdown, *app.caption))


def test_nobody_looked_yet_so_the_page_offers_to_look(demo_company: str, visit: Visit) -> None:
    app = opened(visit)
    assert "Nobody has looked" in text(app)
    app.button(key="look").click().run()
    run_waiting(store())
    assert "3 likely pairs among 922 contacts" in text(opened(visit))


def test_two_records_stand_side_by_side_and_their_names_are_no_markup(twins: list[Any], visit: Visit) -> None:
    app = opened(visit)
    table = next(part.value for part in app.markdown if ":gray[E-mail]" in part.value and "|" in part.value)
    assert "check" in table and "\\[x\\]\\(y\\)" in table and "](y)" not in table.replace("\\]\\(", "")


def test_not_a_duplicate_is_one_click_and_can_be_reconsidered(twins: list[Any], visit: Visit) -> None:
    app = click(opened(visit), "apart_")
    assert "No two of them look like one" in text(app)
    app = click(app, "reconsider_")
    assert "1 likely pair" in text(app)


def test_two_become_one_as_chosen_and_two_again(twins: list[Any], visit: Visit, ask: Ask) -> None:
    app = click(opened(visit), "merge_")
    app.radio(key="merge.contacts.name").set_value("loser")
    app.button(key="merge.save").click().run()
    assert ask("select count(*) from contacts where archived_at is null") == 1
    app = opened(visit)
    assert "No two of them look like one" in text(app)
    edit_customer(store(), ask("select customer_id from contacts where archived_at is null"), city="Bonn")
    app = click(opened(visit), "unmerge_")
    assert "Changed since" in text(app)
    app.radio(key="unmerge.customers.city").set_value("loser")
    app.button(key="unmerge.save").click().run()
    assert ask("select count(*) from contacts where archived_at is null") == 2
    assert ask("select count(*) from customers where city = 'Bonn'") == 1


def test_old_links_lead_to_the_winner(twins: list[Any], visit: Visit, ask: Ask) -> None:
    one, other = (ask("select customer_id from contacts where contact_id = $key", key=key) for key in twins)
    merge(store(), "contacts", *twins)
    titles = {visit("profile", customer=str(key)).title[0].value.replace("\\", "") for key in (one, other)}
    assert titles == {ask("select name from contacts where contact_id = $key", key=twins[0])}


def test_a_member_decides_nothing_for_others(twins: list[Any], visit: Visit, ask: Ask) -> None:
    session = store()
    with session.change("Employ") as change:
        member = change.insert("employees", name="Mo", role="member")
    app = opened(visit)
    app.selectbox(key="actor").set_value(member).run()
    assert not [button for button in app.button if str(button.key).startswith(("merge_", "unmerge_"))]
