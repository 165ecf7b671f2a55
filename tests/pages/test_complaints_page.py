"""Complaints on the pages: said while logging a call, answered on Today, followed on the profile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

Visit = Callable[..., AppTest]
Ask = Callable[..., Any]
WAITING = """
    select feedback_id
    from feedback
    where kind = 'complaint' and due_on is not null and feedback_id not in (select feedback_id from tellings)
    order by due_on, received_at, feedback_id
    limit 1
"""


def test_what_they_said_in_a_call_is_kept_with_one_click_more(demo_company: str, visit: Visit, ask: Ask) -> None:
    customer = ask("select customer_id from customers where owner_id is not null order by name limit 1")
    app = visit("profile", customer=str(customer))
    form = f"entry_{customer}"
    assert not [area for area in app.text_area if area.key == f"{form}.said"], "their words are asked for only then"
    app.button_group(key=f"{form}.said_kind").set_value("complaint").run()
    app.text_area(key=f"{form}.note").set_value("Called about the order.")
    app.text_area(key=f"{form}.said").set_value("The lid broke on day two.").run()
    app.button(key=f"{form}.save_call").click().run()
    kept = "from feedback where text = 'The lid broke on day two.'"
    assert any("answers the complaint by" in line.value for line in app.markdown), "who logs it learns whose it is now"
    assert ask(f"select interaction_id is not null and owner_id is not null and due_on > current_date {kept}")
    assert ask(f"select customer_id {kept}") == customer
    app.button(key="flash_undo").click().run()
    assert ask(f"select count(*) {kept}") == 0, "the call and what was said go together"


def test_a_complaint_is_answered_on_today(demo_company: str, visit: Visit, ask: Ask) -> None:
    complaint = ask(WAITING)
    app = visit("today")
    app.button(key=f"answer_{complaint}").click().run()
    app.text_area(key="answer_feedback.words").set_value("Dear {name}, it is repaired.")
    app.button(key="answer_feedback.save").click().run()
    assert ask("select count(*) from tellings where feedback_id = $key and action_id is null", key=complaint) == 1
    assert ask("select note from interactions order by occurred_at desc limit 1").endswith(", it is repaired.")
    assert not [button for button in app.button if button.key == f"answer_{complaint}"]


def test_all_complaints_that_wait_can_be_seen_on_today(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("today")
    waiting = len([button for button in app.button if str(button.key).startswith("answer_")])
    app.button(key="complaints_more").click().run()
    assert len([button for button in app.button if str(button.key).startswith("answer_")]) > waiting


def test_a_complaint_is_put_off_or_handed_over(demo_company: str, visit: Visit, ask: Ask) -> None:
    complaint = ask(WAITING)
    app = visit("today")
    app.menu_button(key=f"complaint_later_{complaint}").click("Edit, hand over").run()
    other = ask("select employee_id from employees where name = 'Priyanka Rao'")
    app.selectbox(key="edit_feedback.owner_id").set_value(other)
    app.button(key="edit_feedback.save").click().run()
    assert ask("select owner_id from feedback where feedback_id = $key", key=complaint) == other
    app.menu_button(key=f"complaint_later_{complaint}").click("Tomorrow").run()
    assert ask("select due_on - current_date from feedback where feedback_id = $key", key=complaint) == 1


def test_feedback_is_corrected_from_its_line_on_the_timeline(demo_company: str, visit: Visit, ask: Ask) -> None:
    row = "from feedback where text is not null order by received_at desc, feedback_id desc limit 1"
    feedback, customer = ask(f"select feedback_id {row}"), ask(f"select customer_id {row}")
    app = visit("profile", customer=str(customer))
    app.button(key=f"edit_{feedback}").click().run()
    app.text_area(key="edit_feedback.text").set_value("What they really said.")
    app.button(key="edit_feedback.save").click().run()
    assert ask("select text from feedback where feedback_id = $key", key=feedback) == "What they really said."


def test_the_profile_says_what_became_of_what_they_told_us(demo_company: str, visit: Visit, ask: Ask) -> None:
    customer = ask("select customer_id from tellings order by told_at desc limit 1")
    app = visit("profile", customer=str(customer))
    assert any("told" in caption.value and "heard" in caption.value for caption in app.caption)
