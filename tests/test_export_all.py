"""Everything out and everything in again: equal tables, whole or not at all, also from an older version."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm import cli
from crm.commands.exports import export_everything, import_everything
from crm.errors import Refused
from crm.queries import integrity
from crm.queries.exports import latest
from crm.store import migrate as migrations
from crm.store import session as door
from crm.store.catalogue import tables
from crm.store.database import Database
from crm.store.migrate import migrate
from crm.store.portable import MANIFEST, Manifest, export_tables
from crm.store.session import Session, command_line
from tests import small
from tests.copies import copied, lake_of
from tests.shared import shared_data

Picture = dict[str, list[tuple[Any, ...]]]


def store(url: str = "duckdb:///:memory:") -> Session:
    database = Database(url)
    migrate(database)
    return Session(database, command_line("tester"))


def everything(session: Session) -> Picture:
    """Every column of every row of every table, the history and the data versions too."""
    names = [name for name in tables(session.database.cursor()) if name != "migrations"]
    return {name: sorted(session.execute(f"from {name}", {}).fetchall(), key=repr) for name in names}


@pytest.fixture(scope="module")
def full(demo_file: Path) -> Iterator[Session]:
    """The demo company, with something done to it since."""
    with copied(demo_file) as database:
        session = Session(database, command_line("tester"))
        with session.change("Archive one") as change:
            change.archive("deals", session.value("select deal_id from deals limit 1"))
        yield session


@pytest.fixture(scope="module")
def exported(full: Session, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("everything") / "out"
    export_everything(full, folder)
    return folder


@pytest.fixture
def copy(exported: Path, tmp_path: Path) -> Path:
    """An export that a test may damage."""
    return Path(shutil.copytree(exported, tmp_path / "copy"))


@pytest.fixture
def empty() -> Iterator[Session]:
    session = store()
    yield session
    session.database.close()


def test_an_empty_store_becomes_equal_in_every_table(full: Session, exported: Path, empty: Session) -> None:
    import_everything(empty, exported)
    assert everything(empty) == everything(full)


def test_what_came_in_is_in_order_by_every_check(exported: Path, empty: Session) -> None:
    import_everything(empty, exported)
    assert integrity.checked(empty).summary().startswith("Everything is in order")


def test_a_lake_takes_it_and_gives_it_back(session: Session, empty: Session, bare_lake: Path, tmp_path: Path) -> None:
    small.company(session)
    lake = Session(Database(lake_of(bare_lake, tmp_path)), command_line("tester"))
    export_everything(session, tmp_path / "out")
    import_everything(lake, tmp_path / "out")
    assert everything(lake) == everything(session)
    export_everything(lake, tmp_path / "again")
    import_everything(empty, tmp_path / "again")
    assert everything(empty) == everything(lake)
    lake.database.close()


def test_no_table_of_the_store_is_missing(full: Session, exported: Path) -> None:
    manifest = json.loads((exported / MANIFEST).read_text())
    assert set(manifest["tables"]) == set(tables(full.database.cursor())) == {file.stem for file in exported.glob("*.parquet")}


def test_the_manifest_counts_what_another_reader_finds(exported: Path) -> None:
    said = json.loads((exported / MANIFEST).read_text())["tables"]
    assert {name: entry["rows"] for name, entry in said.items()} == {
        file.stem: pq.ParquetFile(file).metadata.num_rows for file in exported.glob("*.parquet")
    }


def test_who_took_everything_is_written_down(full: Session, exported: Path) -> None:
    taken = next(row for row in latest(full) if row["what"] == "everything")
    assert (taken["actor_name"], taken["layout"]) == ("tester", "parquet")
    assert taken["row_count"] == sum(Manifest.read(exported).rows.values()) - 1  # all but this line about it


def test_the_command_line_takes_it_out_and_brings_it_in(tmp_path: Path) -> None:
    def run(store: str, *arguments: str) -> cli.Outcome:
        return cli.execute(arguments, tmp_path, "tester", f"duckdb:///{tmp_path / store}.duckdb")

    assert run("old", "demo").status == 0
    assert run("old", "export", "all", "out").output.startswith("Exported ")
    assert run("new", "import", "all", "out").output.startswith("Imported ")
    said = json.loads(run("old", "export", "customers", "list.csv", "--json").output)
    assert said["rows"] >= 400 and not said["notes"]
    assert f"0 created, 0 updated, {said['rows']:,} unchanged" in run("new", "import", "customers", "list.csv").output
    assert run("new", "import", "all", "out").status == 1
    for name in ("old", "new"):
        door.close(f"duckdb:///{tmp_path / name}.duckdb")


def test_only_an_admin_takes_everything(make_session: Callable[..., Session], tmp_path: Path) -> None:
    with pytest.raises(Refused, match="role of admin"):
        export_everything(make_session("leader"), tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_an_earlier_export_is_replaced_whole(session: Session, tmp_path: Path) -> None:
    export_everything(session, tmp_path / "out")
    with session.change("Add") as change:
        change.insert("tags", name="New")
    again = export_everything(session, tmp_path / "out")
    assert again.rows["tags"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_other_peoples_files_stay(session: Session, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(Refused, match="other files"):
        export_everything(session, tmp_path)
    export_everything(session, tmp_path / "out")
    (tmp_path / "out" / "letter.txt").write_text("dear")
    with pytest.raises(Refused, match="other files"):
        export_everything(session, tmp_path / "out")
    assert (tmp_path / "out" / "letter.txt").read_text() == "dear"


def test_an_export_that_fails_half_way_leaves_the_earlier_one(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_everything(session, tmp_path / "out")
    before = {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()}

    def fail(share: float | None, words: str) -> None:
        if words == "tasks":
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk"):
        export_everything(session, tmp_path / "out", fail)
    assert {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_store_with_anything_in_it_is_refused_and_stays(exported: Path, session: Session) -> None:
    with session.change("Mine") as change:
        change.insert("tags", name="Mine")
    before = everything(session)
    with pytest.raises(Refused, match="not empty: 1 change stands"):
        import_everything(session, exported)
    assert everything(session) == before


def damaged(copy: Path, name: str) -> None:
    file = copy / "customers.parquet"
    if name == "cut off":
        file.write_bytes(file.read_bytes()[:-100])
    elif name == "changed":
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(bytes(content))
    elif name == "missing":
        file.unlink()
    elif name == "without manifest":
        (copy / MANIFEST).unlink()
    else:
        manifest = json.loads((copy / MANIFEST).read_text())
        manifest["migrations"].append("9999_future.sql")
        (copy / MANIFEST).write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cut off", "customers.parquet has"),
        ("changed", "customers.parquet was changed"),
        ("missing", "customers.parquet is missing"),
        ("without manifest", "not a whole export"),
        ("newer", "newer version"),
    ],
)
def test_a_damaged_or_newer_export_is_refused_and_nothing_comes_in(copy: Path, empty: Session, name: str, words: str) -> None:
    damaged(copy, name)
    before = everything(empty)
    with pytest.raises(Refused, match=words):
        import_everything(empty, copy)
    assert everything(empty) == before


def test_rows_are_counted_after_reading_too(copy: Path, empty: Session) -> None:
    manifest = json.loads((copy / MANIFEST).read_text())
    manifest["tables"]["tags"]["rows"] += 1
    (copy / MANIFEST).write_text(json.dumps(manifest))
    before = everything(empty)
    with pytest.raises(Refused, match="nothing is imported"):
        import_everything(empty, copy)
    assert everything(empty) == before


def test_an_export_of_an_older_version_gets_what_has_come_since(empty: Session, tmp_path: Path) -> None:
    """The first version had four steps: no own fields, fewer settings."""
    old = Database("duckdb:///:memory:")
    migrate(old, only={"0001_company.sql", "0003_defaults.sql"})
    old.cursor().execute(
        "insert into tags (tag_id, name, created_at, updated_at, version) values (uuid(), 'Old', now(), now(), uuid())"
    )
    old.cursor().execute("update settings set value = 'Old Ltd' where name = 'company_name'")
    export_tables(old, tmp_path / "old", datetime(2026, 1, 1))
    new = {row["name"] for row in empty.rows("select name from settings")}
    import_everything(empty, tmp_path / "old")
    assert empty.value("select name from tags") == "Old"
    assert empty.value("select value from settings where name = 'company_name'") == "Old Ltd"
    assert {row["name"] for row in empty.rows("select name from settings")} == new
    assert not [name for name in migrations.migrate(empty.database) if name != "views"]


def test_naughty_strings_come_back_as_they_were(session: Session, empty: Session, tmp_path: Path) -> None:
    naughty = json.loads((shared_data() / "naughty_strings.json").read_text(encoding="utf-8"))
    with session.change("Naughty") as change:
        change.stage("said", pd.DataFrame({"text": naughty, "is_name": [bool(text.strip()) for text in naughty]}))
        change.insert_from("feedback", "select 'complaint' as kind, text, timestamp '2026-01-01' as received_at from said")
        names = "select text as name, 'company' as kind, 'lead' as lifecycle_stage from said where is_name"
        change.insert_from("customers", names)
    export_everything(session, tmp_path / "out")
    import_everything(empty, tmp_path / "out")
    assert sorted(row["text"] for row in empty.rows("select text from feedback")) == sorted(naughty)
    assert sorted(row["name"] for row in empty.rows("select name from customers")) == sorted(t for t in naughty if t.strip())
    parquet = pq.read_table(tmp_path / "out" / "feedback.parquet")
    assert sorted(parquet.column("text").to_pylist()) == sorted(naughty)


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30)
INSTANT = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1))
VALUE = st.none() | st.booleans() | st.integers(-9, 9) | TEXT
OWN = st.none() | st.dictionaries(st.uuids().map(str), VALUE, min_size=1, max_size=3)
CUSTOMER = st.fixed_dictionaries(
    {
        "name": TEXT.filter(str.strip),
        "kind": st.just("company"),
        "lifecycle_stage": st.sampled_from(["lead", "customer"]),
        "note": st.none() | TEXT,
        "own": OWN.map(json.dumps),
        "annual_revenue_amount": st.none() | st.decimals(-(10**11), 10**11, places=2).map(Decimal),
        "founded_year": st.none() | st.integers(-(2**31), 2**31 - 1),
        "archived_at": st.none() | INSTANT,
    }
)
GOAL = st.fixed_dictionaries(
    {
        "figure": TEXT,
        "scope": st.just("company"),
        "starts_on": st.dates(date(1900, 1, 1)),
        "ends_on": st.dates(date(1900, 1, 1)),
        "target": st.floats(allow_nan=False),
    }
)
ORDER = st.fixed_dictionaries(
    {"ordered_at": INSTANT, "amount": st.decimals(-(10**9), 10**9, places=2), "number": st.none() | TEXT}
)
COMPANY = st.fixed_dictionaries(
    {"customers": st.lists(CUSTOMER, max_size=4), "goals": st.lists(GOAL, max_size=3), "orders": st.lists(ORDER, max_size=4)}
)


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[Session, Session]]:
    """Two stores that are emptied to the last row, time and again: making new ones would take most of the time."""
    sessions = store(), store()
    yield sessions
    for session in sessions:
        session.database.close()


def cleared(session: Session) -> Session:
    for name in tables(session.database.cursor()):
        if name != "migrations":
            session.database.cursor().execute(f"delete from {name}")
    return session


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(company=COMPANY)
def test_out_and_in_again_is_the_same_company(
    pair: tuple[Session, Session], tmp_path: Path, company: dict[str, list[dict[str, Any]]]
) -> None:
    source, target = map(cleared, pair)
    try:
        with source.change("Fill") as change:
            keys = [(table, change.insert(table, **row)) for table, rows in company.items() for row in rows]
        with source.change("Edit") as change:
            for table, key in keys[::2]:
                change.update(table, key, **{"orders": {"channel": "é"}, "goals": {"note": "ß"}}.get(table, {"note": "\r\n"}))
    except Refused:
        return  # two goals for one period
    export_everything(source, tmp_path / "out")
    import_everything(target, tmp_path / "out")
    assert everything(target) == everything(source)
