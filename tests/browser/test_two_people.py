"""Two people in two browsers edit one deal: the second is told who changed what, and keeps what was typed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser.conftest import listen, press, settled

pytestmark = pytest.mark.browser


@pytest.fixture
def visitors(browser: Any) -> Iterator[Callable[[], Any]]:
    """New visitors, each in a browser context of their own."""
    contexts: list[Any] = []

    def arrive() -> Any:
        contexts.append(browser.new_context(viewport={"width": 1440, "height": 1000}))
        page = contexts[-1].new_page()
        listen(page)
        return page

    yield arrive
    for context in contexts:
        context.close()


def become(page: Any, name: str) -> None:
    """Switch person in the sidebar."""
    press(page, page.get_by_test_id("stSidebar").get_by_role("combobox"))
    page.keyboard.type(name)
    press(page, page.get_by_role("option", name=name).first)


def open_edit(page: Any, address: str) -> Any:
    """Open the edit dialog of the deal at this address, as a person with a link would."""
    page.goto(address)
    press(page, page.locator(".st-key-edit button"))
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Amount").wait_for()
    settled(page)
    return dialog


def type_amount(page: Any, dialog: Any, amount: str) -> None:
    dialog.get_by_label("Amount").fill(amount)
    dialog.get_by_label("Amount").press("Enter")
    settled(page)


def save(page: Any, dialog: Any) -> None:
    press(page, dialog.get_by_role("button", name="Save", exact=True))


def first_deal(page: Any, app: str) -> str:
    page.goto(f"{app}/pipeline")
    press(page, page.locator('[class*="st-key-card_"] a').first)
    page.locator(".st-key-edit button").wait_for()
    settled(page)
    address: str = page.url
    return address


def manager_of(page: Any) -> str:
    """Somebody else who may edit the deal: a manager named in the sidebar."""
    press(page, page.get_by_test_id("stSidebar").get_by_role("combobox"))
    name: str = page.get_by_role("option").filter(has_text="manager").first.inner_text().split(" · ")[0]
    page.keyboard.press("Escape")
    return name


def test_the_second_editor_is_told_who_changed_what_and_keeps_what_was_typed(demo_app: str, visitors: Callable[[], Any]) -> None:
    first, second = visitors(), visitors()
    address = first_deal(first, demo_app)
    second.goto(address)
    settled(second)
    become(second, manager_of(second))
    # Both open the same version; a link opened anew would be a new session, and with it the first person again.
    press(second, second.locator(".st-key-edit button"))
    theirs = second.get_by_role("dialog")
    theirs.get_by_label("Amount").wait_for()
    settled(second)
    mine = open_edit(first, address)

    type_amount(first, mine, "4321")
    save(first, mine)
    first.get_by_text("Saved").wait_for()

    type_amount(second, theirs, "1234")
    save(second, theirs)
    told = theirs.get_by_role("alert")
    told.wait_for()
    assert "You changed amount of this deal" in told.inner_text()
    assert theirs.get_by_label("Amount").input_value() == "1234.00", "what was typed is still there"

    save(second, theirs)
    second.get_by_text("Saved").wait_for()
    first.goto(address)
    settled(first)
    assert first.get_by_test_id("stMetricValue").first.inner_text() == "$1.23k", "told, the second saved knowingly"


def test_a_deal_is_moved_with_the_keyboard_alone(demo_app: str, visitors: Callable[[], Any]) -> None:
    page = visitors()
    page.goto(f"{demo_app}/pipeline")
    settled(page)
    menu = page.locator('[class*="st-key-move_"] button').first
    menu.focus()
    page.keyboard.press("Enter")
    page.locator("[role=menu]:focus-within").wait_for()
    page.keyboard.press("ArrowDown")
    page.locator("[role=menuitem]:focus").filter(has_text="Proposal").wait_for()
    page.keyboard.press("Enter")
    page.get_by_text("is now in Proposal").wait_for()
    press(page, page.get_by_role("button", name="Undo"))
    page.get_by_text("Undone").wait_for()


def test_moving_a_deal_takes_two_clicks_from_the_start_page(demo_app: str, visitors: Callable[[], Any]) -> None:
    page = visitors()
    page.goto(demo_app)
    press(page, page.get_by_role("link", name="Pipeline").first)
    press(page, page.locator('[class*="st-key-step_"] button').first)
    page.get_by_text("is now in").wait_for()
