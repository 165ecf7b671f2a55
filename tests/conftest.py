"""Small real databases for the tests: an empty company in memory, and people of each role in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from crm.store.database import Database
from crm.store.migrate import migrate
from crm.store.session import Session, acting_as, command_line


@pytest.fixture
def database() -> Iterator[Database]:
    """An empty company."""
    made = Database("duckdb:///:memory:")
    migrate(made)
    yield made
    made.close()


@pytest.fixture
def session(database: Database) -> Session:
    """The command line on the empty company: may do anything."""
    return Session(database, command_line("tester"))


@pytest.fixture
def make_session(database: Database, session: Session) -> Callable[..., Session]:
    """Make a session of a new employee with this role: `make_session("member", name="Mo")`."""

    def make(role: str, name: str = "", now: datetime | None = None, **fields: object) -> Session:
        with session.change("Employ") as change:
            key = change.insert("employees", name=name or role.title(), role=role, **fields)
        return Session(database, acting_as(database, key), now)

    return make
