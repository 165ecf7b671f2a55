"""Listening, from the first word to the one who is told: what people say is understood, changed by a person, and acted on."""

from __future__ import annotations

import re
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from crm.commands.contacts import add_contact
from crm.commands.feedback import add_feedback
from crm.commands.segments import put_on_list
from crm.commands.settings import change_settings
from crm.store import session as door
from crm.store.session import Session, command_line
from tests.browser.conftest import PATIENCE, enter, press, settled
from tests.serving import app_on, crm
from tests.shared import shared_data

pytestmark = pytest.mark.browser


def mentions(page: Any) -> Any:
    """The number of mentions on the page of a theme."""
    return page.locator(".st-key-card_mentions").get_by_test_id("stMetricValue").first


def renewed(page: Any, number: Any, before: str) -> int:
    """The number once the job has read the comments again and the page has drawn what came of it."""
    from playwright.sync_api import expect

    expect(number).not_to_have_text(before, timeout=PATIENCE * 1000)
    page.locator(".st-key-progress_themes").wait_for(state="detached")
    settled(page)
    return int(number.inner_text().replace(",", ""))


def accepted(page: Any) -> str:
    """Accept the first theme that is suggested, as soon as nobody is looking for others; gives its name."""
    first = page.locator("[class*=st-key-proposal_]").first
    first.wait_for()
    for job in ("themes", "theme_proposals"):
        page.locator(f".st-key-progress_{job}").wait_for(state="detached")
    settled(page)
    name = str(first.get_by_label("Name of the theme").input_value())
    press(page, first.get_by_role("button", name="Accept", exact=True))
    page.get_by_text(f"{name} is a theme now").wait_for()
    return name


def test_themes_proposed_from_complaints_are_accepted_and_a_phrase_changes_what_they_find(tmp_path: Path, page: Any) -> None:
    file = tmp_path / "crm.duckdb"
    complaints = shared_data() / "feedback" / "cfpb_2023_narratives.csv"
    assert crm("import", "feedback", str(complaints), "--create-missing", db=file).returncode == 0
    with app_on(file) as address:
        page.goto(f"{address}/feedback")
        press(page, page.get_by_role("button", name="The latest is of"))
        page.get_by_text("Nothing was said in").wait_for(state="detached")
        press(page, page.get_by_role("button", name="Propose themes").first)
        names = [accepted(page), accepted(page)]
        press(page, page.locator(".st-key-complained").get_by_role("button", name=names[0]))
        page.get_by_role("heading", name=names[0]).wait_for()
        page.locator(".st-key-progress_themes").wait_for(state="detached")
        settled(page)
        before = mentions(page).inner_text()
        enter(page, page.get_by_label("Phrase", exact=True), "identity theft")
        press(page, page.locator(".st-key-pin_phrase button").first)
        page.get_by_text("“identity theft” means").wait_for()
        more = renewed(page, mentions(page), before)
        assert more > int(before)
        assert page.locator("[class*=st-key-quote_]").get_by_text("identity theft").count()
        press(page, page.locator("[class*=st-key-phrase_] button", has_text="identity theft").first)
        assert renewed(page, mentions(page), str(more)) == int(before)
        page.go_back()
        page.locator(".st-key-themes_card").wait_for()


PEOPLE = {
    "Ada Byron": (2, "The parcel came far too late."),
    "Bo Cai": (6, "Terribly slow, and a bad surprise."),
    "Cy Dee": (4, "It arrived late and broken."),
}


def company(file: Path) -> None:
    """Three people in a segment, one of whom has complained before."""
    url = f"duckdb:///{file}"
    session = Session(door.opened(url), command_line("tester"))
    change_settings(session, survey_cooldown_days=0)
    people = [add_contact(session, name=name, email=f"{name.split()[0].lower()}@x.example").key for name in PEOPLE]
    rows = session.rows("select contact_id, customer_id from contacts")
    customers = {row["contact_id"]: row["customer_id"] for row in rows}
    put_on_list(session, [customers[key] for key in people], name="Asked")
    add_feedback(
        session,
        customer_id=customers[people[0]],
        contact_id=people[0],
        kind="complaint",
        text="My parcel was late.",
        due_on=session.today,
    )
    door.close(url)


def answered(link: str, rating: int, reason: str) -> str:
    """Answer by a personal link as a browser without scripts does; gives the page that thanks."""
    with urllib.request.urlopen(link) as shown:
        html = shown.read().decode()
    question = re.search(r'name="a-([^"]+)"', html)
    language = re.search(r'name="language" value="([^"]+)"', html)
    assert question and language
    given = {"language": language[1], f"a-{question[1]}": rating, f"t-{question[1]}": reason}
    with urllib.request.urlopen(link, urllib.parse.urlencode(given).encode()) as thanks:
        return str(thanks.read().decode())


