"""What a customer will still buy: BG/NBD for how often, Gamma-Gamma for how much, both by maximum likelihood.

Both models know a customer by four numbers (`summarise`). Customers with equal numbers share one term of the likelihood, so
that a million of them cost little more than the few ten thousand combinations that they fall into. When the models do not
fit a company, crm/insight/customer_value.py says so and takes the run-rate instead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm.errors import Refused
from crm.insight.likelihoods import BgNbdCost, GammaGammaCost, distinct, least
from crm.insight.purchase_days import UNIT_DAYS, Floats, Integers
from crm.insight.purchase_days import summarise as summarise  # what both models are fitted to

MONTH_DAYS = UNIT_DAYS["M"]
NEAR_ONE = 1e-6
AVERAGED = 400


@dataclass(frozen=True)
class BgNbd:
    """How often customers buy, and when they stop: the fitted BG/NBD model.

    It assumes that

    1. while active, a customer buys at random moments at an own rate;
    2. the rates differ between customers as a gamma distribution of shape `r` and scale 1 / `alpha` (`alpha` is a time);
    3. after each purchase the customer stops for good with an own chance;
    4. the chances differ as a beta distribution of `a` and `b`;
    5. rate and chance are independent.

    Nobody stops before the first repeat purchase, so `alive` is 1 for everyone who bought once: never rank by it.

    Source: Fader, Hardie & Lee, “‘Counting your customers’ the easy way”, Marketing Science 24 (2005).
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float

    def expected_purchases(self, summary: pd.DataFrame, periods: float) -> Floats:
        """How many purchases each customer will make in the coming `periods`, given all that they did.

        Parameters
        ----------
        summary : what `summarise` gave, in the unit of time of the fit
        periods : how far ahead, in that unit, from 0

        Returns
        -------
        array of the length of `summary`, 0 …

        Equation (10) of the source, after Euler's transformation of the hypergeometric function: the power that would
        overflow for frequent customers cancels, and what remains is close to 1 for them.

        Source: Fader, Hardie & Lee (2005), equation 10; Abramowitz & Stegun 15.3.3.

        >>> ann = pd.DataFrame({"frequency": [2], "recency": [30.43], "age": [38.86]})
        >>> BgNbd(0.243, 4.414, 0.793, 2.426, 0).expected_purchases(ann, 39).round(3)
        array([1.226])
        """
        ahead, place = self._if_active(summary, np.array([float(periods)]))
        return np.asarray(ahead[0][place] * self.alive(summary))

    def _if_active(self, summary: pd.DataFrame, periods: Floats) -> tuple[Floats, Integers]:
        """Expected purchases up to each of `periods` (the rows) for each pair of frequency and age, and each customer's pair.

        Of these pairs there are few, and only `alive` knows the recency too.
        """
        from scipy.special import hyp2f1

        pairs, place = distinct(summary[["frequency", "age"]])
        x, age = pairs.T
        a = self.a if abs(self.a - 1) > NEAR_ONE else 1 + NEAR_ONE  # at 1 it is the limit from either side
        left = (self.alpha + age) / (self.alpha + age + np.maximum(periods, 0)[:, None])
        rest = hyp2f1(a + self.b - 1 - self.r, a - 1, a + self.b + x - 1, 1 - left)
        ahead = (a + self.b + x - 1) / (a - 1) * (1 - left ** (a - 1) * rest)
        most = (self.r + x) * (1 / left - 1)  # if nobody ever stopped
        lost = ~((ahead >= 0) & (ahead <= most * (1 + NEAR_ONE)))
        if lost.any():
            counts = np.broadcast_to(x, lost.shape)[lost]
            ahead[lost] = self._averaged(counts, (1 / left - 1)[lost])
        return ahead, place

    def _averaged(self, x: Floats, stretch: Floats) -> Floats:
        """The same as `_if_active` where its series finds no end: a mean over equal shares of the chances to stop.

        Of an active customer the rate is gamma (r + x, alpha + age) and the chance beta (a, b + x); `stretch` is the time
        ahead as a multiple of alpha + age.
        """
        from scipy.special import betaincinv

        shares = (np.arange(AVERAGED) + 0.5) / AVERAGED
        chance = np.maximum(betaincinv(self.a, self.b + x[:, None], shares), np.finfo("float64").tiny)
        power = (self.r + x)[:, None]
        return np.asarray((-np.expm1(-power * np.log1p(chance * stretch[:, None])) / chance).mean(axis=1))

    def discounted_purchases(self, summary: pd.DataFrame, months: int, discount: float, unit: str = "W") -> Floats:
        """Expected purchases of the coming months, those of a later month counting less: see `lifetime_value`."""
        ends = np.arange(1.0, months + 1) * (MONTH_DAYS / UNIT_DAYS[unit])
        ahead, place = self._if_active(summary, ends)
        return np.asarray(discounted(np.diff(ahead, axis=0, prepend=0.0), discount)[place] * self.alive(summary))

    def alive(self, summary: pd.DataFrame) -> Floats:
        """The chance that each customer has not stopped for good, 0–1; 1 by construction after a single purchase.

        Source: Fader, Hardie & Lee (2005); as in Fader & Hardie, “Computing P(alive) using the BG/NBD model” (2008).

        >>> two = pd.DataFrame({"frequency": [0, 2], "recency": [0, 10.0], "age": [38.86, 38.86]})
        >>> BgNbd(0.243, 4.414, 0.793, 2.426, 0).alive(two).round(3)
        array([1.   , 0.268])
        """
        x, recency, age = (summary[name].to_numpy("float64") for name in ("frequency", "recency", "age"))
        with np.errstate(divide="ignore", over="ignore"):
            log_odds = np.log(self.a) - np.log(np.maximum(self.b + x - 1, 0))
            log_odds += (self.r + x) * (np.log(self.alpha + age) - np.log(self.alpha + recency))
            return np.asarray(1 / (1 + np.where(x > 0, np.exp(log_odds), 0.0)))


