"""What the best customers have in common: a table of reasons that chance could not have made, and a score of likeness.

Whoever looks at twenty attributes finds one that seems to matter. So nothing is claimed before the labels “best” were dealt out
at random many times: only what stands out more than the most outstanding thing of nearly all those deals is called a pattern.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

LEVEL, DEALS, MOST_CELLS = 0.05, 999, 4_000_000
FEWEST = 5  # customers with a value, before anything is said of it
FEWEST_BEST = 5
PRIOR = 10.0  # customers of the usual kind that each value is given beside its own
Z_95 = 1.959963984540054
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Pattern:
    """One value of an attribute: how many have it, how many of them are among the best, and how much more often than usual.

    `lift` is shrunk towards 1; it lies between `low` and `high` 95 times of 100. `p_value` is the share of random deals in which
    anything stood out as much. `is_reliable`: it is claimed.
    """

    attribute: str
    value: str
    n: int
    best_n: int
    lift: float
    low: float
    high: float
    p_value: float
    is_reliable: bool


@dataclass(frozen=True)
class Answer:
    """What distinguishes the best: every value looked at, the most outstanding first; n customers, best_n of them the best."""

    n: int
    best_n: int
    patterns: tuple[Pattern, ...]

    @property
    def reliable(self) -> tuple[Pattern, ...]:
        """Those that survived."""
        return tuple(pattern for pattern in self.patterns if pattern.is_reliable)


def distinguishing(
    attributes: pd.DataFrame, is_best: Flags, *, level: float = LEVEL, deals: int = DEALS, seed: int = 0
) -> Answer:
    """Which values of which attributes the best have more often, or more seldom, than the others.

    Each value's count among the best is compared with the count expected if the best were drawn at random, in standard
    deviations; the largest of all values is what a random deal is compared by, so that the chance of any false claim at all
    is at most `level`, however many attributes are looked at.

    Parameters
    ----------
    attributes : one row a customer, one column an attribute, words in it; blank is unknown and counts as no value
    is_best : whether each is one of the best
    level : the chance of a false claim that is put up with
    deals : how often the label is dealt out at random; fewer for many customers

    Returns
    -------
    Answer; without patterns where there are too few customers, or all or none are the best

    Source: P. H. Westfall, S. S. Young, “Resampling-Based Multiple Testing” (1993), single-step maxT; shrinkage as a
    beta-binomial mean with a prior of ten usual customers.

    >>> colours = pd.DataFrame({"colour": ["red"] * 30 + ["blue"] * 30})
    >>> found = distinguishing(colours, np.array([True] * 24 + [False] * 36)).reliable[0]
    >>> found.value, found.n, found.best_n, round(found.lift, 2), found.low > 1
    ('red', 30, 24, 1.75, True)
    >>> distinguishing(colours, np.zeros(60, dtype=bool)).patterns
    ()
    """
    best_n = int(is_best.sum())
    names, has = _values(attributes)
    if min(best_n, len(is_best) - best_n) < FEWEST_BEST or not names:
        return Answer(len(is_best), best_n, ())
    sizes, share, others = has.sum(axis=0), best_n / len(is_best), len(is_best)
    spread = np.sqrt(sizes * share * (1 - share) * (others - sizes) / (others - 1))
    counts = is_best.astype(np.float32) @ has
    extremes = np.abs(counts - sizes * share) / spread
    dealt = _dealt(has, is_best, sizes * share, spread, deals, seed)
    chances = (1 + (dealt[:, None] >= extremes[None, :] - 1e-9).sum(axis=0)) / (1 + len(dealt))
    found = [
        _pattern(names[place], int(sizes[place]), int(counts[place]), share, float(chances[place]), level)
        for place in np.argsort(-extremes, kind="stable")
    ]
    return Answer(len(is_best), best_n, tuple(found))


def _values(attributes: pd.DataFrame) -> tuple[list[tuple[str, str]], npt.NDArray[np.float32]]:
    """The values that enough have, and not nearly all, each with who has it."""
    names: list[tuple[str, str]] = []
    columns: list[npt.NDArray[np.float32]] = []
    for name, column in attributes.items():
        for value, many in column.dropna().value_counts().items():
            if FEWEST <= many <= len(column) - FEWEST:
                names.append((str(name), str(value)))
                columns.append((column == value).to_numpy(dtype=np.float32, na_value=0.0))
    return names, np.column_stack(columns) if columns else np.empty((len(attributes), 0), np.float32)


def _dealt(has: npt.NDArray[np.float32], is_best: Flags, expected: Floats, spread: Floats, deals: int, seed: int) -> Floats:
    """The most outstanding value of each random deal."""
    rng = np.random.default_rng(seed)
    label = is_best.astype(np.float32)
    many = int(min(deals, max(199, 40 * MOST_CELLS // max(has.size, 1))))
    batch = max(1, MOST_CELLS // len(label))
    found = []
    for start in range(0, many, batch):
        labels = np.stack([rng.permutation(label) for _ in range(min(batch, many - start))])
        found.append((np.abs(labels @ has - expected) / spread).max(axis=1))
    return np.concatenate(found)


def _pattern(name: tuple[str, str], n: int, best_n: int, share: float, chance: float, level: float) -> Pattern:
    return Pattern(*name, n, best_n, *shrunk_lift(best_n, n, share), chance, chance <= level)


def shrunk_lift(best_n: int, n: int, share: float, prior: float = PRIOR) -> tuple[float, float, float]:
    """How much more often than usual a customer with this value is one of the best, and the range in which that lies.

    Parameters
    ----------
    best_n, n : how many with the value are among the best, and how many have it
    share : the share of the best among all, above 0
    prior : how many customers of the usual kind are added, so that three of three is not three times as good

    Returns
    -------
    lift, low, high : ratios; 1 is usual

    >>> [round(part, 2) for part in shrunk_lift(6, 10, 0.2)]
    [2.0, 1.17, 3.42]
    >>> round(shrunk_lift(60, 100, 0.2)[0], 2)
    2.82
    """
    chance = (best_n + prior * share) / (n + prior)
    lift = chance / share
    error = Z_95 * sqrt((1 - chance) / (chance * (n + prior)))
    return lift, exp(log(lift) - error), exp(log(lift) + error)


@dataclass(frozen=True)
class Scored:
    """How like the best each customer is, 0–1, and how well that was foreseen for customers who were held back (AUC, Brier)."""

    likeness: Floats
    auc: float
    brier: float


def likeness(attributes: pd.DataFrame, is_best: pd.Series, *, folds: int = 5, seed: int = 0) -> Scored | None:
    """How likely each customer is to be one of the best, by all attributes at once.

    Logistic regression on words (one column a value) and numbers (standardised, their square root beside them; a blank one
    stands at the mean and is told apart). Learned from those whose `is_best` is known, said of all.

    Returns
    -------
    Scored; None where fewer than 20 are the best or are not: too few to learn from

    Source: T. Hastie, R. Tibshirani, J. Friedman, “The Elements of Statistical Learning” (2009), 4.4 and 7.10.
    """
    known = is_best.notna().to_numpy()
    label = is_best[known].astype(bool).to_numpy()
    if min(label.sum(), (~label).sum()) < 4 * folds:
        return None
    from sklearn.linear_model import LogisticRegression  # three CPU seconds to import
    from sklearn.metrics import brier_score_loss, roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    design = _design(attributes)
    model = LogisticRegression(C=1.0, max_iter=500)
    parts = StratifiedKFold(folds, shuffle=True, random_state=seed)
    foreseen = cross_val_predict(model, design[known], label, cv=parts, method="predict_proba")[:, 1]
    model.fit(design[known], label)
    found: Floats = model.predict_proba(design)[:, 1]
    return Scored(found, float(roc_auc_score(label, foreseen)), float(brier_score_loss(label, foreseen)))


def _design(attributes: pd.DataFrame) -> Floats:
    """Words and numbers as columns of numbers around 0."""
    columns: list[Any] = []
    for _, column in attributes.items():
        if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            number = column.astype("float64")
            columns += [_standard(number), _standard(np.sign(number) * np.sqrt(number.abs())), number.isna().astype("float64")]
        else:
            many = column.value_counts()
            columns += [(column == value).astype("float64") for value in many.index[many >= FEWEST]]
    if not columns:
        return np.zeros((len(attributes), 1))
    return np.column_stack([np.asarray(column, dtype="float64") for column in columns])


def _standard(number: pd.Series) -> pd.Series:
    spread = float(number.std())
    return ((number - number.mean()) / (spread if spread > 0 else 1.0)).fillna(0.0)
