"""Find duplicates: rows of a noun that are likely one and the same, all in SQL over temporary tables of one session.

Blocking (pairs.py), weighing (scoring.py), then what follows from other pairs: who is surely the same as a third is the same.
What is compared stands in people.py and companies.py. Measured: a million contacts in 17 s of two cores.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log2
from typing import Any

import pandas as pd

from crm.queries.likeness.companies import COMPANIES
from crm.queries.likeness.model import Kind
from crm.queries.likeness.pairs import make_pairs, make_rows
from crm.queries.likeness.people import PEOPLE
from crm.queries.likeness.scoring import estimated, make_counts, make_weights
from crm.store.session import Session

KINDS: dict[str, Kind] = {kind.table: kind for kind in (PEOPLE, COMPANIES)}
# From `POSSIBLE` on a pair is shown to people; from `SURE` on it is printed as a duplicate, and passes on what it says.
POSSIBLE, SURE = 0.5, 0.95
# Below this, two rows contradict each other: a third that both resemble changes nothing.
CONTRADICTED = 0.001
PASSED_ON = 2
STEPS = ("rows", "keys", "blocks", "pairs", "counted", "strangers", "weighed", "scored")


def quietly(_share: float, _words: str) -> None:
    """How far the search is, told to nobody."""


def duplicates(session: Session, noun: str, report: Callable[[float, str], Any] = quietly) -> pd.DataFrame:
    """One row per pair that is possibly one: `one_id`, `other_id` (older first), `score` from 0 to 1, `agrees` in words.

    `noun` is “contacts”, or “customers” for those that are companies: a customer who is a person is found as a contact.
    """
    kind = KINDS[noun]
    try:
        report(0.0, f"Reading {noun}")
        rows = make_rows(session, kind)
        report(0.2, f"Choosing among {rows:,} {noun} whom to compare")
        make_pairs(session, kind, rows)
        number = session.value("select count(*) from likeness_pairs")
        report(0.5, f"Comparing {number:,} pairs")
        make_counts(session, kind)
        make_weights(session, kind, rows)
        _score(session, rows)
        for _ in range(PASSED_ON):
            session.execute(_OVER_A_THIRD, {"sure": SURE, "contradicted": CONTRADICTED})
        return session.frame(_found(kind), possible=POSSIBLE)
    finally:
        for step in STEPS:
            session.execute(f"drop table if exists likeness_{step}", {})


def _score(session: Session, rows: int) -> None:
    """The share of pairs that look like this which are one."""
    found = estimated(session, rows)
    session.execute(
        """
        create or replace temp table likeness_scored as
        select
            one,
            other,
            1 / (1 + pow(2, -(unrelated + $against_strangers)) + pow(2, -(related + $against_neighbours))) as score,
        from likeness_weighed
        """,
        {
            "against_strangers": log2(found.duplicates / max(rows, 1)),
            "against_neighbours": log2(found.duplicates / found.relatives),
        },
    )


_OVER_A_THIRD = """
    create or replace temp table likeness_scored as
    with
    sure as materialized (
        select one, other, score
        from likeness_scored
        where score >= $sure
        union all
        select other, one, score
        from likeness_scored
        where score >= $sure
    ),

    over_a_third as (
        select
            near.one,
            far.other,
            max(near.score * far.score) as score,
        from sure as near
        inner join sure as far on far.one = near.other and near.one < far.other
        group by all
    )

    select
        one,
        other,
        case
            when own.score < $contradicted then own.score
            else greatest(coalesce(own.score, 0), coalesce(over_a_third.score, 0))
        end as score,
    from likeness_scored as own
    full join over_a_third using (one, other)
"""


def _found(kind: Kind) -> str:
    """The pairs, with the values that agree, the older row first."""
    agrees = ", ".join(
        f"case when l_{each.column} = 0 then '{each.words}' when l_{each.column} < {each.last} then '{each.words} nearly' end"
        for each in kind.comparisons
    )
    return f"""
        select
            least(one.record_id, other.record_id) as one_id,
            greatest(one.record_id, other.record_id) as other_id,
            round(scored.score, 4) as score,
            concat_ws(', ', case when l_swapped is not null then 'names swapped' end, {agrees}) as agrees,
        from likeness_scored as scored
        inner join likeness_rows as one on one.no = scored.one
        inner join likeness_rows as other on other.no = scored.other
        left join likeness_weighed as weighed on weighed.one = scored.one and weighed.other = scored.other
        where scored.score >= $possible
        order by scored.score desc, one_id, other_id
    """  # noqa: S608 - a kind is a constant of this package
