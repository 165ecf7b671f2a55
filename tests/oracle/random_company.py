"""A company of a few hundred rows at random, the same for the same seed, with every oddity that the figures must bear."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pandas as pd
from uuid_utils.compat import uuid7

from crm.store.rules import key_of
from crm.store.session import Session
from tests import small

FIRST = datetime(2023, 11, 1)
DAYS = 720
STAGES = [small.NEW, small.QUALIFIED, small.PROPOSAL, small.NEGOTIATION, small.WON, small.LOST]
REGIONS = ["North", "South", None]
SCALES = {"nps_0_10": (-1, 11), "csat_1_5": (0, 6), "ces_1_7": (1, 7)}

Fields = dict[str, Any]

PUSHES = """
    select
        changes.record_id as deal_id,
        (changes.before ->> 'expected_close_on')::date as before_on,
        change_sets.made_at,
        null::timestamp as archived_at
    from changes
    inner join change_sets on change_sets.change_set_id = changes.change_set_id
    where json_exists(changes.before, '$.expected_close_on')
"""


def build(session: Session, seed: int) -> None:
    """Fill an empty company, in a time zone far from UTC."""
    dice = random.Random(seed)  # noqa: S311 - a repeatable company, not a secret
    with session.change("Move to Auckland") as change:
        setting = session.value("select setting_id from settings where name = 'time_zone'")
        change.update("settings", setting, value="Pacific/Auckland")
    teams = _add(session, "teams", 3, lambda n: {"name": f"Team {n}"})
    people = _add(session, "employees", 6, lambda n: _employee(dice, n, teams))
    products = _add(
        session, "products", 4, lambda n: {"name": f"Product {n}", "list_price_amount": dice.choice([None, 90.5, 400])}
    )
    customers = _add(session, "customers", 60, lambda n: _customer(dice, n, people))
    contacts = _add(session, "contacts", 40, lambda n: _contact(dice, n, customers))
    deals = _add(session, "deals", 300, lambda _: _deal(dice, customers, people, products))
    _push(session, dice, deals)
    _add(session, "stage_changes", 400, lambda _: _move(dice, deals))
    _add(session, "orders", 250, lambda _: _order(dice, customers, products))
    _add(session, "interactions", 700, lambda _: _interaction(dice, customers, people))
    _add(session, "feedback", 300, lambda _: _feedback(dice, customers, contacts, products))
    complaints = _add(session, "feedback", 150, lambda _: _complaint(dice, customers, people, products))
    _add(session, "tellings", 140, lambda _: {"feedback_id": dice.choice(complaints), "told_at": _moment(dice)})
    _add(session, "tasks", 120, lambda _: _task(dice, customers, people))
    _add(session, "brand_readings", 12, lambda n: _reading(dice, n))
    _archive(session, dice, {"customers": customers, "deals": deals})


def _push(session: Session, dice: random.Random, deals: list[UUID]) -> None:
    """The expected closes of some deals are moved, on a day of the past."""
    for key in dice.sample(deals, 60):
        moment = _moment(dice)
        with Session(session.database, session.actor, moment).change("Push") as change:
            change.update("deals", key, expected_close_on=_some(dice, [moment.date() + timedelta(days=dice.randrange(90))]))


def _add(session: Session, table: str, count: int, row: Callable[[int], Fields]) -> list[UUID]:
    keys = [uuid7() for _ in range(count)]
    rows = [{key_of(table): str(key), **row(number)} for number, key in enumerate(keys)]
    frame = pd.DataFrame([{name: _stored(value) for name, value in fields.items()} for fields in rows], dtype=object)
    with session.change(f"Add {table}") as change:
        change.stage("new_rows", frame)
        change.insert_from(table, "from new_rows")
    return keys


def _stored(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


def _archive(session: Session, dice: random.Random, tables: dict[str, list[UUID]]) -> None:
    with session.change("Archive some") as change:
        for table, keys in tables.items():
            for key in dice.sample(keys, len(keys) // 20):
                change.archive(table, key)


def _moment(dice: random.Random) -> datetime:
    return FIRST + timedelta(minutes=dice.randrange(DAYS * 24 * 60))


def _some(dice: random.Random, values: list[Any], share: float = 0.9) -> Any:
    return dice.choice(values) if dice.random() < share else None


def _employee(dice: random.Random, number: int, teams: list[UUID]) -> Fields:
    return {"name": f"Person {number}", "role": "member", "team_id": _some(dice, teams), "region": dice.choice(REGIONS)}


def _customer(dice: random.Random, number: int, people: list[UUID]) -> Fields:
    stage = dice.choice(["lead", "prospect", "customer", "loyal", "lapsed"])
    owner, region = _some(dice, people), dice.choice(REGIONS)
    return {"name": f"Customer {number}", "kind": "company", "lifecycle_stage": stage, "owner_id": owner, "region": region}


def _contact(dice: random.Random, number: int, customers: list[UUID]) -> Fields:
    return {"name": f"Contact {number}", "customer_id": dice.choice(customers), "consent": "unknown"}


def _deal(dice: random.Random, customers: list[UUID], people: list[UUID], products: list[UUID]) -> Fields:
    stage = dice.choices(STAGES, [1, 1, 1, 1, 4, 3])[0]
    opened = _moment(dice).date()
    closed = opened + timedelta(days=dice.randrange(120))
    return {
        "name": "Deal",
        "stage_id": stage,
        "customer_id": _some(dice, customers),
        "owner_id": _some(dice, people),
        "product_id": _some(dice, products),
        "amount": _some(dice, [0, 10.01, 99.99, 1200, 5000.5]),
        "opened_on": opened,
        "closed_on": closed if stage in STAGES[4:] and dice.random() < 0.95 else None,
        "expected_close_on": _some(dice, [closed, closed + timedelta(days=20)], 0.8),
    }


def _move(dice: random.Random, deals: list[UUID]) -> Fields:
    before, after = sorted(dice.sample(range(5), 2))
    return {
        "deal_id": dice.choice(deals),
        "from_stage_id": STAGES[before] if dice.random() < 0.9 else None,
        "to_stage_id": STAGES[after],
        "changed_at": _moment(dice),
    }


def _order(dice: random.Random, customers: list[UUID], products: list[UUID]) -> Fields:
    amount = round(dice.uniform(-50, 500), 2)
    return {
        "customer_id": _some(dice, customers),
        "product_id": _some(dice, products),
        "ordered_at": _moment(dice),
        "amount": amount,
        "item_count": _some(dice, [0, 1, 3], 0.8),
    }


def _interaction(dice: random.Random, customers: list[UUID], people: list[UUID]) -> Fields:
    channel = dice.choice(["call", "email", "meeting", "note", "newsletter"])
    return {
        "customer_id": _some(dice, customers),
        "employee_id": _some(dice, people),
        "channel": channel,
        "occurred_at": _moment(dice),
    }


def _feedback(dice: random.Random, customers: list[UUID], contacts: list[UUID], products: list[UUID]) -> Fields:
    scale = dice.choice(list(SCALES))
    return {
        "kind": "survey_answer",
        "scale": scale,
        "rating": dice.randint(*SCALES[scale]),
        "customer_id": _some(dice, customers),
        "contact_id": _some(dice, contacts, 0.4),
        "product_id": _some(dice, products),
        "received_at": _moment(dice),
    }


def _complaint(dice: random.Random, customers: list[UUID], people: list[UUID], products: list[UUID]) -> Fields:
    received = _moment(dice)
    return {
        "kind": dice.choice(["complaint", "complaint", "complaint", "suggestion"]),
        "text": "Late again.",
        "customer_id": _some(dice, customers),
        "product_id": _some(dice, products),
        "owner_id": _some(dice, people),
        "received_at": received,
        "due_on": received.date() + timedelta(days=dice.randint(0, 30)) if dice.random() < 0.9 else None,
    }


def _task(dice: random.Random, customers: list[UUID], people: list[UUID]) -> Fields:
    due = _moment(dice)
    done = due + timedelta(days=dice.randint(-20, 40)) if dice.random() < 0.6 else None
    return {
        "title": "Call",
        "customer_id": _some(dice, customers),
        "owner_id": _some(dice, people),
        "due_on": due.date(),
        "done_at": done,
    }


def _reading(dice: random.Random, number: int) -> Fields:
    day = _moment(dice).date()
    return {
        "measure": dice.choice(["share_of_voice", "awareness"]),
        "starts_on": day - timedelta(days=dice.randrange(60)),
        "ends_on": day,
        "value_share": dice.random(),
        "taken_from": f"Reading {number}",
    }


def tables(session: Session) -> dict[str, pd.DataFrame]:
    """Every table as a frame with its keys as text and its instants on the company's clock."""
    names = (
        "customers",
        "employees",
        "products",
        "stages",
        "deals",
        "stage_changes",
        "orders",
        "interactions",
        "feedback",
        "tellings",
        "tasks",
        "brand_readings",
    )
    frames = {name: session.frame(f"from {name}") for name in names} | {"pushes": session.frame(PUSHES)}
    return {name: _plain(session, frame) for name, frame in frames.items()}


def _plain(session: Session, frame: pd.DataFrame) -> pd.DataFrame:
    for name in frame.columns:
        if name.endswith("_id"):
            frame[name] = [None if pd.isna(value) else str(value) for value in frame[name]]
        elif name.endswith("_on"):
            frame[name] = pd.to_datetime(frame[name]).dt.date.where(frame[name].notna(), None)
        elif name.endswith("_at"):
            frame[name] = frame[name].dt.tz_localize("UTC").dt.tz_convert(str(session.zone)).dt.tz_localize(None)
    return frame


def as_day(value: Any) -> date | None:
    """The day of a local instant."""
    return None if pd.isna(value) else value.date()
