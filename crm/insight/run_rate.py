"""What customers will still bring where the models of lifetime_value.py do not hold: their own pace, drawn to everybody's.

Regular buyers, as under a contract, or few sales: then no model of chance can be told from the data. What remains is how
often and how much each customer bought, with as much of everybody's average in it as there is little of the customer's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from crm.insight.likelihoods import GammaPoissonCost, least
from crm.insight.purchase_days import Floats, Integers, PurchaseDays, day_number, mean_by
from crm.insight.regularity import median_by

SHORTEST_SILENCE, MANY_GAPS = 90.0, 3.0


@dataclass(frozen=True)
class RunRate:
    """Purchases a day of each customer, the chance that they still buy, and the amount of a purchase.

    `shape` and `days` are the gamma distribution of everybody's rates: an own history as long as `days` counts as much as
    everybody's. `own_purchases` is how many purchases of one's own count as much as everybody's mean amount. `back_share`
    is how often a silence as long as that of a lapsed customer ended with a purchase, `daily_loss` the chance a day that an
    active customer stops.
    """

    daily_purchases: Floats
    active_share: Floats
    amount: Floats
    shape: float
    days: float
    own_purchases: float
    back_share: float
    daily_loss: float

    def expected_purchases(self, days: float) -> Floats:
        """How many purchases each customer will make in the coming days, some stopping on the way.

        >>> steady = RunRate(np.array([0.1]), np.array([1.0]), np.array([5.0]), 1, 1, 1, 0.5, daily_loss=0.0)
        >>> steady.expected_purchases(30)
        array([3.])
        """
        lasting = -np.expm1(-self.daily_loss * days) / self.daily_loss if self.daily_loss else days
        return np.asarray(self.daily_purchases * self.active_share * lasting)


def run_rate(days: PurchaseDays, until: date) -> RunRate:
    """The pace of each customer, shrunk to everybody's.

    - How often: repeat purchases are Poisson at an own rate, the rates differ as a gamma distribution fitted to all; each
      customer's is its mean after what was seen (empirical Bayes). Time counts from the first purchase to the last and the
      silence after it, up to the length from which a customer is lapsed: 90 days, or 3 usual gaps if that is longer.
    - Whether: a lapsed customer counts with the share of silences that long which ended with a purchase; the others stop
      as often as customers have stopped so far.
    - How much: the mean of the own purchases and everybody's, weighted by credibility.

    Source: Robbins, “An empirical Bayes approach to statistics” (1956); Bühlmann, “Experience rating and credibility”
    (1967).

    >>> both = np.repeat([0, 1], 6)
    >>> made = PurchaseDays(np.array(["Ann", "Bo"]), both, np.tile(np.arange(0, 180, 30), 2), 10.0 + 90 * both)
    >>> found = run_rate(made, date(1970, 6, 1))
    >>> found.expected_purchases(30).round(2), found.amount.round()
    (array([0.99, 0.99]), array([ 10., 100.]))
    """
    counts = days.counts
    first, last = days.day[days.firsts], days.day[days.firsts + counts - 1]
    limit = _limits(days)
    silence = day_number(until) - last
    seen = last - first + np.minimum(silence, limit)
    shape, pooled = _rates((counts - 1).astype("float64"), seen)
    back = _back_share(days, limit, silence)
    amount, own = credible_means(days)
    return RunRate(
        daily_purchases=(shape + counts - 1) / (pooled + seen),
        active_share=np.where(silence > limit, back, 1.0),
        amount=amount,
        shape=shape,
        days=pooled,
        own_purchases=own,
        back_share=back,
        daily_loss=float((silence > limit).sum() * (1 - back) / max(seen.sum(), 1.0)),
    )


def _limits(days: PurchaseDays) -> Floats:
    """After how many silent days each customer is lapsed; who has no gap yet is taken for an average one."""
    gaps, place = days.gaps()
    usual = median_by(place, gaps, len(days.customers))
    everybody = float(np.nanmedian(usual)) if len(gaps) else 0.0
    return np.maximum(SHORTEST_SILENCE, MANY_GAPS * np.where(np.isnan(usual), everybody, usual))


def _rates(repeats: Floats, seen: Floats) -> tuple[float, float]:
    """The gamma distribution of purchases a day, by maximum likelihood: its shape and its time."""
    usual = seen.sum() / max(repeats.sum(), 1.0)
    found, _ = least(GammaPoissonCost(repeats, seen / usual), np.zeros(2))
    shape, time = np.exp(found).tolist()
    return shape, float(time * usual)


def _back_share(days: PurchaseDays, limit: Floats, silence: Floats) -> float:
    """Of the silences that grew longer than their customer's limit, the share that ended with a purchase; a half at first."""
    gaps, place = days.gaps()
    ended, open_ones = int((gaps > limit[place]).sum()), int((silence > limit).sum())
    return (ended + 0.5) / (ended + open_ones + 1)


def credible_means(days: PurchaseDays) -> tuple[Floats, float]:
    """Each customer's mean amount, drawn to everybody's, and how many own purchases weigh as much as everybody's.

    The weight of an own mean over n purchases is n / (n + k), where k is how much the amounts of one customer vary,
    divided by how much customers differ. Amounts of one customer vary in proportion to their mean: who buys for thousands
    varies by hundreds.

    Source: Bühlmann (1967), with a variance within customers of c × mean².

    >>> alike = PurchaseDays(np.array(["Ann", "Bo"]), np.array([0, 0, 1, 1]), np.arange(4), np.array([1.0, 9, 2, 8]))
    >>> credible_means(alike)
    (array([5., 5.]), inf)
    """
    known = ~np.isnan(days.amount)
    place, amount, size = days.place[known], days.amount[known], len(days.customers)
    n = np.bincount(place, minlength=size).astype("float64")
    mean = np.nan_to_num(mean_by(place, amount, size))
    theirs = mean[n > 0]
    everybody = float(theirs.mean()) if len(theirs) else 0.0
    within = _relative_variance(place, amount, mean, n)
    chance = within * theirs**2 / np.maximum(n[n > 0] + within, 1)  # what differs between means by chance alone
    between = float(theirs.var(ddof=1) - chance.mean()) if len(theirs) > 1 else 0.0
    own = within * (everybody**2 + between) / between if between > 0 else np.inf
    weight = n / (n + own) if np.isfinite(own) else np.zeros(size)
    return np.asarray(weight * mean + (1 - weight) * everybody), float(own)


def _relative_variance(place: Integers, amount: Floats, mean: Floats, n: Floats) -> float:
    """How much a customer's amounts vary, as a share of the square of their mean; 1 where nobody has two."""
    several = (n[place] > 1) & (mean[place] > 0)
    freedom = float((n[(n > 1) & (mean > 0)] - 1).sum())
    return float(((amount[several] / mean[place][several] - 1) ** 2).sum() / freedom) if freedom else 1.0
