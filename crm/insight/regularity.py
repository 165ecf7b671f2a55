"""Whether customers buy at random moments or at regular intervals, as under a contract; what is a usual gap for each."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt

import numpy as np

from crm.insight.purchase_days import Floats, Integers, PurchaseDays

Z_ONE_SIDED_95 = 1.6448536269514722


@dataclass(frozen=True)
class Regularity:
    """How regular gaps are: the shape of an Erlang distribution, 1 for random moments, larger for more even gaps.

    `low` is below the truth in 95 % of samples; `pairs` is how many pairs of gaps it was learned from.
    """

    shape: float
    low: float
    pairs: int


def regularity(days: PurchaseDays) -> Regularity:
    """How evenly spaced the purchases of each customer are.

    Of two successive gaps g1, g2 of a customer the share g1 / (g1 + g2) varies evenly over 0–1 when purchases come at
    random, whatever the customer's own rate; the more regular the gaps, the closer it stays to a half. Gaps of an Erlang
    distribution of shape k give it the variance v = 1 / (4 (2k + 1)), hence k = (1 − 4v) / (8v).

    Each gap is in one pair. Without a pair the shape is 1: nothing speaks against random moments.

    Source: Wheat & Morrison, “Estimating purchase regularity with two interpurchase times”, Journal of Marketing Research
    27 (1990).

    >>> monthly = PurchaseDays(np.array(["Ann"]), np.zeros(5, dtype=int), np.arange(0, 150, 30), np.ones(5))
    >>> regularity(monthly)
    Regularity(shape=inf, low=1.0, pairs=2)
    """
    gaps, place = days.gaps()
    turn = np.arange(len(place)) - np.searchsorted(place, place)
    first = np.flatnonzero((turn % 2 == 0) & (np.append(place[1:], -1)[: len(place)] == place))
    if not len(first):
        return Regularity(1.0, 1.0, 0)
    square = (gaps[first] / (gaps[first] + gaps[first + 1]) - 0.5) ** 2
    variance, error = float(square.mean()), float(square.std() / sqrt(len(square)))
    # Under random moments a square itself varies by 1 / 180: few pairs that happen to be even prove nothing.
    high = variance + Z_ONE_SIDED_95 * max(error, sqrt(1 / 180 / len(square)))
    return Regularity(_shape(variance), max(_shape(high), 1.0), len(first))


def _shape(variance: float) -> float:
    return (1 - 4 * variance) / (8 * variance) if variance else inf


def median_by(place: Integers, values: Integers | Floats, size: int) -> Floats:
    """The median of the values of each place, missing where there is none.

    >>> median_by(np.array([0, 0, 2, 0]), np.array([1, 9, 4, 3]), 3)
    array([ 3., nan,  4.])
    """
    found = np.full(size, np.nan)
    if len(values):
        number = np.bincount(place, minlength=size)
        ranked = values[np.lexsort((values, place))].astype("float64")
        has, begin = number > 0, np.cumsum(number) - number
        low, high = (begin + (number - 1) // 2)[has], (begin + number // 2)[has]
        found[has] = (ranked[low] + ranked[high]) / 2
    return found
