"""A random company for rules: the one of the figures, with every field that a rule can ask about filled here and there."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

from crm.store.rules import noun
from crm.store.session import Session
from tests.oracle import random_company

NOW = datetime(2025, 6, 1, 13, 30)  # 2 June, half past one in the night, in Auckland
WORTH = """
    insert into customer_values by name
    select
        uuidv7() as value_run_id,
        customer_id,
        created_at::date as first_purchased_on,
        created_at::date as last_purchased_on,
        1 as purchase_count,
        10 as spent_amount,
        1 + hash(name) % 5 as recency_score,
        1 + hash(name) // 5 % 5 as frequency_score,
        case when hash(name) % 3 > 0 then 4 end as amount_score,
        hash(name) % 7 / 2 as expected_purchases,
        hash(name) % 1000 as value_amount
    from customers
    where hash(name) % 4 > 0
"""
FITS = """
    insert into customer_fits by name
    select
        uuidv7() as fit_run_id,
        customer_id,
        case when hash(name) % 6 > 0 then hash(name) % 5 / 4 end as fit_share
    from customers
    where hash(name) % 7 > 0
"""
CITIES = ["Köln", "Zürich", "Łódź", "Paris", None]


def build(session: Session, seed: int) -> Session:
    """Fill an empty company; gives the session that looks at it on a day of its history."""
    random_company.build(session, seed)
    dice = random.Random(seed + 1)  # noqa: S311 - a repeatable company, not a secret
    keys = {table: _keys(session, table) for table in ("customers", "contacts", "interactions", "orders", "feedback")}
    customers = keys["customers"]
    with session.change("Fill fields") as change:
        for table, row in (
            ("customers", lambda key: _fields(dice, customers, key)),
            ("contacts", lambda _: _person(dice)),
            ("interactions", lambda _: {"campaign": dice.choice(["Spring", None]), "direction": dice.choice(["inbound", None])}),
            ("orders", lambda _: {"channel": dice.choice(["shop", "phone", None])}),
            ("feedback", lambda _: {"kind": dice.choice(["complaint", "question"]), "text": dice.choice(["Too LATE", None])}),
        ):
            change.stage(f"new_{table}", pd.DataFrame([{f"{noun(table)}_id": str(key)} | row(key) for key in keys[table]]))
            change.update_from(table, f"from new_{table}")
    with session.change("Label") as change:
        tags = [change.insert("tags", name=name) for name in ("VIP", "Fair", "Late payer")]
        lists = [change.insert("segments", name=name, kind="list") for name in ("Guests", "Panel")]
        for table, rows in (
            ("customer_tags", [_label(dice, "tag_id", key, tag) for key in customers for tag in dice.sample(tags, 2)]),
            ("segment_members", [_label(dice, "segment_id", key, one) for key in customers for one in dice.sample(lists, 1)]),
            ("traits", [_trait(dice, customers) for _ in range(60)]),
        ):
            change.stage(f"new_{table}", pd.DataFrame(rows))
            change.insert_from(table, f"from new_{table}")
    session.note(WORTH)
    session.note(FITS)
    return Session(session.database, session.actor, NOW)


def _keys(session: Session, table: str) -> list[Any]:
    """The keys of a table, in an order that is the same each time: that of their making."""
    return [row["key"] for row in session.rows(f"select {noun(table)}_id as key from {table} order by key")]


def _label(dice: random.Random, column: str, customer: Any, key: Any) -> dict[str, Any]:
    archived = NOW if dice.random() < 0.3 else None
    return {"customer_id": str(customer), column: str(key), "archived_at": archived}


def _fields(dice: random.Random, customers: list[Any], key: Any) -> dict[str, Any]:
    others = [other for other in customers if other != key]
    return {
        "city": dice.choice(CITIES),
        "country": dice.choice(["Deutschland", "Polska", None]),
        "sector": dice.choice(["software", "retail", None]),
        "website": dice.choice(["https://A.example", "b.example", "", None]),
        "phone": dice.choice(["+4922112345", None]),
        "employee_count": dice.choice([1, 20, 300, None]),
        "annual_revenue_amount": dice.choice([1000, 250000.55, None]),
        "founded_year": dice.choice([1990, 2015, None]),
        "parent_id": str(dice.choice(others)) if dice.random() < 0.2 else None,
        "cadence_days": dice.choice([30, 90, None]),
        "note": dice.choice(["Wants a Château", "", None]),
        "source": dice.choice(["demo", None]),
        "created_at": random_company._moment(dice),
    }


def _person(dice: random.Random) -> dict[str, Any]:
    return {
        "title": dice.choice(["Buyer", "Head of Büro", None]),
        "email": dice.choice(["Ann@Example.com", "bob@example.com", None]),
        "phone": dice.choice(["+331234", None]),
        "street": dice.choice(["Rue 1", None]),
        "postcode": dice.choice(["50667", None]),
        "city": dice.choice(CITIES),
        "state": dice.choice(["NRW", None]),
        "country": dice.choice(["France", None]),
        "born_on": dice.choice([date(1980, 2, 29), date(2025, 6, 2), None]),
        "consent": dice.choice(["unknown", "given", "withdrawn"]),
        "consent_at": dice.choice([datetime(2025, 5, 31, 12), datetime(2025, 6, 1, 11, 59), None]),
        "note": dice.choice(["met at the fair", None]),
    }


def _trait(dice: random.Random, customers: list[Any]) -> dict[str, Any]:
    return {
        "customer_id": str(dice.choice(customers)),
        "kind": dice.choice(["want", "need", "like"]),
        "text": dice.choice(["Faster delivery", "a named contact"]),
        "state": dice.choice(["open", "met", None]),
        "observed_on": NOW.date() - timedelta(days=dice.randrange(200)),
    }
