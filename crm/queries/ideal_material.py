"""What the best customers are found from: who they are in words, and how good they are in the three ways we may mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from crm.queries import custom_fields
from crm.queries.conditions import Condition
from crm.store.session import Session

WORDS = {"sector": "Sector", "region": "Region", "country": "Country", "kind": "Kind"}
SIZES = {"employee_count": "Employees", "annual_revenue_amount": "Their yearly revenue", "founded_year": "Founded in"}
QUARTERS = (0, 0.25, 0.5, 0.75)
HEADS = (1, 10, 50, 250, 1000)
MOST_TRAITS, FEWEST_TRAITS = 30, 10
FIFTH, DECIDED = 0.2, 3


@dataclass(frozen=True)
class Material:
    """One row per customer, by key: `attributes` in words, `numbers` as they are, `best` by measure (blank: cannot be said).

    `conditions` gives what a segment would ask for each attribute and value, so that the data's answer can be taken over.
    """

    attributes: pd.DataFrame
    numbers: pd.DataFrame
    best: pd.DataFrame
    conditions: dict[tuple[str, str], Condition]


def material(session: Session, as_of: date) -> Material:
    """All customers with their attributes and what is known of how good they are by a day."""
    own = [custom_fields.read_sql(field, "customers") for field in _own(session)]
    rows = session.frame(
        f"""
        select
            customers.customer_id::varchar as customer_id,
            {", ".join(f"customers.{name}" for name in (*WORDS, *SIZES))}
            {"".join(f", {sql} as own_{place}" for place, sql in enumerate(own))}
        from customers
        where customers.archived_at is null
        order by customers.customer_id
        """  # noqa: S608 - names of this module and of the fields' own registry
    ).set_index("customer_id")
    conditions: dict[tuple[str, str], Condition] = {}
    columns = [*_words(rows, conditions), *_sizes(rows, conditions), *_answers(session, rows, conditions)]
    columns += _traits(session, rows.index, conditions)
    attributes = pd.concat(columns, axis=1) if columns else pd.DataFrame(index=rows.index)
    numbers = rows[list(SIZES)].astype("float64")
    return Material(attributes, numbers, _best(session, rows.index, as_of), conditions)


def _own(session: Session) -> list[custom_fields.CustomField]:
    return [field for field in custom_fields.of_noun(session, "customers") if field.is_split]


def _words(rows: pd.DataFrame, conditions: dict[tuple[str, str], Condition]) -> list[pd.Series]:
    found = []
    for name, label in WORDS.items():
        conditions |= {(label, str(value)): Condition(name, "one_of", [str(value)]) for value in rows[name].dropna().unique()}
        found.append(rows[name].astype("object").rename(label))
    return found


def _sizes(rows: pd.DataFrame, conditions: dict[tuple[str, str], Condition]) -> list[pd.Series]:
    """Numbers in bands: heads in those that people use, the others in quarters of our customers."""
    found = []
    for name, label in SIZES.items():
        number = pd.to_numeric(rows[name], errors="coerce").astype("float64")
        edges = list(HEADS) if name == "employee_count" else sorted({float(np.floor(number.quantile(part))) for part in QUARTERS})
        edges = [edge for edge in edges if edge == edge]
        band = pd.Series(None, index=rows.index, dtype="object")
        for low, high in zip(edges, [*edges[1:], float("inf")], strict=False):
            said = _band(low, high, is_year=name == "founded_year")
            band[(number >= low) & (number < high)] = said
            is_open = high == float("inf")
            conditions[label, said] = Condition(name, *(("at_least", low) if is_open else ("between", [low, high - 1])))
        found.append(band.rename(label))
    return found


def _band(low: float, high: float, *, is_year: bool = False) -> str:
    """
    >>> _band(50, 250), _band(1000, float("inf")), _band(1990, 2001, is_year=True)
    ('50 to 249', '1,000 or more', '1990 to 2000')
    """
    first, last = (f"{value:.0f}" if is_year else f"{value:,.0f}" for value in (low, high - 1))
    return f"{first} or more" if high == float("inf") else f"{first} to {last}"


def _answers(session: Session, rows: pd.DataFrame, conditions: dict[tuple[str, str], Condition]) -> list[pd.Series]:
    """Own fields that are a choice or a yes or no."""
    found = []
    for place, field in enumerate(_own(session)):
        keys = {choice.name: choice.key for choice in field.choices}
        answers = rows[f"own_{place}"].astype("object")
        answers = answers.where(answers.notna() & (answers.astype("str") != ""), None)
        for value in answers.dropna().unique():
            if field.kind == "yes_no":
                conditions[field.name, str(value)] = Condition(field.argument, "yes" if str(value).lower() == "yes" else "no")
            elif str(value) in keys:
                conditions[field.name, str(value)] = Condition(field.argument, "one_of", [str(keys[str(value)])])
        found.append(answers.rename(field.name))
    return found


def _traits(session: Session, keys: pd.Index, conditions: dict[tuple[str, str], Condition]) -> list[pd.Series]:
    """The commonest wants, needs, likes …: who told us so, against all of whom anything is known."""
    rows = session.frame(
        """
        select distinct
            traits.customer_id::varchar as customer_id,
            traits.kind,
            traits.text
        from traits
        where traits.archived_at is null and traits.customer_id is not null
        """
    )
    if rows.empty:
        return []
    known = keys.isin(rows["customer_id"])
    many = rows.groupby(["kind", "text"])["customer_id"].nunique().sort_values(ascending=False, kind="stable")
    found = []
    for kind, text in many[many >= FEWEST_TRAITS].index[:MOST_TRAITS]:
        theirs = rows.loc[(rows["kind"] == kind) & (rows["text"] == text), "customer_id"]
        column = pd.Series(None, index=keys, dtype="object", name=str(kind).capitalize() + f": {text}")
        column[known & keys.isin(theirs)] = "told us"
        column[known & ~keys.isin(theirs)] = "did not"
        conditions[str(column.name), "told us"] = Condition("trait", "did", {"kind": [kind], "text": text})
        found.append(column)
    return found


def _best(session: Session, keys: pd.Index, as_of: date) -> pd.DataFrame:
    """Who is among the best, by each measure; blank where it cannot be said of them."""
    rows = session.frame(
        """
        with
        decided as (
            select
                customer_id,
                count(*) as closed_count,
                avg((outcome = 'won')::integer) as won_share,
                sum(amount) filter (where outcome = 'won') as won_amount
            from deal_facts
            where outcome <> 'open' and closed_on <= $as_of and customer_id is not null
            group by customer_id
        )

        select
            customers.customer_id::varchar as customer_id,
            worth.value_amount::double as value_amount,
            coalesce(worth.spent_amount, decided.won_amount)::double as spent_amount,
            worth.first_purchased_on,
            $as_of::date - worth.last_purchased_on as silent_days,
            greatest(90, 3 * coalesce(worth.usual_gap_days, 0)) as limit_days,
            $as_of::date - worth.first_purchased_on as known_days,
            decided.closed_count,
            decided.won_share
        from customers
        left join customer_values as worth on worth.customer_id = customers.customer_id
        left join decided on decided.customer_id = customers.customer_id
        where customers.archived_at is null
        order by customers.customer_id
        """,
        as_of=as_of,
    ).set_index("customer_id")
    valued = rows["value_amount"] if rows["value_amount"].notna().any() else rows["spent_amount"]
    old = rows["known_days"].astype("float64") > 365
    is_kept = rows["silent_days"].astype("float64") <= rows["limit_days"].astype("float64")
    return pd.DataFrame(
        {
            "value": _top(valued.astype("float64")),
            "retention": is_kept.astype("object").where(old, None),
            "win_rate": _top(rows["won_share"].astype("float64").where(rows["closed_count"].astype("float64") >= DECIDED)),
        }
    ).reindex(keys)


def _top(number: pd.Series) -> pd.Series:
    """Whether each is in the highest fifth of those that have a number."""
    if number.notna().sum() == 0:
        return pd.Series(None, index=number.index, dtype="object")
    cut: Any = number.quantile(1 - FIFTH)
    return (number >= cut).astype("object").where(number.notna(), None)
