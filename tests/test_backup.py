"""Backups: made while people write, proven before they are trusted, put back without losing what was there."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import duckdb
import pytest

from crm.commands import backups
from crm.commands.settings import change_settings
from crm.errors import Refused, Unavailable
from crm.queries import backups as there
from crm.queries import integrity
from crm.queries.exports import latest
from crm.store import session as door
from crm.store.backups import MANIFEST, proven
from crm.store.database import Database
from crm.store.erased import erased_file
from crm.store.erasure import erase
from crm.store.migrate import migrate
from crm.store.session import Session, command_line
from tests.copies import lake_of
from tests.serving import ROOT, app_on, crm
from tests.test_export_all import everything

NOW = datetime(2026, 3, 4, 12)


def opened(file: Path, now: datetime = NOW) -> Session:
    return Session(door.opened(f"duckdb:///{file}"), command_line("tester"), now)


def add_tag(session: Session, name: str) -> UUID:
    with session.change(f"Add {name}") as change:
        return change.insert("tags", name=name)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one tag."""
    file = tmp_path_factory.mktemp("made") / "crm.duckdb"
    add_tag(opened(file), "First")
    door.close(f"duckdb:///{file}")
    return file


@pytest.fixture
def file(made: Path, tmp_path: Path) -> Iterator[Path]:
    copy = Path(shutil.copy(made, tmp_path / "crm.duckdb"))
    yield copy
    door.close(f"duckdb:///{copy}")


@pytest.fixture
def session(file: Path) -> Session:
    return opened(file)


def test_a_backup_holds_all_of_one_moment_and_opens_like_a_store(session: Session, tmp_path: Path) -> None:
    before = everything(session)
    result = backups.back_up(session, tmp_path / "backup.duckdb")
    assert result.backup.rows["tags"] == 1
    store = Database(f"duckdb:///{tmp_path / 'backup.duckdb'}")
    migrate(store)
    found = everything(Session(store, command_line("tester")))
    found.pop(MANIFEST)
    store.close()
    assert found == before
    assert (tmp_path / "backup.duckdb").stat().st_mode & 0o077 == 0


def test_who_made_a_backup_is_written_down(session: Session, tmp_path: Path) -> None:
    backups.back_up(session, tmp_path / "backup.duckdb")
    assert [(row["what"], row["actor_name"]) for row in latest(session)] == [("backup", "tester")]


def test_while_people_write_a_backup_is_of_one_moment(session: Session, tmp_path: Path) -> None:
    """Each change writes a tag and a change set: a backup that holds one without the other is of two moments."""
    stop = threading.Event()

    def write() -> None:
        own = Session(session.database, session.actor)
        while not stop.is_set():
            add_tag(own, f"Tag {time.monotonic_ns()}")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [backups.back_up(session, tmp_path / f"{number}.duckdb").backup for number in range(4)]
    finally:
        stop.set()
        writer.join()
    assert all(backup.rows["tags"] == backup.rows["change_sets"] == backup.rows["changes"] for backup in made)
    assert made[0].rows["tags"] < made[-1].rows["tags"]


def test_a_backup_replaces_only_a_backup(session: Session, file: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup.duckdb"
    backups.back_up(session, target)
    add_tag(session, "Second")
    assert backups.back_up(session, target).backup.rows["tags"] == 2
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(Refused, match="no backup: it stays"):
        backups.back_up(session, tmp_path / "letter.txt")
    with pytest.raises(Refused, match="store itself"):
        backups.back_up(session, file)
    with pytest.raises(Refused, match="is a folder"):
        backups.back_up(session, tmp_path)


def test_a_file_that_lost_or_changed_anything_is_not_trusted(session: Session, tmp_path: Path) -> None:
    target = tmp_path / "backup.duckdb"
    backups.back_up(session, target)
    whole = target.read_bytes()
    target.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Refused, match="damaged, cut off"):
        proven(target)
    target.write_bytes(whole)
    with duckdb.connect(str(target)) as other:
        other.execute("update tags set name = 'Forged'")
    with pytest.raises(Refused, match="other tags than when it was made"):
        proven(target)
    with duckdb.connect(str(target)) as other:
        other.execute("delete from tags")
    with pytest.raises(Refused, match="holds 0 rows of tags, not 1"):
        proven(target)


