"""The people who work here, and their teams."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.store.session import Session


def active(session: Session) -> list[dict[str, Any]]:
    """One row per employee who is not archived, by name."""
    return session.rows(
        """
        select
            employees.employee_id,
            employees.name,
            employees.email,
            employees.role,
            employees.title,
            employees.region,
            employees.team_id,
            teams.name as team_name,
            employees.own,
            employees.version
        from employees
        left join teams on teams.team_id = employees.team_id
        where employees.archived_at is null
        order by lower(employees.name), employees.employee_id
        """
    )


def teams(session: Session) -> list[dict[str, Any]]:
    """One row per team that is not archived, with its manager and size, by name."""
    return session.rows(
        """
        select
            teams.team_id,
            teams.name,
            teams.region,
            teams.manager_id,
            managers.name as manager_name,
            count(members.employee_id) as member_count,
            teams.version
        from teams
        left join employees as managers on managers.employee_id = teams.manager_id
        left join employees as members on members.team_id = teams.team_id and members.archived_at is null
        where teams.archived_at is null
        group by all
        order by name
        """
    )


def regions(session: Session) -> list[str]:
    """One row per region in which we or our customers are, by name."""
    rows = session.rows(
        """
        select region
        from employees
        where region is not null
        union
        select region
        from customers
        where region is not null
        order by region
        """
    )
    return [row["region"] for row in rows]


def first_admin(session: Session) -> UUID | None:
    """The admin who is taken to be at the keyboard where there is no sign-in: the one that the first start made."""
    found: UUID | None = session.value(
        """
        select employees.employee_id
        from employees
        left join changes on changes.record_id = employees.employee_id and changes.operation = 'insert'
        left join change_sets on change_sets.change_set_id = changes.change_set_id
        where employees.role = 'admin' and employees.archived_at is null
        order by change_sets.title = 'First start' desc, employees.created_at, employees.employee_id
        limit 1
        """
    )
    return found


def owns_something(session: Session, employee_id: UUID | None) -> bool:
    """Whether any customer or open task is this person's."""
    found = session.value(
        """
        select 1
        from (
            select owner_id from customers where archived_at is null
            union all
            select owner_id from tasks where archived_at is null and done_at is null
        )
        where owner_id = $employee_id
        limit 1
        """,
        employee_id=employee_id,
    )
    return found is not None
