"""Small real databases for the tests: an empty company in memory, and people of each role in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

from crm.commands.demo import make_demo
from crm.store import session as door
from crm.store.database import Database
from crm.store.migrate import migrate
from crm.store.session import SYSTEM, Session, acting_as, command_line
from tests.copies import Fresh, copied, lake_in

BROWSER = "tests/browser"
# The same examples in every run, however busy the machine is: a red run is of what was changed.
settings.register_profile("suite", derandomize=True, deadline=None)
settings.load_profile("suite")


class Scheduling(LoadFileScheduling):
    """Each process takes a file at a time; all journeys in a browser are as one file, with one app on the demo."""

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER if nodeid.startswith(BROWSER) else nodeid.split("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    """Distribute as `pytest_collection_modifyitems` has ordered."""
    config.option.loadscopereorder = False
    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first, and the short doctests last: they fill up what is left of the time."""
    sizes = Counter(_file(item) for item in items)
    items.sort(key=lambda item: (not _file(item).startswith(BROWSER), _file(item).startswith("crm/"), -sizes[_file(item)]))


def _file(item: pytest.Item) -> str:
    return item.nodeid.split("::")[0]


@pytest.fixture(scope="session")
def bare_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty company, to be copied: a copy takes a quarter of the time that all migrations take."""
    return _made(tmp_path_factory.mktemp("bare") / "crm.duckdb")


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company as it was just made, to be copied."""
    return _made(tmp_path_factory.mktemp("demo") / "crm.duckdb", make_demo)


@pytest.fixture(scope="session")
def bare_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty company on a DuckLake, to be copied."""
    pytest.importorskip("duckdb_extension_ducklake", reason="the DuckLake wheel is not installed")
    folder = tmp_path_factory.mktemp("lake")
    database = Database(lake_in(folder))
    migrate(database)
    database.close()
    return folder


@pytest.fixture(scope="session")
def fresh(bare_file: Path) -> Fresh:
    """One more empty company, for a block: `with fresh() as database`."""
    return lambda: copied(bare_file)


@pytest.fixture
def database(fresh: Fresh) -> Iterator[Database]:
    """An empty company."""
    with fresh() as database:
        yield database


@pytest.fixture
def session(database: Database) -> Session:
    """The command line on the empty company: may do anything."""
    return Session(database, command_line("tester"))


@pytest.fixture
def demo_session(demo_file: Path) -> Iterator[Session]:
    """The command line on the demo company."""
    with copied(demo_file) as database:
        yield Session(database, command_line("tester"))


@pytest.fixture
def make_session(database: Database, session: Session) -> Callable[..., Session]:
    """Make a session of a new employee with this role: `make_session("member", name="Mo")`."""

    def make(role: str, name: str = "", now: datetime | None = None, **fields: object) -> Session:
        with session.change("Employ") as change:
            key = change.insert("employees", name=name or role.title(), role=role, **fields)
        return Session(database, acting_as(database, key), now)

    return make


def _made(file: Path, fill: Callable[[Session], object] = lambda session: None) -> Path:
    url = f"duckdb:///{file}"
    fill(Session(door.opened(url), SYSTEM))
    door.close(url)
    return file
