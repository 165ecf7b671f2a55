"""Ask for long work in the background, and ask it to stop.

A page asks by a row in `jobs` and goes on; whoever runs jobs in this process (crm.jobs) is woken. Jobs are machinery: no
change set records them, their effects have their own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from uuid_utils.compat import uuid7

from crm.errors import Refused
from crm.queries import jobs
from crm.store.session import Session

T = TypeVar("T")
KEPT = timedelta(days=90)
Report = Callable[[float | None, str], None]
Calculate = Callable[..., Any]


def quietly(_share: float | None, _words: str) -> None:
    """How far work is, told to nobody: for a command that runs outside a job."""


def directly(function: Callable[..., T], *arguments: Any) -> T:
    """Calculate here: for a command that runs outside a job."""
    return function(*arguments)


def ask(session: Session, kind: str, /, **arguments: Any) -> UUID:
    """Ask for a job; the same one is not queued twice. Whether the asker may is checked when it runs, as the asker."""
    if session.actor.kind == "nobody":
        raise Refused("Sign in first.")
    wanted = json.dumps(arguments, default=str, sort_keys=True)
    for row in jobs.all_of(session, kind=kind, state="waiting"):
        if json.dumps(row["arguments"], sort_keys=True) == wanted and row["asked_by_id"] == session.actor.employee_id:
            return UUID(str(row["job_id"]))
    job_id: UUID = uuid7()
    session.note(
        """
        insert into jobs (job_id, kind, state, message, asked_by, asked_by_id, created_at, arguments)
        values ($job, $kind, 'waiting', 'Waiting', $name, $employee, $now, $arguments)
        """,
        job=job_id,
        kind=kind,
        name=session.actor.name,
        employee=session.actor.employee_id,
        now=session.now,
        arguments=wanted,
    )
    session.database.work_asked.set()
    return job_id


def sweep(session: Session) -> dict[str, int]:
    """Forget jobs that ended long ago, but the last that was done of each kind."""
    session.note(
        """
        delete from jobs
        where state in ('done', 'failed', 'stopped') and finished_at < $before
        and (kind, finished_at) not in (select (kind, max(finished_at)) from jobs where state = 'done' group by kind)
        """,
        before=session.now - KEPT,
    )
    return {"left": session.value("select count(*) from jobs")}


def stop(session: Session, job_id: UUID | str) -> None:
    """Ask a job to stop: one that waits does at once, one that runs at its next step; what it did not write stays unwritten."""
    job = jobs.one(session, job_id)
    if not jobs.is_under_way(job):
        raise Refused("This is no longer running.")
    assert job is not None  # noqa: S101 - is_under_way has said so
    if job["asked_by_id"] is None or job["asked_by_id"] != session.actor.employee_id:
        session.require("manager", "Stopping what somebody else asked for")
    session.note(
        """
        update jobs
        set
            stop_asked_at = $now,
            state = case when state = 'waiting' then 'stopped' else state end,
            finished_at = case when state = 'waiting' then $now end,
            message = case when state = 'waiting' then 'Stopped before it began.' else message end
        where job_id = $job and state in ('waiting', 'running')
        """,
        job=job_id,
        now=session.now,
    )
