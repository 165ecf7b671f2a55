"""The store: brought to today's shape once, whole or not at all; one process owns the file and says so."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm.errors import Unavailable
from crm.store import migrate as migrations
from crm.store.database import Database
from crm.store.migrate import migrate
from crm.store.session import Session, command_line
from tests.copies import lake_in


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "crm.duckdb"


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    made = Database(f"duckdb:///{file}")
    yield made
    made.close()


def test_a_file_is_brought_to_shape_once(database: Database) -> None:
    assert migrate(database)
    assert migrate(database) == []


def test_the_same_file_opens_again_with_nothing_to_do(file: Path) -> None:
    for expected in (True, False):
        database = Database(f"duckdb:///{file}")
        assert bool(migrate(database)) is expected
        database.close()


def test_views_are_made_again_only_when_their_text_changed(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(database)
    texts = migrations.views()
    monkeypatch.setattr(migrations, "views", lambda: [*texts, "create or replace view fresh as select 1 as one;"])
    assert migrate(database) == ["views"]
    assert migrate(database) == []
    assert database.cursor().execute("from fresh").fetchone() == (1,)


def test_what_no_view_file_makes_any_more_goes_from_an_older_store(tmp_path: Path) -> None:
    pytest.importorskip("duckdb_extension_ducklake", reason="the DuckLake wheel is not installed")
    for url in (f"duckdb:///{tmp_path / 'crm.duckdb'}", lake_in(tmp_path)):
        database = Database(url)
        migrate(database)
        cursor = database.cursor()
        cursor.execute("create view action_feedback as select 1 as one")
        cursor.execute("create macro actions_raised_by(one) as table select one")
        cursor.execute("delete from migrations where name = '0022_retired_views.sql'")
        migrate(database)
        made = "select count(*) from duckdb_views() where view_name = 'action_feedback'"
        asked = "select count(*) from duckdb_functions() where function_name = 'actions_raised_by'"
        assert cursor.execute(f"select ({made}), ({asked})").fetchone() == (0, 0)
        assert cursor.execute("select count(*) from action_feedback(null::uuid)").fetchone() == (0,)
        database.close()


def test_a_step_that_dies_half_way_leaves_nothing(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(database)
    folder = tmp_path / "migrations"
    folder.mkdir()
    step = folder / "0001_more.sql"
    step.write_text("create table more (one integer); insert into more values (1); select error('killed');")
    monkeypatch.setattr(migrations, "_steps", lambda _: [step])
    with pytest.raises(Exception, match="killed"):
        migrate(database)
    left = database.cursor().execute("select count(*) from duckdb_tables() where table_name = 'more'").fetchone()
    assert left == (0,)
    step.write_text("create table more (one integer);")
    assert migrate(database) == ["0001_more.sql", "views"]


def test_a_view_is_written_once_for_everyone_and_for_one() -> None:
    text = "-- twice: lines, customer_lines(of_customer)\nselect * from t {one where c = of_customer}{all where not archived}"
    everyone, one, rest = migrations._rendered(text).split(";")
    assert " ".join(everyone.split()) == "create or replace view lines as select * from t where not archived"
    made = "create or replace macro customer_lines(of_customer) as table select * from t where c = of_customer"
    assert " ".join(one.split()) == made
    assert not rest


def test_a_second_process_is_told_who_has_the_file(file: Path, database: Database) -> None:
    migrate(database)
    code = f"from crm.store.database import Database\nDatabase('duckdb:///{file}')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "is in use by another process. Close that one" in done.stderr


@pytest.mark.parametrize("url", ["sqlite:///x", "duckdb://x", "ducklake:meta", ""])
def test_an_address_that_is_none_is_refused_in_words(url: str) -> None:
    with pytest.raises(Unavailable, match="not a database address"):
        Database(url)


def test_a_file_that_is_no_database_is_left_as_it_is(file: Path) -> None:
    file.write_text("name,city\nKonex,Bonn\n" * 1000)
    with pytest.raises(Unavailable, match="not a DuckDB file"):
        Database(f"duckdb:///{file}")
    assert file.read_text().startswith("name,city")


def test_what_was_committed_is_there_after_reopening(file: Path) -> None:
    for run in range(2):
        database = Database(f"duckdb:///{file}")
        migrate(database)
        session = Session(database, command_line("tester"))
        assert session.value("select count(*) from customers") == run
        with session.change("Add") as change:
            change.insert("customers", name=f"Customer {run}", kind="company", lifecycle_stage="lead")
        database.close()


def test_a_small_fact_is_asked_once_between_two_commits(database: Database) -> None:
    migrate(database)
    asked: list[int] = []

    def ask() -> int:
        asked.append(1)
        return len(asked)

    assert [database.known("a fact", ask), database.known("a fact", ask)] == [1, 1]
    with Session(database, command_line("test")).change("Add a tag") as change:
        change.insert("tags", name="VIP")
    assert database.known("a fact", ask) == 2


def test_what_was_asked_before_a_commit_is_not_taken_for_what_stands_after_it(database: Database) -> None:
    migrate(database)
    session = Session(database, command_line("test"))

    def overtaken() -> dict[str, int]:
        before = session.versions(("tags",))
        with session.change("Add a tag") as change:
            change.insert("tags", name="VIP")
        return dict(before)

    assert database.known("slow question", overtaken) == {}
    assert database.known("slow question", lambda: dict(session.versions(("tags",)))) == {"tags": 1}
