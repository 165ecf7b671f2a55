"""What a theme does to a score: how much higher or lower it would be without the answers that mention it.

A description of the answers that are there. Whether the score would move if the theme went away, only a change can show.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crm.insight.intervals import Z_95

Floats = NDArray[np.float64]
SCALES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
STEPS = {"nps": (-100.0, 0.0, 100.0), "csat": (0.0, 1.0), "ces": (1.0, 7.0)}  # what stands for one unseen answer
FEWEST = 5  # answers with a theme, and without it, before anything is said


@dataclass(frozen=True)
class Impact:
    """A score, and what each theme does to it; `effect`, `low`, `high` in the score's unit, (n_themes,)."""

    score: float  # of all answers; nan without any
    effect: Floats  # score of all − score without those who mention the theme: negative pulls it down
    low: Floats
    high: Floats
    n: NDArray[np.int64]  # answers that mention the theme


def points(ratings: ArrayLike, measure: str) -> Floats:
    """Answers as points whose mean is the score: (n,).

    Parameters
    ----------
    ratings : as given, (n,)
    measure : “nps” (0–10 → −100, 0, 100), “csat” (1–5 → 1 from 4 on, else 0), “ces” (1–7 as it is)

    Raises
    ------
    ValueError : another measure, or a rating outside its scale

    >>> points([10, 9, 8, 6], "nps").tolist(), points([5, 4, 3], "csat").tolist(), points([7, 1], "ces").tolist()
    ([100.0, 100.0, 0.0, -100.0], [1.0, 1.0, 0.0], [7.0, 1.0])
    """
    if measure not in SCALES:
        raise ValueError(f"A score is one of {', '.join(SCALES)}, not {measure}")
    given = np.asarray(ratings, dtype=float).ravel()
    least, most = SCALES[measure]
    if not ((given >= least) & (given <= most)).all():
        raise ValueError(f"Ratings of {measure} lie between {least} and {most}")
    if measure == "nps":
        return 100.0 * ((given >= 9).astype(float) - (given <= 6))
    return (given >= 4).astype(float) if measure == "csat" else given


def impact(ratings: ArrayLike, mentions: ArrayLike, measure: str) -> Impact:
    """What each theme does to a score: the score of all answers less the score without those who mention it.

    Leave-one-out, which is the share of answers with the theme times how far their score lies from the others'. The interval
    is the delta method's; to each side one answer is added, spread evenly over the scale, for how much answers vary, so that
    five equal ones are not taken for certainty.

    Parameters
    ----------
    ratings : answers, (n,)
    mentions : True where an answer mentions a theme, (n, n_themes)
    measure : “nps”, “csat” or “ces”; see `points`

    Returns
    -------
    Impact, NPS in points (−100 … 100), CSAT in shares (−1 … 1), CES in steps of its scale; effect, low and high are nan
    where fewer than five answers mention the theme, or fewer than five do not

    Raises
    ------
    ValueError : not one row of mentions a rating; see also `points`

    Source: the ratio of means by the delta method, e.g. G. Casella & R. Berger, Statistical Inference, 2nd ed., 5.5.4;
    answers added for few: A. Agresti & B. Caffo, The American Statistician 54 (2000).

    >>> found = impact([0] * 10 + [10] * 30, [[True]] * 10 + [[False]] * 30, "nps")
    >>> found.score, found.effect.tolist(), found.low.round().tolist(), found.high.round().tolist(), found.n.tolist()
    (50.0, [-50.0], [-78.0], [-22.0], [10])
    """
    given = points(ratings, measure)
    said = np.asarray(mentions, dtype=bool)
    if said.ndim != 2 or len(said) != len(given):
        raise ValueError("Impact needs one row of mentions a rating, with one column a theme")
    n, with_n = len(given), said.sum(axis=0)
    without_n = n - with_n
    is_enough = np.minimum(with_n, without_n) >= FEWEST
    score = float(given.mean()) if n else float("nan")
    if not is_enough.any():
        nothing = np.full(said.shape[1], np.nan)
        return Impact(score, nothing, nothing.copy(), nothing.copy(), with_n)
    mean_with, variance_with = _side(given, said, measure)
    mean_without, variance_without = _side(given, ~said, measure)
    share, apart = with_n / n, mean_with - mean_without
    # effect = share · apart: the share varies from sample to sample as well as both means
    variance = share**2 * (variance_with + variance_without) + apart**2 * share * (1 - share) / n
    effect, spread = share * apart, Z_95 * np.sqrt(variance)
    effect[~is_enough] = np.nan
    return Impact(score, effect, effect - spread, effect + spread, with_n)


def _side(given: Floats, chosen: NDArray[np.bool_], measure: str) -> tuple[Floats, Floats]:
    """The mean of the chosen answers, a theme each, and the variance of that mean."""
    size = np.maximum(chosen.sum(axis=0), 1)
    total, squares = given @ chosen, given**2 @ chosen
    added = np.array(STEPS[measure])
    more = size + 1
    centre = (total + added.mean()) / more
    spread = (squares + (added**2).mean()) / more - centre**2
    return total / size, np.maximum(spread, 0.0) / np.maximum(size - 1, 1)
