"""Long work in the background: what waits, what runs and how far it is, what came of it."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any
from uuid import UUID

from crm.store.anonymity import ANONYMOUS
from crm.store.rules import ANONYMOUS_TABLES
from crm.store.session import Session

UNDER_WAY = ("waiting", "running")
OF = {
    "kind": "kind = $kind",
    "state": "state = $state",
    "asked_by_id": "asked_by_id = $asked_by_id",
    "job_id": "job_id = $job_id",
}


def all_of(session: Session, *, limit: int = 20, **filters: Any) -> list[dict[str, Any]]:
    """One row per job, the latest asked first, with its arguments and result as dicts.

    Filters: `kind`, `state`, `asked_by_id`.
    """
    given = {name: value for name, value in filters.items() if value is not None}
    where = [OF[name] for name in given]
    rows = session.rows(
        f"""
        select *
        from jobs
        {"where" if where else ""} {" and ".join(where)}
        order by created_at desc, job_id desc
        limit $limit
        """,  # noqa: S608 - fragments above
        limit=limit,
        **given,
    )
    return [_read(row) for row in rows]


def one(session: Session, job_id: UUID | str) -> dict[str, Any] | None:
    """One row: a job; None where there is none."""
    return next(iter(all_of(session, job_id=job_id)), None)


def latest(session: Session, kind: str, **filters: Any) -> dict[str, Any] | None:
    """One row: the job of this kind that was asked for last, whatever became of it; None where there is none."""
    return next(iter(all_of(session, limit=1, kind=kind, **filters)), None)


def last_done(session: Session, kind: str) -> dict[str, Any] | None:
    """One row: the last job of this kind that came to its end."""
    return latest(session, kind, state="done")


def under_way(session: Session, kind: str | None = None) -> list[dict[str, Any]]:
    """One row per job that waits or runs, the first asked first."""
    found = session.rows(
        """
        select *
        from jobs
        where state in ('waiting', 'running') and ($kind is null or kind = $kind)
        order by created_at, job_id
        """,
        kind=kind,
    )
    return [_read(row) for row in found]


def is_under_way(job: dict[str, Any] | None) -> bool:
    """Whether a job still has to come to an end."""
    return job is not None and job["state"] in UNDER_WAY


def data_versions(session: Session) -> dict[str, int]:
    """The data version of every table that was ever written, but of those that would tell when somebody wrote without a name."""
    rows = session.rows("select noun, version from data_versions")
    return {row["noun"]: row["version"] for row in rows if row["noun"] not in ANONYMOUS_TABLES}


def last_anonymous_day(session: Session, *, before: datetime) -> date | None:
    """The last day, before an instant, on which somebody wrote without a name."""
    made_at = session.value(
        "select max(made_at) from change_sets where actor_kind = $kind and made_at < $before", kind=ANONYMOUS, before=before
    )
    return session.local(made_at).date() if made_at else None


def _read(row: dict[str, Any]) -> dict[str, Any]:
    return row | {name: json.loads(row[name] or "{}") for name in ("arguments", "result", "seen_versions")}
