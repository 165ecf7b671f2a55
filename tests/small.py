"""A company small enough to know every figure by heart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from crm.store.session import Session

NEW, QUALIFIED, PROPOSAL, NEGOTIATION, WON, LOST = (UUID(f"01900000-0000-7000-8000-00000000010{n}") for n in (1, 2, 3, 4, 8, 9))


def day(text: str) -> date:
    """A day of 2025 from month and day: `day("03-31")`."""
    return date.fromisoformat(f"2025-{text}")


def noon(text: str) -> datetime:
    """Noon of a day of 2025."""
    return datetime.fromisoformat(f"2025-{text} 12:00")


def add(session: Session, table: str, rows: Mapping[str, Mapping[str, Any]]) -> dict[str, UUID]:
    """Insert rows under nicknames; give their keys."""
    with session.change(f"Add {table}") as change:
        return {nickname: change.insert(table, **fields) for nickname, fields in rows.items()}


def deal(stage: UUID, **fields: Any) -> dict[str, Any]:
    """A deal's fields; one named by nobody is called Deal."""
    return {"name": "Deal", "stage_id": stage} | fields


def way_of(session: Session, deal_id: UUID) -> list[tuple[str, datetime]]:
    """The stages that a deal came to, and when, the first one first."""
    sql = """
        select stages.name, moves.changed_at
        from stage_changes as moves
        inner join stages on stages.stage_id = moves.to_stage_id
        where moves.deal_id = $deal_id
        order by moves.changed_at, moves.stage_change_id
    """
    return [(row["name"], row["changed_at"]) for row in session.rows(sql, deal_id=deal_id)]


def company(session: Session) -> dict[str, UUID]:
    """Two teams, two sellers, three customers and one archived, a dozen deals, orders, calls, ratings, tasks and goals."""
    keys = add(session, "teams", {"north": {"name": "North"}, "south": {"name": "South"}})
    keys |= add(
        session,
        "employees",
        {
            "ann": {"name": "Ann", "role": "member", "team_id": keys["north"], "region": "West"},
            "bob": {"name": "Bob", "role": "member", "team_id": keys["south"], "region": "East"},
        },
    )
    keys |= add(session, "products", {"pump": {"name": "Pump", "list_price_amount": 400}, "hose": {"name": "Hose"}})
    who = {"kind": "company", "lifecycle_stage": "customer"}
    keys |= add(
        session,
        "customers",
        {
            "acme": who | {"name": "Acme", "owner_id": keys["ann"], "region": "North Sea"},
            "bolt": who | {"name": "Bolt", "owner_id": keys["bob"]},
            "cove": who | {"name": "Cove", "lifecycle_stage": "lead"},
            "gone": who | {"name": "Gone", "owner_id": keys["ann"]},
        },
    )
    keys |= _deals(session, keys)
    _happenings(session, keys)
    _goals(session, keys)
    with session.change("Archive") as change:
        change.archive("customers", keys["gone"])
        change.archive("deals", keys["mistake"])
    return keys


def _deals(session: Session, keys: dict[str, UUID]) -> dict[str, UUID]:
    ann, bob, acme, bolt = keys["ann"], keys["bob"], keys["acme"], keys["bolt"]
    pump, hose = keys["pump"], keys["hose"]
    made = add(
        session,
        "deals",
        {
            # won and lost, Q1 and Q2
            "first": deal(
                WON,
                customer_id=acme,
                owner_id=ann,
                product_id=pump,
                amount="1000.10",
                opened_on=day("01-01"),
                closed_on=day("01-31"),
            ),
            "second": deal(
                WON,
                customer_id=bolt,
                owner_id=bob,
                product_id=hose,
                amount="500.20",
                opened_on=day("02-01"),
                closed_on=day("03-31"),
            ),
            "third": deal(WON, customer_id=acme, owner_id=ann, amount="300.00", opened_on=day("04-01"), closed_on=day("04-11")),
            "missed": deal(
                LOST, customer_id=bolt, owner_id=bob, product_id=pump, amount=0, opened_on=day("03-01"), closed_on=day("04-15")
            ),
            "mistake": deal(WON, customer_id=acme, owner_id=ann, amount=9999, closed_on=day("04-01")),
            "undated": deal(WON, customer_id=acme, owner_id=ann, amount=70),
            # open
            "big": deal(
                NEGOTIATION, customer_id=acme, owner_id=ann, amount=2000, opened_on=day("03-15"), expected_close_on=day("06-20")
            ),
            "listed": deal(
                PROPOSAL, customer_id=bolt, owner_id=bob, product_id=pump, opened_on=day("04-10"), expected_close_on=day("06-30")
            ),
            "fresh": deal(NEW, owner_id=bob, amount=100, opened_on=day("05-01")),
            "priceless": deal(QUALIFIED, owner_id=bob, product_id=hose, opened_on=day("05-02"), expected_close_on=day("07-01")),
        },
    )
    steps = [("big", NEW, QUALIFIED, "04-01"), ("big", QUALIFIED, NEGOTIATION, "05-20"), ("third", PROPOSAL, WON, "04-11")]
    with session.change("Move") as change:
        for nickname, before, after, when in steps:
            change.insert("stage_changes", deal_id=made[nickname], from_stage_id=before, to_stage_id=after, changed_at=noon(when))
    return made


