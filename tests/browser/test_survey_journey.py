"""From a segment to feedback: make a survey, send it, answer three of its links without JavaScript, read what they said."""

from __future__ import annotations

import re
from typing import Any

import pytest

from crm.exchange.survey_page import SCALES, Question, Sheet, form
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
