"""Where a monthly series is heading, and how sure that is: the ground under every outlook of a goal.

Two plain methods, averaged, beat most elaborate ones on thousands of business series. No single method was best everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

ALPHAS = np.linspace(0.02, 0.98, 13)
# level, trend as a share of the level's, damping: all combinations are run at once, side by side
GRID = np.array(list(product(np.linspace(0.05, 0.95, 7), (0.0, 0.05, 0.2, 0.5), (0.8, 0.9, 0.97)))).T
SEASON_Z = 1.645
FEWEST = 4
FITTED = 4  # what each method takes from the series: level, trend and how fast they learn


@dataclass(frozen=True)
class Forecast:
    """The expected course and simulated ones: `mean` (horizon,), `paths` (paths, horizon)."""

    mean: Floats
    paths: Floats

    def interval(self, share: float = 0.8) -> tuple[Floats, Floats]:
        """The middle `share` of the paths: low and high, each (horizon,).

        >>> low, high = forecast([3, 4, 5, 4, 3, 4, 5, 4], 2).interval(0.8)
        >>> bool((low < high).all())
        True
        """
        low, high = np.quantile(self.paths, [(1 - share) / 2, (1 + share) / 2], axis=0)
        return low, high


def forecast(history: ArrayLike, horizon: int, season: int = 12, paths: int = 500, seed: int = 0) -> Forecast:
    """How a series of equal periods goes on.

    The mean of the Theta method and of exponential smoothing with a damped trend, both on the series without its season
    (multiplicative where all values are positive, else additive; none unless the series shows one). The paths add up
    errors drawn from those the two would have made one step ahead; a path is one possible future, so sums and maxima over
    several periods can be read from the paths, never from intervals.

    Parameters
    ----------
    history : values of finished periods, oldest first, (n,); finite
    horizon : periods to look ahead, at least 1
    season : periods of a season, 12 for months; 1 for none
    paths : how many futures to draw
    seed : the same seed gives the same paths

    Returns
    -------
    Forecast; where the history was never negative, neither is it. Fewer than four values: their mean, with paths drawn
    from them. No history: zeros.

    Raises
    ------
    ValueError : values that are not finite, a horizon below 1

    Source: V. Assimakopoulos & K. Nikolopoulos, “The theta model”, IJF 16 (2000); R. Hyndman & B. Billah, “Unmasking the
    Theta method”, IJF 19 (2003); E. Gardner & E. McKenzie, “Forecasting trends in time series”, Management Science 31
    (1985); the plain average of such methods: S. Makridakis & M. Hibon, “The M3-Competition”, IJF 16 (2000).

    >>> forecast([10.0] * 24, 3).mean.round(6).tolist()
    [10.0, 10.0, 10.0]
    >>> forecast(np.arange(1, 37) * 2.0, 2).mean.round(0).tolist()
    [73.0, 75.0]
    >>> forecast([], 2).mean.tolist()
    [0.0, 0.0]
    """
    values = np.asarray(history, dtype=float)
    if horizon < 1 or not np.isfinite(values).all():
        raise ValueError("A forecast needs a horizon of at least 1 and a history of finite numbers")
    random = np.random.default_rng(seed)
    if len(values) < FEWEST:
        return _from_little(values, horizon, paths, random)
    pattern, multiplies = _season(values, season)
    when = pattern[np.arange(len(values) + horizon) % len(pattern)]
    plain = values / when[: len(values)] if multiplies else values - when[: len(values)]
    ahead = when[len(values) :]
    fitted = FITTED + len(pattern) - 1
    whole = [part * ahead if multiplies else part + ahead for part in _plain(plain, horizon, paths, random, fitted)]
    floor = 0.0 if (values >= 0).all() else -np.inf
    return Forecast(*(np.maximum(part, floor) for part in whole))


def _from_little(values: Floats, horizon: int, paths: int, random: np.random.Generator) -> Forecast:
    known = values if len(values) else np.zeros(1)
    return Forecast(np.full(horizon, known.mean()), random.choice(known, (paths, horizon)))


def _season(values: Floats, season: int) -> tuple[Floats, bool]:
    """The pattern of one season, from the first value on, and whether it multiplies; a flat one where none is seen."""
    multiplies = bool((values > 0).all())
    flat = np.ones(1) if multiplies else np.zeros(1)
    if season < 2 or len(values) < 2 * season + 1 or not _is_seasonal(values, season):
        return flat, multiplies
    weights = np.r_[0.5, np.ones(season - 1), 0.5] / season if season % 2 == 0 else np.ones(season) / season
    trend = np.convolve(values, weights, "valid")
    first = (len(weights) - 1) // 2
    inner = values[first : first + len(trend)]
    off = inner / trend if multiplies else inner - trend
    phase = (first + np.arange(len(trend))) % season
    pattern = np.array([np.median(off[phase == month]) for month in range(season)])
    return (pattern / pattern.mean() if multiplies else pattern - pattern.mean()), multiplies


def _is_seasonal(values: Floats, season: int) -> bool:
    """Whether values a season apart resemble each other more than chance would have it (90 % test on autocorrelation)."""
    centred = values - values.mean()
    power = float(centred @ centred)
    if not power:
        return False
    lags = np.array([centred[lag:] @ centred[:-lag] for lag in range(1, season + 1)]) / power
    return bool(abs(lags[-1]) > SEASON_Z * np.sqrt((1 + 2 * (lags[:-1] ** 2).sum()) / len(values)))


def _plain(values: Floats, horizon: int, paths: int, random: np.random.Generator, fitted: int) -> tuple[Floats, Floats]:
    """Mean and paths of a series without season: two methods, averaged in their means, errors and memories."""
    means, errors, memories = zip(*(method(values, horizon) for method in (_theta, _damped)), strict=True)
    mean = np.mean(means, axis=0)
    error = np.mean(errors, axis=0)[1:]
    drawn = _drawn(error, (paths, horizon), random) * _widening(len(values), fitted)
    memory = np.mean(memories, axis=0)
    lag = np.subtract.outer(np.arange(horizon), np.arange(horizon))
    spread = np.where(lag >= 0, memory[np.maximum(lag, 0)], 0.0)
    return mean, mean + drawn @ spread.T


def _drawn(error: Floats, shape: tuple[int, int], random: np.random.Generator) -> Floats:
    """Errors like those that were made, and between and a little beyond them: few were seen, the next may be worse."""
    centred = error - error.mean()
    quarter, three_quarters = np.quantile(centred, [0.25, 0.75])
    bandwidth = min(centred.std(), (three_quarters - quarter) / 1.349) * len(error) ** -0.2
    return random.choice(centred, shape) + random.normal(0.0, bandwidth, shape)


def _widening(n: int, fitted: int) -> float:
    """Errors on the values a method learned from are too small: as if `fitted` values fewer had been seen."""
    return float(np.sqrt(n / max(n - fitted, n / 3)))


def _theta(values: Floats, horizon: int) -> tuple[Floats, Floats, Floats]:
    """Simple smoothing with half the slope of the straight line through the series."""
    n = len(values)
    drift = np.polyfit(np.arange(n), values, 1)[0] / 2
    level, error = np.full(len(ALPHAS), values[0]), np.zeros((n, len(ALPHAS)))
    for step, value in enumerate(values):
        error[step] = value - level - drift
        level = level + ALPHAS * (value - level)
    best = int(np.argmin((error[1:] ** 2).sum(axis=0)))
    alpha = ALPHAS[best]
    ahead = np.arange(horizon) + (1 - (1 - alpha) ** n) / alpha
    return level[best] + drift * ahead, error[:, best], np.r_[1.0, np.full(horizon - 1, alpha)]


def _damped(values: Floats, horizon: int) -> tuple[Floats, Floats, Floats]:
    """Smoothing of level and trend, the trend fading with each step ahead."""
    alpha, share, phi = GRID
    beta = alpha * share
    start = min(len(values), 12)
    slope, level_0 = np.polyfit(np.arange(start), values[:start], 1)
    level, trend = np.full(alpha.shape, level_0 - slope), np.full(alpha.shape, slope)
    error = np.zeros((len(values), len(alpha)))
    for step, value in enumerate(values):
        faded = phi * trend
        miss = value - level - faded
        error[step] = miss
        level, trend = level + faded + alpha * miss, faded + beta * miss
    best = int(np.argmin((error**2).sum(axis=0)))
    fading = np.cumsum(phi[best] ** np.arange(1, horizon + 1))
    memory = np.r_[1.0, alpha[best] + beta[best] * fading[: horizon - 1]]
    return level[best] + trend[best] * fading, error[:, best], memory
