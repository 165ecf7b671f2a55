"""Jobs that were asked for, run here and now: what the app's runner does in the background."""

from __future__ import annotations

from crm.jobs import run
from crm.queries import jobs
from crm.store.session import Session


def run_waiting(session: Session) -> None:
    """Run whatever waits, one after the other, and return when nothing does."""
    while waiting := [job for job in jobs.all_of(session, state="waiting", limit=100)[::-1] if run.claim(session, job)]:
        for job in waiting:
            run.do(session, job)
