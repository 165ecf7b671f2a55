"""What customers told us and what became of it: complaints that wait for an answer, and one customer's whole story."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.store.session import Session

NOUNS = ("feedback", "tellings", "customers", "contacts", "employees", "actions", "themes", "theme_marks", "comment_themes")


def waiting(session: Session, owner_id: UUID | str | None = None, limit: int = 50) -> list[dict[str, Any]]:
    """One row per complaint that is due to somebody (to an employee, if named) and not answered yet, the earliest due first."""
    return session.rows(
        """
        select
            entry.feedback_id,
            entry.customer_id,
            customers.name as customer_name,
            contacts.name as contact_name,
            entry.text,
            entry.rating,
            entry.scale,
            entry.received_at,
            entry.due_on,
            entry.owner_id,
            owners.name as owner_name,
            entry.version,
        from feedback as entry
        left join customers on customers.customer_id = entry.customer_id
        left join contacts on contacts.contact_id = entry.contact_id
        left join employees as owners on owners.employee_id = entry.owner_id
        where
            entry.kind = 'complaint'
            and entry.archived_at is null
            and entry.due_on is not null
            and ($owner_id::uuid is null or entry.owner_id = $owner_id::uuid)
            and entry.feedback_id not in (select feedback_id from feedback_answers)
        order by entry.due_on, entry.received_at, entry.feedback_id
        limit $limit
        """,
        owner_id=owner_id,
        limit=limit,
    )


def of_customer(session: Session, customer_id: UUID | str, limit: int = 8) -> list[dict[str, Any]]:
    """One row per thing a customer told us, the latest first: who answers it by when, what we change for it, when they were told.

    The change is the latest of one of its themes that was under way then or later.
    """
    return session.rows(
        """
        with
        theirs as materialized (
            select *
            from feedback
            where customer_id = $customer_id
        ),

        entries as materialized (
            select *
            from theirs
            where archived_at is null
            order by received_at desc, feedback_id desc
            limit $limit
        ),

        changes as (
            select
                raised.feedback_id,
                arg_max(actions.name, (actions.created_at, actions.action_id)) as action_name,
                arg_max(actions.changed_on, (actions.created_at, actions.action_id)) as changed_on,
            from action_feedback($customer_id) as raised
            inner join actions on actions.action_id = raised.action_id and actions.archived_at is null
            group by raised.feedback_id
        )

        select
            entries.feedback_id,
            entries.kind,
            entries.text,
            entries.rating,
            entries.scale,
            entries.received_at,
            entries.due_on,
            entries.owner_id,
            owners.name as owner_name,
            contacts.name as contact_name,
            changes.action_name,
            changes.changed_on,
            answers.told_at,
        from entries
        left join employees as owners on owners.employee_id = entries.owner_id
        left join contacts on contacts.contact_id = entries.contact_id
        left join changes on changes.feedback_id = entries.feedback_id
        left join feedback_answers as answers on answers.feedback_id = entries.feedback_id
        order by entries.received_at desc, entries.feedback_id desc
        """,
        customer_id=customer_id,
        limit=limit,
    )


def of_interaction(session: Session, interaction_id: UUID) -> dict[str, Any] | None:
    """One row: the complaint that was heard while something was logged, with who answers it and by when; none without one."""
    return session.row(
        """
        select feedback.due_on, employees.name as owner_name
        from feedback
        left join employees on employees.employee_id = feedback.owner_id
        where feedback.interaction_id = $interaction_id and feedback.kind = 'complaint' and feedback.archived_at is null
        """,
        interaction_id=interaction_id,
    )
