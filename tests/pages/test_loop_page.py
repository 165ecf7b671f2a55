"""The loop of a theme on its page: started, changed, told, asked again, each in its place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from streamlit.testing.v1 import AppTest

from crm.commands.customers import add_customer
from crm.commands.loop import mark_changed, start_action
from crm.commands.themes import add_theme
from crm.store import session as door
from crm.store.session import SYSTEM, Session
from tests.listening import tell, understood

Visit = Callable[..., AppTest]
Ask = Callable[..., Any]
THEME = "select theme_id from themes where name = $name"
ACTION = "select max_by(action_id, (created_at, action_id)) from actions where theme_id = $theme and archived_at is null"


def phrases_found(company: str) -> Session:
    """Themes by their phrases alone: what the job finds is tested elsewhere."""
    session = Session(door.opened(company), SYSTEM)
    session.note(
        """
        insert into comment_themes
        select distinct feedback_id, theme_id, 0, 10, -0.5, 'phrase'
        from feedback, theme_phrases
        where not is_excluded and contains(lower(text), lower(phrase))
        """
    )
    return session


def opened(visit: Visit, theme: Any) -> AppTest:
    return visit("feedback", theme=str(theme))


def test_an_action_is_started_changed_and_everybody_told(demo_company: str, visit: Visit, ask: Ask) -> None:
    phrases_found(demo_company)
    theme = ask(THEME, name="Billing")
    app = opened(visit, theme)
    app.button(key=f"loop_start_{theme}").click().run()
    app.text_input(key="loop_start.name").set_value("Two people look at each invoice")
    app.button(key="loop_start.save").click().run()
    action = ask(ACTION, theme=theme)
    app.button(key=f"loop_changed_{action}").click().run()
    app.text_area(key="loop_changed.note").set_value("Each invoice is read twice")
    app.button(key="loop_changed.save").click().run()
    app.button(key=f"loop_tell_all_{action}").click().run()
    assert "read twice" in str(app.text_area(key="loop_tell.words").value)
    app.button(key="loop_tell.save").click().run()
    told = ask("select count(distinct contact_id) from tellings where action_id = $action", action=action)
    assert told > 10
    assert told == ask("select count(*) from interactions where subject = 'Told what changed: Two people look at each invoice'")
    app.button(key="flash_undo").click().run()
    assert ask("select count(*) from tellings where action_id = $action", action=action) == 0


def test_one_person_is_told_by_name(demo_company: str, visit: Visit, ask: Ask) -> None:
    phrases_found(demo_company)
    theme = ask(THEME, name="Delivery")
    action = ask(ACTION, theme=theme)
    before = ask("select count(distinct contact_id) from tellings where action_id = $action", action=action)
    app = opened(visit, theme)
    next(button for button in app.button if str(button.key).startswith(f"loop_tell_{action}_")).click().run()
    app.text_area(key="loop_tell.words").set_value("Dear {name}, it comes the same day.")
    app.button(key="loop_tell.save").click().run()
    assert ask("select count(distinct contact_id) from tellings where action_id = $action", action=action) == before + 1
    assert "{name}" not in ask("select words from tellings order by told_at desc limit 1")


def test_who_spoke_of_it_years_ago_is_not_written_to_and_the_page_says_from_when_on(empty_company: str, visit: Visit) -> None:
    session = Session(door.opened(empty_company), SYSTEM)
    konex = add_customer(session, name="Konex").key
    tell(session, ["Late again."], customer_id=konex, received_at=session.now - timedelta(days=800))
    theme = add_theme(session, name="Delivery", phrases=["late"]).key
    understood(session)
    action = start_action(session, name="A second carrier", theme_id=theme).key
    mark_changed(session, action)
    said = [text.value for text in opened(visit, theme).markdown]
    year_before = session.start_of(session.today) - timedelta(days=365)
    assert any(f"Nobody with a name raised it since {session.local(year_before):%b %Y}" in text for text in said)
    assert any(text.endswith("(#loop): changed") for text in said), "on a phone a link leads down to it"


def test_whether_it_helped_stands_there(demo_company: str, visit: Visit, ask: Ask) -> None:
    phrases_found(demo_company)
    app = opened(visit, ask(THEME, name="Support"))
    assert any("Did it help" in text.value and "helped" in text.value for text in app.markdown)


def test_a_member_is_offered_only_what_is_theirs(demo_company: str, visit: Visit, ask: Ask) -> None:
    session = phrases_found(demo_company)
    theme = ask(THEME, name="Price")
    action = ask(ACTION, theme=theme)
    mark_changed(session, action, note="One page says it all")
    app = opened(visit, theme)
    app.session_state["actor"] = ask("select employee_id from employees where name = 'Priyanka Rao'")
    app.run()
    assert not [button for button in app.button if button.key == f"loop_edit_{action}"]
    assert any("tells them" in caption.value for caption in app.caption)
