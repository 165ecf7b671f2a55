"""The commonest tasks, each within its budget of clicks from the start page. Typing is not counted, every click is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import enter, press, settled

pytestmark = pytest.mark.browser
PEOPLE = b"name,email\nCora Nest,cora@nest.example\nDan Ouse,dan@ouse.example\n"


class Hand:
    """A mouse that counts."""

    def __init__(self, page: Any) -> None:
        self.page, self.clicks = page, 0

    def click(self, target: Any) -> None:
        press(self.page, target.first)
        self.clicks += 1

    def button(self, name: str, *, exact: bool = True) -> None:
        self.click(self.page.get_by_role("button", name=name, exact=exact))

    def link(self, name: str) -> None:
        self.click(self.page.get_by_role("link", name=name, exact=True))


def last_five_interactions(hand: Hand) -> None:
    hand.button("Search", exact=False)
    hand.page.get_by_placeholder("Name, e-mail, phone, deal, tag or own field").fill("inkstone")
    hand.click(hand.page.get_by_role("dialog").get_by_role("link", name="Inkstone Cloud"))
    hand.page.get_by_role("heading", name="Inkstone Cloud").wait_for()
    hand.page.locator(".st-key-story").get_by_test_id("stCaptionContainer").nth(4).wait_for()


def log_a_call(hand: Hand) -> None:
    hand.button("Log")
    enter(hand.page, hand.page.get_by_label("What was said"), "They are fine")
    hand.click(hand.page.get_by_role("dialog").get_by_role("button", name="Log", exact=True))
    hand.page.get_by_text("Logged with").wait_for()


def add_a_contact(hand: Hand) -> None:
    hand.link("Add")
    enter(hand.page, hand.page.get_by_label("Name *"), "Ada Byron")
    enter(hand.page, hand.page.get_by_label("E-mail", exact=True), "ada@byron.example")
    hand.click(hand.page.get_by_test_id("stMain").get_by_role("button", name="Add", exact=True))
    hand.page.get_by_text("Contact added").wait_for()


def move_a_deal(hand: Hand) -> None:
    hand.link("Pipeline")
    hand.click(hand.page.locator("[class*=st-key-step_] button"))
    hand.page.get_by_text("is now in").wait_for()


def see_the_progress_of_my_goal(hand: Hand) -> None:
    hand.page.locator(".st-key-my_goal").get_by_role("progressbar").wait_for()


def see_who_is_going_quiet(hand: Hand) -> None:
    hand.click(hand.page.get_by_text("Everyone’s", exact=True))
    hand.page.locator("[class*=st-key-quiet_]").first.get_by_text("quiet").wait_for()


def set_a_target(hand: Hand) -> None:
    hand.click(hand.page.locator(".st-key-my_goal").get_by_role("button", name="Change"))
    dialog = hand.page.get_by_role("dialog")
    enter(hand.page, dialog.get_by_role("spinbutton").first, "900000")
    hand.click(dialog.get_by_role("button", name="Save", exact=True))
    hand.page.get_by_text("$900k").first.wait_for()


def undo_my_last_change(hand: Hand) -> None:
    hand.link("History")
    hand.button("Undo")
    hand.page.get_by_text("Undone").first.wait_for()


def import_a_file(hand: Hand) -> None:
    hand.link("Data")
    with hand.page.expect_file_chooser() as chooser:
        hand.click(hand.page.locator(".st-key-import_file button"))
    chooser.value.set_files({"name": "people.csv", "mimeType": "text/csv", "buffer": PEOPLE})
    hand.click(hand.page.get_by_role("button", name="Import 2 contacts"))
    hand.page.get_by_text("is imported").wait_for()


def see_what_customers_complain_about_most_and_a_quote(hand: Hand) -> None:
    hand.link("Feedback")
    most = hand.page.locator(".st-key-complained")
    most.get_by_text("negative of").first.wait_for()  # the comments are read when somebody first looks
    hand.click(most.get_by_role("button"))
    hand.page.locator("[class*=st-key-quote_]").first.wait_for()


BUDGETS: list[tuple[Callable[[Hand], None], int]] = [
    (last_five_interactions, 2),
    (log_a_call, 2),
    (add_a_contact, 2),
    (move_a_deal, 2),
    (see_the_progress_of_my_goal, 0),
    (see_who_is_going_quiet, 1),
    (set_a_target, 2),
    (import_a_file, 3),
    (see_what_customers_complain_about_most_and_a_quote, 2),
    (undo_my_last_change, 2),
]


@pytest.mark.parametrize(("task", "budget"), BUDGETS, ids=lambda value: getattr(value, "__name__", value))
def test_a_common_task_stays_within_its_clicks(task: Callable[[Hand], None], budget: int, demo_app: str, page: Any) -> None:
    page.goto(demo_app)
    settled(page)
    page.locator(".st-key-my_goal").wait_for()
    hand = Hand(page)
    task(hand)
    assert hand.clicks <= budget
