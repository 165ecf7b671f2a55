"""What customers are worth: computed for any day from what they bought by then, and read as the last job stored it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd

from crm.insight.customer_value import Valuation, value_customers
from crm.store.session import Session

MONTHS, DISCOUNT = 12, 0.01
# What a value is made from: when these were written since, it is out of date.
MADE_FROM = ("orders", "deals")
NOUNS = ("customer_values", "customers")
Row = dict[str, Any]


def purchases(session: Session, as_of: date) -> pd.DataFrame:
    """One row per purchase and return by a day: customer (a category, by key), date, amount."""
    with session.database.passing():
        lists = session.execute(
            """
            select
                customer_id::varchar as customer,
                list(purchased_on) as purchase_days,
                list(amount::double) as amounts
            from purchases_until($as_of)
            group by customer_id
            order by customer_id
            """,
            {"as_of": as_of},
        ).to_arrow_table()
    days, amounts = (lists[name].combine_chunks() for name in ("purchase_days", "amounts"))
    place = np.repeat(np.arange(len(days)), np.diff(days.offsets.to_numpy()))
    return pd.DataFrame(
        {
            "customer": pd.Categorical.from_codes(place, categories=pd.Index(lists["customer"].to_pandas(), dtype="str")),
            "date": days.flatten().to_numpy(zero_copy_only=False),
            "amount": amounts.flatten().to_numpy(zero_copy_only=False),
        }
    )


def valued(session: Session, as_of: date, calculate: Callable[..., Any] | None = None) -> Valuation:
    """One row per customer who has bought by a day, as `value_customers` gives it; `calculate` runs the mathematics elsewhere."""
    asked = (purchases(session, as_of), as_of, MONTHS, DISCOUNT)
    found: Valuation = calculate(value_customers, *asked) if calculate else value_customers(*asked)
    return found


def at(session: Session, as_of: date) -> dict[str, Any]:
    """Everything that `python -m crm value --json` prints: how it was found, totals, and one entry per customer by value."""
    found = valued(session, as_of)
    rows = session.frame(
        """
        select
            scores.customer_id::varchar as customer_id,
            customers.external_id,
            customers.name,
            scores.spent_amount::double as spent,
            scores.purchase_count as purchases,
            scores.first_purchased_on,
            scores.last_purchased_on,
            scores.days_since
        from rfm_scores($as_of) as scores
        inner join customers on customers.customer_id = scores.customer_id
        """,
        as_of=as_of,
    ).join(found.customers, on="customer_id")
    rows = rows.sort_values(["value_amount", "spent", "customer_id"], ascending=[False, False, True])
    customers = [_entry(row, found.method) for row in _records(rows)]
    return {
        "as_of": as_of.isoformat(),
        "method": found.method,
        "reason": found.reason,
        "months": MONTHS,
        "monthly_discount": DISCOUNT,
        "parameters": found.parameters,
        "totals": {
            "customers": len(customers),
            **{name: _total(customers, name) for name in ("spent", "expected_purchases", "value")},
        },
        "customers": customers,
    }


def _entry(row: Row, method: str) -> Row:
    return {
        "external_id": row["external_id"],
        "name": row["name"],
        "spent": row["spent"],
        "purchases": row["purchases"],
        "expected_purchases": row["expected_purchases"],
        "expected_amount": _cents(row["expected_amount"]),
        "value": _cents(row["value_amount"]),
        "method": method,
        "reason": reason(row),
        "customer_id": row["customer_id"],
    }


def _cents(amount: float | None) -> float | None:
    return None if amount is None else round(amount, 2)


def _total(customers: list[Row], name: str) -> float:
    return round(sum(row[name] or 0 for row in customers), 2)


def _records(frame: pd.DataFrame) -> list[Row]:
    """The rows of a frame, blanks as None."""
    return [
        {name: None if value is None or value != value else value for name, value in row.items()}
        for row in frame.to_dict("records")
    ]


def reason(row: Row) -> str:
    """Why a customer's value is what it is, in words.

    >>> reason({"purchases": 5, "first_purchased_on": date(2025, 1, 3), "usual_gap_days": 21.0, "days_since": 40})
    '5 purchases since Jan 2025, usually every 21 days, the last 40 days ago'
    >>> reason({"purchases": 1, "first_purchased_on": date(2025, 1, 3), "usual_gap_days": None, "days_since": 1})
    '1 purchase, 1 day ago'
    """
    silent = "today" if not row["days_since"] else f"{row['days_since']:.0f} day{'' if row['days_since'] == 1 else 's'} ago"
    if row["purchases"] == 1:
        return f"1 purchase, {silent}"
    usual = f", usually every {row['usual_gap_days']:.0f} days" if row["usual_gap_days"] else ""
    return f"{row['purchases']:,} purchases since {row['first_purchased_on']:%b %Y}{usual}, the last {silent}"


def latest_run(session: Session) -> Row | None:
    """One row: the last time values were computed, how, and whether something they are made from was written since."""
    run = session.row("select * from value_runs order by computed_at desc, value_run_id desc limit 1")
    if run is None:
        return None
    seen, now = json.loads(run["seen_versions"]), dict(session.versions(MADE_FROM))
    return run | {"parameters": json.loads(run["parameters"]), "is_outdated": seen != now}


def of_customer(session: Session, customer_id: UUID | str) -> Row | None:
    """One row: what a customer is worth, with the reason; None for one who had not bought when it was computed."""
    row = session.row(
        """
        select
            stored.*,
            runs.as_of_on,
            runs.computed_at,
            runs.method,
            runs.reason as method_reason
        from customer_values as stored
        inner join value_runs as runs on runs.value_run_id = stored.value_run_id
        where stored.customer_id = $customer_id
        """,
        customer_id=customer_id,
    )
    if row is None:
        return None
    words = {"purchases": row["purchase_count"], "days_since": (row["as_of_on"] - row["last_purchased_on"]).days}
    return row | {"reason": reason(row | words)}


def as_text(found: dict[str, Any], limit: int = 20) -> str:
    """Values as lines for a terminal."""
    totals = found["totals"]
    lines = [found["reason"], f"{totals['customers']:,} customers who have spent {totals['spent']:,.2f}."]
    if found["parameters"]:
        lines += [f"In the next {MONTHS} months: {totals['expected_purchases']:,.1f} purchases worth {totals['value']:,.2f}."]
        lines += [_line(row) for row in found["customers"][:limit]]
    if len(found["customers"]) > limit and found["parameters"]:
        lines.append(f"and {len(found['customers']) - limit:,} more; --json prints all.")
    return "\n".join(lines)


def _line(row: Row) -> str:
    ahead = f"{row['value']:>14,.2f}  {row['expected_purchases']:>6.1f} × {row['expected_amount']:>10,.2f}"
    return f"{ahead}  {row['name']}: {row['reason']}"


def age_in_words(computed_at: datetime, now: datetime) -> str:
    """How long ago something was computed.

    >>> age_in_words(datetime(2026, 1, 1, 9), datetime(2026, 1, 1, 12, 10))
    '3 hours ago'
    """
    minutes = int((now - computed_at).total_seconds() // 60)
    for size, thing in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            count = minutes // size
            return f"{count} {thing}{'' if count == 1 else 's'} ago"
    return "just now"
