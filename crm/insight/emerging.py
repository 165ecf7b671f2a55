"""Which themes customers suddenly speak of more than they used to: found early, and without crying wolf every Monday."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Floats = NDArray[np.float64]
FALSE_ALERTS = 0.05  # of the weeks in which nothing changed
FEWEST_WEEKS = 5  # of history
FEWEST_MENTIONS = 3
PRIOR_WEEKS = 4.0  # how many weeks of history the themes' common unrest counts as, beside a theme's own
HALF_LIFE = 13.0  # weeks after which a week of the past counts half: themes drift
CAUTION = 1.4  # unrest is learned from few weeks, and quiet weeks are commoner in them than wild ones
LOOKS = {1: 0.8, 3: 0.2}  # weeks looked at together → its part of the false alerts: a jump, and what persists


def emerging(counts: ArrayLike, totals: ArrayLike) -> NDArray[np.bool_]:
    """The themes of which the last week brought more than their own history explains.

    A theme's share of the comments wanders from week to week, more than chance alone would have it. How much, is learned
    from its history (gamma-Poisson), and the last week is held against that. Over all themes, no more than one quiet week
    in twenty raises an alert (Benjamini–Hochberg). A theme of which fewer than three comments speak never emerges.

    Parameters
    ----------
    counts : comments of each week that mention each theme, (n_weeks, n_themes), oldest week first, at least 0
    totals : comments of each week, (n_weeks,)

    Returns
    -------
    True for each theme that emerges in the last week, (n_themes,); all False with fewer than five weeks of history,
    because then nothing is usual

    Raises
    ------
    ValueError : shapes that do not fit, or more mentions than comments

    Source: gamma-Poisson surveillance as in A. Noufaily et al., “An improved algorithm for outbreak detection”, Statistics
    in Medicine 32 (2013); Y. Benjamini & Y. Hochberg, JRSS B 57 (1995).

    >>> quiet = [[2, 5]] * 8
    >>> emerging([*quiet, [14, 5]], [60] * 9).tolist()
    [True, False]
    >>> emerging([*quiet, [3, 6]], [60] * 9).tolist()
    [False, False]
    """
    mentions, comments = np.atleast_2d(np.asarray(counts, dtype=float)), np.asarray(totals, dtype=float)
    if mentions.shape[0] != len(comments) or (mentions < 0).any() or (mentions > comments[:, None]).any():
        raise ValueError("Emerging themes need one total a week, and no more mentions than comments")
    if len(comments) <= FEWEST_WEEKS or not comments[-1]:
        return np.zeros(mentions.shape[1], dtype=bool)
    looks = {weeks: part for weeks, part in LOOKS.items() if len(comments) - weeks >= FEWEST_WEEKS}
    chance = np.min([surprise(*_together(mentions, comments, weeks)) / part for weeks, part in looks.items()], axis=0)
    louder: NDArray[np.bool_] = mentions[-1] * comments[:-1].sum() > mentions[:-1].sum(axis=0) * comments[-1]
    many: NDArray[np.bool_] = mentions[-1] >= FEWEST_MENTIONS
    return _found(chance) & louder & many


def _together(mentions: Floats, comments: Floats, weeks: int) -> tuple[Floats, Floats]:
    """The history with its last weeks made one."""
    return (
        np.vstack([mentions[:-weeks], mentions[-weeks:].sum(axis=0)]),
        np.r_[comments[:-weeks], comments[-weeks:].sum()],
    )


def surprise(counts: Floats, totals: Floats) -> Floats:
    """How likely a last week of at least so many mentions is, when nothing changed: 0 … 1 a theme.

    >>> round(float(surprise(np.array([[2.0]] * 8 + [[8.0]]), np.full(9, 50.0))[0]), 3)
    0.002
    """
    spread = _usual(counts, totals)
    found: Floats = spread.sf(counts[-1]) + spread.pmf(counts[-1]) / 2  # half of a tie: counts are few
    return found


@dataclass(frozen=True)
class Evidence:
    """What a page says of the last week: so many mentions, where so many were expected; each (n_themes,)."""

    count: Floats
    expected: Floats
    low: Floats  # 95 of 100 weeks in which nothing changed bring from low to high mentions
    high: Floats
    is_emerging: NDArray[np.bool_]


def evidence(counts: ArrayLike, totals: ArrayLike) -> Evidence:
    """The last week's mentions of each theme beside those that its history lets expect: “17 this week, 4–9 were expected”.

    Parameters
    ----------
    counts, totals : as for `emerging`

    Returns
    -------
    Evidence; expected, low and high are nan with fewer than five weeks of history, or no comments in the last week

    Raises
    ------
    ValueError : as `emerging`

    >>> found = evidence([*[[6, 5]] * 8, [17, 5]], [60] * 9)
    >>> found.count.tolist(), found.expected.round().tolist(), found.low.tolist(), found.high.tolist()
    ([17.0, 5.0], [6.0, 5.0], [2.0, 1.0], [12.0, 10.0])
    >>> found.is_emerging.tolist()
    [True, False]
    """
    found = emerging(counts, totals)
    mentions, comments = np.atleast_2d(np.asarray(counts, dtype=float)), np.asarray(totals, dtype=float)
    unknown = np.full(mentions.shape[1], np.nan)
    if len(comments) <= FEWEST_WEEKS or not comments[-1]:
        last = mentions[-1] if len(mentions) else np.zeros(mentions.shape[1])
        return Evidence(last, unknown, unknown, unknown, found)
    usual = _usual(mentions, comments)
    low, high = usual.ppf(0.025), np.minimum(usual.ppf(0.975), comments[-1])
    return Evidence(mentions[-1], usual.mean(), low, high, found)


def _usual(counts: Floats, totals: Floats) -> Any:
    """How many mentions of each theme a last week brings in which nothing changed: a negative binomial distribution."""
    past, before = counts[:-1], totals[:-1]
    recent = 0.5 ** (np.arange(len(before) - 1, -1, -1) / HALF_LIFE)
    said, heard = (past * recent[:, None]).sum(axis=0), (before * recent).sum()
    share = (said + 0.5) / (heard + 1.0)
    expected = share * totals[-1]
    unrest = _unrest(past, before, share)
    known = (said + 0.5) / ((recent**2 * before).sum() / max(heard, 1.0) or 1.0)
    # variance of what is to come: chance, the theme's unrest, and not knowing its true share
    variance = expected + expected**2 * (CAUTION * unrest + 1 / known)
    size = expected**2 / np.maximum(variance - expected, 1e-9)
    return stats.nbinom(size, size / (size + expected))


def _unrest(past: Floats, before: Floats, share: Floats) -> Floats:
    """How much each theme's share wanders beyond chance (squared coefficient of variation), shrunk to that of all."""
    expected = np.outer(before, share)
    excess = ((past - expected) ** 2 - expected * (1 - share)).sum(axis=0)
    weight = (expected**2).sum(axis=0)
    common = max(excess.sum() / weight.sum(), 0.0)
    typical = weight / len(before) * PRIOR_WEEKS
    found: Floats = np.maximum((excess + common * typical) / (weight + typical), 0.0)
    return found


def _found(chance: Floats) -> NDArray[np.bool_]:
    """Benjamini–Hochberg: as many as can be believed at once, so that one alert in twenty is false."""
    ranked = np.sort(chance)
    allowed = FALSE_ALERTS * np.arange(1, len(ranked) + 1) / len(ranked)
    passed = np.flatnonzero(ranked <= allowed)
    return chance <= ranked[passed[-1]] if len(passed) else np.zeros(len(chance), dtype=bool)
