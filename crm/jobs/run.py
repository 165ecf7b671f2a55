"""One job, from its claim to its end. Whatever it does is one change set or does no harm twice, so it is never half there."""

from __future__ import annotations

import inspect
import json
import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from crm.errors import CrmError, Refused, Stopped
from crm.jobs.kinds import KINDS, Kind
from crm.jobs.worker import WORKER
from crm.queries import jobs
from crm.store.session import SYSTEM, Actor, Session, acting_as

log = logging.getLogger("crm")
SECONDS_BETWEEN = 0.4
SILENCE = timedelta(minutes=2)
RUNNER = secrets.token_hex(8)  # this process
_claiming = threading.Lock()
Job = dict[str, Any]


class Run:
    """What the work of a job is given: the way to say how far it is, and the process for heavy mathematics."""

    def __init__(self, session: Session, job_id: UUID, is_stopping: Callable[[], bool]) -> None:
        self._session, self._job_id, self._is_stopping = session, job_id, is_stopping
        self._said, self._words = 0.0, ""

    def report(self, share: float | None, words: str) -> None:
        """Say how far it is; raises Stopped where somebody asked for that. Cheap: written a few times a second at most."""
        if words == self._words and time.monotonic() - self._said < SECONDS_BETWEEN:
            return
        self._said, self._words = time.monotonic(), words
        session = _fresh(self._session)  # the work's own cursor may be in the middle of a result
        session.note(
            "update jobs set progress_share = $share, message = $words, heartbeat_at = $now where job_id = $job",
            share=share,
            words=words,
            now=session.now,
            job=self._job_id,
        )
        self.watch()

    def calculate(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """The result of a function, calculated in the process apart."""
        return WORKER.calculate(function, *arguments, watch=self.watch)

    def watch(self) -> None:
        """Give up where somebody asked to stop, or the app ends."""
        if self._is_stopping():
            raise Stopped("The app was stopped.")
        job = jobs.one(_fresh(self._session), self._job_id)
        if job and job["stop_asked_at"]:
            raise Stopped("Stopped. Nothing was written.")


def _fresh(session: Session) -> Session:
    """The same store with the clock of this moment and a cursor of its own."""
    return Session(session.database, SYSTEM)


def claim(session: Session, job: Job, runner: str = RUNNER) -> bool:
    """Take a waiting job, unless another of its kind runs or somebody was faster."""
    session = _fresh(session)
    with _claiming:
        session.note(
            """
            update jobs
            set
                state = 'running',
                message = 'Starting',
                runner = $runner,
                started_at = $now,
                heartbeat_at = $now,
                seen_versions = $versions
            where job_id = $job and state = 'waiting'
            and not exists (from jobs as other where other.kind = $kind and other.state = 'running')
            """,
            job=job["job_id"],
            kind=job["kind"],
            runner=runner,
            now=session.now,
            versions=json.dumps(jobs.data_versions(session)),
        )
    taken = jobs.one(session, job["job_id"])
    return taken is not None and taken["state"] == "running" and taken["runner"] == runner


def do(session: Session, job: Job, is_stopping: Callable[[], bool] = lambda: False) -> None:
    """Run a claimed job to its end, and write down what came of it."""
    try:
        asker = Session(session.database, _actor(session, job), job_id=job["job_id"])
        result = _worked(asker, job, Run(session, job["job_id"], is_stopping))
    except Stopped as stopped:
        if is_stopping() and KINDS[job["kind"]].again:
            _back_to_the_queue(session, job)
        else:
            _end(session, job, "stopped", stopped.message)
    except CrmError as error:
        _end(session, job, "failed", error.message)
    except Exception as error:  # a person sees a sentence, the log the rest
        reference = secrets.token_hex(4)
        log.error("problem %s", reference, exc_info=error)
        words = f"Something went wrong on our side, and nothing is half done. The log has the details under {reference}."
        _end(session, job, "failed", words, reference=reference)
    else:
        _end(session, job, "done", _summary(result), result=_as_json(result))


def _worked(session: Session, job: Job, run: Run) -> Any:
    kind = KINDS.get(job["kind"])
    if kind is None:
        raise Refused(f"Nothing of the kind “{job['kind']}” can be done.")
    return kind.work(session, **job["arguments"], **_wanted(kind, run))


def _wanted(kind: Kind, run: Run) -> dict[str, Any]:
    offered: dict[str, Any] = {"report": run.report, "calculate": run.calculate}
    takes = inspect.signature(kind.work).parameters
    return {name: given for name, given in offered.items() if name in takes}


def _actor(session: Session, job: Job) -> Actor:
    """The system, for whoever asked and with the rights that they have now."""
    if job["asked_by_id"]:
        return replace(acting_as(session.database, job["asked_by_id"]), kind="system")
    return replace(SYSTEM, name=job["asked_by"] or SYSTEM.name)


def _summary(result: Any) -> str:
    """The first line of what it says about itself."""
    return str(result.summary()).splitlines()[0] if hasattr(result, "summary") else "Done"


def _as_json(result: Any) -> Any:
    return result.as_json() if hasattr(result, "as_json") else result


def _end(session: Session, job: Job, state: str, words: str, *, result: Any = None, reference: str | None = None) -> None:
    session.note(
        """
        update jobs
        set
            state = $state,
            message = $words,
            result = $result,
            reference = $reference,
            progress_share = case when $state = 'done' then 1 else progress_share end,
            finished_at = $now
        where job_id = $job
        """,
        state=state,
        words=words,
        result=json.dumps(result, default=str) if result is not None else None,
        reference=reference,
        now=_fresh(session).now,
        job=job["job_id"],
    )


def _back_to_the_queue(session: Session, job: Job) -> None:
    session.note(
        "update jobs set state = 'waiting', message = 'Waiting', runner = null, progress_share = null where job_id = $job",
        job=job["job_id"],
    )


def beat(session: Session, runner: str = RUNNER) -> None:
    """Say that this process lives, to others on the same store."""
    session.note(
        "update jobs set heartbeat_at = $now where runner = $runner and state = 'running'", now=session.now, runner=runner
    )


def recover(session: Session, runner: str = RUNNER) -> None:
    """See to the jobs of a process that is gone: done where its change stands, else begun anew or given up, never half there."""
    for job in jobs.all_of(session, state="running", limit=1_000):
        if job["runner"] != runner and (not session.database.address.is_lake or _is_silent(session, job)):
            _recover_one(session, job)


def _is_silent(session: Session, job: Job) -> bool:
    """Whether the process of a job has not been heard of: where several processes share a store, another may run it."""
    silence: timedelta = session.now - job["heartbeat_at"]
    return silence > SILENCE


def _recover_one(session: Session, job: Job) -> None:
    made = session.value("select change_set_id from change_sets where job_id = $job limit 1", job=job["job_id"])
    kind = KINDS.get(job["kind"])
    if made:
        _end(session, job, "done", "Done, just before the app was stopped.", result={"change_set_id": str(made)})
    elif kind and kind.again:
        _back_to_the_queue(session, job)
    else:
        _end(session, job, "failed", "The app was stopped before this was done. Nothing was written: ask for it again.")
