"""Cohorts: of those who first bought in one month, quarter or year, who bought again, how long after, and for how much."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from crm.store.session import Session

NOUNS = ("orders", "deals", "stages", "customers")
UNITS = {"month": 1, "quarter": 3, "year": 12}  # how many months each is long
_FIRSTS = """
    with
    bought as (
        select
            customer_id,
            purchased_on,
            amount,
            is_return,
            date_trunc($unit, purchased_on)::date as bought_in
        from purchases_until($as_of)
    ),

    firsts as (
        select
            customer_id,
            min(bought_in) as cohort_on
        from bought
        where is_return is not true
        group by customer_id
    )
"""


def triangle(session: Session, as_of: date, unit: str = "month", latest: int = 13) -> list[dict[str, Any]]:
    """One row per cohort (who bought first in that month, quarter or year) and age in such units, of the latest cohorts.

    `customer_count` bought at that age, `size` is the cohort's; `amount` is what they bought then, less what came back.
    """
    return session.rows(
        f"""
        {_FIRSTS}
        select
            firsts.cohort_on,
            date_diff($unit, firsts.cohort_on, bought.bought_in) as age,
            count(distinct bought.customer_id) filter (where bought.is_return is not true) as customer_count,
            coalesce(sum(bought.amount), 0)::double as amount,
            max(customer_count) over (partition by firsts.cohort_on) as size,
        from bought
        inner join firsts on firsts.customer_id = bought.customer_id
        where
            bought.bought_in >= firsts.cohort_on
            and firsts.cohort_on > date_add(date_trunc($unit, $as_of::date), -$latest * to_months($months))
        group by firsts.cohort_on, age
        order by firsts.cohort_on, age
        """,  # noqa: S608 - constants of this module
        as_of=as_of,
        unit=unit,
        latest=latest,
        months=UNITS[unit],
    )


def members(session: Session, as_of: date, unit: str, cohort_on: date, age: int, limit: int = 200) -> pd.DataFrame:
    """One row per customer of a cohort who bought at an age, with what was bought then, the largest first."""
    return session.frame(
        f"""
        {_FIRSTS}
        select
            customers.name as customer,
            count(*) filter (where bought.is_return is not true) as purchase_count,
            sum(bought.amount) as amount,
            max(bought.purchased_on) as last_purchased_on,
            bought.customer_id
        from bought
        inner join firsts on firsts.customer_id = bought.customer_id
        inner join customers on customers.customer_id = bought.customer_id
        where firsts.cohort_on = $cohort_on and date_diff($unit, firsts.cohort_on, bought.bought_in) = $age
        group by customers.name, bought.customer_id
        having purchase_count > 0
        order by amount desc, bought.customer_id
        limit $limit
        """,  # noqa: S608 - constants of this module
        as_of=as_of,
        unit=unit,
        cohort_on=cohort_on,
        age=age,
        limit=limit,
    )


def unit_of(session: Session, as_of: date) -> str:
    """The unit that shows most of a company's history in one triangle: months up to a year and a half, quarters up to five."""
    first = session.value("select min(purchased_on) from purchases_until($as_of) where is_return is not true", as_of=as_of)
    days = (as_of - first).days if first else 0
    return "month" if days <= 550 else "quarter" if days <= 1830 else "year"
