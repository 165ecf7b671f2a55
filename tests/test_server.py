"""The app as a server: what it answers besides pages, and what it refuses."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm import cli
from tests.serving import ROOT, app_on, crm
from tests.visiting import Visit, visit


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("served") / "crm.duckdb"
    assert crm("history", db=file).returncode == 0
    return file


@pytest.fixture(scope="module")
def app(store: Path) -> Iterator[str]:
    with app_on(store) as address:
        yield address


def test_a_fresh_server_refuses_a_page_that_is_not_registered(app: str) -> None:
    """Streamlit's old mode would serve any file of pages/ to the first visitor."""
    file = ROOT / "pages" / "unregistered.py"
    file.write_text("import streamlit as st\nst.exception(RuntimeError('this page ran'))\n")
    try:
        unknown = visit(app, "unregistered")
    finally:
        file.unlink()
    assert unknown.notes and not unknown.errors
    assert visit(app, "history") == Visit()


def test_every_answer_forbids_framing_guessing_and_outside_sources(app: str) -> None:
    with urllib.request.urlopen(f"{app}/health") as answer:
        headers = answer.headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_command_line_goes_through_the_running_app(app: str, store: Path, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("name,email\nAda Byron,ada@example.org\n")
    direct = crm("import", "contacts", "people.csv", "--json", db=store, folder=tmp_path)
    assert direct.returncode == 0, direct.stderr
    assert json.loads(direct.stdout)["created"] == 1
    assert "Ada" not in direct.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["history"],
        ["history", "--limit", "-5", "--json"],
        ["figures", "--period", "soon"],
        ["import", "customers", "no.csv", "--json"],
        ["undo", "nonsense"],
        ["--as", "nobody@example.org", "demo"],
        ["import", "--help"],
    ],
)
def test_a_command_says_the_same_through_the_app_and_beside_it(
    app: str, tmp_path: Path, store: Path, arguments: list[str]
) -> None:
    own = tmp_path / "own.duckdb"
    through, beside = (crm(*arguments, db=file, folder=tmp_path) for file in (store, own))
    assert through.returncode == beside.returncode
    assert through.stderr == beside.stderr
    if arguments != ["history"]:  # the two stores have lived through different things
        assert through.stdout == beside.stdout


def test_the_door_is_shut_without_the_token_and_readable_only_by_its_owner(app: str, store: Path) -> None:
    assert cli.door_file(store).stat().st_mode & 0o077 == 0
    asked = urllib.request.Request(f"{app}/command", b'{"arguments": ["history"], "folder": "/"}', method="POST")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked)
    assert refused.value.code == 403


def test_a_second_process_that_finds_the_file_open_says_so(app: str, store: Path) -> None:
    door = cli.door_file(store)
    hidden = door.rename(door.with_suffix(".hidden"))
    try:
        second = crm("history", db=store)
    finally:
        hidden.rename(door)
    assert second.returncode == 1
    assert "in use by another process" in second.stderr
    assert "Traceback" not in second.stderr


def test_an_upload_that_no_page_offered_is_refused_before_it_is_read(app: str) -> None:
    """Streamlit would take it from any visitor with a session of its own."""
    asked = urllib.request.Request(f"{app}/_stcore/upload_file/some-session/some-file", b"x" * 100, method="PUT")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked)
    assert refused.value.code == 403
    assert "Nothing was offered" in json.load(refused.value)["error"]
