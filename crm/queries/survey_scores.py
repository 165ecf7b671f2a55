"""What the ratings of one question add up to, with the range in which the truth lies: NPS, CSAT, CES, mean of stars."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt

from crm.insight.intervals import Z_95


@dataclass(frozen=True)
class Score:
    """A score, its interval (95 %), and its name."""

    name: str
    value: float
    low: float
    high: float


# Name, what a rating is worth, the least and the most.
SCORES: dict[str, tuple[str, Callable[[int], float], float, float]] = {
    "nps": ("NPS", lambda rating: 100.0 * ((rating >= 9) - (rating <= 6)), -100.0, 100.0),
    "csat": ("CSAT", lambda rating: 100.0 * (rating >= 4), 0.0, 100.0),
    "ces": ("CES", float, 1.0, 7.0),
    "rating": ("Stars", float, 1.0, 5.0),
}


def score_of(kind: str, counts: Mapping[int, int]) -> Score | None:
    """The score of a question from how often each rating was given; None where nobody rated.

    NPS is the share of 9–10 less that of 0–6, in points; CSAT the share of 4–5 in percent; CES and stars are means.

    The interval is that of a mean, taken as if the ends of the scale and its middle had been answered once more (a promoter, a
    detractor and one between, each weighing one answer): a few equal answers are no certainty.
    Source: B. Rocks, “Interval estimation for the Net Promoter Score”, The American Statistician 70 (2016): adjusted Wald.

    >>> score_of("nps", {10: 6, 8: 2, 3: 2}).value, score_of("csat", {5: 3, 1: 1}).value, score_of("ces", {})
    (40.0, 75.0, None)
    """
    n = sum(counts.values())
    if not n:
        return None
    name, worth, least, most = SCORES[kind]
    mean = sum(worth(rating) * number for rating, number in counts.items()) / n
    seen = [(worth(rating), number) for rating, number in counts.items()]
    seen += [(end, 1) for end in (least, (least + most) / 2, most)]
    middle = sum(value * number for value, number in seen) / (n + 3)
    variance = sum(number * (value - middle) ** 2 for value, number in seen) / (n + 3)
    spread = Z_95 * sqrt(variance / (n + 3))
    return Score(name, mean, max(least, min(mean, middle - spread)), min(most, max(mean, middle + spread)))