def new_theme(page: Any, name: str, phrase: str) -> None:
    press(page, page.get_by_role("button", name="New theme"))
    dialog = page.get_by_role("dialog")
    enter(page, dialog.get_by_label("Name *"), name)
    enter(page, dialog.get_by_role("textbox", name="Phrases that mean it"), phrase)
    press(page, dialog.get_by_role("button", name="Add", exact=True))
    page.get_by_text("The theme is there").wait_for()


def open_theme(page: Any, address: str, name: str) -> None:
    """Open a theme from the list of those that are complained about, or by its link among the cards."""
    page.goto(f"{address}/feedback")
    press(page, page.locator(".st-key-complained").get_by_role("button", name=name))
    page.get_by_role("heading", name=name, exact=True).wait_for()
    settled(page)


def sent(page: Any, address: str) -> list[str]:
    """Build a survey, open it, ask the segment; gives the personal links."""
    page.goto(f"{address}/feedback?feedback_tab=Surveys")
    press(page, page.get_by_role("button", name="Ask how likely they are to recommend us"))
    enter(page, page.get_by_label("Name *"), "After the move")
    press(page, page.get_by_role("button", name="Save", exact=True))
    press(page, page.get_by_role("button", name="Open for answers"))
    press(page, page.get_by_text("Ask people", exact=True))
    press(page, page.get_by_label("A segment"))
    press(page, page.get_by_role("option", name="Asked"))
    page.get_by_text("3 people can be asked").wait_for()
    press(page, page.get_by_role("button", name="Make their links"))
    page.locator(".st-key-survey_links").get_by_text("3 links").wait_for()
    shown = page.locator(".st-key-survey_links").get_by_test_id("stCode")
    shown.nth(2).wait_for()
    return [str(text).strip() for text in shown.all_inner_texts()]


def test_from_a_survey_to_those_who_are_told_and_asked_again(tmp_path: Path, page: Any) -> None:
    file = tmp_path / "crm.duckdb"
    company(file)
    with app_on(file) as address:
        links = sent(page, address)
        assert len(links) == len(set(links)) == 3
        for link, (rating, reason) in zip(links, PEOPLE.values(), strict=True):
            assert "Thank" in answered(link, rating, reason)

        page.goto(f"{address}/feedback")
        settled(page)
        new_theme(page, "Late", "late")
        new_theme(page, "Slow", "slow")
        open_theme(page, address, "Late")
        assert renewed(page, mentions(page), "0") == 3  # two answers and the complaint
        quotes = page.locator("[class*=st-key-quote_]")
        quotes.get_by_text("The parcel came far too late").wait_for()
        assert quotes.get_by_text("Late", exact=True).count() == 3

        press(page, page.get_by_role("button", name="Rename"))
        enter(page, page.get_by_role("dialog").get_by_label("Name *"), "Arrives late")
        press(page, page.get_by_role("dialog").get_by_role("button", name="Save"))
        page.get_by_text("Renamed").wait_for()
        theme = page.url
        open_theme(page, address, "Slow")
        press(page, page.get_by_role("button", name="Merge into"))
        press(page, page.get_by_role("dialog").get_by_label("Merge into"))
        press(page, page.get_by_role("option", name="Arrives late"))
        press(page, page.get_by_role("dialog").get_by_role("button", name="Merge", exact=True))
        page.get_by_text("Slow is part of Arrives late now").wait_for()
        page.locator(".st-key-progress_themes").wait_for(state="detached")
        page.goto(theme)
        page.get_by_role("heading", name="Arrives late").wait_for()
        settled(page)
        assert mentions(page).inner_text() == "4"
        page.get_by_text("Includes Slow").wait_for()

        loop = page.locator("[class*=st-key-loop_]").first
        press(page, loop.get_by_role("button", name="Start an action"))
        dialog = page.get_by_role("dialog")
        enter(page, dialog.get_by_label("What we change *"), "A second carrier")
        press(page, dialog.get_by_role("button", name="Start", exact=True))
        press(page, page.get_by_role("button", name="It is changed"))
        enter(page, dialog.get_by_role("textbox", name="What is different now"), "Parcels leave the same day")
        press(page, dialog.get_by_role("button", name="Changed", exact=True))
        press(page, page.get_by_role("button", name="Tell all 3"))
        press(page, dialog.get_by_role("button", name="They were told"))
        page.get_by_text("3 people were told").wait_for()
        loop.get_by_text("told 3 of 3").wait_for()
        press(page, page.get_by_role("button", name="Ask again", exact=True))
        page.get_by_text("3 links made").wait_for()
        page.get_by_text("Asked again: 3 of 3").first.wait_for()

        page.goto(f"{address}/feedback")
        settled(page)
        closed = page.locator(".st-key-card_loop_closed").get_by_test_id("stMetricValue")
        assert closed.inner_text() == "100.0 %"  # 0 % of the one complaint that was due, before its customer was told
