"""Our team and Brand on the Feedback page: say something, vote, answer, say whether to recommend us, enter a reading."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

from crm.ui import keys

Ask = Callable[..., Any]
Visit = Callable[..., AppTest]


def texts(app: AppTest) -> str:
    return "\n".join(str(one.value) for one in [*app.markdown, *app.caption, *app.text])


def as_(app: AppTest, ask: Ask, name: str) -> AppTest:
    app.session_state[keys.ACTOR] = ask("select employee_id from employees where name = $name", name=name)
    return app.run()


def test_an_employee_says_something_without_a_name(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = as_(visit("feedback", feedback_tab="Our team"), ask, "Priyanka Rao")
    app.text_area(key="say_text").set_value("We need *one* price list")
    app.checkbox(key="say_unnamed").check()
    app.button(key="say_send").click().run()
    assert not app.exception
    assert ask("select employee_id is null from ideas where text = 'We need *one* price list'")
    assert app.text_area(key="say_text").value == ""
    assert "We need *one* price list" in texts(app), "it is shown at once, without its author"
    assert "flash_undo" not in {button.key for button in app.button}, "an undo would be by name"
    assert ask("select count(*) from jobs where asked_by = 'Priyanka Rao'") == 0, "a job knows who asked, and when"


def test_an_empty_text_is_refused_in_words_and_by_name_is_the_default(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = as_(visit("feedback", feedback_tab="Our team"), ask, "Priyanka Rao")
    app.button(key="say_send").click().run()
    assert "Text is missing" in app.error[0].value
    app.text_area(key="say_text").set_value("A map").run()
    app.button(key="say_send").click().run()
    assert ask("select employees.name from ideas join employees using (employee_id) where text = 'A map'") == "Priyanka Rao"


def test_a_vote_counts_and_a_leader_answers(demo_company: str, visit: Visit, ask: Ask) -> None:
    key = ask("select idea_id from ideas where text like 'Print the serial%'")
    before = ask("select count(*) from idea_votes where archived_at is null")
    app = as_(visit("feedback", feedback_tab="Our team"), ask, "Diego Fuentes")
    assert f"answer_idea_{key}" not in {button.key for button in app.button}, "members do not answer"
    app.button(key=f"vote_{key}").click().run()
    assert abs(ask("select count(*) from idea_votes where archived_at is null") - before) == 1
    as_(app, ask, "Miriam Adler").button(key=f"answer_idea_{key}").click().run()
    app.selectbox(key="answer_idea.state").set_value("done")
    app.text_area(key="answer_idea.answer").set_value("From January on")
    app.button(key="answer_idea.save").click().run()
    assert not app.exception
    assert ask("select answer from ideas where idea_id = $key", key=key) == "From January on"
    assert "From January on" in texts(app)


def test_the_question_is_answered_in_two_clicks_and_asked_no_more(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = as_(visit("feedback", feedback_tab="Our team"), ask, "Hannah Osei")
    assert "55" in {metric.value for metric in app.metric}, "7 of 11 above 8, one below 7"
    app.button_group(key="enps_rating").set_value(9).run()
    app.button(key="enps_send").click().run()
    assert not app.exception
    assert ask("select count(*) from enps_answers where not is_released") == 1
    assert "enps_send" not in {button.key for button in app.button}
    assert "waits for more" in texts(app)


def test_an_idea_becomes_an_action_that_is_done_where_it_stands(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("feedback", feedback_tab="Our team")
    idea = ask("select idea_id from ideas where text like 'Print the serial number%'")
    app.button(key=f"act_idea_{idea}").click().run()
    app.text_input(key="act_idea.name").set_value("Serial numbers on invoices")
    app.button(key="act_idea.save").click().run()
    action = ask("select action_id from actions where name = 'Serial numbers on invoices'")
    app.button(key=f"loop_changed_{action}").click().run()
    app.text_area(key="loop_changed.note").set_value("They stand on each invoice")
    app.button(key="loop_changed.save").click().run()
    assert not app.exception and "They stand on each invoice" in texts(app)
    assert f"loop_changed_{action}" not in {button.key for button in app.button}
    app.button(key=f"loop_answer_{action}").click().run()
    assert "They stand on each invoice" in str(app.text_area(key="loop_answer.answer").value)
    app.button(key="loop_answer.save").click().run()
    assert not app.exception and ask("select state from ideas where idea_id = $idea", idea=idea) == "done"
    assert f"loop_answer_{action}" not in {button.key for button in app.button}


def test_the_brand_is_a_set_that_opens_and_takes_a_reading(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("feedback", feedback_tab="Brand")
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Share of voice"] == "18.0 %" and shown["Awareness"] == "26.0 %"
    assert set(shown) == {"Share of voice", "Awareness", "Referral share", "Price realisation", "NPS", "Repeat rate"}
    assert all(value != "–" for value in shown.values())
    assert "Norden Panel" in texts(app)
    assert app.button(key="define_awareness").label == "n = 400", "of how many, not how many readings"
    app.button(key="define_awareness").click().run()
    assert "people asked" in app.code[0].value
    app = visit("feedback", feedback_tab="Brand")
    app.button(key="add_brand_reading_button").click().run()
    app.selectbox(key="add_brand_reading.measure").set_value("awareness")
    app.number_input(key="add_brand_reading.percent").set_value(31)
    app.text_input(key="add_brand_reading.taken_from").set_value("Our *own* survey")
    app.button(key="add_brand_reading.save").click().run()
    assert not app.exception
    assert ask("select value_share from brand_readings where taken_from = 'Our *own* survey'") == 0.31


def test_among_few_employees_nothing_is_said_without_a_name(empty_company: str, visit: Visit) -> None:
    app = visit("feedback", feedback_tab="Our team")
    assert "say_unnamed" not in {box.key for box in app.checkbox}
    assert "From 5 employees on" in texts(app)


def test_both_tabs_open_on_an_empty_company(empty_company: str, visit: Visit) -> None:
    for tab in ("Our team", "Brand"):
        assert not visit("feedback", feedback_tab=tab).exception
