"""Focus groups on the Feedback page: plan, draw, invite, note, quote, find, and make something of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

Ask = Callable[..., Any]
Visit = Callable[..., AppTest]


def texts(app: AppTest) -> str:
    return "\n".join(str(one.value) for one in [*app.markdown, *app.caption, *app.text])


def opened(visit: Visit, ask: Ask, step: str) -> tuple[AppTest, Any]:
    """The focus group of the demo at one of its steps."""
    key = ask("select focus_group_id from focus_groups")
    app = visit("feedback", feedback_tab="Focus groups", focus=str(key))
    app.button_group(key=f"focus_step_{key}").set_value(step).run()
    assert not app.exception
    return app, key


def test_one_is_planned_and_its_panel_is_drawn_and_invited(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("feedback", feedback_tab="Focus groups")
    assert "What a late delivery does to your day" in texts(app)
    app.button(key="plan_focus").click().run()
    app.text_input(key="plan_focus_form.name").set_value("Pricing *talk*")
    app.text_area(key="plan_focus_form.guide").set_value("What is fair?\nWhat is dear?")
    app.number_input(key="plan_focus_form.size").set_value(6)
    app.button(key="plan_focus_form.save").click().run()
    assert not app.exception
    key = ask("select focus_group_id from focus_groups where name = 'Pricing *talk*'")
    assert ask("select count(*) from focus_questions where focus_group_id = $key", key=key) == 2
    app = visit("feedback", feedback_tab="Focus groups", focus=str(key))
    app.button(key="draw_panel").click().run()
    assert not app.exception
    drawn = "select count(*) from focus_participants where focus_group_id = $key and archived_at is null"
    assert ask(drawn, key=key) == 6
    assert "Left out" in app.expander[0].label and "withdrew their consent" in texts(app)
    app.button(key="invite_panel").click().run()
    assert ask(drawn + " and state = 'invited'", key=key) == 6


def test_notes_are_kept_when_they_are_left_and_a_quote_is_feedback(demo_company: str, visit: Visit, ask: Ask) -> None:
    app, _ = opened(visit, ask, "Session")
    question = ask("select focus_question_id from focus_questions where position = 1")
    box = app.text_area(key=f"focus_note_{question}")
    assert str(box.value).startswith("Everybody plans people")
    box.set_value("They wait, *all day*").run()
    assert not app.exception
    assert ask("select note from focus_questions where position = 1") == "They wait, *all day*"
    app.text_area(key="focus_quote.text").set_value("Tell me by phone")
    app.selectbox(key="focus_quote.focus_participant_id").set_value(
        ask("select focus_participant_id from focus_participants where interaction_id is not null order by 1 limit 1")
    )
    app.selectbox(key="focus_quote.theme_id").set_value(ask("select theme_id from themes where name = 'Delivery'"))
    app.button(key="focus_quote.save").click().run()
    assert not app.exception
    assert "“Tell me by phone”" in texts(app)
    assert ask("select channel from feedback where text = 'Tell me by phone' and contact_id is not null") == "focus group"
    assert ask("select count(*) from theme_marks join feedback on feedback_id = comment_id where text = 'Tell me by phone'") == 1


def test_a_note_of_somebody_else_is_not_written_over(demo_company: str, visit: Visit, ask: Ask) -> None:
    from crm.commands.focus_sessions import note_answer
    from crm.store import session as door
    from crm.store.session import SYSTEM, Session

    app, _ = opened(visit, ask, "Session")
    question = ask("select focus_question_id from focus_questions where position = 2")
    note_answer(Session(door.opened(), SYSTEM), question, note="Written by another")
    app.text_area(key=f"focus_note_{question}").set_value("Mine").run()
    assert ask("select note from focus_questions where position = 2") == "Written by another"
    assert "Your text still stands here" in app.error[0].value
    assert app.text_area(key=f"focus_note_{question}").value == "Mine"
    app.text_area(key=f"focus_note_{question}").set_value("Mine, and theirs").run()
    assert ask("select note from focus_questions where position = 2") == "Mine, and theirs"


def test_who_is_there_has_it_on_the_timeline(demo_company: str, visit: Visit, ask: Ask) -> None:
    app, _ = opened(visit, ask, "Session")
    key = ask("select focus_participant_id from focus_participants where interaction_id is not null order by 1 limit 1")
    app.checkbox(key=f"here_{key}").uncheck().run()
    assert ask("select interaction_id from focus_participants where focus_participant_id = $key", key=key) is None
    app.checkbox(key=f"here_{key}").check().run()
    assert not app.exception
    held = "select count(*) from interactions where subject like 'Focus group:%' and archived_at is null"
    assert ask(held) == 7


def test_a_finding_becomes_a_theme_and_an_action_and_shows_its_evidence(demo_company: str, visit: Visit, ask: Ask) -> None:
    app, _ = opened(visit, ask, "Findings")
    assert "“Give me the hour, not the day" in texts(app)
    app.button(key="add_finding").click().run()
    app.text_area(key="finding_form.text").set_value("They would pay for the hour")
    app.multiselect(key="finding_form.quotes").set_value([ask("select focus_quote_id from focus_quotes order by 1 limit 1")])
    app.button(key="finding_form.save").click().run()
    assert not app.exception
    key = ask("select focus_finding_id from focus_findings where text = 'They would pay for the hour'")
    app.button(key=f"finding_theme_{key}").click().run()
    app.text_input(key="finding_theme.name").set_value("Hour of delivery")
    app.button(key="finding_theme.save").click().run()
    assert not app.exception and "Hour of delivery" in texts(app)
    app.button(key=f"finding_action_{key}").click().run()
    app.text_input(key="finding_action.name").set_value("Sell the hour")
    app.button(key="finding_action.save").click().run()
    assert (
        ask("select themes.name from actions join themes using (theme_id) where actions.name = 'Sell the hour'")
        == "Hour of delivery"
    )
    action = ask("select action_id from actions where name = 'Sell the hour'")
    app.button(key=f"loop_changed_{action}").click().run()
    app.text_area(key="loop_changed.note").set_value("An hour is named and kept")
    app.button(key="loop_changed.save").click().run()
    assert not app.exception and "An hour is named and kept" in texts(app)
    app.button(key=f"loop_tell_all_{action}").click().run()
    app.button(key="loop_tell.save").click().run()
    assert not app.exception and ask("select count(*) from tellings where action_id = $action", action=action) >= 1


def test_the_tab_opens_on_an_empty_company_and_for_a_group_that_is_gone(company: str, visit: Visit) -> None:
    assert not visit("feedback", feedback_tab="Focus groups").exception
    assert not visit("feedback", feedback_tab="Focus groups", focus="01900000-0000-7000-8000-000000000000").exception


def test_a_quote_is_put_right_where_it_stands(demo_company: str, visit: Visit, ask: Ask) -> None:
    app, _ = opened(visit, ask, "Session")
    key = ask("select focus_quote_id from focus_quotes join feedback using (feedback_id) where text like 'Give me the hour%'")
    app.button(key=f"edit_quote_{key}").click().run()
    assert app.text_area(key="edit_quote.text").value == "Give me the hour, not the day. With a day I can plan nothing."
    assert app.selectbox(key="edit_quote.focus_participant_id").value is not None
    app.text_area(key="edit_quote.text").set_value("Give me the *hour*")
    app.button(key="edit_quote.save").click().run()
    assert not app.exception and "“Give me the *hour*”" in texts(app)


def test_a_corrected_quote_keeps_who_said_it_to_what_also_when_they_are_off_panel_and_guide(
    demo_company: str, visit: Visit, ask: Ask
) -> None:
    from crm.commands.focus_groups import edit_focus_group
    from crm.store import session as door

    key = ask(
        "select min(focus_quote_id) from focus_quotes where focus_participant_id is not null and focus_question_id is not null"
    )
    said = """
        select {'speaker': focus_participant_id, 'question': focus_question_id, 'contact': contact_id}
        from focus_quotes
        inner join feedback using (feedback_id)
        where focus_quote_id = $key
    """
    before = ask(said, key=key)
    store = door.Session(door.opened(demo_company), door.command_line("test"))
    edit_focus_group(store, ask("select focus_group_id from focus_groups"), guide="Something else?")
    with store.change("Off the panel") as change:
        change.archive("focus_participants", before["speaker"])
    app, _ = opened(visit, ask, "Session")
    app.button(key=f"edit_quote_{key}").click().run()
    app.text_area(key="edit_quote.text").set_value("In other words")
    app.button(key="edit_quote.save").click().run()
    assert not app.exception and "“In other words”" in texts(app)
    assert ask(said, key=key) == before


def test_another_one_is_planned_with_the_same_guide(demo_company: str, visit: Visit, ask: Ask) -> None:
    app, first = opened(visit, ask, "Findings")
    assert app.get("download_button"), "the report"
    app.button(key="plan_again").click().run()
    assert app.text_input(key="plan_focus_form.name").value == ""
    app.text_input(key="plan_focus_form.name").set_value("Deliveries, a year on")
    app.button(key="plan_focus_form.save").click().run()
    assert not app.exception
    assert ask("select count(distinct text) = 4 and count(*) = 8 from focus_questions")
    assert ask("select held_at is null from focus_groups where focus_group_id <> $first", first=first)


def test_who_withdrew_their_consent_is_marked_on_the_panel(demo_company: str, visit: Visit, ask: Ask) -> None:
    from crm.commands.contacts import edit_contact
    from crm.store import session as door

    contact = ask("select contact_id from focus_participants where state = 'accepted' order by 1 limit 1")
    edit_contact(door.Session(door.opened(demo_company), door.command_line("test")), contact, consent="withdrawn")
    app, _ = opened(visit, ask, "Panel")
    assert "Not to be asked" in texts(app)
