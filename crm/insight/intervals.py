"""How sure a share is: a figure from few cases must say so."""

from __future__ import annotations

from math import sqrt

Z_95 = 1.959963984540054


def wilson(hits: int, n: int, z: float = Z_95) -> tuple[float, float]:
    """The range in which the true share lies, when `hits` of `n` cases had the property.

    Wilson's score interval: honest for small n and for shares near 0 and 1, where the textbook's ± is not.

    Parameters
    ----------
    hits : cases with the property, 0 … n
    n : all cases, at least 0
    z : normal quantile; 1.96 covers the truth in 95 % of samples

    Returns
    -------
    low, high : shares 0 … 1; (0, 1) when n is 0, because then nothing is known

    Raises
    ------
    ValueError : hits outside 0 … n

    Source: E. B. Wilson, “Probable inference, the law of succession, and statistical inference”, JASA 22 (1927).

    >>> [round(share, 4) for share in wilson(4238, 6711)]
    [0.6199, 0.643]
    >>> wilson(0, 0)
    (0.0, 1.0)
    """
    if not 0 <= hits <= n:
        raise ValueError(f"{hits} of {n} is not a count of cases")
    if n == 0:
        return 0.0, 1.0
    share = hits / n
    centre = share + z * z / (2 * n)
    spread = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def difference(hits: int, n: int, other_hits: int, other_n: int, z: float = Z_95) -> tuple[float, float]:
    """The range in which the difference of two shares lies: of `hits` of `n` less `other_hits` of `other_n`.

    Newcombe's interval, made of Wilson's two: it holds where one of the groups is small, or its share near 0 or 1.

    Returns
    -------
    low, high : −1 … 1; (−1, 1) where both groups are empty

    Source: R. G. Newcombe, “Interval estimation for the difference between independent proportions”, Statistics in Medicine 17
    (1998), method 10.

    >>> [round(bound, 4) for bound in difference(56, 70, 48, 80)]
    [0.0524, 0.3339]
    >>> difference(0, 0, 0, 0)
    (-1.0, 1.0)
    """
    low, high = wilson(hits, n, z)
    other_low, other_high = wilson(other_hits, other_n, z)
    if not (n and other_n):
        return low - other_high, high - other_low
    share, other = hits / n, other_hits / other_n
    below = sqrt((share - low) ** 2 + (other_high - other) ** 2)
    above = sqrt((high - share) ** 2 + (other - other_low) ** 2)
    return share - other - below, share - other + above
