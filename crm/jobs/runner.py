"""The thread that takes jobs up: those that were asked for, and those that are due; a few at once, one of a kind."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from crm.commands.jobs import ask
from crm.errors import Refused
from crm.jobs import run
from crm.jobs.kinds import KINDS, due_now
from crm.jobs.worker import WORKER
from crm.queries import jobs
from crm.store.session import SYSTEM, Session, opened

log = logging.getLogger("crm")
AT_ONCE = 3
SECONDS_BETWEEN_LOOKS = 10.0
SECONDS_BETWEEN_SCHEDULES = 60.0
SECONDS_BEFORE_SCHEDULES = 20.0  # the first visitors after a start come first
SECONDS_BETWEEN_TRIES = 0.2
PATIENCE = 10.0


class Runner:
    """Runs the jobs of one store in this process."""

    def __init__(self, session: Session) -> None:
        self._database = session.database
        self._stopping = threading.Event()
        self._jobs: dict[str, threading.Thread] = {}
        self._thread = threading.Thread(target=self._loop, name="crm-jobs", daemon=True)
        self._first_schedule = self._next_schedule = time.monotonic() + SECONDS_BEFORE_SCHEDULES

    def start(self) -> None:
        """Begin, with what an earlier process left behind."""
        run.recover(self._session())
        self._thread.start()

    def stop(self) -> None:
        """Ask what runs to stop, and wait a little for it."""
        self._stopping.set()
        self._database.work_asked.set()
        end = time.monotonic() + PATIENCE
        self._thread.join(PATIENCE)  # first: it may just be beginning a job
        for thread in list(self._jobs.values()):
            thread.join(max(0.0, end - time.monotonic()))
        WORKER.stop()

    def _session(self) -> Session:
        return Session(self._database, SYSTEM)

    def _loop(self) -> None:
        while not self._stopping.is_set():
            try:
                self._look()
            except Exception as error:  # one bad look must not end all jobs
                log.error("looking for jobs failed", exc_info=error)
            self._database.work_asked.wait(SECONDS_BETWEEN_LOOKS)
            self._database.work_asked.clear()

    def _look(self) -> None:
        session = self._session()
        if time.monotonic() > self._first_schedule:
            is_time = time.monotonic() > self._next_schedule
            if is_time:
                self._next_schedule = time.monotonic() + SECONDS_BETWEEN_SCHEDULES
            for kind in due_now(session, only_soon=not is_time):
                ask(session, kind)
        run.beat(session)
        for job in jobs.all_of(session, state="waiting", limit=100)[::-1]:
            if len(self._jobs) < AT_ONCE and job["kind"] not in self._jobs and run.claim(session, job):
                self._begin(job)

    def _begin(self, job: run.Job) -> None:
        thread = threading.Thread(target=self._do, args=(job,), name=f"crm-job-{job['kind']}", daemon=True)
        self._jobs[job["kind"]] = thread
        thread.start()

    def _do(self, job: run.Job) -> None:
        try:
            run.do(self._session(), job, self._stopping.is_set)
        finally:
            del self._jobs[job["kind"]]
            self._database.work_asked.set()


@contextmanager
def running(url: str | None = None) -> Iterator[Runner]:
    """Run the jobs of a store as long as the block lasts."""
    runner = Runner(Session(opened(url), SYSTEM))
    runner.start()
    try:
        yield runner
    finally:
        runner.stop()


def run_now(session: Session, kind: str, /, **arguments: Any) -> run.Job:
    """Run one job here and now, or wait until it was run, and return it as it ended."""
    if kind not in KINDS:
        raise Refused(f"There is no job “{kind}”. There are: {', '.join(sorted(KINDS))}.", "kind")
    run.recover(session)
    asked = jobs.one(session, ask(session, kind, **arguments))
    assert asked is not None  # noqa: S101 - it was asked for just now
    while jobs.is_under_way(asked):
        if run.claim(session, asked):
            run.do(session, asked)
        else:
            time.sleep(SECONDS_BETWEEN_TRIES)  # the app's own runner has it, or another of its kind comes first
        asked = jobs.one(session, asked["job_id"]) or asked
    if asked["state"] == "failed":
        raise Refused(asked["message"])
    return asked
