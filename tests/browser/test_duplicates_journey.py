"""Two companies become one from the profile of one of them: the other is looked for, turned round, and taken back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import press, settled

pytestmark = pytest.mark.browser


def test_a_company_is_merged_from_its_profile_and_taken_back_in_data(demo_app: str, page: Any) -> None:
    page.goto(f"{demo_app}/data?data_tab=Duplicates")
    settled(page)
    if page.get_by_role("button", name="Look for duplicates").is_visible():  # else its job was faster
        press(page, page.get_by_role("button", name="Look for duplicates"))
    page.get_by_role("button", name="Look again").wait_for()
    press(page, page.get_by_text("Companies", exact=True))
    press(page, page.get_by_role("link", name="Sandpiper Surveyors Ltd").first)
    press(page, page.locator(".st-key-more button").first)
    press(page, page.get_by_role("button", name="Merge with …"))
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Merge with whom?").fill("sandpiper")
    press(page, dialog.get_by_role("button", name="Sandpiper Surveyors").first)
    dialog.get_by_role("button", name="Merge into Sandpiper Surveyors", exact=True).wait_for()
    press(page, dialog.get_by_role("button", name="Keep the other one"))
    press(page, dialog.get_by_role("button", name="Merge into Sandpiper Surveyors Ltd", exact=True))
    page.get_by_text("Merged Sandpiper Surveyors into Sandpiper Surveyors Ltd").wait_for()
    page.goto(f"{demo_app}/data?data_tab=Duplicates")
    press(page, page.get_by_text("Merged (1)"))
    press(page, page.get_by_role("button", name="Unmerge…"))
    press(page, page.get_by_role("dialog").get_by_role("button", name="Make them two again"))
    page.get_by_text("are two again").wait_for()
