"""Settings as people of each role meet it: what they may not do is not offered, what is in use says so."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from crm.ui import keys, words

Visit = Callable[..., AppTest]
Ask = Callable[..., object]
NEW = "01900000-0000-7000-8000-000000000101"
TABS = ("Company", "Employees", "Teams", "Pipelines", "Products")


def turn_to(app: AppTest, tab: str) -> AppTest:
    app.session_state["settings_tab"] = tab
    app.run()
    assert not app.exception
    return app


def become(app: AppTest, ask: Ask, role: str) -> AppTest:
    key = ask("select employee_id from employees where role = $role order by name limit 1", role=role)
    app.selectbox(key=keys.ACTOR).set_value(key).run()
    assert not app.exception
    return app


def offered(app: AppTest) -> set[str]:
    """The buttons of the page that change something."""
    return {button.key for button in app.button if str(button.key).startswith(("edit_", "add_", "up_", "down_"))}


def told(app: AppTest) -> str:
    """All text, as a person reads it: without what keeps it from being markup."""
    return " ".join(element.value for element in (*app.caption, *app.error, *app.markdown)).replace("\\", "")


def refused(app: AppTest) -> str:
    """What a dialog refused: a whole run, as AppTest makes it, closes the dialog that would show it."""
    _, message, _ = app.session_state[keys.PROBLEM]
    return str(message)


@pytest.mark.usefixtures("empty_company")
def test_an_admin_sets_the_currency_of_an_empty_company(visit: Visit, ask: Ask) -> None:
    app = visit("settings")
    app.button(key="edit_settings_company").click().run()
    app.selectbox(key="settings_company.currency").set_value("EUR")
    app.text_input(key="settings_company.company_name").set_value("Konex")
    app.button(key="settings_company.save").click().run()
    assert not app.exception
    assert "Saved" in told(app)
    found = ask("select string_agg(value, ' ' order by name) from settings where name in ('company_name', 'currency')")
    assert found == "Konex EUR"
    app.button(key="flash_undo").click().run()
    assert ask("select value from settings where name = 'currency'") == "USD"


@pytest.mark.usefixtures("demo_company")
def test_the_currency_stays_once_there_are_amounts_and_another_setting_is_free(visit: Visit, ask: Ask) -> None:
    app = visit("settings")
    app.button(key="edit_settings_company").click().run()
    app.selectbox(key="settings_company.currency").set_value("EUR")
    app.button(key="settings_company.save").click().run()
    assert "The currency stays USD" in refused(app)
    assert ask("select value from settings where name = 'currency'") == "USD"
    app.button(key="edit_settings_quiet").click().run()
    app.number_input(key="settings_quiet.quiet_days_loyal").set_value(21)
    app.button(key="settings_quiet.save").click().run()
    assert ask("select value from settings where name = 'quiet_days_loyal'") == "21"


@pytest.mark.usefixtures("demo_company")
@pytest.mark.parametrize("role", ["member", "manager", "leader"])
@pytest.mark.parametrize("tab", TABS)
def test_who_may_not_change_it_is_offered_nothing_and_told_whom_to_ask(visit: Visit, ask: Ask, role: str, tab: str) -> None:
    app = turn_to(become(visit("settings"), ask, role), tab)
    if tab == "Products" and role != "member":
        assert "add_product_button" in offered(app)
        assert "needs the role" not in told(app)
        return
    assert offered(app) == set()
    assert f"needs the role of {'manager or higher' if tab == 'Products' else 'admin'}: ask one of them, like " in told(app)


@pytest.mark.usefixtures("demo_company")
@pytest.mark.parametrize("tab", TABS)
def test_an_admin_may_edit_on_every_tab(visit: Visit, tab: str) -> None:
    app = turn_to(visit("settings"), tab)
    assert offered(app)
    assert "needs the role" not in told(app)


@pytest.mark.usefixtures("demo_company")
def test_only_the_open_tab_is_drawn(visit: Visit) -> None:
    app = turn_to(visit("settings"), "Teams")
    drawn = {str(button.key) for button in app.button}
    assert "add_team_button" in drawn
    assert not {"add_employee_button", "add_product_button", "edit_settings_company"} & drawn


@pytest.mark.usefixtures("demo_company")
def test_archiving_a_product_in_use_says_what_uses_it(visit: Visit, ask: Ask) -> None:
    key = ask("select product_id from products order by name limit 1")
    number = ask("select count(*) from deals where product_id = $key::uuid and archived_at is null", key=key)
    app = turn_to(visit("settings"), "Products")
    app.button(key=f"edit_{key}").click().run()
    assert f"Used by {number} deals, " in told(app)
    app.button(key="archive_product").click().run()
    assert "is archived" in told(app)
    assert ask("select archived_at is not null from products where product_id = $key::uuid", key=key)
    assert ask("select count(*) from deals where product_id = $key::uuid and archived_at is null", key=key) == number


@pytest.mark.usefixtures("demo_company")
def test_a_stage_with_open_deals_is_not_archived(visit: Visit, ask: Ask) -> None:
    app = turn_to(visit("settings"), "Pipelines")
    app.button(key=f"edit_{NEW}").click().run()
    assert "Used by " in told(app)
    app.button(key="archive_stage").click().run()
    assert "Still open in New: " in refused(app)
    assert not ask("select archived_at is not null from stages where stage_id = $key::uuid", key=NEW)


@pytest.mark.usefixtures("empty_company")
def test_a_stage_is_added_moved_and_left_to_learn(visit: Visit, ask: Ask) -> None:
    sales = "01900000-0000-7000-8000-000000000001"
    app = turn_to(visit("settings"), "Pipelines")
    app.button(key=f"add_stage_button{sales}").click().run()
    app.text_input(key="add_stage.name").set_value("Trial")
    app.button(key="add_stage.save").click().run()
    trial = ask("select stage_id from stages where name = 'Trial' and probability_share is null and outcome = 'open'")
    app.button(key=f"up_{trial}").click().run()
    order = ask("select string_agg(name, ' ' order by position) from stages where pipeline_id = $key::uuid", key=sales)
    assert order == "New Qualified Proposal Trial Negotiation Won Lost"


@pytest.mark.usefixtures("empty_company")
def test_a_name_is_text_wherever_it_stands(visit: Visit, ask: Ask) -> None:
    app = turn_to(visit("settings"), "Teams")
    app.button(key="add_team_button").click().run()
    name = "[x](http://y) <b>"
    app.text_input(key="add_team.name").set_value(name)
    app.button(key="add_team.save").click().run()
    assert ask("select name from teams") == name
    assert [element.value for element in app.markdown if "http" in element.value] == [f"**{words.plain(name)}**"]


@pytest.mark.usefixtures("demo_company")
@pytest.mark.parametrize("role", ["member", "admin"])
def test_everyone_says_who_they_are(visit: Visit, ask: Ask, role: str) -> None:
    app = become(visit("settings"), ask, role)
    key = app.selectbox(key=keys.ACTOR).value
    app.session_state["rename"] = True
    app.run()
    app.text_input(key=f"rename_{key}.name").set_value("Maria Rossi")
    app.button(key=f"rename_{key}.save").click().run()
    assert not app.exception
    assert ask("select name from employees where employee_id = $key::uuid", key=key) == "Maria Rossi"


@pytest.mark.usefixtures("demo_company")
def test_who_is_archived_while_at_the_page_acts_no_more(visit: Visit, ask: Ask) -> None:
    app = become(visit("settings"), ask, "admin")
    gone = app.selectbox(key=keys.ACTOR).value
    turn_to(app, "Employees").button(key=f"edit_{gone}").click().run()
    app.button(key="archive_employee").click().run()
    assert not app.exception
    assert ask("select archived_at is not null from employees where employee_id = $key::uuid", key=gone)
    app.run()
    assert app.selectbox(key=keys.ACTOR).value != gone
