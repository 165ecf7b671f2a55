"""How unlikely what customers did is under given parameters, with the slopes that lead to the likeliest ones.

Both costs are over the logarithms of the parameters, which must be positive. Customers who did the same are one row.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from crm.insight.purchase_days import Floats, Integers

EDGE = 12.0  # parameters are sought between e^-12 and e^12


class BgNbdCost:
    """The negative log-likelihood of r, alpha, a and b, with its gradient: Fader, Hardie & Lee (2005), equation 6."""

    def __init__(self, known: Floats) -> None:
        rows, place = distinct(pd.DataFrame(known, columns=["frequency", "recency", "age"]))
        count = self._count = np.bincount(place).astype("float64")
        self._x, self._recency, self._age = rows.T
        self._repeats = self._x > 0
        # What depends on the frequency alone is computed once a frequency.
        self._xs, place = np.unique(self._x, return_inverse=True)
        self._xs_count = np.bincount(place, weights=count)

    def __call__(self, log_parameters: Floats) -> tuple[float, Floats]:
        r, alpha, a, b = np.exp(log_parameters)
        value, gradient = self._by_frequency(r, alpha, a, b)
        more_value, more_gradient = self._by_time(r, alpha, a, b)
        return -(value + more_value), -(gradient + more_gradient) * np.exp(log_parameters)

    def _by_frequency(self, r: float, alpha: float, a: float, b: float) -> tuple[float, Floats]:
        from scipy.special import betaln, gammaln, psi

        x, count = self._xs, self._xs_count
        value = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b)
        gone = psi(a + b) - psi(a + b + x)
        slopes = [psi(r + x) - psi(r) + np.log(alpha), np.full_like(x, r / alpha), gone, gone + psi(b + x) - psi(b)]
        return float(count @ value), np.array([count @ slope for slope in slopes])

    def _by_time(self, r: float, alpha: float, a: float, b: float) -> tuple[float, Floats]:
        """The last factor: still active at the end, or gone right after the last purchase."""
        power = r + self._x
        age, recency = np.log(alpha + self._age), np.log(alpha + self._recency)
        left = np.where(self._repeats, b + self._x - 1, 1.0)
        active, gone = -power * age, np.where(self._repeats, np.log(a / left) - power * recency, -np.inf)
        total = np.logaddexp(active, gone)
        share = np.exp(gone - total)
        slopes = [
            -((1 - share) * age + share * recency),
            -power * ((1 - share) / (alpha + self._age) + share / (alpha + self._recency)),
            share / a,
            -share / left,
        ]
        return float(self._count @ total), np.array([self._count @ slope for slope in slopes])


class GammaGammaCost:
    """The negative log-likelihood of p, q and gamma, with its gradient: Fader & Hardie (2013), equation 1a."""

    def __init__(self, x: Floats, mean: Floats) -> None:
        self._x, self._total = x, x * mean
        self._xs, place = np.unique(x, return_inverse=True)
        self._xs_count = np.bincount(place).astype("float64")
        self._log_mean, self._x_log_total = float(np.log(mean).sum()), float(x @ np.log(self._total))

    def __call__(self, log_parameters: Floats) -> tuple[float, Floats]:
        from scipy.special import gammaln, psi

        p, q, gamma = np.exp(log_parameters)
        xs, count, n = self._xs, self._xs_count, len(self._x)
        power, whole = p * self._x + q, gamma + self._total
        spread = np.log(whole)
        value = count @ (gammaln(p * xs + q) - gammaln(p * xs)) + n * (q * np.log(gamma) - gammaln(q))
        value += p * self._x_log_total - self._log_mean - power @ spread
        both = psi(p * xs + q)
        slopes = [
            count @ (xs * (both - psi(p * xs))) + self._x_log_total - self._x @ spread,
            count @ both + n * (np.log(gamma) - psi(q)) - spread.sum(),
            n * q / gamma - (power / whole).sum(),
        ]
        return -float(value), -np.array(slopes) * np.exp(log_parameters)


class GammaPoissonCost:
    """The negative log-likelihood of a gamma distribution of rates (shape, time), given counts and how long each was seen.

    Source: Greenwood & Yule, “An inquiry into the nature of frequency distributions”, JRSS 83 (1920).
    """

    def __init__(self, counts: Floats, seen: Floats) -> None:
        self._counts, self._seen = counts, seen

    def __call__(self, log_parameters: Floats) -> tuple[float, Floats]:
        from scipy.special import gammaln, psi

        shape, time = np.exp(log_parameters)
        power, whole = shape + self._counts, time + self._seen
        value = (gammaln(power) - power * np.log(whole)).sum() + len(power) * (shape * np.log(time) - gammaln(shape))
        slopes = [
            (psi(power) - np.log(whole)).sum() + len(power) * (np.log(time) - psi(shape)),
            len(power) * shape / time - (power / whole).sum(),
        ]
        return -float(value), -np.array(slopes) * np.exp(log_parameters)


def distinct(frame: pd.DataFrame) -> tuple[Floats, Integers]:
    """The different rows of a frame, and for each of its rows the place among them."""
    place = frame.groupby(list(frame.columns), sort=False).ngroup().to_numpy()
    _, first = np.unique(place, return_index=True)
    return frame.to_numpy("float64")[first], place


def least(cost: Any, start: Floats) -> tuple[Floats, float]:
    """Where the cost over logarithms of parameters is least, and how much it is there."""
    from scipy.optimize import minimize

    found = minimize(
        cost,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(-EDGE, EDGE)] * len(start),
        options={"maxiter": 500, "ftol": 1e-12, "gtol": 1e-6},
    )
    return np.asarray(found.x), float(found.fun)
