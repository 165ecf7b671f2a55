"""What each customer will bring in the coming months: by the models where they hold, else by the run-rate, and why in words.

The models assume random moments of purchase, enough customers who came back, and amounts that have nothing to do with how
often somebody buys. Each of these is checked on the company's own purchases first; the first that fails is said.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from crm.errors import Refused
from crm.insight.lifetime_value import MONTH_DAYS, discounted, fit_bg_nbd, fit_gamma_gamma, lifetime_value
from crm.insight.purchase_days import UNIT_DAYS, Floats, PurchaseDays, day_number, purchase_days, summary_of
from crm.insight.regularity import median_by, regularity
from crm.insight.run_rate import run_rate

MODEL, RUN_RATE, NONE = "model", "run_rate", "none"
FEWEST_BUYERS, FEWEST_DAYS, FEWEST_REPEATERS = 5, 30, 50
# On simulated regular buyers the run-rate came nearer to what they bought from a shape of 3 to 4 on, the models below.
MOST_REGULAR, MOST_CORRELATED, MOST_INFLATED = 3.0, 0.4, 2.0
COLUMNS = ("frequency", "usual_gap_days", "active_share", "expected_purchases", "expected_amount", "value_amount")


@dataclass(frozen=True)
class Valuation:
    """What customers are worth: how it was found out and why so, one row per customer, and what was learned on the way.

    `customers` (by customer): `frequency` repeat purchases, `usual_gap_days` (missing up to two gaps), `active_share`,
    `expected_purchases` and `value_amount` over the horizon, `expected_amount` of a purchase. Empty where it is too early.
    """

    method: str
    reason: str
    customers: pd.DataFrame
    parameters: dict[str, float] = field(default_factory=dict)


class _Unfit(Exception):
    """Why the models do not hold, in words."""


def value_customers(purchases: pd.DataFrame, until: date, months: int = 12, discount: float = 0.01) -> Valuation:
    """What each customer who has bought will bring in the months after `until`, in today's money.

    Parameters
    ----------
    purchases : columns `customer`, `date` (days or instants), `amount`; returns negative
    until : the last day that is seen
    months : the horizon, from 1
    discount : a month, as a share from 0

    Returns
    -------
    a `Valuation`; where there is too little to learn from, its `reason` says so and it has no customers

    Source: lifetime_value.py and run_rate.py name the sources of each method.

    >>> nothing = pd.DataFrame({"customer": [], "date": [], "amount": []})
    >>> value_customers(nothing, date(2025, 12, 31)).reason
    'Too few to say: nobody has bought anything by 31 Dec 2025.'
    """
    days = purchase_days(purchases, until)
    too_few = _too_few(days, until)
    if too_few:
        return Valuation(NONE, too_few, pd.DataFrame(columns=list(COLUMNS), index=pd.Index([], name="customer"), dtype="float64"))
    try:
        return _by_model(days, until, months, discount)
    except (_Unfit, Refused) as unfit:
        return _by_run_rate(days, until, months, discount, str(unfit))


def _too_few(days: PurchaseDays, until: date) -> str | None:
    buyers, repeaters = len(days.customers), int((days.counts > 1).sum())
    if not buyers:
        return f"Too few to say: nobody has bought anything by {until:%d %b %Y}."
    if buyers < FEWEST_BUYERS:
        count = "1 customer has" if buyers == 1 else f"{buyers} customers have"
        return f"Too few to say: {count} bought by {until:%d %b %Y}, at least {FEWEST_BUYERS} are needed."
    if not repeaters:
        return f"Too few to say: of {buyers:,} customers nobody has bought on a second day by {until:%d %b %Y}."
    history = day_number(until) - int(days.day.min())
    if history < FEWEST_DAYS:
        return f"Too few to say: at {until:%d %b %Y} the first purchase is {history} days old; {FEWEST_DAYS} are needed."
    if not np.nansum(days.amount) > 0:
        return "Too few to say: all that was bought was free or was returned."
    return None


def _by_model(days: PurchaseDays, until: date, months: int, discount: float) -> Valuation:
    summary = summary_of(days, until)
    _check(days, summary)
    purchases, amounts = fit_bg_nbd(summary), fit_gamma_gamma(summary)
    _check_mean(amounts.p * amounts.gamma / (amounts.q - 1) if amounts.q > 1 else np.inf, summary)
    found = _framed(
        days,
        active=purchases.alive(summary),
        expected=purchases.expected_purchases(summary, months * MONTH_DAYS / UNIT_DAYS["W"]),
        amount=amounts.expected_amount(summary),
        value=lifetime_value(purchases, amounts, summary, months=months, discount=discount),
    )
    if not np.isfinite(found["value_amount"]).all():
        raise _Unfit("the models found no answer for these purchases")
    reason = (
        f"By the models BG/NBD and Gamma-Gamma: {int((summary['frequency'] > 0).sum()):,} of {len(summary):,} customers came "
        "back, at random moments, and how much they spend at a purchase has little to do with how often they buy."
    )
    learned = {"r": purchases.r, "alpha": purchases.alpha, "a": purchases.a, "b": purchases.b}
    learned |= {"log_likelihood": purchases.log_likelihood, "p": amounts.p, "q": amounts.q, "gamma": amounts.gamma}
    return Valuation(MODEL, reason, found, learned)


def _check(days: PurchaseDays, summary: pd.DataFrame) -> None:
    """Refuse the models, in words, where what they assume is not so."""
    again = summary[summary["frequency"] > 0]
    if len(again) < FEWEST_REPEATERS:
        raise _Unfit(f"only {len(again):,} of {len(summary):,} customers came back; the models need {FEWEST_REPEATERS}")
    even = regularity(days)
    if even.low > MOST_REGULAR:
        raise _Unfit(
            "customers buy at regular intervals, as under a contract, and the models expect random moments "
            f"(shape {even.shape:.1f} from {even.pairs:,} pairs of gaps; random is 1)"
        )
    related = again["frequency"].corr(again["mean_amount"], method="spearman")
    if abs(related) > MOST_CORRELATED:
        than = "more" if related > 0 else "less"
        raise _Unfit(
            f"who buys more often also spends {than} at a purchase, and the models expect the two to be unrelated "
            f"(rank correlation {related:.2f}, n = {len(again):,})"
        )


def _check_mean(modelled: float, summary: pd.DataFrame) -> None:
    if not modelled < MOST_INFLATED * summary["mean_amount"].mean():
        raise _Unfit("a few customers spend so much more at a purchase than the others that the models find no reliable mean")


def _by_run_rate(days: PurchaseDays, until: date, months: int, discount: float, why: str) -> Valuation:
    rate = run_rate(days, until)
    ends = [rate.expected_purchases(month * MONTH_DAYS) for month in range(months + 1)]
    found = _framed(
        days,
        active=rate.active_share,
        expected=ends[-1],
        amount=rate.amount,
        value=discounted(np.diff(ends, axis=0), discount) * rate.amount,
    )
    reason = f"By each customer’s own pace, drawn to everybody’s: {why}."
    learned = {"shape": rate.shape, "days": rate.days, "own_purchases": rate.own_purchases}
    learned |= {"back_share": rate.back_share, "daily_loss": rate.daily_loss}
    return Valuation(RUN_RATE, reason, found, {name: value for name, value in learned.items() if np.isfinite(value)})


def _framed(days: PurchaseDays, *, active: Floats, expected: Floats, amount: Floats, value: Floats) -> pd.DataFrame:
    gaps, place = days.gaps()
    several = days.counts > 3
    usual = np.where(several, median_by(place, gaps, len(several)), np.nan)
    columns = (days.counts - 1, usual, active, expected, amount, value)
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)), index=pd.Index(days.customers, name="customer"))