def fit_bg_nbd(summary: pd.DataFrame) -> BgNbd:
    """Find the BG/NBD model under which what customers did was most likely.

    Parameters
    ----------
    summary : what `summarise` gave; `frequency`, `recency`, `age` are read

    Returns
    -------
    the model with its log-likelihood (without the constant that Fader, Hardie & Lee leave out too)

    Raises
    ------
    Refused : nobody has bought twice, or all bought on the last day: there is no time to learn from

    The fit on whole units of time, where few combinations are left, finds the place; the exact one then ends within a few
    steps.

    Source: Fader, Hardie & Lee (2005), equation 6.

    >>> made = pd.DataFrame({"frequency": [0, 1, 2, 0, 5], "recency": [0, 3, 9, 0, 8], "age": [10, 9, 10, 4, 10.0]})
    >>> fit_bg_nbd(made).log_likelihood > fit_bg_nbd(made.head(4)).log_likelihood - 30
    True
    """
    known = summary[["frequency", "recency", "age"]].to_numpy("float64")
    if not len(known) or known[:, 0].max() < 1 or known[:, 2].max() <= 0:
        raise Refused("Too few to say: nobody has bought on two different days yet.")
    rate = known[:, 0].sum() / known[:, 2].sum()
    start = np.log([1.0, 1 / rate, 1.0, 1.0])
    whole = np.column_stack([known[:, 0], np.minimum(np.rint(known[:, 1:2]), np.rint(known[:, 2:])), np.rint(known[:, 2:])])
    log_parameters = start
    for rows in (whole, known):
        log_parameters, cost = least(BgNbdCost(rows), log_parameters)
    r, alpha, a, b = np.exp(log_parameters).tolist()
    return BgNbd(r, alpha, a, b, log_likelihood=-cost)


