"""Numbers, days and people's text as words on a screen. Pure, so that every page says a thing the same way."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|$:~&@=])")
ADDRESS = re.compile(r"(http|www|@)", re.IGNORECASE)
NOTHING = "–"
# A rating says little without its scale.
RATINGS = {"nps_0_10": "NPS {}", "csat_1_5": "CSAT {} of 5", "ces_1_7": "CES {} of 7", "stars_1_5": "{} of 5 stars"}
Number = float | int | Decimal


def plain(text: object) -> str:
    """A person's text as text in a place that reads markdown: no link, image, formula or markup comes alive.

    Escapes are not enough for addresses, which are found after escapes are read: an invisible joiner breaks those.

    >>> plain("[x](y) *b* $z$ :smile:")
    '\\\\[x\\\\]\\\\(y\\\\) \\\\*b\\\\* \\\\$z\\\\$ \\\\:smile\\\\:'
    >>> "\\u2060" in plain("http://x.example"), "\\u2060" in plain("www.x.example"), "\\u2060" in plain("a@x.example")
    (True, True, True)
    """
    return MARKUP.sub(r"\\\1", ADDRESS.sub("\\1\u2060", " ".join(str(text).split())))


def cut(text: str, most: int) -> str:
    """A text that is not longer than so many characters, cut between words; the dots never begin a line.

    >>> cut("It came two days late", 12), cut("Fine", 12)
    ('It came two…', 'Fine')
    """
    if len(text) <= most:
        return text
    return f"{text[: most + 1].rsplit(None, 1)[0]}…"


def marked(text: str, start: int | None, end: int | None, color: str) -> str:
    """A person's text as text, one clause of it marked, in a place that reads markdown.

    >>> marked("Fine. It came late!", 6, 18, "red")
    'Fine\\\\. :red-background[It came late]\\\\!'
    >>> marked("Fine.", None, None, "red"), marked("Fine.", 0, 0, "red")
    ('Fine\\\\.', 'Fine\\\\.')
    """
    clause = text[start or 0 : end or 0]
    if not clause.strip():
        return plain(text)
    before, after = text[: start or 0], text[end or 0 :]
    # The blanks at the seams are lost in `plain`.
    left = " " if before and (before[-1].isspace() or clause[0].isspace()) else ""
    right = " " if after and (after[0].isspace() or clause[-1].isspace()) else ""
    return f"{plain(before)}{left}:{color}-background[{plain(clause)}]{right}{plain(after)}"


def short(value: Number) -> str:
    """A number in at most four characters and a letter.

    >>> [short(n) for n in (0, 950, 12_400, 341_455, 1_900_000, -2500)]
    ['0', '950', '12.4k', '341k', '1.9M', '−2.5k']
    """
    size = abs(float(value))
    sign = "−" if value < 0 else ""
    for limit, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if size >= limit * 0.99995:
            return sign + _three(size / limit) + letter
    return sign + (f"{size:,.0f}" if size == int(size) else _three(size))


def _three(size: float) -> str:
    digits = 0 if size >= 99.95 else 1 if size >= 9.995 else 2
    text = f"{size:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(value: Number | None, currency: str = "USD") -> str:
    """An amount, short, with its currency.

    >>> money(341_455, "EUR"), money(None)
    ('€341k', '–')
    """
    if value is None:
        return NOTHING
    return f"{'−' if value < 0 else ''}{symbol(currency)}{short(abs(float(value)))}"


def symbol(currency: str) -> str:
    """What stands before an amount of a currency.

    >>> symbol("EUR"), symbol("CHF")
    ('€', 'CHF ')
    """
    return SYMBOLS.get(currency, currency + " ")


def exact(value: Number | None, currency: str = "USD") -> str:
    """An amount to the cent.

    >>> exact(341455.5)
    '$341,455.50'
    """
    return NOTHING if value is None else f"{symbol(currency)}{value:,.2f}"


def share(value: Number | None) -> str:
    """A share as per cent.

    >>> share(0.6315)
    '63 %'
    """
    return NOTHING if value is None else f"{float(value) * 100:.0f} %"


def figure(value: Number | None, unit: str, currency: str = "USD") -> str:
    """A figure's value in its unit.

    >>> figure(1.0412, "ratio"), figure(51.78, "days"), figure(0.635, "share"), figure(39.2, "count")
    ('1.04×', '51.8 days', '63.5 %', '39')
    """
    if value is None:
        return NOTHING
    ways: dict[str, Callable[[Number], str]] = {
        "money": lambda number: money(number, currency),
        "money_per_day": lambda number: f"{money(number, currency)} a day",
        "share": lambda number: f"{float(number) * 100:.1f} %",
        "ratio": lambda number: f"{float(number):.2f}×",
        "days": lambda number: f"{float(number):.1f} days",
        "score": lambda number: f"{float(number):.0f}",
        "count": lambda number: short(round(number)),
    }
    return ways.get(unit, short)(value)


def change(value: Number | None, previous: Number | None, unit: str) -> str | None:
    """How a figure differs from the period before, in words; None where there is nothing to compare.

    >>> change(120, 100, "money"), change(0.63, 0.60, "share"), change(5, 0, "count"), change(0, 11_100, "days")
    ('+20 %', '+3.0 points', '+5', '-11.1k')
    >>> change(1001, 1000, "count"), change(38.2, 44.46, "score"), change(0.2, 0, "score")
    ('+0.1 %', '-6 points', '+0.2 points')
    """
    if value is None or previous is None:
        return None
    difference = float(value) - float(previous)
    if unit == "share":
        return f"{difference * 100:+.1f} points"
    if unit in {"money", "count", "money_per_day"} and previous:
        return f"{_signed(difference / abs(float(previous)) * 100)} %"
    if unit == "score":
        return f"{_signed(difference)} points"
    return f"{'-' if difference < 0 else '+'}{short(abs(difference))}"


def _signed(difference: float) -> str:
    """Whole, but where that would say that nothing changed."""
    return f"{difference:+.{0 if abs(difference) >= 1 else 1}f}"


def rating(value: Number, scale: str | None) -> str:
    """A rating with the scale that it lies on.

    >>> rating(9, "nps_0_10"), rating(4.0, "csat_1_5"), rating(3, None)
    ('NPS 9', 'CSAT 4 of 5', '3')
    """
    return RATINGS.get(scale or "", "{}").format(f"{value:g}")


def days_ago(day: date | datetime | None, today: date) -> str:
    """A day, seen from today.

    >>> days_ago(date(2026, 11, 19), date(2026, 11, 22)), days_ago(date(2026, 11, 24), date(2026, 11, 22))
    ('3 days ago', 'in 2 days')
    """
    if day is None:
        return "never"
    days = (today - (day.date() if isinstance(day, datetime) else day)).days
    if abs(days) <= 1:
        return {0: "today", 1: "yesterday", -1: "tomorrow"}[days]
    if abs(days) < 60:
        return f"{days} days ago" if days > 0 else f"in {-days} days"
    months = round(abs(days) / 30.44)
    long = f"{months} months" if months < 24 else f"{abs(days) / 365.25:.0f} years"
    return f"{long} ago" if days > 0 else f"in {long}"


def month(day: date) -> str:
    """A month on an axis; the year stands under each January.

    >>> month(date(2026, 1, 1)), month(date(2026, 2, 1))
    ('Jan<br>2026', 'Feb')
    """
    return f"{day:%b}<br>{day:%Y}" if day.month == 1 else f"{day:%b}"


def due(day: date | None, today: date) -> str:
    """When a task is due.

    >>> due(date(2026, 11, 20), date(2026, 11, 22)), due(date(2026, 11, 22), date(2026, 11, 22))
    ('2 days late', 'due today')
    """
    if day is None:
        return "no date"
    late = (today - day).days
    if late > 0:
        return f"{late} day{'s' if late > 1 else ''} late"
    return "due today" if late == 0 else f"due {days_ago(day, today)}"


def shortened(text: str, most: int) -> str:
    """The beginning of a text on one line, cut at a word.

    >>> shortened("It came\\nlate", 40), shortened("It came two weeks late", 13)
    ('It came late', 'It came two…')
    """
    return cut(" ".join(text.split()), most)


def count(number: int, thing: str) -> str:
    """A number of things.

    >>> count(1, "deal"), count(2400, "employee"), count(2, "reply"), count(3, "person")
    ('1 deal', '2,400 employees', '2 replies', '3 people')
    """
    if number == 1 or thing == "feedback":
        return f"{number:,} {thing}"
    if thing == "person":
        return f"{number:,} people"
    plural = f"{thing[:-1]}ies" if thing.endswith("y") and thing[-2] not in "aeiou" else f"{thing}s"
    return f"{number:,} {plural}"


def label(name: str) -> str:
    """A stored word as people write it.

    >>> label("survey_answer"), label("email")
    ('Survey answer', 'E-mail')
    """
    return name.replace("email", "e-mail").replace("_", " ").capitalize()
