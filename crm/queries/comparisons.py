"""How a field, figure or date can be compared: for each kind of subject its comparisons, each in SQL and in words.

A comparison that denies another is its exact opposite, so that whoever has nothing in a field is found by “is not”, and a
customer is always in a segment or in what it leaves out. What a person entered reaches SQL as a parameter only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from crm.errors import Refused

LONGEST_DAYS = 36_500
LARGEST = 1e15


@dataclass(frozen=True)
class Comparison:
    """One way to compare: its words on the page, what is true of `{x}` given `{a}` and `{b}`, and how it is said.

    `takes` says what a person enters: nothing, text, several, number, numbers (two), days, day, two_days.
    """

    label: str
    sql: str
    takes: str
    said: str = ""
    denies: str | None = None


FILLED = Comparison("is filled", "{x} is not null", "nothing")
BLANK = Comparison("is blank", "", "nothing", denies="filled")
IN_DAYS = "{x} >= {a} and {x} < {b}"

TEXT = {
    "contains": Comparison("contains", "contains(search_key({x}), search_key({a}))", "text", "contains {a}"),
    "lacks": Comparison("does not contain", "", "text", "does not contain {a}", "contains"),
    "is": Comparison("is", "search_key({x}) = search_key({a})", "text", "is {a}"),
    "is_not": Comparison("is not", "", "text", "is not {a}", "is"),
    "begins": Comparison("begins with", "starts_with(search_key({x}), search_key({a}))", "text", "begins with {a}"),
    "filled": Comparison("is filled", "trim({x}) <> ''", "nothing"),
    "blank": BLANK,
}
CHOICE = {
    "one_of": Comparison("is one of", "list_contains({a}::varchar[], {x})", "several", "is {a}"),
    "none_of": Comparison("is none of", "", "several", "is not {a}", "one_of"),
    "filled": FILLED,
    "blank": BLANK,
}
KEY = CHOICE | {"one_of": Comparison("is one of", "list_contains({a}::uuid[], {x})", "several", "is {a}")}
SEVERAL = {
    "any_of": Comparison("has any of", "list_has_any({x}, {a}::varchar[])", "several", "has {a}"),
    "all_of": Comparison("has all of", "list_has_all({x}, {a}::varchar[])", "several", "has {a}"),
    "none_of": Comparison("has none of", "", "several", "does not have {a}", "any_of"),
    "filled": Comparison("is filled", "len({x}) > 0", "nothing"),
    "blank": BLANK,
}
NUMBER = {
    "over": Comparison("is over", "{x} > {a}", "number", "is over {a}"),
    "under": Comparison("is under", "{x} < {a}", "number", "is under {a}"),
    "at_least": Comparison("is at least", "{x} >= {a}", "number", "is at least {a}"),
    "at_most": Comparison("is at most", "{x} <= {a}", "number", "is at most {a}"),
    "is": Comparison("is exactly", "{x} = {a}", "number", "is exactly {a}"),
    "between": Comparison("is between", "{x} between {a} and {b}", "numbers", "is between {a} and {b}"),
    "filled": FILLED,
    "blank": BLANK,
}
DAY = {
    "within": Comparison("in the last … days", IN_DAYS, "days", "was in the last {a}"),
    "ago": Comparison("more than … days ago", "{x} < {b}", "days", "was more than {a} ago"),
    "ahead": Comparison("in the next … days", IN_DAYS, "days", "is in the next {a}"),
    "since": Comparison("on or after", "{x} >= {a}", "day", "is on or after {a}"),
    "until": Comparison("on or before", "{x} < {b}", "day", "is on or before {a}"),
    "between": Comparison("between", IN_DAYS, "two_days", "is between {a} and {b}"),
    "filled": Comparison("is known", "{x} is not null", "nothing"),
    "blank": Comparison("is not known", "", "nothing", denies="filled"),
}
FLAG = {
    "yes": Comparison("yes", "{x}", "nothing"),
    "no": Comparison("no", "", "nothing", denies="yes"),
}
RECORD = {
    "did": Comparison("there is", "", "parts"),
    "did_not": Comparison("there is no", "", "parts", denies="did"),
}
# A tag, or a list that a customer is on: rows that name a customer and one word each.
LABEL = {
    "any_of": Comparison("has any of", "", "several", "{a}"),
    "all_of": Comparison("has all of", "", "several", "{a}"),
    "none_of": Comparison("has none of", "", "several", "{a}", "any_of"),
    "filled": Comparison("has any", "", "nothing"),
    "blank": Comparison("has none", "", "nothing", denies="filled"),
}
BY_KIND: dict[str, dict[str, Comparison]] = {
    "text": TEXT,
    "choice": CHOICE,
    "key": KEY,
    "several": SEVERAL,
    "label": LABEL,
    "number": NUMBER,
    "money": NUMBER,
    "day": DAY,
    "instant": DAY,
    "flag": FLAG,
    "record": RECORD,
}


def entered(takes: str, kind: str, value: Any) -> list[Any] | None:
    """What a person entered, in the types that SQL takes; None while something is missing. Refused where it makes no sense.

    >>> entered("several", "choice", ["West"]), entered("number", "number", None), entered("numbers", "number", [1, 5])
    ([['West']], None, [1.0, 5.0])
    """
    if takes == "nothing":
        return []
    if takes in ("numbers", "two_days"):
        if not isinstance(value, list | tuple) or len(value) != 2 or None in value:
            return None
        low, high = (_one(takes, kind, each) for each in value)
        if low > high:
            raise Refused("The first is larger than the second. Write the smaller one first.")
        return [low, high]
    if value is None or value == [] or (isinstance(value, str) and not value.strip()):
        return None
    return [_one(takes, kind, value)]


def _one(takes: str, kind: str, value: Any) -> Any:
    if takes == "several":
        words = value if isinstance(value, list | tuple) else [value]
        return [_key(word) if kind in ("key", "label") else str(word) for word in words]
    if takes == "text":
        return str(value)
    if takes in ("day", "two_days"):
        return _day(value)
    if takes == "days":
        return _number_of_days(value)
    return _amount(value) if kind == "money" else _number(value)


def _key(value: Any) -> UUID:
    try:
        return value if isinstance(value, UUID) else UUID(str(value))
    except ValueError:
        raise Refused(f"“{str(value)[:40]}” is not a key. Choose from the list.") from None


def _day(value: Any) -> date:
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        raise Refused(f"“{str(value)[:40]}” is not a day. Write it like 2026-11-22.") from None
    if not 1900 <= day.year <= 2200:
        raise Refused("A day must lie between 1900 and 2200.")
    return day


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise Refused(f"“{str(value)[:40]}” is not a number. Write digits.") from None
    if not abs(number) < LARGEST:
        raise Refused("This number is too large.")
    return number


def _amount(value: Any) -> Decimal:
    _number(value)
    try:
        return Decimal(str(value)).quantize(Decimal("0.01"))
    except InvalidOperation:
        raise Refused(f"“{str(value)[:40]}” is not an amount. Write digits, like 1250.00.") from None


def _number_of_days(value: Any) -> int:
    number = _number(value)
    if number != int(number) or not 0 <= number <= LONGEST_DAYS:
        raise Refused(f"Days are a whole number from 0 to {LONGEST_DAYS:,}.")
    return int(number)


def span(comparison: str, found: list[Any], today: date) -> tuple[date | None, date | None]:
    """The first day that a comparison of days counts, and the first that it counts no more; None where it is open.

    Today counts among the last days and among the next.

    >>> [str(day) for day in span("within", [7], date(2026, 11, 22))]
    ['2026-11-15', '2026-11-23']
    >>> span("ago", [7], date(2026, 11, 22))[1] == date(2026, 11, 15)
    True
    """
    day = timedelta(days=1)
    if comparison == "within":
        return _earlier(today, found[0]), today + day
    if comparison == "ago":
        return None, _earlier(today, found[0])
    if comparison == "ahead":
        return today, today + timedelta(days=found[0] + 1)
    if comparison == "since":
        return found[0], None
    return (None if comparison == "until" else found[0]), found[-1] + day


def _earlier(today: date, days: int) -> date:
    return max(today - timedelta(days=days), date(1800, 1, 1))
