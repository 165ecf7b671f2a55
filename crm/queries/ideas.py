"""What our own people say to leadership: ideas, blockers, needs; who is for them, and what was answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from crm.errors import Refused
from crm.store.session import Session

NOUNS = ("ideas", "idea_votes", "employees", "actions")


def every(session: Session, *, kind: str | None = None, state: str | None = None, newest: bool = False) -> list[dict[str, Any]]:
    """One row per thing said, open ones and the most wanted first, or `newest` first: author if named, votes, answer.

    Those of one day come in the order of their keys, which are random where there is no name.
    """
    order = "" if newest else "ideas.state not in ('open', 'planned'), votes desc, "
    return session.rows(
        f"""
        with votes as (
            select
                idea_id,
                count(*) as votes,
                bool_or(employee_id = $me::uuid) as is_mine,
            from idea_votes
            where archived_at is null
            group by idea_id
        )

        select
            ideas.idea_id,
            ideas.kind,
            ideas.text,
            ideas.said_on,
            ideas.state,
            ideas.answer,
            ideas.answered_on,
            ideas.action_id,
            ideas.version,
            ideas.employee_id,
            authors.name as author,
            leaders.name as answered_by,
            actions.name as action,
            actions.changed_on,
            coalesce(votes.votes, 0) as votes,
            coalesce(votes.is_mine, false) as is_my_vote,
        from ideas
        left join votes on votes.idea_id = ideas.idea_id
        left join employees as authors on authors.employee_id = ideas.employee_id
        left join employees as leaders on leaders.employee_id = ideas.answered_by_id
        left join actions on actions.action_id = ideas.action_id and actions.archived_at is null
        where
            ideas.archived_at is null
            and ($kind::varchar is null or ideas.kind = $kind)
            and ($state::varchar is null or ideas.state = $state)
        order by {order} ideas.said_on desc, ideas.idea_id
        """,  # noqa: S608 - one of two constants
        me=session.actor.employee_id,
        kind=kind,
        state=state,
    )


def news(session: Session, days: int = 7) -> dict[str, int]:
    """One row: how many of all wait for an answer, and how many of one's own were answered in the latest days."""
    found = session.row(
        """
        select
            count(*) filter (where state = 'open') as waiting,
            count(*) filter (where employee_id = $me::uuid and answered_on > $since) as answered,
        from ideas
        where archived_at is null
        """,
        me=session.actor.employee_id,
        since=session.today - timedelta(days=days),
    )
    return found or {"waiting": 0, "answered": 0}


def one(session: Session, idea_id: UUID | str) -> dict[str, Any]:
    """One row: what was said; refused if it is not there, or was put aside."""
    row = session.row("select * from ideas where idea_id = $key and archived_at is null", key=idea_id)
    if row is None:
        raise Refused("This is not there any more.")
    return row


def vote_of(session: Session, idea_id: UUID | str, employee_id: UUID) -> UUID | None:
    """The key of an employee's vote for it."""
    found: UUID | None = session.value(
        "select idea_vote_id from idea_votes where idea_id = $idea and employee_id = $me and archived_at is null",
        idea=idea_id,
        me=employee_id,
    )
    return found


def employee_count(session: Session) -> int:
    """How many work here."""
    return int(session.value("select count(*) from employees where archived_at is null"))
