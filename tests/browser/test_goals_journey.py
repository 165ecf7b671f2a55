"""Leadership sets a target, with the mouse: two clicks to the form, the facts beside what is typed, and the way back."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser.conftest import settled

pytestmark = pytest.mark.browser


def test_a_target_is_set_with_the_facts_beside_it_and_undone(demo_app: str, page: Any) -> None:
    page.goto(demo_app)
    settled(page)
    page.get_by_role("link", name="Goals").click()
    page.get_by_role("button", name="Set a goal").click()
    dialog = page.get_by_role("dialog")

    dialog.get_by_role("button", name="Set goal", exact=True).click()
    dialog.get_by_text("Target is missing. Fill it in.").wait_for()

    target = dialog.get_by_test_id("stNumberInputField")
    target.fill("1")
    target.press("Enter")
    dialog.get_by_text(re.compile(r"Reached in (\d) of the last \1 quarters")).wait_for()

    dialog.get_by_role("button", name="Set goal", exact=True).click()
    page.get_by_text("Goal set").wait_for()
    assert page.get_by_role("dialog").count() == 0, "the dialog has closed"
    page.get_by_text("of $1", exact=False).first.wait_for()

    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone").wait_for()
    settled(page)
    assert page.get_by_text("of $1", exact=True).count() == 0
