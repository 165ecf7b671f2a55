"""The main journey of a day, with the mouse: search → profile → log a call → it is on the timeline → undo it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import settled

pytestmark = pytest.mark.browser
NOTE = "They asked for *two* <b>more</b> scanners"


def open_search(page: Any, text: str) -> None:
    page.get_by_role("button", name="Search").click()
    page.get_by_placeholder("Name, e-mail, phone, deal, tag or own field").fill(text)
    page.get_by_role("dialog").get_by_role("link", name="Juniper Academy").first.wait_for()


def test_a_call_is_logged_found_on_the_timeline_and_undone(demo_app: str, page: Any) -> None:
    page.goto(demo_app)
    settled(page)
    open_search(page, "juniper aca")
    page.get_by_role("dialog").get_by_role("link", name="Juniper Academy").first.click()
    page.get_by_role("heading", name="Juniper Academy").wait_for()
    settled(page)

    page.get_by_placeholder("What happened?").fill(NOTE)
    page.locator(".st-key-entry_box").get_by_role("button").filter(has_text="Call").click()
    page.get_by_text("Call logged").wait_for()
    settled(page)
    assert page.get_by_text(NOTE, exact=True).count() == 1, "the note stands on the timeline, as text"
    assert page.locator("b", has_text="more").count() == 0, "nothing in it is markup"

    page.get_by_role("link", name="History").click()
    page.get_by_text("Log a call with Juniper Academy").first.wait_for()
    settled(page)
    page.get_by_role("button", name="Undo").first.click()
    page.get_by_text("Undone").first.wait_for()

    open_search(page, "juniper aca")
    page.get_by_role("dialog").get_by_role("link", name="Juniper Academy").first.click()
    page.get_by_role("heading", name="Juniper Academy").wait_for()
    settled(page)
    assert page.get_by_text(NOTE, exact=True).count() == 0


def test_the_pages_use_their_own_font_and_ask_no_outside_host(demo_app: str, page: Any) -> None:
    page.goto(f"{demo_app}/overview")
    settled(page)
    page.wait_for_timeout(800)
    assert page.evaluate("document.fonts.check('16px Inter')")
    assert page.evaluate("[...document.fonts].some(font => font.family.includes('Inter') && font.status === 'loaded')")
