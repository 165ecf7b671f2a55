"""What is behind a theme: whose money, and what it does to the scores."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd

from crm.queries import comments
from crm.queries.periods import Period
from crm.store.session import Session

NOUNS = (*comments.NOUNS, "orders", "deals", "stages", "customer_values")
SCALES = {"nps": "nps_0_10", "csat": "csat_1_5", "ces": "ces_1_7"}
Row = dict[str, Any]
# What the customers in `speakers` bought in the last twelve months, and what is open with them.
BEHIND = """
        bought as (
            select
                customer_id,
                sum(amount) as revenue
            from purchases
            where
                customer_id in (select customer_id from speakers)
                and purchased_on > $year_ago
                and purchased_on <= $today
                and (replaced_on is null or replaced_on > $today)
            group by customer_id
        ),

        selling as (
            select
                deals.customer_id,
                count(*) as open_deals,
                sum(deals.amount) as open_amount
            from deals
            inner join stages on stages.stage_id = deals.stage_id
            where
                deals.customer_id in (select customer_id from speakers)
                and stages.outcome = 'open'
                and deals.archived_at is null
            group by deals.customer_id
        )
""".strip()


def money(session: Session, period: Period, **filters: Any) -> dict[UUID, Row]:
    """One row per theme, by theme: the customers who spoke of it in the period, and what they are worth.

    Their revenue of the last twelve months, what they will bring in the next twelve (None before the first valuation), and their
    open deals. A customer with two themes stands behind both: the amounts of themes do not add up.
    """
    kept, where, values = comments.narrowed(session, filters)
    rows = kept.rows(
        f"""
        with
        said as materialized (
            select distinct
                comments.theme_id,
                comments.customer_id
            from theme_mentions as comments
            where
                {where}
                and comments.customer_id is not null
                and comments.received_at >= $starts_at
                and comments.received_at < $until_at
        ),

        speakers as materialized (
            select distinct customer_id
            from said
        ),

        {BEHIND}

        select
            said.theme_id,
            count(*) as customers,
            coalesce(sum(bought.revenue), 0)::double as revenue,
            sum(worth.value_amount)::double as value,
            coalesce(sum(selling.open_deals), 0)::integer as open_deals,
            coalesce(sum(selling.open_amount), 0)::double as open_amount
        from said
        inner join customers on customers.customer_id = said.customer_id and customers.archived_at is null
        left join bought on bought.customer_id = said.customer_id
        left join selling on selling.customer_id = said.customer_id
        left join customer_values as worth on worth.customer_id = said.customer_id
        group by said.theme_id
        """,  # noqa: S608 - fragments of comments.py
        today=session.today,
        year_ago=year_ago(session),
        **values,
        **comments.span(session, period),
    )
    return {row.pop("theme_id"): row for row in rows}


def year_ago(session: Session) -> Any:
    """The day after which revenue counts: that of today, a year before."""
    return (pd.Timestamp(session.today) - pd.DateOffset(years=1)).date()


def impact(session: Session, period: Period, **filters: Any) -> dict[UUID | None, dict[str, Row | None]]:
    """One row per theme and score (nps, csat, ces): how much higher the score of all is than without those who speak of it.

    A description, not a cause. With the range in which it lies and how many speak of it; None where they are too few. Under None
    the score of all and its n. Ratings without a word count, too: they speak of no theme.
    """
    found: dict[UUID | None, dict[str, Row | None]] = {None: dict.fromkeys(SCALES)}
    if filters.get("corpus", "customers") != "customers":
        return found  # only customers rate us
    kept, where, values = comments.narrowed(session, filters, leaving=("corpus",))
    counts = _counts(kept, where, values | comments.span(session, period))
    for measure, scale in SCALES.items():
        of_scale = counts[counts["scale"] == scale].pivot_table(index="rating", columns="theme", values="answers", fill_value=0)
        _estimate(found, measure, of_scale)
    return found


def _counts(kept: Session, where: str, values: Row) -> pd.DataFrame:
    """One row per scale, rating and theme: in how many answers; under a blank theme, all answers.

    As in the figures: of those who said more than once whether they would recommend us, the last answer counts.
    """
    return kept.frame(
        f"""
        with
        answered as materialized (
            select
                comments.feedback_id as comment_id,
                coalesce(comments.contact_id, comments.customer_id, comments.feedback_id) as person_id,
                comments.received_at,
                comments.scale,
                comments.rating
            from feedback as comments
            where
                {where}
                and comments.archived_at is null
                and is_rating(comments.rating, comments.scale)
                and comments.received_at >= $starts_at
                and comments.received_at < $until_at
        ),

        rated as materialized (
            select
                arg_max(comment_id, (received_at, comment_id)) as comment_id,
                scale,
                arg_max(rating, (received_at, comment_id)) as rating
            from answered
            where scale = 'nps_0_10'
            group by person_id, scale
            union all
            select
                comment_id,
                scale,
                rating
            from answered
            where scale <> 'nps_0_10'
        )

        select
            scale,
            rating,
            '' as theme,
            count(*) as answers
        from rated
        group by scale, rating
        union all
        select
            rated.scale,
            rated.rating,
            comments.theme_id::varchar as theme,
            count(*) as answers
        from rated
        inner join theme_mentions as comments on comments.comment_id = rated.comment_id
        where {where} and comments.received_at >= $starts_at and comments.received_at < $until_at
        group by rated.scale, rated.rating, comments.theme_id
        """,  # noqa: S608 - fragments of comments.py
        **values,
    )


def _estimate(found: dict[UUID | None, dict[str, Row | None]], measure: str, answers: pd.DataFrame) -> None:
    """Put what one score loses or gains by each theme into `found`.

    `answers` has a row per rating and a column per theme. Which answer it was does not matter, only how many of each rating there
    were, so that half a million of them cost no more than their counts.
    """
    from crm.insight.impact import impact as estimated
    from crm.insight.impact import points

    total = answers.pop("") if "" in answers else pd.Series(dtype=int)
    ratings = np.repeat(total.index.to_numpy(dtype=int), total.to_numpy(dtype=int))
    found[None][measure] = {"score": float(np.mean(points(ratings, measure))), "n": len(ratings)} if len(ratings) else None
    if not len(ratings) or answers.empty:
        return
    place = np.concatenate([np.arange(many) for many in total.to_numpy(dtype=int)])  # of each answer among those of its rating
    many = answers.reindex(total.index).to_numpy(dtype=int).repeat(total.to_numpy(dtype=int), axis=0)
    said = estimated(ratings, place[:, None] < many, measure)
    for column, theme in enumerate(answers.columns):
        numbers = {name: float(getattr(said, name)[column]) for name in ("effect", "low", "high")}
        is_known = bool(np.isfinite(list(numbers.values())).all())
        found.setdefault(UUID(theme), {})[measure] = numbers | {"n": int(said.n[column])} if is_known else None