def test_a_disk_without_room_is_left_alone(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(Refused, match="too little room"):
        backups.back_up(session, tmp_path / "backup.duckdb")
    assert not (tmp_path / "backup.duckdb").exists()


def test_restoring_puts_the_backup_in_place_and_keeps_what_was_there(session: Session, file: Path, tmp_path: Path) -> None:
    before = everything(session)
    backups.back_up(session, tmp_path / "backup.duckdb")
    add_tag(session, "Later")
    door.close(f"duckdb:///{file}")
    result = backups.restore(f"duckdb:///{file}", tmp_path / "backup.duckdb")
    assert everything(opened(file)) == before
    assert result.kept and duckdb.connect(str(result.kept)).execute("select count(*) from tags").fetchone() == (2,)
    assert [each.is_replaced for each in there.kept(opened(file))] == [True]


def test_nothing_is_replaced_by_what_is_not_proven(session: Session, file: Path, tmp_path: Path) -> None:
    add_tag(session, "Second")
    before = everything(session)
    backups.back_up(session, tmp_path / "backup.duckdb")
    with duckdb.connect(str(tmp_path / "backup.duckdb")) as other:
        other.execute("delete from tags where name = 'Second'")
    door.close(f"duckdb:///{file}")
    for wrong in (tmp_path / "backup.duckdb", tmp_path / "nowhere.duckdb", ROOT / "README.md", file):
        with pytest.raises(Refused):
            backups.restore(f"duckdb:///{file}", wrong)
    assert everything(opened(file)).keys() == before.keys()
    assert {name: rows for name, rows in everything(opened(file)).items() if name != "exports"} == {
        name: rows for name, rows in before.items() if name != "exports"
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.duckdb", "crm.duckdb"]


def test_a_store_that_is_open_is_not_replaced(session: Session, file: Path, tmp_path: Path) -> None:
    backups.back_up(session, tmp_path / "backup.duckdb")
    with pytest.raises(Unavailable, match="Stop it, restore"):
        backups.restore(f"duckdb:///{file}", tmp_path / "backup.duckdb")
    door.close(f"duckdb:///{file}")
    other = subprocess.Popen(
        [sys.executable, "-c", f"import duckdb,sys; c=duckdb.connect('{file}'); print('open', flush=True); sys.stdin.read()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert other.stdout and other.stdout.readline()
        with pytest.raises(Unavailable, match="another process"):
            backups.restore(f"duckdb:///{file}", tmp_path / "backup.duckdb")
    finally:
        other.communicate()


def test_a_damaged_store_is_replaced_and_kept(session: Session, file: Path, tmp_path: Path) -> None:
    backups.back_up(session, tmp_path / "backup.duckdb")
    door.close(f"duckdb:///{file}")
    file.write_bytes(b"ruined" * 1000)
    result = backups.restore(f"duckdb:///{file}", tmp_path / "backup.duckdb")
    assert result.kept and result.kept.read_bytes().startswith(b"ruined")
    assert opened(file).value("select name from tags") == "First"


def test_a_backup_of_a_lake_becomes_a_file(bare_lake: Path, tmp_path: Path) -> None:
    url = lake_of(bare_lake, tmp_path)
    lake = Session(door.opened(url), command_line("tester"))
    add_tag(lake, "Of the lake")
    backups.back_up(lake, tmp_path / "backup.duckdb")
    door.close(url)
    with pytest.raises(Refused, match="takes the place of a file"):
        backups.restore(url, tmp_path / "backup.duckdb")
    file = tmp_path / "new.duckdb"
    assert backups.restore(f"duckdb:///{file}", tmp_path / "backup.duckdb").kept is None
    assert opened(file).value("select name from tags") == "Of the lake"
    door.close(f"duckdb:///{file}")


def test_a_person_who_was_erased_since_stays_erased(session: Session, file: Path, tmp_path: Path) -> None:
    with session.change("Add Jane") as change:
        jane = change.insert("customers", name="Jane Quillfeather", kind="person", lifecycle_stage="lead")
        contact = change.insert("contacts", customer_id=jane, name="Jane Quillfeather", consent="unknown")
    backups.back_up(session, tmp_path / "backup.duckdb")
    erase(session, [jane, contact])
    door.close(f"duckdb:///{file}")
    backups.restore(f"duckdb:///{file}", tmp_path / "backup.duckdb")
    direct = duckdb.connect(str(file))  # not by our own door, which would erase her again by itself
    assert direct.execute("select count(*) from contacts where name ilike '%quill%'").fetchone() == (0,)
    direct.close()
    assert erased_file(file).exists()
    assert "Quillfeather" not in repr(everything(opened(file)))
    assert integrity.checked(opened(file)).summary().startswith("Everything is in order")


def test_the_schedule_asks_when_it_is_time(session: Session, file: Path) -> None:
    start = session.value("select min(made_at) from change_sets")
    assert not there.is_due(opened(file, start + timedelta(hours=2)))
    assert there.is_due(opened(file, start + timedelta(hours=26)))
    backups.back_up(session)
    made = there.made(session)[0].made_at
    assert not there.is_due(opened(file, made + timedelta(hours=3)))
    assert there.is_due(opened(file, made + timedelta(hours=25)))
    change_settings(session, backup_every="never")
    assert not there.is_due(opened(file, made + timedelta(days=90)))
    change_settings(session, backup_every="week")
    assert [there.is_due(opened(file, made + timedelta(days=days))) for days in (6, 8)] == [False, True]


def test_only_the_newest_are_kept_and_nothing_else_is_touched(session: Session, file: Path, tmp_path: Path) -> None:
    change_settings(session, backup_keep=2, backup_folder="kept here")
    (tmp_path / "kept here").mkdir()
    (tmp_path / "kept here" / "crm-notes.duckdb").write_text("mine")
    for day in range(1, 5):
        result = backups.back_up(opened(file, datetime(2026, 5, day, 3)))
        moment = datetime(2026, 5, day, 3).timestamp()
        os.utime(result.backup.file, (moment, moment))
    names = sorted(path.name for path in (tmp_path / "kept here").iterdir())
    assert names == ["crm-2026-05-03-030000.duckdb", "crm-2026-05-04-030000.duckdb", "crm-notes.duckdb"]


def test_a_kill_in_the_middle_leaves_the_old_backup_whole(session: Session, file: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup.duckdb"
    with session.change("Many") as change:
        change.insert_from("interactions", "select 'note' as channel, now()::timestamp as occurred_at from range(60_000)")
    backups.back_up(session, target)
    whole = target.read_bytes()
    door.close(f"duckdb:///{file}")
    for delay in (0.02, 0.1, 0.2):
        child = subprocess.Popen(
            [sys.executable, "-m", "crm", "--db", f"duckdb:///{file}", "backup", str(target)],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        unfinished = tmp_path / f".{target.name}.unfinished"
        end = time.monotonic() + 30
        while not unfinished.exists() and child.poll() is None and time.monotonic() < end:
            time.sleep(0.005)
        time.sleep(delay)
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert target.read_bytes() == whole or proven(target)
        proven(target)
    assert backups.back_up(opened(file), target).backup.rows["interactions"] == 60_000
    assert not unfinished.exists()


def test_the_running_app_backs_up_and_refuses_to_be_replaced(session: Session, file: Path, tmp_path: Path) -> None:
    door.close(f"duckdb:///{file}")
    with app_on(file):
        done = crm("backup", "backup.duckdb", db=file, folder=tmp_path)
        assert done.returncode == 0 and "read back and found equal" in done.stdout
        refused = crm("restore", "backup.duckdb", db=file, folder=tmp_path)
        assert refused.returncode == 1 and "Stop it" in refused.stderr
    restored = crm("restore", "backup.duckdb", db=file, folder=tmp_path)
    assert restored.returncode == 0 and "is kept in" in restored.stdout
