"""Periods: read as people write them, compared with the one before at the same share."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.errors import Refused
from crm.queries import periods
from crm.queries.periods import Period


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2017", date(2017, 1, 1), date(2017, 12, 31)),
        ("2017-Q2", date(2017, 4, 1), date(2017, 6, 30)),
        (" 2017q4 ", date(2017, 10, 1), date(2017, 12, 31)),
        ("2016-02", date(2016, 2, 1), date(2016, 2, 29)),
        ("2017-03-30..2017-04-02", date(2017, 3, 30), date(2017, 4, 2)),
        ("2017-03-30..2017-03-30", date(2017, 3, 30), date(2017, 3, 30)),
    ],
)
def test_a_period_is_read_as_written(text: str, start: date, end: date) -> None:
    found = periods.parse(text)
    assert (found.start, found.end) == (start, end)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2017", date(2017, 7, 1), date(2018, 6, 30)),
        ("2017-Q3", date(2018, 1, 1), date(2018, 3, 31)),
        ("2017-04", date(2017, 4, 1), date(2017, 4, 30)),
    ],
)
def test_a_fiscal_year_is_named_after_the_year_it_begins_in(text: str, start: date, end: date) -> None:
    found = periods.parse(text, first_month=7)
    assert (found.start, found.end, found.label) == (start, end, text)


@pytest.mark.parametrize(
    "text", ["", "17", "2017-Q5", "2017-13", "2017-02-30..2017-03-01", "2017-05-02..2017-05-01", "0000", "x'--"]
)
def test_what_is_not_a_period_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        periods.parse(text)
    assert refusal.value.field == "period"
    assert "Write" in refusal.value.message


@pytest.mark.parametrize(
    ("text", "as_of", "label", "cut"),
    [
        ("2017-Q2", date(2017, 6, 30), "2017-Q1", date(2017, 3, 31)),
        ("2017-Q2", date(2017, 5, 15), "2017-Q1", date(2017, 2, 14)),
        ("2017-03", date(2017, 3, 31), "2017-02", date(2017, 2, 28)),
        ("2017-03", date(2017, 3, 1), "2017-02", date(2017, 2, 1)),
        ("2017", date(2020, 1, 1), "2016", date(2016, 12, 31)),
        ("2017-01-08..2017-01-14", date(2017, 1, 10), "2017-01-01..2017-01-07", date(2017, 1, 3)),
    ],
)
def test_the_period_before_is_cut_at_the_same_share(text: str, as_of: date, label: str, cut: date) -> None:
    before, before_as_of = periods.parse(text).previous(as_of)
    assert (before.label, before_as_of) == (label, cut)


def test_the_period_before_one_of_the_far_future_sees_nothing_after_today() -> None:
    assert periods.parse("2030").previous(date(2017, 5, 1))[1] == date(2017, 5, 1)


def test_months_until_a_day_run_over_the_turn_of_the_year() -> None:
    assert [month.label for month in Period.months_until(date(2018, 2, 28), 4)] == ["2017-11", "2017-12", "2018-01", "2018-02"]


days = st.dates(date(1950, 1, 1), date(2900, 1, 1))
kinds = st.sampled_from(["year", "quarter", "month"])
months = st.integers(1, 12)


@given(kinds, days, months)
def test_a_day_is_in_the_period_that_contains_it_and_its_label_reads_back(kind: str, day: date, first_month: int) -> None:
    found = periods.containing(kind, day, first_month)
    assert found.start <= day <= found.end
    assert periods.parse(found.label, first_month) == found


@given(kinds, days, months, st.integers(1, 12))
def test_the_latest_periods_join_without_gap_or_overlap(kind: str, day: date, first_month: int, count: int) -> None:
    found = periods.latest(kind, day, count, first_month)
    assert all((newer.start - older.end).days == 1 for newer, older in pairwise(found))


@given(days, days, days)
def test_the_cut_of_the_period_before_is_never_outside_it_nor_after_as_of(one: date, other: date, as_of: date) -> None:
    period = Period(min(one, other), max(one, other))
    if period.days > 36_500:
        return
    before, cut = period.previous(as_of)
    assert before.elapsed_days(cut) <= before.days
    assert cut <= as_of