@dataclass(frozen=True)
class GammaGamma:
    """How much customers spend at a purchase: the fitted Gamma-Gamma model.

    It assumes that

    1. a customer's amounts vary at random around an own mean, as a gamma distribution of shape `p`;
    2. the means differ between customers (gamma of shape `q` and scale `gamma`), but hardly change in time;
    3. how much is independent of how often.

    Source: Fader & Hardie, “The Gamma-Gamma model of monetary value” (2013).
    """

    p: float
    q: float
    gamma: float
    log_likelihood: float

    def expected_amount(self, summary: pd.DataFrame) -> Floats:
        """The mean amount that each customer's future purchases will have: the own mean, drawn to everybody's.

        The fewer repeat purchases, the nearer to everybody's mean; without any it is that. Not a number where the company
        as a whole has no finite mean (q up to 1).

        Source: Fader & Hardie (2013), equation 5.

        >>> two = pd.DataFrame({"frequency": [0, 5], "mean_amount": [None, 80.0]})
        >>> GammaGamma(6.25, 3.74, 15.44, 0).expected_amount(two).round(2)
        array([35.22, 76.39])
        """
        if self.q <= 1:
            return np.full(len(summary), np.nan)
        mean = summary["mean_amount"].to_numpy("float64")
        x = np.where(np.nan_to_num(mean) > 0, summary["frequency"].to_numpy("float64"), 0.0)
        return np.asarray(self.p * (self.gamma + x * np.nan_to_num(mean)) / (self.p * x + self.q - 1))


def fit_gamma_gamma(summary: pd.DataFrame) -> GammaGamma:
    """Find the Gamma-Gamma model under which the mean amounts of customers with repeat purchases were most likely.

    Parameters
    ----------
    summary : what `summarise` gave; `frequency` and `mean_amount` are read, customers without a repeat purchase or with a
        mean of 0 or less are left out

    Raises
    ------
    Refused : fewer than two such customers

    Source: Fader & Hardie (2013), equation 1a.

    >>> made = pd.DataFrame({"frequency": [1, 2, 4, 3], "mean_amount": [20.0, 35.0, 30.0, 90.0]})
    >>> bool(fit_gamma_gamma(made).p > 0)
    True
    """
    used = summary[(summary["frequency"] > 0) & (summary["mean_amount"] > 0)]
    if len(used) < 2:
        raise Refused("Too few to say: fewer than two customers have bought on two different days.")
    x, mean = used["frequency"].to_numpy("float64"), used["mean_amount"].to_numpy("float64")
    scale = float(np.median(mean))  # gamma is an amount: found in units of the usual one
    found, cost = least(GammaGammaCost(x, mean / scale), np.log([2.0, 2.0, 1.0]))
    p, q, gamma = np.exp(found).tolist()
    return GammaGamma(p, q, gamma * scale, log_likelihood=-cost - len(used) * float(np.log(scale)))


def lifetime_value(
    purchases: BgNbd, amounts: GammaGamma, summary: pd.DataFrame, *, months: int = 12, discount: float = 0.01, unit: str = "W"
) -> Floats:
    """What each customer will still bring over the coming months, in today's money.

    Expected purchases of each month × expected amount, discounted once a month. What was spent already is not in it.

    Parameters
    ----------
    purchases, amounts : the two fitted models
    summary : what `summarise` gave
    months : the horizon, from 1
    discount : a month, as a share: 0.01 makes a purchase in 12 months worth 89 % of one today
    unit : the unit of time of `summary`

    Returns
    -------
    array of amounts of the length of `summary`

    Source: Fader, Hardie & Lee, “RFM and CLV: using iso-value curves”, Journal of Marketing Research 42 (2005).

    >>> ann = pd.DataFrame({"frequency": [5], "recency": [30.0], "age": [38.86], "mean_amount": [80.0]})
    >>> bg, gg = BgNbd(0.243, 4.414, 0.793, 2.426, 0), GammaGamma(6.25, 3.74, 15.44, 0)
    >>> undiscounted = bg.expected_purchases(ann, 12 * MONTH_DAYS / 7) * gg.expected_amount(ann)
    >>> bool(np.isclose(lifetime_value(bg, gg, ann, discount=0), undiscounted))
    True
    >>> lifetime_value(bg, gg, ann).round()
    array([246.])
    """
    expected = purchases.discounted_purchases(summary, months, discount, unit)
    return np.asarray(expected * amounts.expected_amount(summary))


def discounted(each_month: Floats, discount: float) -> Floats:
    """The sum over months (the rows) of what each brings, in today's money.

    >>> discounted(np.array([[101.0], [0.0]]), 0.01)
    array([100.])
    """
    return np.asarray((1 + discount) ** -np.arange(1.0, len(each_month) + 1) @ each_month)
