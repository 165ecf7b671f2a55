"""Leadership sets a target, with the mouse: two clicks to the form, the facts beside what is typed, and the way back."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser.conftest import enter, press, settled

pytestmark = pytest.mark.browser


def test_a_target_is_set_with_the_facts_beside_it_and_undone(demo_app: str, page: Any) -> None:
    page.goto(demo_app)
    settled(page)
    press(page, page.get_by_role("link", name="Goals"))
    press(page, page.get_by_role("button", name="Set a goal"))
    dialog = page.get_by_role("dialog")

    press(page, dialog.get_by_role("button", name="Set goal", exact=True))
    dialog.get_by_text("Target is missing. Fill it in.").wait_for()

    enter(page, dialog.get_by_test_id("stNumberInputField"), "1")
    dialog.get_by_text(re.compile(r"Reached in (\d) of the last \1 quarters")).wait_for()

    press(page, dialog.get_by_role("button", name="Set goal", exact=True))
    page.get_by_text("Goal set").wait_for()
    page.get_by_role("dialog").wait_for(state="detached")
    page.get_by_text("of $1", exact=False).first.wait_for()

    press(page, page.get_by_role("button", name="Undo"))
    page.get_by_text("Undone").wait_for()
    assert page.get_by_text("of $1", exact=True).count() == 0
