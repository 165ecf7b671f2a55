"""How worth is spread over customers: bands, concentration, the RFM grid. Read from what the last job stored.

Customers who were put aside since, or whom this person does not see, are left out; n is those who remain.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from crm.store.session import Session

NOUNS = ("customer_values", "customers", "employees")
STEPS = 20
MEASURES = {"spent": "greatest(stored.spent_amount, 0)", "value": "stored.value_amount"}
# What each segment of the grid means, and what to do there; the best first.
SEGMENTS = {
    "Champions": "Bought lately and often. Thank them, ask them to recommend us.",
    "Loyal": "Buy often, not just now. Keep in touch, offer what goes with it.",
    "Growing": "Bought lately, a few times. Find out what more they need.",
    "New": "Bought for the first time just now. Make the start a good one.",
    "Promising": "Bought lately, once. Give them a reason for the second time.",
    "Need attention": "Middling in both. Ask how it goes, before they drift away.",
    "Cooling off": "Bought seldom, and not lately. A reminder costs little.",
    "Cannot lose": "Bought the most, and have stopped. Call them in person.",
    "At risk": "Bought often, and not for long. Ask what has changed.",
    "Asleep": "Bought seldom, long ago. Not worth much effort.",
}
_STORED = """
    from customer_values as stored
    inner join customers on customers.customer_id = stored.customer_id
    where customers.archived_at is null"""
# Bands of 1, 3, 10, 30, 100 …, so that small and large customers both show.
_TENS = "power(10, floor(log10(stored.value_amount)))"
_BAND = f"""
    case
        when stored.value_amount < 10 then 0
        when stored.value_amount < 3 * {_TENS} then {_TENS}
        else 3 * {_TENS}
    end"""


def totals(session: Session) -> dict[str, Any]:
    """One row: how many customers, what they spent and will bring, and the share of both that the best fifth holds."""
    found = session.row(
        f"""
        with ranked as (
            select
                stored.value_amount,
                stored.expected_purchases,
                {MEASURES["spent"]} as spent_amount,
                row_number() over (order by stored.spent_amount desc, stored.customer_id) as spent_rank,
                row_number() over (order by stored.value_amount desc nulls last, stored.customer_id) as value_rank,
                count(*) over () as customer_count
            {_STORED}
        )

        select
            count(*) as customer_count,
            count(value_amount) as value_n,
            sum(value_amount)::double as value_amount,
            sum(expected_purchases) as expected_purchases,
            sum(spent_amount)::double as spent_amount,
            (sum(spent_amount) filter (where spent_rank <= round(customer_count / 5)))::double
            / nullif(sum(spent_amount), 0)::double as top_spent_share,
            (sum(value_amount) filter (where value_rank <= round(customer_count / 5)))::double
            / nullif(sum(value_amount), 0)::double as top_value_share
        from ranked
        """  # noqa: S608 - constants of this module
    )
    return found or {}


def bands(session: Session) -> list[dict[str, Any]]:
    """One row per band of value with customers in it, the lowest first: from which amount, how many, worth how much."""
    return session.rows(
        f"""
        select
            {_BAND} as from_amount,
            count(*) as customer_count,
            sum(stored.value_amount)::double as value_amount
        {_STORED} and stored.value_amount is not null
        group by from_amount
        order by from_amount
        """
    )


def concentration(session: Session, measure: str) -> list[dict[str, Any]]:
    """One row per 5 % of customers, the best by `spent` or `value` first: the share that all up to there hold."""
    return session.rows(
        f"""
        with
        ranked as (
            select
                {MEASURES[measure]} as amount,
                ntile({STEPS}) over (order by {MEASURES[measure]} desc, stored.customer_id) as step
            {_STORED} and {MEASURES[measure]} is not null
        ),

        steps as (
            select
                step,
                sum(amount) as amount,
                count(*) as customer_count
            from ranked
            group by step
        )

        select
            step,
            customer_count,
            (sum(customer_count) over (order by step))::double / (sum(customer_count) over ())::double as customers_share,
            (sum(amount) over (order by step))::double / nullif(sum(amount) over (), 0)::double as held_share
        from steps
        order by step
        """  # noqa: S608 - constants of this module
    )


def grid(session: Session) -> list[dict[str, Any]]:
    """One row per place in the grid of recency and frequency with customers in it: its name, how many, what they spent."""
    return session.rows(
        f"""
        select
            stored.recency_score,
            stored.frequency_score,
            rfm_segment(stored.recency_score, stored.frequency_score) as segment,
            count(*) as customer_count,
            sum(stored.spent_amount)::double as spent_amount,
            sum(stored.value_amount)::double as value_amount,
            avg(stored.amount_score) as amount_score
        {_STORED} and stored.recency_score is not null
        group by stored.recency_score, stored.frequency_score
        order by stored.recency_score desc, stored.frequency_score
        """
    )


# Which customers a click asks for.
_ASKED = {
    "place": "stored.recency_score = $recency and stored.frequency_score = $frequency",
    "segment": "rfm_segment(stored.recency_score, stored.frequency_score) = $segment",
    "band": f"{_BAND} = $from_amount and stored.value_amount is not null",
    "everyone": "true",
}


def members(session: Session, asked: str, limit: int = 200, **values: Any) -> pd.DataFrame:
    """One row per customer of a place in the grid, a segment, a band or of all, the most valuable first.

    `asked` is place (recency, frequency), segment (segment), band (from_amount) or everyone.
    """
    return session.frame(
        f"""
        select
            customers.name as customer,
            owners.name as owner,
            stored.value_amount,
            round(stored.expected_purchases, 1) as expected_purchases,
            stored.spent_amount,
            stored.purchase_count,
            stored.last_purchased_on,
            concat_ws('', stored.recency_score, stored.frequency_score, stored.amount_score) as rfm,
            stored.customer_id
        from customer_values as stored
        inner join customers on customers.customer_id = stored.customer_id
        left join employees as owners on owners.employee_id = customers.owner_id
        where customers.archived_at is null and {_ASKED[asked]}
        order by stored.value_amount desc nulls last, stored.spent_amount desc, stored.customer_id
        limit $limit
        """,  # noqa: S608 - constants of this module
        limit=limit,
        **values,
    )


def holders(session: Session, measure: str, step: int, limit: int = 200) -> pd.DataFrame:
    """One row per customer of one step of `concentration`, the largest first."""
    return session.frame(
        f"""
        with ranked as (
            select
                customers.name as customer,
                stored.spent_amount,
                stored.value_amount,
                stored.purchase_count,
                stored.last_purchased_on,
                stored.customer_id,
                {MEASURES[measure]} as amount,
                ntile({STEPS}) over (order by {MEASURES[measure]} desc, stored.customer_id) as step
            {_STORED} and {MEASURES[measure]} is not null
        )

        select * exclude (amount, step)
        from ranked
        where step = $step
        order by amount desc, customer_id
        limit $limit
        """,  # noqa: S608 - constants of this module
        step=step,
        limit=limit,
    )
