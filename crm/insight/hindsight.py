"""What one's own errors in earlier periods teach: which of two views of what is to come to believe, and how far to trust it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PRIOR, PRIOR_WEIGHT = 0.2, 3.0  # how far off an outlook is where little is known, and how many periods that counts as
SHRINKING = 6.0  # periods of error that a correction is mixed with
LEAST = 0.05  # what came in counts as at least this share of what was expected, so that its log says something


@dataclass(frozen=True)
class Trial:
    """One earlier period, looked at from the same place in it: what came after that, and what either part had expected.

    Each (groups,).
    """

    actual: Floats
    deals: Floats
    rate: Floats


@dataclass(frozen=True)
class Correction:
    """What earlier periods teach: how much the deals count (the rest is the run-rate's), the bias by group, the widths."""

    weight: float
    bias: Floats
    shared: float
    own: float
    periods: int


def correction(trials: Sequence[Trial], groups: int) -> Correction:
    """Learn from one's own errors in earlier periods, all on the log, shrunk to no error and to a usual width.

    >>> none = correction([], 2)
    >>> none.weight, none.bias.tolist(), none.periods
    (0.5, [0.0, 0.0], 0)
    >>> low = Trial(np.array([100.0]), np.array([50.0]), np.array([100.0]))
    >>> correction([low] * 4, 1).weight < 0.2
    True
    """
    if not trials:
        return Correction(0.5, np.zeros(groups), PRIOR, PRIOR, 0)
    off = {name: [_off(trial.actual, getattr(trial, name)) for trial in trials] for name in ("deals", "rate")}
    errors = {name: PRIOR_WEIGHT * PRIOR**2 + np.nansum(np.square(rows)) for name, rows in off.items()}
    counts = {name: PRIOR_WEIGHT + np.isfinite(rows).sum() for name, rows in off.items()}
    sharp = {name: counts[name] / errors[name] for name in off}
    weight = float(sharp["deals"] / (sharp["deals"] + sharp["rate"]))
    rows = np.array([_off(trial.actual, weight * trial.deals + (1 - weight) * trial.rate) for trial in trials])
    rows = rows[np.isfinite(rows).any(axis=1)]
    if not len(rows):
        return Correction(weight, np.zeros(groups), PRIOR, PRIOR, 0)
    company = np.nanmean(rows) * len(rows) / (len(rows) + SHRINKING)
    known = np.isfinite(rows).sum(axis=0)
    bias = company + np.nansum(rows - company, axis=0) / (known + SHRINKING)
    by_period = np.nanmean(rows, axis=1) - company
    shared = np.sqrt(((by_period**2).sum() + PRIOR_WEIGHT * PRIOR**2 / 2) / (len(rows) + PRIOR_WEIGHT))
    rest = (rows - bias - by_period[:, None])[np.isfinite(rows)]
    own = np.sqrt(((rest**2).sum() + PRIOR_WEIGHT * PRIOR**2) / (len(rest) + PRIOR_WEIGHT))
    return Correction(weight, bias, float(shared), float(own), len(rows))


def _off(actual: Floats, expected: Floats) -> Floats:
    """The log of what came over what was expected; nan where nothing was expected."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(expected > 0, np.log(np.maximum(actual, LEAST * expected) / expected), np.nan)


def combined(deals: Floats, rate: Floats, learned: Correction, *, seed: int = 0) -> Floats:
    """(paths, groups, days): the two parts as one, corrected and widened by what earlier periods taught.

    The deals' paths are moved to the mean that both parts agree on by their weights; how far it may be missed is what earlier
    periods taught, so that the run-rate's own spread is not counted on top. Where no deals bring anything, its paths stand.
    The shared part of the error is the same for all groups of a path.
    """
    random = np.random.default_rng(seed)
    expected, usual = deals[:, :, -1].mean(axis=0), rate[:, :, -1].mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = learned.weight + (1 - learned.weight) * np.where(expected > 0, usual / expected, 1.0)
    mixed = np.where(expected[:, None] > 0, deals * moved[:, None], rate)
    shared = random.normal(0, learned.shared, (len(deals), 1))
    own = random.normal(0, learned.own, mixed.shape[:2])
    return np.asarray(mixed * np.exp(learned.bias + shared + own)[:, :, None])
