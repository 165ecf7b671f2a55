"""The check finds whatever is wrong: each kind of damage is planted behind the store's back and must be seen, in words."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from crm import cli
from crm.commands import demo, imports
from crm.commands.customers import add_customer
from crm.commands.history import undo_change
from crm.errors import Refused, Unavailable
from crm.queries import integrity
from crm.store import session as door
from crm.store.database import Database
from crm.store.migrate import migrate
from crm.store.session import Session, command_line
from tests.shared import shared_data

NOBODY = "00000000-0000-0000-0000-000000000000"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a bit of everything, made by the commands."""
    file = tmp_path_factory.mktemp("made") / "crm.duckdb"
    session = Session(door.opened(f"duckdb:///{file}"), command_line("tester"))
    with session.change("Start") as change:
        owner = change.insert("employees", name="Ann", role="member", email="ann@x.example")
        acme = change.insert("customers", name="Acme", kind="company", lifecycle_stage="lead", owner_id=owner)
        change.insert("contacts", customer_id=acme, name="Bo", consent="unknown", email="bo@x.example")
        change.insert("tags", name="Gold")
        change.insert("goals", figure="won_amount", scope="company", starts_on="2026-01-01", ends_on="2026-03-31", target=5)
        stages = [row["stage_id"] for row in session.rows("select stage_id from stages order by position limit 2")]
        deal = change.insert("deals", name="Pumps", customer_id=acme, stage_id=stages[1], amount=5)
        change.insert("stage_changes", deal_id=deal, to_stage_id=stages[1], changed_at="2026-01-01")
    add_customer(session, name="Jane Doe", kind="person")
    with session.change("Edit") as change:
        change.update("customers", acme, city="Basel", annual_revenue_amount="12.50")
    door.close(f"duckdb:///{file}")
    return file


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Iterator[Session]:
    file = Path(shutil.copy(made, tmp_path / "crm.duckdb"))
    yield Session(door.opened(f"duckdb:///{file}"), command_line("tester"))
    door.close(f"duckdb:///{file}")


def found(session: Session) -> set[tuple[str, str]]:
    return {(each.check, each.table) for each in integrity.checked(session).findings}


def test_a_store_that_only_commands_wrote_to_is_in_order(store: Session) -> None:
    assert integrity.checked(store).summary().startswith("Everything is in order")


