"""Imports as jobs: nobody waits for them, forms go on meanwhile, and a stopped one leaves nothing."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crm.commands import uploads
from crm.commands.contacts import add_contact
from crm.commands.history import undo_change
from crm.commands.jobs import ask, stop
from crm.jobs.run import recover
from crm.jobs.runner import Runner
from crm.queries import customers, jobs
from crm.store import session as door
from crm.store.session import Session, command_line
from tests.serving import ROOT
from tests.working import run_waiting

MANY = 40_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Session]:
    url = f"duckdb:///{tmp_path / 'crm.duckdb'}"
    yield Session(door.opened(url), command_line("tester"))
    door.close(url)


@pytest.fixture
def app(store: Session) -> Iterator[Runner]:
    started = Runner(store)
    started.start()
    yield started
    started.stop()


def fresh(session: Session) -> Session:
    return Session(session.database, session.actor)


def many_people(number: int) -> bytes:
    rows = (f"{n},Person {n},person{n}@example.org,Town {n % 97}" for n in range(number))
    return ("id,name,email,city\n" + "\n".join(rows) + "\n").encode()


def asked(session: Session, content: bytes, kind: str = "import", **more: Any) -> Any:
    return ask(session, kind, file=uploads.keep(session, content), kind="contacts", name="people.csv", **more)


def wait_for(session: Session, job_id: Any, *states: str, within: float = 60.0) -> dict[str, Any]:
    end = time.monotonic() + within
    while time.monotonic() < end:
        job = jobs.one(session, job_id)
        if job and job["state"] in states:
            return job
        time.sleep(0.01)
    raise AssertionError(f"still {jobs.one(session, job_id)}")


def test_forms_wait_for_a_large_import_and_never_fail_and_reads_go_on(store: Session, app: Runner) -> None:
    job_id = asked(store, many_people(MANY))
    wait_for(store, job_id, "running")
    problems: list[BaseException] = []
    saved, read = [], []

    def save() -> None:
        try:
            while jobs.is_under_way(jobs.one(fresh(store), job_id)):
                add_contact(fresh(store), name=f"Form {len(saved)}", email=f"form{len(saved)}@example.net")
                saved.append(1)
        except BaseException as error:
            problems.append(error)

    def look() -> None:
        while jobs.is_under_way(jobs.one(fresh(store), job_id)):
            begun = time.monotonic()
            customers.exist(fresh(store))
            read.append(time.monotonic() - begun)

    threads = [threading.Thread(target=work) for work in (save, look)]
    for thread in threads:
        thread.start()
    job = wait_for(store, job_id, "done", "failed")
    for thread in threads:
        thread.join()
    assert job["state"] == "done", job["message"]
    assert not problems, problems
    assert job["result"]["created"] == MANY
    assert store.value("select count(*) from contacts") == MANY + len(saved)
    assert saved
    assert sorted(read)[len(read) // 2] < 0.5, "a page's reads go on while it writes"


def test_progress_of_an_import_grows_and_is_said_in_words(store: Session, app: Runner) -> None:
    job_id = asked(store, many_people(MANY))
    seen = []
    while (job := jobs.one(store, job_id)) and jobs.is_under_way(job):
        if not seen or seen[-1] != (job["progress_share"] or 0.0, job["message"]):
            seen.append((job["progress_share"] or 0.0, job["message"]))
        time.sleep(0.01)
    shares = [share for share, _ in seen]
    assert shares == sorted(shares)
    assert len({words for _, words in seen}) > 2


def test_a_stopped_import_leaves_nothing_and_its_file_stays_for_another_try(store: Session, app: Runner) -> None:
    job_id = asked(store, many_people(MANY))
    wait_for(store, job_id, "running")
    stop(store, job_id)
    job = wait_for(store, job_id, "stopped", "done")
    if job["state"] == "stopped":  # else it was already writing
        assert store.value("select count(*) from contacts") == 0
        assert uploads.path_of(store, job["arguments"]["file"])


def test_a_check_writes_nothing_and_says_what_the_import_then_does(store: Session) -> None:
    token = uploads.keep(store, b"name,email\nAda,ada@byron.example\nBo,nonsense\n")
    given = {"file": token, "kind": "contacts", "name": "people.csv"}
    check, done = ask(store, "check_import", **given), None
    run_waiting(store)
    assert store.value("select count(*) from contacts") == 0
    done = ask(store, "import", **given)
    run_waiting(store)
    fates = [
        {name: job["result"][name] for name in ("rows", "created", "updated", "unchanged", "skipped", "rejected")}
        for job in (wait_for(store, check, "done"), wait_for(store, done, "done"))
    ]
    assert fates[0] == fates[1] == {"rows": 2, "created": 1, "updated": 0, "unchanged": 0, "skipped": 0, "rejected": 1}


def test_an_import_by_a_job_is_undone_like_any_change(store: Session) -> None:
    job_id = asked(store, b"name,email\nAda,ada@byron.example\n")
    run_waiting(store)
    job = wait_for(store, job_id, "done")
    undo_change(store, job["result"]["change_set_id"])
    assert store.value("select count(*) from contacts") == 0


def test_what_a_job_keeps_of_an_import_holds_no_rejected_rows(store: Session) -> None:
    """They hold people's data and lie in a file of their own, which erasure goes through."""
    asked(store, b"name,email\nAda,ada at byron\n")
    run_waiting(store)
    job = jobs.last_done(store, "import")
    assert job is not None
    assert job["result"]["rejected"] == 1
    assert "ada at byron" not in str(job["result"])


def test_an_import_whose_process_is_killed_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    """Killed at several moments of its way; what is found at the next start says which."""
    for patience in (0.1, 0.8):
        file = tmp_path / f"killed {patience}.duckdb"
        _killed(file, tmp_path / "people.csv", patience)
        url = f"duckdb:///{file}"
        session = Session(door.opened(url), command_line("tester"))
        try:
            recover(session)
            job = jobs.latest(session, "import")
            assert job is not None
            there = session.value("select count(*) from contacts")
            assert (job["state"], there) in {("failed", 0), ("done", MANY)}
            assert session.value("select count(*) from change_sets") == (1 if there else 0)
        finally:
            door.close(url)


PROGRAM = """
import sys, time
from crm.commands import uploads
from crm.commands.jobs import ask
from crm.jobs.runner import Runner
from crm.store.session import Session, command_line, opened
session = Session(opened(sys.argv[1]), command_line("tester"))
Runner(session).start()
ask(session, "import", file=uploads.keep(session, open(sys.argv[2], "rb").read()), kind="contacts", name="people.csv")
while session.value("select state from jobs") == "waiting":
    time.sleep(0.005)
print("running", flush=True)
time.sleep(60)
"""


def _killed(file: Path, people: Path, patience: float) -> None:
    """Start an import in a process of its own, and kill it so long after its job began."""
    people.write_bytes(many_people(MANY))
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, f"duckdb:///{file}", str(people)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "running"
    time.sleep(patience)
    process.kill()
    process.wait()
    process.stdout.close()
