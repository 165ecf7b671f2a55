"""What a figure was before something happened and after it: two means and the range of their difference, or that of pairs.

A description. Whatever else changed in those months is in it, too; the words beside it on the page must say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, variance

FEWEST = 3


@dataclass(frozen=True)
class Difference:
    """The means of both sides, the difference after − before, the range in which it lies 95 times of 100, and both n.

    `is_paired` says that each value after is of somebody of whom there is one before.
    """

    before: float
    after: float
    difference: float
    low: float
    high: float
    before_n: int
    after_n: int
    is_paired: bool = False

    @property
    def is_clear(self) -> bool:
        """Whether the range leaves out that nothing changed."""
        return self.low > 0 or self.high < 0


def before_after(before: Sequence[float], after: Sequence[float], confidence: float = 0.95) -> Difference | None:
    """How far the mean of some periods after lies from the mean of those before.

    Welch's interval: neither side is taken to vary as the other does, and few periods make it wide.

    Parameters
    ----------
    before, after : the figure's values, one a period, in its unit
    confidence : how often, of 100 such ranges, the truth lies inside

    Returns
    -------
    Difference, in the figure's unit; None with fewer than three periods on a side: too few to say

    Source: B. L. Welch, “The generalization of ‘Student's’ problem when several different population variances are
    involved”, Biometrika 34 (1947).

    >>> found = before_after([10, 12, 11, 13], [14, 16, 15, 17])
    >>> found.difference, round(found.low, 2), round(found.high, 2), found.is_clear
    (4.0, 1.77, 6.23, True)
    >>> before_after([1, 2], [3, 4, 5]) is None
    True
    """
    if min(len(before), len(after)) < FEWEST:
        return None
    parts = [variance(side) / len(side) for side in (before, after)]
    error, difference, spread = sqrt(sum(parts)), fmean(after) - fmean(before), 0.0
    if error:
        freedom = sum(parts) ** 2 / sum(part**2 / (len(side) - 1) for part, side in zip(parts, (before, after), strict=True))
        spread = _times(confidence, freedom) * error
    low, high = difference - spread, difference + spread
    return Difference(fmean(before), fmean(after), difference, low, high, len(before), len(after))


def paired(before: Sequence[float], after: Sequence[float], confidence: float = 0.95) -> Difference | None:
    """How far the same people moved, each compared with what they said before.

    Student's interval of the mean of the differences: how much people differ from each other drops out, so that it says more
    than the same answers of different people would, wherever who was low before tends to be low after.

    Parameters
    ----------
    before, after : the two values of each person, in the same order, in the figure's unit
    confidence : how often, of 100 such ranges, the truth lies inside

    Returns
    -------
    Difference, in the figure's unit; None with fewer than three people: too few to say

    Source: Student, “The probable error of a mean”, Biometrika 6 (1908), whose ten sleepers are the example: taken as twenty, it
    stays open which drug gives more sleep.

    >>> one = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    >>> other = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    >>> found = paired(one, other)
    >>> round(found.difference, 2), round(found.low, 2), round(found.high, 2), found.is_clear
    (1.58, 0.7, 2.46, True)
    >>> before_after(one, other).is_clear
    False
    """
    moved = [now - then for then, now in zip(before, after, strict=True)]
    if len(moved) < FEWEST:
        return None
    difference = fmean(moved)
    spread = _times(confidence, len(moved) - 1) * sqrt(variance(moved) / len(moved))
    low, high = difference - spread, difference + spread
    return Difference(fmean(before), fmean(after), difference, low, high, len(moved), len(moved), is_paired=True)


def _times(confidence: float, freedom: float) -> float:
    """How many standard errors the range reaches to each side."""
    from scipy.stats import t  # scipy takes a second to import, and most pages never ask

    return float(t.ppf((1 + confidence) / 2, freedom))