OWN = {("own fields", "customers"), ("derived columns", "customers")}
DAMAGE = {
    "a reference": ("update contacts set customer_id = uuid() where name = 'Bo'", {("references", "contacts")}),
    "an owner": ("update customers set owner_id = uuid() where name = 'Acme'", {("references", "customers")}),
    "an e-mail twice": (
        "insert into employees by name select * replace (uuid() as employee_id, 'Twin' as name) from employees",
        {("uniqueness", "employees"), ("history", "employees"), ("versions", "employees")},
    ),
    "a tag twice": (
        "insert into tags by name select * replace (uuid() as tag_id) from tags",
        {("uniqueness", "tags"), ("history", "tags"), ("versions", "tags")},
    ),
    "a derived column": ("update customers set search_text = 'wrong' where name = 'Acme'", {("derived columns", "customers")}),
    "a version without a change set": ("update tags set version = uuid()", {("versions", "tags")}),
    "another's version": (
        "update tags set version = (select change_set_id from change_sets where title = 'Edit')",
        {("versions", "tags")},
    ),
    "a silent edit": (
        "update customers set city = 'Bern' where name = 'Acme'",
        {("replay", "customers"), ("derived columns", "customers")},
    ),
    "a silent amount": ("update customers set annual_revenue_amount = 13 where name = 'Acme'", {("replay", "customers")}),
    "a row that came from nowhere": (
        "insert into tags by name select * replace (uuid() as tag_id, 'Silver' as name) from tags",
        {("history", "tags"), ("versions", "tags")},
    ),
    "a row that went": ("delete from tags", {("history", "tags")}),
    "a lost change": (
        "delete from changes where table_name = 'tags'",
        {("history", "tags"), ("history", "change_sets"), ("versions", "tags")},
    ),
    "a change without a set": (
        "update changes set change_set_id = uuid() where table_name = 'tags'",
        {("history", "changes"), ("history", "change_sets")},
    ),
    "an undo of nothing": ("update change_sets set undone_by = uuid() where title = 'Edit'", {("history", "change_sets")}),
    "a wrong count": (
        """update change_sets set counts = '{"tags": {"insert": 7}}' where title = 'Edit'""",
        {("history", "change_sets")},
    ),
    "a deal in another stage": (
        "update deals set stage_id = (select stage_id from stages order by position limit 1)",
        {("stages", "deals")},
    ),
    "a person without a contact": (
        "delete from contacts where name = 'Jane Doe'",
        {("persons", "customers"), ("history", "contacts")},
    ),
    "a person with two": (
        "insert into contacts by name select * replace (uuid() as contact_id) from contacts where name = 'Jane Doe'",
        {("persons", "customers"), ("history", "contacts"), ("versions", "contacts")},
    ),
    "a person of two names": (
        "update contacts set name = 'Joan' where name = 'Jane Doe'",
        {("persons", "contacts"), ("derived columns", "contacts")},
    ),
    "a word that is none": ("update customers set lifecycle_stage = 'guest' where name = 'Acme'", {("words", "customers")}),
    "a goal of two minds": ("update goals set team_id = null, scope = 'team'", {("goals", "goals")}),
    "own values of no field": (
        """update customers set own = '{"01900000-0000-7000-8000-000000000099": 1}' where name = 'Acme'""",
        OWN,
    ),
    "own values that are a list": ("update customers set own = '[1]' where name = 'Acme'", OWN),
    "a structure that is a number": (
        "update change_sets set counts = '7' where title = 'Edit'",
        {("json", "change_sets"), ("history", "change_sets")},
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_planted_damage_is_found_and_nothing_else(store: Session, name: str) -> None:
    sql, expected = DAMAGE[name]
    store.database.cursor().execute(sql)
    assert found(store) == expected


def test_two_rows_of_one_key_are_found_where_no_engine_prevents_them(tmp_path: Path) -> None:
    """A file has primary keys; a DuckLake, and a store before its second step, has none."""
    database = Database("duckdb:///:memory:")
    migrate(database)
    cursor = database.cursor()
    cursor.execute("create or replace table settings as from settings")
    cursor.execute("insert into settings from settings where name = 'currency'")
    session = Session(database, command_line("tester"))
    assert {("keys", "settings"), ("uniqueness", "settings")} == found(session)
    database.close()


def test_a_damaged_block_is_found(store: Session, tmp_path: Path) -> None:
    with store.change("Many") as change:
        sql = "select 'note' as channel, now()::timestamp as occurred_at, md5(range::varchar) as note from range(50_000)"
        change.insert_from("interactions", sql)
    store.database.cursor().execute("checkpoint")
    file = store.database.address.file
    door.close(store.database.url)
    assert file
    whole, url = file.read_bytes(), store.database.url
    for start in range(12_288 + len(whole) // 3 // 262_144 * 262_144, len(whole), 262_144):  # some blocks are free, or indexes
        file.write_bytes(whole[: start + 5000] + b"x" * 64 + whole[start + 5064 :])
        with suppress(Unavailable):  # a block without which it does not even open
            result = integrity.checked(Session(door.opened(url), command_line("tester")))
            door.close(url)
            if "damage" in {each.check for each in result.findings}:
                assert "cannot be read" in result.summary()
                return
    pytest.fail("no damage was found")


def test_the_command_says_it_in_words_with_ids_and_ends_with_one(store: Session, tmp_path: Path) -> None:
    url = store.database.url
    fine = cli.execute(["check"], tmp_path, "tester", url)
    assert (fine.status, fine.output[:24]) == (0, "Everything is in order: ")
    key = store.value("select contact_id from contacts where name = 'Bo'")
    gone = uuid4()
    store.database.cursor().execute("update contacts set customer_id = $1 where name = 'Bo'", [gone])
    wrong = cli.execute(["check"], tmp_path, "tester", url)
    assert wrong.status == 1
    assert f"references: contact {key} refers to customer {gone} (customer_id), which is not there" in wrong.output
    as_json = cli.execute(["check", "--json"], tmp_path, "tester", url)
    said = json.loads(as_json.output)
    assert (as_json.status, said["ok"], said["wrong"], said["findings"][0]["key"]) == (1, False, 1, str(key))


def test_what_was_imported_undone_and_taken_away_is_in_order(session: Session) -> None:
    folder = shared_data() / "maven_crm"
    files = {"employees": "sales_teams", "products": "products", "customers": "accounts", "deals": "sales_pipeline"}
    for kind, name in files.items():
        last = imports.import_file(session, kind, folder / f"{name}.csv")
    assert integrity.checked(session).wrong == 0
    assert last.change_set_id
    undone = undo_change(session, last.change_set_id)
    assert integrity.checked(session).wrong == 0
    undo_change(session, UUID(str(undone.change_set_id)))
    assert integrity.checked(session).wrong == 0


def test_the_demo_is_in_order_before_and_after_it_goes(demo_session: Session) -> None:
    assert integrity.checked(demo_session).wrong == 0
    demo.remove_demo(demo_session)
    assert integrity.checked(demo_session).wrong == 0


def test_only_an_admin_checks(made: Path, make_session: object, session: Session) -> None:
    with pytest.raises(Refused, match="role of admin"):
        integrity.checked(make_session("leader"))  # type: ignore[operator]
