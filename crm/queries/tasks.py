"""What is to do."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.store.session import Session


def of_customer(session: Session, customer_id: UUID | str) -> list[dict[str, Any]]:
    """One row per open task with a customer, soonest first."""
    return session.rows(
        """
        with theirs as materialized (
            select *
            from tasks
            where customer_id = $customer_id
        )

        select
            theirs.*,
            owners.name as owner_name,
        from theirs
        left join employees as owners on owners.employee_id = theirs.owner_id
        where theirs.archived_at is null and theirs.done_at is null
        order by theirs.due_on nulls last, theirs.task_id
        """,
        customer_id=customer_id,
    )


def of_owner(session: Session, owner_id: UUID | None, until: Any, limit: int = 30) -> list[dict[str, Any]]:
    """One row per open task of a person that is due on or before a day, most overdue first."""
    return session.rows(
        """
        select
            tasks.*,
            customers.name as customer_name,
            deals.name as deal_name,
        from tasks
        left join customers on customers.customer_id = tasks.customer_id
        left join deals on deals.deal_id = tasks.deal_id
        where
            tasks.owner_id = $owner_id
            and tasks.done_at is null
            and tasks.archived_at is null
            and tasks.due_on <= $until
        order by tasks.due_on, tasks.task_id
        limit $limit
        """,
        owner_id=owner_id,
        until=until,
        limit=limit,
    )
