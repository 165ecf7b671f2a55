"""The page that respondents see, as it is written: who hears it or steers by keys finds all of it, whatever people wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from itertools import repeat
from typing import Any

import pytest

from crm.commands import checks
from crm.commands.surveys import add_survey
from crm.exchange.survey_page import Question, Sheet, Text, form, never, notice, preview, thanks
from crm.exchange.survey_style import STYLE
from crm.queries import survey_pages, surveys
from crm.store.session import Session
from tests.shared import shared_data

QUESTIONS = (
    Question("1", "nps", "How likely?", "Not at all", "Very", "Why?", is_required=True),
    Question("2", "ces", Text("Was it easy?", "da")),
    Question("3", "choice", "Which?", choices=("One", "Two"), is_multiple=True),
    Question("4", "choice", "Which one?", choices=("One", "Two")),
    Question("5", "text", "What else?", is_required=True),
)
SHEET = Sheet("We", "How was it?", "Please", "", "en", QUESTIONS, others=(("de", "Deutsch"), ("ar", "العربية")))
WRONG = {"1": "too_long", "3": "wrong", "4": "missing", "5": "missing"}
PAGES = {
    "form": form(SHEET),
    "refused": form(SHEET, {"t-1": ["x"]}, WRONG),
    "nothing": form(SHEET, {}, {"": "nothing"}),
    "danish": form(replace(SHEET, language="da")),
    "anonymous": form(replace(SHEET, is_anonymous=True)),
    "preview": preview(SHEET),
    "thanks": thanks(SHEET),
    "way out": never(SHEET, {"a-1": ["9"], "t-1": ["Typed"]}, is_done=False),
    "out": never(SHEET, {}, is_done=True),
    "expired": notice(replace(SHEET, title="", company=""), "expired"),
}
Attributes = dict[str, str | None]


class Elements(HTMLParser):
    """The elements of a page, with their attributes and the labels that they stand in."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, Attributes]] = []
        self.inputs: list[tuple[Attributes, bool]] = []
        self._is_labelled = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._is_labelled |= tag == "label"
        if tag == "textarea" or (tag == "input" and ("type", "hidden") not in attrs):
            self.inputs.append((dict(attrs), self._is_labelled))

    def handle_endtag(self, tag: str) -> None:
        self._is_labelled &= tag != "label"

    def all(self, name: str) -> list[str]:
        return [found for _, attributes in self.found if (found := attributes.get(name))]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_one_heading_a_name_and_a_language(name: str) -> None:
    page = Elements(PAGES[name])
    assert [tag for tag, _ in page.found].count("h1") == 1 and dict(page.found)["html"]["lang"]
    assert re.search(r"<title>[^<]+</title>", PAGES[name])


@pytest.mark.parametrize("name", PAGES)
def test_every_input_is_labelled_and_whatever_is_pointed_at_is_there_once(name: str) -> None:
    page = Elements(PAGES[name])
    keys, labels = page.all("id"), set(page.all("for"))
    ways = [way[1:] for way in page.all("href") if way.startswith("#")]
    assert len(keys) == len(set(keys)) and {*labels, *ways, *page.all("aria-describedby")} <= set(keys)
    assert all(is_labelled or attributes.get("id") in labels for attributes, is_labelled in page.inputs)
    fieldsets = [tag for tag, _ in page.found if tag in ("fieldset", "legend")]
    assert fieldsets == ["fieldset", "legend"] * (len(fieldsets) // 2)


def test_a_refused_page_leads_to_each_input_that_is_wrong_and_each_says_why() -> None:
    page = Elements(PAGES["refused"])
    assert page.all("href") == ["#t-1", "#a-3", "#a-4", "#t-5"]
    described = [(tag, attributes["aria-describedby"]) for tag, attributes in page.found if "aria-describedby" in attributes]
    assert described == [("textarea", "p-1"), ("fieldset", "p-3"), ("fieldset", "p-4"), ("textarea", "p-5")]


def test_words_of_another_language_say_so() -> None:
    shown = PAGES["form"]
    assert '<span lang="da" dir="ltr">Was it easy?</span>' in shown and shown.count('lang="da"') == 1
    assert 'lang="de">Deutsch</button>' in shown and '<html lang="en" dir="ltr">' in shown


def _colours(scheme: int) -> dict[str, str]:
    return dict(re.findall(r"--(\w+):(#\w+)", STYLE.split("@media(prefers-color-scheme:dark)")[scheme].split("*{")[0]))


def _light(colour: str) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_words_and_edges_stand_out_from_what_they_lie_on(scheme: int) -> None:
    colours = _colours(scheme)
    words = [(over, under, 4.5) for over in ("ink", "soft", "brand") for under in ("card", "back")]
    for over, under, least in [*words, ("on", "brand", 4.5), ("bad", "card", 4.5), ("edge", "card", 3)]:
        high, low = sorted((_light(colours[over]), _light(colours[under])), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= least, (over, under)


def test_whatever_is_written_in_the_builder_the_page_keeps_its_elements(session: Session) -> None:
    naughty = json.loads((shared_data() / "naughty_strings.json").read_text())
    strings = [text for text in naughty if checks.LINE(text[:300], "Text")]

    def elements(words: Iterator[str]) -> list[tuple[str, list[str]]]:
        def texts(*names: str) -> dict[str, object]:
            return {name: next(words)[:300] for name in names}

        choices = [f"{place} {next(words)[:200]}" for place in range(9)]
        questions: list[dict[str, Any]] = [
            {"kind": "nps", "asks_why": True, "texts": {"en": texts("question", "low", "high", "why")}},
            {"kind": "choice", "texts": {"en": texts("question") | {"choices": choices}}},
            {"kind": "text", "texts": {"en": texts("question")}},
        ]
        key = add_survey(session, name=f"A {next(words)[:190]}", texts={"en": texts("title", "intro")}, questions=questions).key
        page = survey_pages.preview(session, surveys.one(session, key), surveys.questions(session, key), "en")
        return [(tag, list(attributes)) for tag, attributes in Elements(page).found]

    plain, rest = elements(repeat("plain")), iter(strings)
    for _ in range(len(strings) // 18):
        assert elements(rest) == plain
