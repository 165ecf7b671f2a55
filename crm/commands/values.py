"""Renew what customers are worth. Results, not changes: no change set records them, and no person undoes them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
from uuid_utils.compat import uuid7

from crm.commands.jobs import Calculate, Report, directly, quietly
from crm.insight.customer_value import Valuation
from crm.queries import values
from crm.store.session import Session
from crm.store.writer import raise_versions

LARGEST = 10**15  # what fits the column


@dataclass(frozen=True)
class Stored:
    """How many customers were valued, how, and why so."""

    customers: int
    method: str
    reason: str

    def as_json(self) -> dict[str, Any]:
        return {"customers": self.customers, "method": self.method, "reason": self.reason}

    def summary(self) -> str:
        return f"{self.customers:,} customers valued. {self.reason}"


def store_values(
    session: Session, *, as_of: date | None = None, report: Report = quietly, calculate: Calculate = directly
) -> Stored:
    """Compute what customers are worth as of a day (today), and put it in the place of what was stored before."""
    day = as_of or session.today
    seen = dict(session.versions(values.MADE_FROM))
    report(0.1, "Reading what was bought")
    found = values.valued(session, day, calculate)
    report(0.8, "Storing what customers are worth")
    return Stored(_replace(session, found, day, seen), found.method, found.reason)


def _replace(session: Session, found: Valuation, day: date, seen: dict[str, int]) -> int:
    """Put a new run in the place of the last, in one step."""
    run_id = uuid7()
    with session.database.working() as cursor:
        cursor.register("valued", _staged(found))
        cursor.execute(PREPARE, {"run": run_id, "day": day, "largest": LARGEST})  # before anybody has to wait

        def work() -> int:
            cursor.execute("delete from customer_values")
            cursor.execute("insert into customer_values by name select * from renewed")
            (number,) = cursor.execute("select count(*) from renewed").fetchone() or (0,)
            cursor.execute(
                "insert into value_runs values ($run, $day, $now, $method, $reason, $number, $parameters, $seen)",
                {
                    "run": run_id,
                    "day": day,
                    "now": session.now,
                    "method": found.method,
                    "reason": found.reason,
                    "number": number,
                    "parameters": json.dumps(found.parameters),
                    "seen": json.dumps(seen),
                },
            )
            raise_versions(cursor, "customer_values")
            return int(number)

        return session.database.transaction(cursor, work)


def _staged(found: Valuation) -> pa.Table:
    """The result as the engine reads it fastest: its keys as text in one piece, not as objects."""
    return pa.Table.from_pandas(found.customers.drop(columns="frequency").reset_index(names="customer_key"), preserve_index=False)


PREPARE = """
    create temp table renewed as
    select
        $run::uuid as value_run_id,
        scores.customer_id,
        scores.first_purchased_on,
        scores.last_purchased_on,
        scores.purchase_count,
        scores.spent_amount,
        scores.recency_score,
        scores.frequency_score,
        scores.amount_score,
        nullif(valued.usual_gap_days, 'nan'::double) as usual_gap_days,
        valued.active_share,
        valued.expected_purchases,
        least(valued.expected_amount, $largest) as expected_amount,
        least(valued.value_amount, $largest) as value_amount
    from rfm_scores($day) as scores
    left join valued on valued.customer_key::uuid = scores.customer_id
    order by scores.customer_id
"""
