"""From a segment to feedback: make a survey, send it, answer three of its links without JavaScript, read what they said."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs

import pytest

from crm.exchange.survey_page import SCALES, Question, Sheet, form
from crm.exchange.survey_style import POLICY
from tests.browser.conftest import enter, press, settled

pytestmark = pytest.mark.browser
SEGMENT = "Our ideal"
REASONS = ("Delivery came two weeks late", "Your support calls back at once", "It is <b>far</b> too expensive")


def test_a_survey_is_sent_to_a_segment_answered_and_read(demo_app: str, page: Any, browser: Any) -> None:
    page.goto(f"{demo_app}/feedback?feedback_tab=Surveys")
    settled(page)
    press(page, page.get_by_role("button", name="New survey"))
    enter(page, page.get_by_label("Name *"), "Journey")
    press(page, page.get_by_role("button", name="Save", exact=True))
    page.get_by_text("Survey saved").wait_for()
    press(page, page.get_by_role("button", name="Open for answers"))
    page.get_by_text("ask people now").wait_for()

    press(page, page.get_by_text("Ask people", exact=True))
    press(page, page.get_by_label("A segment"))
    press(page, page.get_by_role("option", name=SEGMENT))
    press(page, page.get_by_role("button", name="Make their links"))
    page.get_by_text("shown once").first.wait_for()
    page.locator("code").nth(2).wait_for()
    links = re.findall(rf"{re.escape(demo_app)}/s/[\w-]+", page.locator("body").inner_text())
    assert len(set(links)) >= 3

    for link, reason, rating in zip(links, REASONS, ("1", "10", "4"), strict=False):
        answer_without_script(browser, link, rating, reason)

    press(page, page.get_by_text("Results", exact=True))
    page.goto(f"{demo_app}/timeline?kind=feedback")
    settled(page)
    for reason in REASONS:
        assert page.get_by_text(reason, exact=True).count() == 1, "a comment is feedback, and only text"


def answer_without_script(browser: Any, link: str, rating: str, reason: str) -> None:
    """As a customer would, by the keyboard, on a phone whose browser runs no script."""
    phone = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    opened = phone.new_page()
    opened.goto(link)
    opened.get_by_role("radio", name=re.compile(rf"^{rating}\b")).focus()
    opened.keyboard.press("Space")
    opened.keyboard.press("Tab")
    opened.keyboard.type(reason)
    opened.keyboard.press("Tab")
    opened.keyboard.press("Enter")
    opened.get_by_role("heading", name="Thank you").wait_for()
    phone.close()


def test_a_scale_breaks_on_a_phone_only_where_it_must(browser: Any) -> None:
    questions = tuple(Question(kind, kind, f"How was the {kind}?") for kind in SCALES)
    phone = browser.new_context(viewport={"width": 390, "height": 844})
    opened = phone.new_page()
    opened.set_content(form(Sheet("We", "How was it?", "", "", "en", questions)))
    tops = "all => all.map(scale => new Set([...scale.children].map(mark => mark.offsetTop)).size)"
    assert dict(zip(SCALES, opened.locator(".scale").evaluate_all(tops), strict=True)) == {
        "nps": 2,
        "csat": 1,
        "ces": 1,
        "rating": 1,
    }
    phone.close()


@pytest.mark.parametrize(("way", "shows"), [("Enter", None), ("Deutsch", "de")])
def test_the_enter_key_sends_and_a_language_takes_along_what_was_typed(browser: Any, way: str, shows: str | None) -> None:
    question = Question("1", "nps", "How likely?", why="Why?")
    text = form(Sheet("We", "How was it?", "", "", "en", (question,), others=(("de", "Deutsch"),)))
    phone = browser.new_context(java_script_enabled=False)
    opened, sent = phone.new_page(), []

    def answered(route: Any) -> None:
        sent.append(parse_qs(route.request.post_data or ""))
        route.fulfill(body=text, content_type="text/html", headers={"Content-Security-Policy": POLICY})

    opened.route("**/s/link", answered)
    opened.goto("http://127.0.0.1:9/s/link")
    opened.get_by_label("Why?").fill("It was late")
    opened.get_by_role("radio", name="7").focus()
    opened.keyboard.press("Space")
    with opened.expect_navigation():
        opened.keyboard.press("Enter") if way == "Enter" else opened.get_by_role("button", name=way).click()
    typed = {"language": ["en"], "a-1": ["7"], "t-1": ["It was late"]}
    assert sent == [{}, typed | ({"show": [shows]} if shows else {})]
    phone.close()


def test_a_refused_page_begins_with_what_is_wrong_and_leads_to_it(browser: Any) -> None:
    questions = tuple(Question(str(number), "csat", f"Question {number}", is_required=True) for number in range(12))
    text = form(Sheet("We", "How?", "", "", "en", questions), {}, {"9": "missing"})
    phone = browser.new_context(viewport={"width": 390, "height": 844})
    opened = phone.new_page()
    opened.route("**/s/link", lambda route: route.fulfill(body=text, content_type="text/html"))
    opened.goto("http://127.0.0.1:9/s/link")
    opened.locator(".problems:focus").wait_for()
    opened.keyboard.press("Tab")
    opened.keyboard.press("Enter")
    opened.locator("#a-9:focus").wait_for()
    asked = opened.get_by_role("group", name="Question 9")
    assert asked.locator("legend").evaluate("words => words.getBoundingClientRect().top") >= 0, "the question is in sight"
    phone.close()
