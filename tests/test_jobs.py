"""Long work in the background: asked for, shown, stopped, failed in words, found again after the process died."""

from __future__ import annotations

import json
import logging
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from crm import cli
from crm.commands.customers import add_customer
from crm.commands.jobs import ask, stop, sweep
from crm.errors import Refused, Stopped
from crm.jobs import due, kinds, run, runner
from crm.jobs.due import Past, past_of
from crm.jobs.kinds import Kind
from crm.jobs.worker import Worker
from crm.queries import jobs
from crm.store.session import Session
from tests.working import run_waiting

NIGHT = datetime(2026, 11, 22, 4, 0)


@pytest.fixture
def can(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Make a kind of job: `can("greet", work)`; there are no others."""
    made: dict[str, Kind] = {}
    monkeypatch.setattr(kinds, "KINDS", made)
    for user in (run, runner):
        monkeypatch.setattr(user, "KINDS", made)

    def make(name: str, work: Callable[..., Any], **more: Any) -> None:
        made[name] = Kind(name.title(), work, **more)

    return make


@pytest.fixture
def app(session: Session) -> Iterator[runner.Runner]:
    """The thread that the app starts."""
    started = runner.Runner(session)
    started.start()
    yield started
    started.stop()


def ended(session: Session, job_id: Any, within: float = 60.0) -> dict[str, Any]:
    """The job once it is no longer under way."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        job = jobs.one(session, job_id)
        if job and not jobs.is_under_way(job):
            return job
        time.sleep(0.01)
    raise AssertionError(f"still {jobs.one(session, job_id)}")


def is_running(session: Session, job_id: Any) -> bool:
    job = jobs.one(session, job_id)
    return job is not None and job["state"] == "running"


def wait_until(fact: Callable[[], bool], within: float = 60.0) -> None:
    end = time.monotonic() + within
    while not fact():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def test_what_is_asked_for_is_done_by_the_app_and_its_result_kept(
    session: Session, app: runner.Runner, can: Callable[..., None]
) -> None:
    can("add", lambda session, a, b: {"sum": a + b})
    job = ended(session, ask(session, "add", a=2, b=3))
    assert (job["state"], job["result"], job["asked_by"]) == ("done", {"sum": 5}, "tester")
    assert job["created_at"] <= job["started_at"] <= job["finished_at"]


def test_a_job_acts_for_who_asked_with_the_rights_they_have_when_it_runs(
    make_session: Callable[..., Session], session: Session, can: Callable[..., None]
) -> None:
    mia = make_session("member", name="Mia")
    can("company", lambda session: session.require("admin", "Closing the company"))
    can("add", lambda session: add_customer(session, name="Konex"))
    refused, allowed = ask(mia, "company"), ask(mia, "add")
    run_waiting(session)
    assert "role of admin" in ended(session, refused)["message"]
    made = session.row("select actor_kind, actor_name, actor_id, job_id from change_sets where job_id is not null")
    assert made == {"actor_kind": "system", "actor_name": "Mia", "actor_id": mia.actor.employee_id, "job_id": allowed}


def test_the_same_work_is_not_queued_twice(session: Session, can: Callable[..., None]) -> None:
    can("add", lambda session, a: a)
    assert ask(session, "add", a=1) == ask(session, "add", a=1) != ask(session, "add", a=2)


def test_of_one_kind_only_one_runs_at_a_time_and_other_kinds_do_not_wait(
    session: Session, app: runner.Runner, can: Callable[..., None]
) -> None:
    going, most = threading.Semaphore(0), []
    now: list[int] = []

    def slow(session: Session, number: int) -> None:
        now.append(number)
        most.append(len(now))
        assert going.acquire(timeout=60)
        now.remove(number)

    can("slow", slow)
    can("quick", lambda session: None)
    asked = [ask(session, "slow", number=number) for number in range(3)]
    wait_until(lambda: is_running(session, asked[0]))
    assert ended(session, ask(session, "quick"))["state"] == "done"
    assert not is_running(session, asked[1])
    for _ in asked:
        going.release()
    assert [ended(session, job)["state"] for job in asked] == ["done"] * 3
    assert max(most) == 1


def test_a_page_can_read_how_far_it_is_while_it_runs_and_progress_is_written_a_few_times_a_second(
    session: Session, app: runner.Runner, can: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    going, told = threading.Event(), []
    note = Session.note
    monkeypatch.setattr(Session, "note", lambda self, sql, **values: (told.append(sql), note(self, sql, **values))[1])

    def count(session: Session, report: Callable[..., None]) -> None:
        for number in range(1_000):
            report(number / 1_000, "Counting")
        report(0.5, "Half way")
        assert going.wait(10)

    can("count", count)
    job_id = ask(session, "count")
    wait_until(lambda: (jobs.one(session, job_id) or {})["message"] == "Half way")
    seen = jobs.one(session, job_id)
    assert seen is not None and seen["progress_share"] == 0.5
    going.set()
    assert ended(session, job_id)["progress_share"] == 1
    assert sum("progress_share = $share" in sql for sql in told) < 30


def test_a_running_job_stops_when_asked_and_writes_nothing(
    session: Session, app: runner.Runner, can: Callable[..., None]
) -> None:
    def endless(session: Session, report: Callable[..., None]) -> None:
        with session.change("Import") as change:
            change.insert("tags", name="half")
            while True:
                report(None, f"Still there {time.monotonic()}")
                time.sleep(0.01)

    can("endless", endless, again=False)
    job_id = ask(session, "endless")
    wait_until(lambda: is_running(session, job_id))
    stop(session, job_id)
    assert ended(session, job_id)["state"] == "stopped"
    assert session.value("select count(*) from tags") == 0
    with pytest.raises(Refused, match="no longer running"):
        stop(session, job_id)


def test_jobs_that_ended_long_ago_are_forgotten_but_the_last_done_of_each_kind(
    session: Session, can: Callable[..., None]
) -> None:
    can("add", lambda session, a: a)
    for number in range(3):
        ask(session, "add", a=number)
    ask(session, "nothing of ours")
    run_waiting(session)
    sweep(session)
    assert len(jobs.all_of(session)) == 4
    sweep(at(session, session.now + timedelta(days=91)))
    left = jobs.all_of(session)
    assert [job["kind"] for job in left] == ["add"]


def test_a_waiting_job_stops_at_once_and_others_jobs_are_stopped_by_managers(
    make_session: Callable[..., Session], session: Session, can: Callable[..., None]
) -> None:
    can("add", lambda session: None)
    job_id = ask(session, "add")
    with pytest.raises(Refused, match="role of manager"):
        stop(make_session("member"), job_id)
    stop(make_session("manager"), job_id)
    run_waiting(session)
    assert ended(session, job_id)["message"] == "Stopped before it began."


def test_a_failure_is_shown_as_a_sentence_with_a_number_and_logged_under_it(
    session: Session, can: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    def broken(session: Session) -> None:
        raise RuntimeError("a bug")

    def refused(session: Session) -> None:
        raise Refused("The file has no column “name”.")

    can("broken", broken)
    can("refused", refused)
    first, second, third = ask(session, "broken"), ask(session, "refused"), ask(session, "nothing of ours")
    with caplog.at_level(logging.ERROR, "crm"):
        run_waiting(session)
    job = ended(session, first)
    assert job["reference"] in job["message"]
    assert "a bug" not in job["message"]
    assert f"problem {job['reference']}" in caplog.text and "a bug" in caplog.text
    assert ended(session, second)["message"] == "The file has no column “name”."
    assert "nothing of ours" in ended(session, third)["message"]


@pytest.mark.parametrize(("again", "state"), [(True, "waiting"), (False, "failed")])
def test_a_job_whose_process_died_is_begun_again_or_given_up(
    session: Session, can: Callable[..., None], again: bool, state: str
) -> None:
    can("long", lambda session: None, again=again)
    job_id = ask(session, "long")
    job = jobs.one(session, job_id)
    assert job and run.claim(session, job, runner="a process that is gone")
    run.recover(session)
    found = jobs.one(session, job_id)
    assert found and found["state"] == state
    run_waiting(session)
    assert ended(session, job_id)["state"] == ("done" if again else "failed")


def test_a_job_whose_process_died_after_its_change_was_written_is_done_and_can_be_undone(
    session: Session, can: Callable[..., None]
) -> None:
    can("tag", lambda session: None, again=True)
    job_id = ask(session, "tag")
    job = jobs.one(session, job_id)
    assert job and run.claim(session, job, runner="a process that is gone")
    with Session(session.database, session.actor, job_id=job_id).change("Tag") as change:
        change.insert("tags", name="gold")
    run.recover(session)
    assert ended(session, job_id)["result"] == {"change_set_id": str(change.change_set_id)}


def test_what_runs_in_this_process_is_not_taken_for_dead(session: Session, can: Callable[..., None]) -> None:
    can("long", lambda session: None)
    job = jobs.one(session, ask(session, "long"))
    assert job and run.claim(session, job)
    run.recover(session)
    assert is_running(session, job["job_id"])


def test_when_the_app_stops_what_can_begin_again_goes_back_to_the_queue(session: Session, can: Callable[..., None]) -> None:
    def endless(session: Session, calculate: Callable[..., Any]) -> None:
        calculate(time.sleep, 60)

    can("endless", endless)
    app = runner.Runner(session)
    app.start()
    job_id = ask(session, "endless")
    wait_until(lambda: is_running(session, job_id))
    app.stop()
    job = jobs.one(session, job_id)
    assert job and job["state"] == "waiting"


# Mathematics in a process apart


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker()
    yield made
    made.stop()


def test_mathematics_runs_in_one_process_apart_that_is_started_when_needed(worker: Worker) -> None:
    assert worker.process_id is None
    first = worker.calculate(os.getpid)
    assert first == worker.calculate(os.getpid) == worker.process_id != os.getpid()
    with pytest.raises(ValueError, match="math domain error"):
        worker.calculate(math.sqrt, -1.0)
    assert worker.process_id == first


def test_the_process_does_not_run_the_page_again_that_streamlit_makes_the_main_module(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "shell.py").write_text("raise SystemExit('the page ran in the worker')")
    main = ModuleType("__main__")
    main.__file__ = str(tmp_path / "shell.py")
    monkeypatch.setitem(sys.modules, "__main__", main)
    assert worker.calculate(math.sqrt, 4.0) == 2


def test_a_result_that_cannot_be_sent_is_an_error_and_not_the_end(worker: Worker) -> None:
    with pytest.raises(TypeError):
        worker.calculate(threading.Lock)
    assert worker.calculate(math.sqrt, 4.0) == 2


def test_a_calculation_survives_the_death_of_its_process(worker: Worker) -> None:
    first = worker.calculate(os.getpid)
    os.kill(first, signal.SIGKILL)
    assert worker.calculate(math.sqrt, 16.0) == 4
    assert worker.process_id != first


def test_a_process_killed_in_the_middle_is_replaced_and_one_that_kills_itself_is_given_up(worker: Worker) -> None:
    first = worker.calculate(os.getpid)
    threading.Timer(0.5, os.kill, (first, signal.SIGKILL)).start()
    began = time.monotonic()
    worker.calculate(time.sleep, 2)
    assert time.monotonic() - began > 2.4
    with pytest.raises(RuntimeError, match="died 2 times"):
        worker.calculate(os._exit, 3)
    assert worker.calculate(math.sqrt, 9.0) == 3


def test_who_stops_a_job_stops_its_calculation(worker: Worker) -> None:
    def enough() -> None:
        raise Stopped("enough")

    began = time.monotonic()
    with pytest.raises(Stopped):
        worker.calculate(time.sleep, 60, watch=enough)
    assert time.monotonic() - began < 40
    assert worker.process_id is None


# Schedules


def at(session: Session, now: datetime) -> Session:
    return Session(session.database, session.actor, now)


def test_nightly_work_is_due_once_a_day_from_its_hour_on(session: Session, can: Callable[..., None]) -> None:
    can("backup", lambda session: None, due=due.nightly(3))
    before, after = at(session, NIGHT.replace(hour=2)), at(session, NIGHT)
    ask(at(session, NIGHT - timedelta(days=1)), "backup")
    run_waiting(session)
    assert kinds.due_now(before) == []
    assert "backup" in kinds.due_now(after)
    ask(after, "backup")
    assert kinds.due_now(after) == []
    run_waiting(session)
    assert kinds.due_now(at(session, NIGHT + timedelta(hours=20))) == []
    assert "backup" in kinds.due_now(at(session, NIGHT + timedelta(days=1)))


def test_work_every_few_hours_waits_that_long(session: Session, can: Callable[..., None]) -> None:
    six = due.every(hours=6)
    assert six(session, past_of(session, "renew"))
    ask(session, "renew")
    assert not six(session, past_of(session, "renew"))
    assert six(at(session, session.now + timedelta(hours=6)), past_of(session, "renew"))


def test_what_is_computed_from_rows_is_due_when_those_were_written(session: Session, can: Callable[..., None]) -> None:
    can("value", lambda session: None, due=due.after_changes("customers", "orders"))
    later = at(session, session.now + timedelta(hours=1))
    assert kinds.due_now(later) == [], "an empty company has nothing to compute"
    add_customer(session, name="Konex")
    assert kinds.due_now(later) == ["value"]
    ask(session, "value")
    run_waiting(session)
    assert kinds.due_now(later) == []
    with session.change("Tag") as change:
        change.insert("tags", name="gold")
    assert kinds.due_now(later) == [], "it does not read tags"
    add_customer(session, name="Condax")
    assert kinds.due_now(later) == ["value"]
    assert kinds.due_now(session) == [], "not more often than every few minutes"


def test_what_reads_the_result_of_another_kind_waits_for_it(session: Session, can: Callable[..., None]) -> None:
    for kind, after in (("fit", "value"), ("value", "")):
        can(kind, lambda session: None, due=due.after_changes("customers"), after=after)
    later = at(session, session.now + timedelta(hours=1))
    add_customer(session, name="Konex")
    assert kinds.due_now(later) == ["value"]
    ask(session, "value")
    assert kinds.due_now(later) == [], "it is still under way"
    run_waiting(session)
    assert kinds.due_now(later) == ["fit"]


def test_schedules_can_be_joined(session: Session) -> None:
    nothing = Past(None, None)
    assert due.either(due.never, due.every(hours=1))(session, nothing)
    assert not due.either(due.never)(session, nothing)


# The command line


def test_the_command_line_lists_jobs_and_runs_one_in_the_foreground(
    session: Session, can: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "_session", lambda *_: session)

    def crm(*arguments: str) -> tuple[int, str]:
        outcome = cli.execute(arguments, run_folder, "tester")
        return outcome.status, outcome.output + outcome.errors

    run_folder: Any = None
    can("greet", lambda session: {"said": "hello"})
    assert crm("jobs") == (0, "Nothing has run in the background yet.")
    assert crm("jobs", "run", "greet") == (0, "greet: Done")
    assert "greet  done  tester: Done" in crm("jobs")[1]
    assert json.loads(crm("jobs", "--json")[1])[0]["result"] == {"said": "hello"}
    assert crm("jobs", "run", "dance")[0] == 1
    assert "There is no job “dance”" in crm("jobs", "run", "dance")[1]
