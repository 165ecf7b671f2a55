"""The command line with nonsense in it: a sentence and an exit code, as JSON where asked, and never a stack trace."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from crm import cli
from crm.commands import demo
from crm.commands.customers import add_customer
from crm.store import session as door
from crm.store.session import Session


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Path]:
    file = tmp_path / "crm.duckdb"
    yield file
    door.close(f"duckdb:///{file}")


@pytest.fixture
def crm(store: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Run the command line on the store; its exit code and all that it printed."""

    def run(*arguments: str, db: str = "") -> tuple[int, str]:
        status = cli.main(["--db", db or f"duckdb:///{store}", *arguments])
        printed = capsys.readouterr()
        return status, (printed.out + printed.err).strip()

    return run


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["frobnicate"], 2, "invalid choice"),
        (["import", "widgets", "a.csv"], 2, "invalid choice"),
        (["import", "customers", "no such file.csv"], 1, "does not exist"),
        (["import", "customers", "\udcff\udcfe.csv"], 1, "does not exist"),
        (["figures", "--period", "2017-Q9"], 1, "is not a period"),
        (["figures", "--period", "0001-01-01..9999-12-31"], 1, "is not between the years 1900 and 2200"),
        (["figures", "--period", "2017", "--as-of", "soon"], 2, "“soon” is not a day"),
        (["figures", "--period", "2017", "--as-of", "0001-01-01"], 2, "is not between 1900 and 2200"),
        (["history", "--limit", "-5"], 2, "is not a number of lines"),
        (["undo", "nonsense"], 1, "“nonsense” is not the id of a change"),
        (["demo", "--remove"], 1, "no demo company"),
        (["--as", "nobody@example.org", "history"], 1, "no active employee"),
    ],
)
def test_nonsense_is_answered_in_a_sentence_and_in_json_with_the_same_words(
    crm: Callable[..., tuple[int, str]], arguments: list[str], status: int, words: str
) -> None:
    code, said = crm(*arguments)
    assert code == status
    assert words in said
    code, told = crm(*arguments, "--json")
    assert code == status
    assert said.startswith(json.loads(told)["error"])


@pytest.mark.parametrize("db", ["nonsense", "ducklake:x", "duckdb:////proc/no/crm.duckdb"])
def test_a_wrong_address_is_said_in_words(crm: Callable[..., tuple[int, str]], db: str) -> None:
    code, said = crm("history", db=db)
    assert code == 1
    assert db.removeprefix("duckdb:///").removesuffix("/crm.duckdb") in said


def test_a_table_is_no_store(crm: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    """The engine would open it as views in memory, and all that is then written would be lost."""
    (tmp_path / "customers.csv").write_text("name\nKonex\n")
    code, said = crm("history", db=f"duckdb:///{tmp_path / 'customers.csv'}")
    assert code == 1
    assert "is not a DuckDB file" in said


def test_what_nobody_expected_is_logged_under_a_number_and_shown_without_a_trace(
    crm: Callable[..., tuple[int, str]], store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(demo, "make_demo", broken)
    code, said = crm("demo", "--json")
    number = json.loads(said)["error"].rstrip(".").rsplit(" ", 1)[1]
    logged = store.with_name("crm.duckdb.log").read_text()
    assert code == 1
    assert "Traceback" not in said
    assert number in logged
    assert "a bug" in logged


class Stranger(BaseHTTPRequestHandler):
    """Another program on the port that an app has left."""

    def do_POST(self) -> None:
        self.send_error(403)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.mark.parametrize("left", ["garbage", "[]", '{"port": 1, "token": "x"}', '{"port": 99999, "token": "x"}', "stranger"])
def test_a_door_that_an_app_left_behind_is_passed_by(crm: Callable[..., tuple[int, str]], store: Path, left: str) -> None:
    with HTTPServer(("127.0.0.1", 0), Stranger) as stranger:
        threading.Thread(target=stranger.serve_forever, daemon=True).start()
        known = json.dumps({"port": stranger.server_port, "token": "x"})
        cli.door_file(store).write_text(known if left == "stranger" else left)
        assert crm("history") == (0, "Nothing has happened yet.")
        stranger.shutdown()


def test_two_stores_of_one_name_have_two_doors() -> None:
    assert cli.door_file(Path("/a/crm.duckdb")) != cli.door_file(Path("/a/crm.db"))


def test_what_customers_wrote_does_not_steer_the_terminal(crm: Callable[..., tuple[int, str]], store: Path) -> None:
    add_customer(Session(door.opened(f"duckdb:///{store}"), door.command_line("tester")), name="Red \x1b[31m \u202egnp.exe")
    door.close(f"duckdb:///{store}")
    assert crm("history")[1].endswith("Add Red \\u001b[31m \\u202egnp.exe")
    (told,) = [row for row in json.loads(crm("history", "--json")[1]) if "Red" in row["title"]]
    assert told["title"] == "Add Red \x1b[31m \u202egnp.exe", "in JSON it is the same text"