def _happenings(session: Session, keys: dict[str, UUID]) -> None:
    ann, bob, acme, bolt, cove = (keys[name] for name in ("ann", "bob", "acme", "bolt", "cove"))
    order = {"customer_id": bolt, "product_id": keys["hose"]}
    add(
        session,
        "orders",
        {
            "o1": order | {"ordered_at": noon("02-10"), "amount": "80.50"},
            "o2": order | {"ordered_at": noon("04-20"), "amount": "20.00"},
            "return": order | {"ordered_at": noon("05-20"), "amount": "-5.25"},
            "walk-in": {"ordered_at": noon("06-01"), "amount": 10},
        },
    )
    call = {"customer_id": acme, "employee_id": ann, "channel": "call"}
    add(
        session,
        "interactions",
        {
            **{f"c{text}": call | {"occurred_at": noon(text)} for text in ("04-01", "04-11", "04-21", "05-01")},
            "same day": call | {"occurred_at": noon("05-01"), "channel": "visit"},
            "mailing": call | {"occurred_at": noon("06-10"), "channel": "newsletter"},
            "lead": {"customer_id": cove, "employee_id": bob, "channel": "email", "occurred_at": noon("05-15")},
        },
    )
    nps = {"kind": "survey_answer", "scale": "nps_0_10"}
    csat = {"kind": "survey_answer", "scale": "csat_1_5", "customer_id": bolt, "product_id": keys["pump"]}
    add(
        session,
        "feedback",
        {
            "n1": nps | {"customer_id": acme, "rating": 2, "received_at": noon("04-05")},
            "n2": nps | {"customer_id": acme, "rating": 9, "received_at": noon("05-05")},
            "n3": nps | {"customer_id": bolt, "rating": 7, "received_at": noon("05-06")},
            "n4": nps | {"rating": 0, "received_at": noon("05-07")},
            "n5": nps | {"rating": 10, "received_at": noon("05-08")},
            "wrong": nps | {"rating": 11, "received_at": noon("05-09")},
            "s1": csat | {"rating": 5, "received_at": noon("04-05")},
            "s2": csat | {"rating": 3, "received_at": noon("05-05")},
            "e1": csat | {"scale": "ces_1_7", "rating": 6, "received_at": noon("05-05")},
        },
    )
    complaint = {"kind": "complaint", "text": "Late", "customer_id": acme, "owner_id": ann}
    keys |= add(
        session,
        "feedback",
        {
            "spring": complaint | {"received_at": noon("03-20"), "due_on": day("03-25")},
            "early": complaint | {"received_at": noon("04-02"), "due_on": day("04-07")},
            "slow": complaint | {"received_at": noon("05-02"), "due_on": day("05-07")},
            "open": complaint | {"received_at": noon("06-02"), "due_on": day("06-07")},
        },
    )
    told = {"customer_id": acme, "words": "It is put right."}
    add(
        session,
        "tellings",
        {
            "spring": told | {"feedback_id": keys["spring"], "told_at": noon("03-22")},
            "early": told | {"feedback_id": keys["early"], "told_at": noon("04-05")},
            "early again": told | {"feedback_id": keys["early"], "told_at": noon("04-20")},
            "slow": told | {"feedback_id": keys["slow"], "told_at": noon("05-12")},
        },
    )
    reading = {"measure": "share_of_voice", "starts_on": day("04-01"), "ends_on": day("04-30"), "taken_from": "Press"}
    add(session, "brand_readings", {"april": reading | {"value_share": 0.2}})
    task = {"title": "Call back", "owner_id": ann, "customer_id": bolt}
    add(
        session,
        "tasks",
        {
            "late": task | {"due_on": day("04-01")},
            "done late": task | {"due_on": day("05-01"), "done_at": noon("05-10")},
            "today": task | {"due_on": day("06-30")},
        },
    )


def _goals(session: Session, keys: dict[str, UUID]) -> None:
    q2 = {"figure": "won_amount", "starts_on": day("04-01"), "ends_on": day("06-30")}
    add(
        session,
        "goals",
        {
            "company": q2 | {"scope": "company", "target": 1200},
            "north": q2 | {"scope": "team", "team_id": keys["north"], "target": 600},
            "bob": q2 | {"scope": "employee", "employee_id": keys["bob"], "target": 400},
            "nps": q2 | {"figure": "nps", "scope": "company", "target": 50},
            "quiet": q2 | {"figure": "quiet_customers", "scope": "company", "target": 0},
        },
    )
