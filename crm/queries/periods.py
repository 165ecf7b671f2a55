"""Periods as people write them, and what every comparison needs of them: the one before, and how much is over.

A fiscal year is named after the calendar year in which it begins: with April as the first month, 2017-Q4 runs from January
to March 2018.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from crm.errors import Refused

MONTHS = {"year": 12, "quarter": 3, "month": 1}
YEAR = re.compile(r"([12]\d{3})")
QUARTER = re.compile(r"([12]\d{3})-?q([1-4])", re.IGNORECASE)
MONTH = re.compile(r"([12]\d{3})-(0[1-9]|1[0-2])")
DAYS = re.compile(r"(\d{4}-\d{2}-\d{2})\s*\.\.\s*(\d{4}-\d{2}-\d{2})")
EARLIEST, LATEST = 1900, 2200
HOW = "Write a year (2017), a quarter (2017-Q2), a month (2017-04) or two days (2017-04-01..2017-06-15)."


@dataclass(frozen=True)
class Period:
    """Days from `start` to `end`, both in it. `kind` is year, quarter, month or days (its own)."""

    start: date
    end: date
    kind: str = "days"
    first_month: int = 1

    @property
    def days(self) -> int:
        """How many days it has.

        >>> parse("2017-Q1").days
        90
        """
        return (self.end - self.start).days + 1

    @property
    def label(self) -> str:
        """The period as `parse` reads it.

        >>> parse("2017-q2").label, parse("2017-04", first_month=7).label, parse("2017-Q4", first_month=4).label
        ('2017-Q2', '2017-04', '2017-Q4')
        """
        year = self.start.year - (self.start.month < self.first_month)
        if self.kind == "year":
            return str(year)
        if self.kind == "quarter":
            return f"{year}-Q{(self.start.month - self.first_month) % 12 // 3 + 1}"
        return f"{self.start:%Y-%m}" if self.kind == "month" else f"{self.start}..{self.end}"

    def elapsed_days(self, as_of: date) -> int:
        """How many of its days are over at the close of `as_of`.

        >>> parse("2017-04").elapsed_days(date(2017, 4, 3))
        3
        """
        return min(max((as_of - self.start).days + 1, 0), self.days)

    def elapsed_share(self, as_of: date) -> float:
        """The share of it that is over at the close of `as_of`, from 0 to 1.

        >>> parse("2017-04").elapsed_share(date(2017, 4, 15))
        0.5
        """
        return self.elapsed_days(as_of) / self.days

    def previous(self, as_of: date) -> tuple[Period, date]:
        """The period of equal kind before, and the day at which as much of it was over as of this one at `as_of`.

        Never a day after `as_of`: what happens then is unseen.

        >>> before, cut = parse("2017-Q2").previous(date(2017, 12, 31))
        >>> before.label, str(cut)
        ('2017-Q1', '2017-03-31')
        >>> before, cut = parse("2017-03").previous(date(2017, 3, 16))
        >>> before.label, str(cut)
        ('2017-02', '2017-02-14')
        """
        before = self.shifted(-1)
        elapsed = (2 * self.elapsed_days(as_of) * before.days + self.days) // (2 * self.days)
        return before, min(before.start + timedelta(days=elapsed - 1), as_of)

    def shifted(self, steps: int) -> Period:
        """The period so many steps of its own kind later.

        >>> parse("2017-Q4").shifted(1).label, parse("2017-01-01..2017-01-07").shifted(-1).label
        ('2018-Q1', '2016-12-25..2016-12-31')
        """
        if self.kind == "days":
            moved = timedelta(days=steps * self.days)
            return Period(self.start + moved, self.end + moved, "days", self.first_month)
        return _of(self.kind, _month(self.start, steps * MONTHS[self.kind]), self.first_month)

    @classmethod
    def months_until(cls, day: date, count: int) -> list[Period]:
        """So many months up to the one of `day`, oldest first.

        >>> [month.label for month in Period.months_until(date(2018, 1, 5), 3)]
        ['2017-11', '2017-12', '2018-01']
        """
        return latest("month", day, count)[::-1]


def parse(text: str, first_month: int = 1) -> Period:
    """Read a period; `first_month` is the first month of the company's year.

    >>> parse("2017-Q2", first_month=4)
    Period(start=datetime.date(2017, 7, 1), end=datetime.date(2017, 9, 30), kind='quarter', first_month=4)
    >>> parse("soon")
    Traceback (most recent call last):
    crm.errors.Refused: “soon” is not a period. Write a year (2017), a quarter (2017-Q2), a month (2017-04) or two days \
(2017-04-01..2017-06-15).
    """
    wanted = text.strip()
    if found := YEAR.fullmatch(wanted):
        return _of("year", date(int(found[1]), first_month, 1), first_month)
    if found := QUARTER.fullmatch(wanted):
        return _of("quarter", _month(date(int(found[1]), first_month, 1), 3 * (int(found[2]) - 1)), first_month)
    if found := MONTH.fullmatch(wanted):
        return _of("month", date(int(found[1]), int(found[2]), 1), first_month)
    if found := DAYS.fullmatch(wanted):
        return _between(wanted, found[1], found[2], first_month)
    raise Refused(f"“{text}” is not a period. {HOW}", "period")


def containing(kind: str, day: date, first_month: int = 1) -> Period:
    """The year, quarter or month that a day is in.

    >>> containing("quarter", date(2018, 2, 5), first_month=4).label
    '2017-Q4'
    """
    into = (day.month - first_month) % 12 % MONTHS[kind]
    return _of(kind, _month(day, -into), first_month)


def spanning(start: date, end: date, first_month: int = 1) -> Period:
    """The period from one day to another: the year, quarter or month that it is exactly, else its own days.

    >>> spanning(date(2018, 1, 1), date(2018, 3, 31), first_month=4).label
    '2017-Q4'
    >>> spanning(date(2018, 1, 1), date(2018, 3, 30)).label
    '2018-01-01..2018-03-30'
    """
    own = Period(start, end, "days", first_month)
    named = (containing(kind, start, first_month) for kind in MONTHS)
    return next((period for period in named if period.end == end and period.start == start), own)


def latest(kind: str, day: date, count: int, first_month: int = 1) -> list[Period]:
    """So many periods of a kind, newest first, from the one that `day` is in.

    >>> [period.label for period in latest("year", date(2017, 5, 1), 2)]
    ['2017', '2016']
    """
    newest = containing(kind, day, first_month)
    return [newest.shifted(-steps) for steps in range(count)]


def _between(text: str, first: str, last: str, first_month: int) -> Period:
    try:
        start, end = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        raise Refused(f"“{text}” names a day that is not in the calendar. {HOW}", "period") from None
    if not (start.year >= EARLIEST and end.year <= LATEST):
        raise Refused(f"The period “{text}” is not between the years {EARLIEST} and {LATEST}. {HOW}", "period")
    if end < start:
        raise Refused(f"The period “{text}” ends before it begins. Write the earlier day first.", "period")
    return Period(start, end, "days", first_month)


def _of(kind: str, start: date, first_month: int) -> Period:
    return Period(start, _month(start, MONTHS[kind]) - timedelta(days=1), kind, first_month)


def _month(day: date, steps: int) -> date:
    """The first day of the month so many months after that of `day`."""
    years, month = divmod(day.month - 1 + steps, 12)
    return date(day.year + years, month + 1, 1)
