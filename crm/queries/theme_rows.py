"""What stands behind the numbers of a theme: the comments one by one, and the customers who made them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pandas as pd

from crm.queries import comments, quotes
from crm.queries.periods import Period
from crm.queries.theme_worth import BEHIND, SCALES, year_ago
from crm.store.session import Session

MOST = 1_000_000
IN_PERIOD = "comments.received_at >= $starts_at and comments.received_at < $until_at"


def said(
    session: Session,
    period: Period,
    theme_id: UUID | str | None = None,
    *,
    measure: str | None = None,
    limit: int = MOST,
    **asked: Any,
) -> pd.DataFrame:
    """One row per comment of the period, the latest first: of a theme, of none (“unassigned”), or all of them.

    Of a `measure` only those that rate it; narrowed further as `quotes.quotes` is. Of a theme the tone is that of its clause.
    """
    asked |= {"scale": SCALES[measure], "rating_from": 0} if measure else {}
    kept, wanted, values = quotes.wanted(session, theme_id, period, asked)
    return kept.frame(
        f"""
        with shown as materialized (
            select asked.*
            from ({wanted}) as asked
            order by asked.received_at desc, asked.comment_id
            limit $limit
        )

        select
            shown.received_at,
            customers.name as customer,
            shown.kind,
            shown.rating,
            shown.scale,
            tone(shown.sentiment) as tone,
            shown.text,
            shown.customer_id
        from shown
        left join customers on customers.customer_id = shown.customer_id
        order by shown.received_at desc, shown.comment_id
        """,  # noqa: S608 - a fragment of quotes.py
        limit=limit,
        **values,
    )


def speakers(session: Session, period: Period, theme_id: UUID | str, *, limit: int = MOST, **filters: Any) -> pd.DataFrame:
    """One row per customer who spoke of a theme in the period, most revenue first: how often, and what they are worth.

    The columns add up to what `theme_worth.money` says of the theme.
    """
    kept, where, values = comments.narrowed(session, filters)
    return kept.frame(
        f"""
        with
        said as materialized (
            select
                comments.customer_id,
                count(*) as mentions,
                max(comments.received_at) as last_at
            from theme_mentions as comments
            where {where} and comments.theme_id = $theme and comments.customer_id is not null and {IN_PERIOD}
            group by comments.customer_id
        ),

        speakers as (
            select customer_id
            from said
        ),

        {BEHIND}

        select
            customers.name as customer,
            said.mentions,
            said.last_at,
            coalesce(bought.revenue, 0)::double as revenue_amount,
            worth.value_amount::double as value_amount,
            coalesce(selling.open_deals, 0) as open_deals,
            coalesce(selling.open_amount, 0)::double as open_amount,
            said.customer_id
        from said
        inner join customers on customers.customer_id = said.customer_id and customers.archived_at is null
        left join bought on bought.customer_id = said.customer_id
        left join selling on selling.customer_id = said.customer_id
        left join customer_values as worth on worth.customer_id = said.customer_id
        order by revenue_amount desc, said.mentions desc, lower(customers.name), said.customer_id
        limit $limit
        """,  # noqa: S608 - fragments of this module
        theme=theme_id,
        limit=limit,
        today=session.today,
        year_ago=year_ago(session),
        **values,
        **comments.span(session, period),
    )
