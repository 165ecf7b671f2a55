"""Pages, opened through the shell as a person would: on the demo company and on an empty one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from crm.commands import employees
from crm.store import session as door
from crm.store.session import SYSTEM, Session

SHELL = Path(__file__).resolve().parents[2] / "crm" / "ui" / "shell.py"


@pytest.fixture(scope="session")
def demo_file(demo_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company with its first admin, as the app starts it."""
    return _started(demo_file, tmp_path_factory.mktemp("pages") / "demo.duckdb")


@pytest.fixture(scope="session")
def empty_file(bare_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty company with its first admin."""
    return _started(bare_file, tmp_path_factory.mktemp("pages") / "empty.duckdb")


@pytest.fixture(params=["demo", "empty"])
def company(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A fresh copy of the demo company, then of the empty one."""
    yield from _copied(request.getfixturevalue(f"{request.param}_file"), tmp_path, monkeypatch)


@pytest.fixture
def demo_company(demo_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A fresh copy of the demo company."""
    yield from _copied(demo_file, tmp_path, monkeypatch)


@pytest.fixture
def empty_company(empty_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A fresh copy of the empty company."""
    yield from _copied(empty_file, tmp_path, monkeypatch)


def _copied(file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    copy = folder / file.name
    shutil.copy(file, copy)
    url = f"duckdb:///{copy}"
    monkeypatch.setenv("CRM_DB_URL", url)
    st.cache_data.clear()
    yield url
    door.close(url)


@pytest.fixture
def visit() -> Callable[..., AppTest]:
    """Open a page by its link, and fail on any error it shows."""

    def opened(page: str, **query: str) -> AppTest:
        app = AppTest.from_file(str(SHELL), default_timeout=120)
        for name, value in query.items():
            app.query_params[name] = value
        app.switch_page(f"../../pages/{page}.py").run()
        assert not app.exception, app.exception[0].message
        return app

    return opened


@pytest.fixture
def ask(request: pytest.FixtureRequest) -> Callable[..., object]:
    """Ask the company's store directly, to see what a page really wrote."""

    def answer(sql: str, **values: object) -> object:
        return Session(door.opened(), SYSTEM).value(sql, **values)

    return answer


def _started(file: Path, copy: Path) -> Path:
    url = f"duckdb:///{shutil.copy(file, copy)}"
    employees.ensure_first_admin(Session(door.opened(url), SYSTEM))
    door.close(url)
    return copy
