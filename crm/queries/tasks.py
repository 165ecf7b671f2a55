"""What is to do: of one person, or of one customer."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from crm.queries.names import names
from crm.store.session import Session

NAMED = (("customer", "customers"), ("contact", "contacts"), ("deal", "deals"), ("owner", "employees"))


def of_owner(session: Session, owner_id: UUID | str | None, until: date | None = None, limit: int = 30) -> list[dict[str, Any]]:
    """One row per open task of an employee (of anybody without one), the earliest due first; with `until`, those due by then."""
    return _named(
        session,
        session.rows(
            """
            select * exclude (archived_at)
            from tasks
            where
                ($owner_id::uuid is null or owner_id = $owner_id::uuid)
                and done_at is null
                and archived_at is null
                and ($until::date is null or due_on <= $until::date)
            order by due_on nulls last, created_at, task_id
            limit $limit
            """,
            owner_id=owner_id,
            until=until,
            limit=limit,
        ),
    )


def of_customer(session: Session, customer_id: UUID | str) -> list[dict[str, Any]]:
    """One row per open task about a customer, the earliest due first."""
    return _named(
        session,
        session.rows(
            """
            with theirs as materialized (
                select *
                from tasks
                where customer_id = $customer_id
            )

            select * exclude (archived_at)
            from theirs
            where done_at is null and archived_at is null
            order by due_on nulls last, created_at, task_id
            """,
            customer_id=customer_id,
        ),
    )


def of_deal(session: Session, deal_id: UUID | str) -> list[dict[str, Any]]:
    """One row per open task about a deal, the earliest due first."""
    return _named(
        session,
        session.rows(
            """
            select * exclude (archived_at)
            from tasks
            where deal_id = $deal_id and done_at is null and archived_at is null
            order by due_on nulls last, created_at, task_id
            """,
            deal_id=deal_id,
        ),
    )


def _named(session: Session, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for noun, table in NAMED:
        known = names(session, table, [row[f"{noun}_id"] for row in rows])
        for row in rows:
            row[f"{noun}_name"] = known.get(row[f"{noun}_id"])
    return rows
