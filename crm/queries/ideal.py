"""The ideal profile: what leadership states, what the data say of the best customers, and how near each customer comes.

What needs mathematics was computed by a job (crm/commands/ideal.py) and is only read here, with its age.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pandas as pd

from crm.insight.intervals import difference, wilson
from crm.queries import segments
from crm.queries.conditions import Group, parsed
from crm.store.session import Session

Row = dict[str, Any]
NOUNS = ("customer_fits", "ideal_attributes", "customers", "employees")
TRAIT_NOUNS = (*NOUNS, "traits", "customer_values", "interactions", "feedback")
# What fit and answers are made from: when these were written since, they are out of date.
MADE_FROM = ("customers", "traits", "orders", "deals", "ideal_attributes", "customer_values", "custom_fields")
# What “best” may mean → its words, and the column that says who they are.
MEASURES = {
    "value": "worth the most",
    "retention": "still buying",
    "win_rate": "most easily won",
}
MEANT = {
    "value": "The fifth of customers who will bring the most in 12 months; before that is computed, who bought the most.",
    "retention": "Who first bought over a year ago and is not lapsed: no longer silent than 90 days, or 3 × their usual gap.",
    "win_rate": "The fifth of customers with at least 3 decided deals that won the most of them.",
}
BEST = {measure: f"fits.is_best_{measure}" for measure in MEASURES}


def stated(session: Session) -> list[Row]:
    """One row per attribute of the stated ideal, the weightiest first: its rule, its sentence, its weight and share of all."""
    rows = session.rows(
        """
        select
            ideal_attribute_id,
            rule,
            weight,
            weight / sum(weight) over () as weight_share,
            version
        from ideal_attributes
        where archived_at is null
        order by weight desc, ideal_attribute_id
        """
    )
    return [row | {"name": words(session, parsed(row["rule"])), "problems": _problems(session, row)} for row in rows]


def words(session: Session, rule: Group) -> str:
    """An attribute as a sentence."""
    return segments.sentence(session, rule)


def _problems(session: Session, row: Row) -> list[str]:
    return list(segments.problems(session, parsed(row["rule"])))


def latest_run(session: Session) -> Row | None:
    """One row: the last time fit was computed, with the answers for each measure, and whether it is out of date."""
    run = session.row("select * from fit_runs order by computed_at desc, fit_run_id desc limit 1")
    if run is None:
        return None
    seen = json.loads(run["seen_versions"])
    read = {name: json.loads(run[name]) for name in ("stated", "answers")}
    return run | read | {"is_outdated": seen != dict(session.versions(MADE_FROM))}


def of_customer(session: Session, customer_id: UUID | str) -> Row | None:
    """One row: a customer's fit, with what it is the sum of: each attribute as it was stated then, and what it gave."""
    row = session.row(
        """
        with theirs as materialized (
            select *
            from customer_fits
            where customer_id = $customer_id
        )

        select
            theirs.fit_share,
            theirs.met,
            theirs.likeness_share,
            runs.stated,
            runs.as_of_on,
            runs.computed_at
        from theirs
        inner join fit_runs as runs on runs.fit_run_id = theirs.fit_run_id
        """,
        customer_id=customer_id,
    )
    if row is None:
        return None
    met = set(json.loads(row["met"])) if row["met"] else set()
    parts = [each | {"gave": each["weight_share"] if each["key"] in met else 0.0} for each in json.loads(row["stated"])]
    return row | {"contributions": parts}


