"""The main journey of a day, with the mouse: search → profile → log a call → it is on the timeline → undo it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import enter, press, settled

pytestmark = pytest.mark.browser
NOTE = "They asked for *two* <b>more</b> scanners"


def open_search(page: Any, text: str) -> None:
    press(page, page.get_by_role("button", name="Search"))
    page.get_by_placeholder("Name, e-mail, phone, deal, tag or own field").fill(text)
    page.get_by_role("dialog").get_by_role("link", name="Juniper Academy").first.wait_for()


def test_a_call_is_logged_found_on_the_timeline_and_undone(demo_app: str, page: Any) -> None:
    page.goto(demo_app)
    settled(page)
    open_search(page, "juniper aca")
    press(page, page.get_by_role("dialog").get_by_role("link", name="Juniper Academy").first)
    page.get_by_role("heading", name="Juniper Academy").wait_for()

    enter(page, page.get_by_placeholder("What happened?"), NOTE)
    press(page, page.locator(".st-key-entry_box").get_by_role("button").filter(has_text="Call"))
    page.get_by_text("Call logged").wait_for()
    assert page.get_by_text(NOTE, exact=True).count() == 1, "the note stands on the timeline, as text"
    assert page.locator("b", has_text="more").count() == 0, "nothing in it is markup"

    press(page, page.get_by_role("link", name="History"))
    page.get_by_text("Log a call with Juniper Academy").first.wait_for()
    press(page, page.get_by_role("button", name="Undo").first)
    page.get_by_text("Undone").first.wait_for()

    open_search(page, "juniper aca")
    press(page, page.get_by_role("dialog").get_by_role("link", name="Juniper Academy").first)
    page.get_by_role("heading", name="Juniper Academy").wait_for()
    assert page.get_by_text(NOTE, exact=True).count() == 0


def test_the_pages_use_their_own_font_and_ask_no_outside_host(demo_app: str, page: Any) -> None:
    page.goto(f"{demo_app}/overview")
    settled(page)
    page.evaluate("document.fonts.ready")
    assert page.evaluate("document.fonts.check('16px Inter')")
    assert page.evaluate("[...document.fonts].some(font => font.family.includes('Inter') && font.status === 'loaded')")
