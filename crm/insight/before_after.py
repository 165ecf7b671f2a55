"""What a figure was before something happened and after it: two means and the range of their difference.

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
    """The means of both sides, the difference after − before, the range in which it lies 95 times of 100, and both n."""

    before: float
    after: float
    difference: float
    low: float
    high: float
    before_n: int
    after_n: int

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
    from scipy.stats import t  # scipy takes a second to import, and most pages never ask

    parts = [variance(side) / len(side) for side in (before, after)]
    error, difference = sqrt(sum(parts)), fmean(after) - fmean(before)
    if error:
        freedom = sum(parts) ** 2 / sum(part**2 / (len(side) - 1) for part, side in zip(parts, (before, after), strict=True))
        spread = float(t.ppf((1 + confidence) / 2, freedom)) * error
    else:
        spread = 0.0
    return Difference(
        fmean(before), fmean(after), difference, difference - spread, difference + spread, len(before), len(after)
    )