def common(session: Session, measure: str, limit: int = 6) -> list[Row]:
    """One row per kind and text of what the best customers want, need, like …, the commonest of each kind first.

    `best_count` of them have it (`share` of those of whom any trait is known), `other_count` of the other customers.
    """
    return session.rows(
        f"""
        with
        told as (
            select
                traits.kind,
                lower(trim(traits.text)) as said,
                any_value(traits.text) as text,
                count(distinct traits.customer_id) filter (where {BEST[measure]}) as best_count,
                count(distinct traits.customer_id) filter (where not {BEST[measure]}) as other_count
            from traits
            inner join customer_fits as fits on fits.customer_id = traits.customer_id
            inner join customers on customers.customer_id = traits.customer_id
            where traits.archived_at is null and customers.archived_at is null
            group by traits.kind, said
        ),

        known as (
            select
                count(distinct traits.customer_id) filter (where {BEST[measure]}) as best_n,
                count(distinct traits.customer_id) filter (where not {BEST[measure]}) as other_n
            from traits
            inner join customer_fits as fits on fits.customer_id = traits.customer_id
            inner join customers on customers.customer_id = traits.customer_id
            where traits.archived_at is null and customers.archived_at is null
        )

        select
            told.kind,
            told.said,
            told.text,
            told.best_count,
            told.other_count,
            known.best_n,
            known.other_n,
            told.best_count / nullif(known.best_n, 0) as share,
            told.other_count / nullif(known.other_n, 0) as other_share
        from told
        cross join known
        where told.best_count > 0
        qualify row_number() over (partition by told.kind order by told.best_count desc, told.said) <= $limit
        order by told.kind, told.best_count desc, told.said
        """,  # noqa: S608 - constants of this module
        limit=limit,
    )


def evidence(session: Session, measure: str, kind: str, said: str, limit: int = 200) -> pd.DataFrame:
    """One row per best customer who said it: who, how we know, in what state, when; the latest first."""
    return session.frame(
        f"""
        select
            customers.name as customer,
            contacts.name as contact,
            traits.evidence,
            traits.state,
            coalesce(interactions.channel, case when traits.feedback_id is not null then 'feedback' end) as heard_in,
            traits.observed_on,
            traits.customer_id
        from traits
        inner join customer_fits as fits on fits.customer_id = traits.customer_id
        inner join customers on customers.customer_id = traits.customer_id
        left join contacts on contacts.contact_id = traits.contact_id
        left join interactions on interactions.interaction_id = traits.interaction_id
        where
            traits.archived_at is null
            and customers.archived_at is null
            and {BEST[measure]}
            and traits.kind = $kind
            and lower(trim(traits.text)) = $said
        order by traits.observed_on desc nulls last, customers.name, traits.trait_id
        limit $limit
        """,  # noqa: S608 - constants of this module
        kind=kind,
        said=said,
        limit=limit,
    )


def needs_met(session: Session) -> Row:
    """One row: of all needs and wants that have a state, how many are met; and how many come back whose needs were, and were not.

    Of customers who have bought: `repeat` bought at least twice. `low` and `high` bound the difference of the two shares.
    """
    needs = session.row(
        """
        select
            count(*) filter (where traits.state = 'met') as met_count,
            count(*) as n
        from traits
        inner join customers on customers.customer_id = traits.customer_id
        where traits.kind in ('need', 'want')
        and traits.state in ('met', 'open', 'promised', 'declined')
        and traits.archived_at is null
        and customers.archived_at is null
        """
    ) or {"met_count": 0, "n": 0}
    groups = session.rows(
        """
        with asked as (
            select
                traits.customer_id,
                bool_or(traits.state = 'met') as is_met
            from traits
            inner join customers on customers.customer_id = traits.customer_id
            where traits.kind in ('need', 'want')
            and traits.state is not null
            and traits.archived_at is null
            and customers.archived_at is null
            group by traits.customer_id
        )

        select
            asked.is_met,
            count(*) as n,
            count(*) filter (where worth.purchase_count >= 2) as repeat_count
        from asked
        inner join customer_values as worth on worth.customer_id = asked.customer_id
        where worth.purchase_count >= 1
        group by asked.is_met
        """
    )
    by = {row["is_met"]: (row["repeat_count"], row["n"]) for row in groups}
    met, unmet = by.get(True, (0, 0)), by.get(False, (0, 0))
    low, high = difference(*met, *unmet)
    interval = wilson(needs["met_count"], needs["n"])
    return needs | {"interval": interval, "met": met, "unmet": unmet, "low": low, "high": high}
