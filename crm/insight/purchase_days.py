"""Purchases folded into days, and each customer summarised by four numbers: what lifetime value begins with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
UNIT_DAYS = {"D": 1.0, "W": 7.0, "M": 365.25 / 12}
LONG = 1_000_000  # more days than any history has


@dataclass(frozen=True)
class PurchaseDays:
    """The days on which customers bought, one entry a customer and day, by customer and day.

    `place` says whose a day is: the position in `customers`. `day` counts from 1970; `amount` is what was bought that day
    less what was returned, missing where no amount is known.
    """

    customers: pd.Index
    place: Integers
    day: Integers
    amount: Floats

    @property
    def firsts(self) -> Integers:
        """Where each customer's days begin."""
        return np.flatnonzero(np.diff(self.place, prepend=-1))

    @property
    def counts(self) -> Integers:
        """On how many days each customer bought, 1 …"""
        return np.bincount(self.place, minlength=len(self.customers))

    def gaps(self) -> tuple[Integers, Integers]:
        """The days between a purchase and the one before, and whose gap each is."""
        same = np.diff(self.place, prepend=-1) == 0
        return np.diff(self.day, prepend=0)[same], self.place[same]


def purchase_days(purchases: pd.DataFrame, until: date) -> PurchaseDays:
    """Fold purchases into days, up to and including `until`.

    Several purchases of a day are one. A negative amount is a return: no purchase, but it makes all that the customer
    bought smaller in proportion. A missing amount is a purchase of unknown size.

    Parameters
    ----------
    purchases : columns `customer`, `date` (days or instants), `amount`
    until : the last day that is seen

    >>> rows = [("Ann", "2025-01-01", 60), ("Ann", "2025-01-01", 20), ("Ann", "2025-01-09", -20), ("Bo", "2026-01-01", 5)]
    >>> found = purchase_days(pd.DataFrame(rows, columns=["customer", "date", "amount"]), date(2025, 12, 31))
    >>> list(found.customers), found.amount
    (['Ann'], array([60.]))
    """
    day = pd.to_datetime(purchases["date"]).to_numpy().astype("datetime64[D]").astype("int64")
    amount = purchases["amount"].to_numpy("float64", na_value=np.nan)
    place, customers = pd.factorize(purchases["customer"])
    seen = (day <= day_number(until)) & (place >= 0) & ~np.isinf(amount)
    bought = seen & ~(amount < 0)
    kept = _kept(place, np.where(seen, np.nan_to_num(amount), 0.0), len(customers))
    return _folded(customers, place[bought], day[bought], amount[bought] * kept[place[bought]])


def _kept(place: Integers, amount: Floats, size: int) -> Floats:
    """For each customer the share of what was bought that was not returned, 0–1."""
    bought = np.bincount(place[amount > 0], amount[amount > 0], minlength=size)
    returned = np.bincount(place[amount < 0], -amount[amount < 0], minlength=size)
    return np.asarray(1 - np.minimum(returned / np.where(bought > 0, bought, np.inf), 1))


def _folded(customers: pd.Index, place: Integers, day: Integers, amount: Floats) -> PurchaseDays:
    """Purchases of one customer and day as one; customers without any are left out, the others keep their order."""
    if not len(place):
        return PurchaseDays(customers[:0], place, day, amount)
    has_bought = np.bincount(place, minlength=len(customers)) > 0
    place = (np.cumsum(has_bought) - 1)[place]
    ranked = np.argsort(place * LONG + (day - day.min()))
    place, day, amount = place[ranked], day[ranked], amount[ranked]
    starts = np.flatnonzero((np.diff(place, prepend=-1) != 0) | (np.diff(day, prepend=-1) != 0))
    known = np.add.reduceat((~np.isnan(amount)).astype("int64"), starts)
    total = np.add.reduceat(np.nan_to_num(amount), starts)
    return PurchaseDays(customers[has_bought], place[starts], day[starts], np.where(known > 0, total, np.nan))


def summarise(purchases: pd.DataFrame, until: date, unit: str = "W") -> pd.DataFrame:
    """Know each customer by four numbers, as they stand at the close of a day.

    Parameters
    ----------
    purchases : columns `customer`, `date` (days or instants), `amount`; several purchases of a day are one, returns negative
    until : the last day that is seen; later purchases are not
    unit : of time: "D" days, "W" weeks, "M" months of 30.44 days

    Returns
    -------
    one row per customer who has bought, by customer (the index), in the order in which they appear:

    - `frequency`: repeat purchases, 0 … (days with a purchase, the first left out)
    - `recency`: time from the first purchase to the last, 0 … age
    - `age`: time from the first purchase to `until`
    - `mean_amount`: mean amount of the repeat purchases, less what was returned; missing where there is none

    Source: Fader & Hardie, “Creating an RFM summary using Excel” (2008).

    >>> rows = [("Ann", "2025-01-01", 50), ("Ann", "2025-01-15", 30), ("Ann", "2025-01-29", 10), ("Bo", "2025-01-15", 7)]
    >>> summarise(pd.DataFrame(rows, columns=["customer", "date", "amount"]), date(2025, 2, 12)).reset_index()
      customer  frequency  recency  age  mean_amount
    0      Ann          2      4.0  6.0         20.0
    1       Bo          0      0.0  4.0          NaN
    """
    return summary_of(purchase_days(purchases, until), until, unit)


def summary_of(days: PurchaseDays, until: date, unit: str = "W") -> pd.DataFrame:
    """The same from what `purchase_days` gave, for whoever needs both."""
    if unit not in UNIT_DAYS:
        raise ValueError(f"“{unit}” is no unit of time: D, W or M")
    counts, firsts = days.counts, days.firsts
    first, last = days.day[firsts], days.day[firsts + counts - 1]
    repeat = np.ones(len(days.day), dtype=bool)
    repeat[firsts] = False
    return pd.DataFrame(
        {
            "frequency": counts - 1,
            "recency": (last - first) / UNIT_DAYS[unit],
            "age": (day_number(until) - first) / UNIT_DAYS[unit],
            "mean_amount": mean_by(days.place[repeat], days.amount[repeat], len(counts)),
        },
        index=pd.Index(days.customers, name="customer"),
    )


def mean_by(place: Integers, values: Floats, size: int) -> Floats:
    """The mean of the known values of each place, missing where there is none.

    >>> mean_by(np.array([0, 0, 2]), np.array([1.0, 3.0, np.nan]), 3)
    array([ 2., nan, nan])
    """
    known = ~np.isnan(values)
    number = np.bincount(place[known], minlength=size)
    total = np.bincount(place[known], values[known], minlength=size)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def day_number(day: date) -> int:
    """A day as the number of days since 1970.

    >>> day_number(date(1970, 1, 11))
    10
    """
    return int(np.datetime64(day, "D").astype("int64"))
