"""The one door to the store from above: a database opened once a process, and a Session made anew for each run.

A Session is a database, an actor and a clock. Who asks, what they may see and what day it is are fixed for the whole run,
so that two figures on one page can never disagree about them.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import duckdb
import pandas as pd
from uuid_utils.compat import uuid7

from crm.errors import Refused, Unavailable
from crm.store import rules
from crm.store.anonymity import ANONYMOUS
from crm.store.changes import Change
from crm.store.database import DEFAULT_URL, Database, parse
from crm.store.migrate import migrate
from crm.store.narrowing import keep_to, narrow

_opened: dict[str, Database] = {}
_opening = threading.Lock()


@dataclass(frozen=True)
class Actor:
    """Who acts. A session without one cannot write."""

    kind: str
    name: str
    role: str = "member"
    employee_id: UUID | None = None
    team_id: UUID | None = None
    invitation_id: UUID | None = None  # of a respondent: the invitation that is answered

    @property
    def own_key(self) -> UUID | None:
        """What `$me` stands for in the rules on writing."""
        return self.employee_id or self.invitation_id


SYSTEM = Actor("system", "System", "admin")


def command_line(user: str) -> Actor:
    """The person at the terminal: whoever may start programs on the file may do anything with it."""
    return Actor("command line", user, "admin")


def store_url(url: str | None = None) -> str:
    """The store that is asked for: the argument, else CRM_DB_URL, else the file in data/."""
    return url or os.environ.get("CRM_DB_URL") or DEFAULT_URL


def opened(url: str | None = None) -> Database:
    """The database at `url`, opened and brought to today's shape once a process."""
    wanted = store_url(url)
    with _opening:
        if wanted not in _opened:
            database = Database(wanted)
            migrate(database)
            _keep_erased(database)
            _opened[wanted] = database
        return _opened[wanted]


def _keep_erased(database: Database) -> None:
    from crm.store.erasure import keep_erased  # it builds on sessions

    keep_erased(database)


def close(url: str | None = None) -> None:
    """Let go of the file, for another process to open."""
    with _opening:
        database = _opened.pop(store_url(url), None)
    if database:
        database.close()


def is_open(url: str | None = None) -> bool:
    """Whether this process has the store open."""
    file = file_of(url)
    return any(url == address or (file is not None and parse(address).file == file) for address in _opened)


def is_new(url: str | None = None) -> bool:
    """Whether there is no file yet: the app's first start."""
    file = parse(store_url(url)).file
    return file is not None and not file.exists()


def file_of(url: str | None = None) -> Path | None:
    """The store's file on this machine, if it is one."""
    return parse(store_url(url)).file


class Session:
    """What every query and command is given first. Made for one run in one thread."""

    def __init__(self, database: Database, actor: Actor, now: datetime | None = None, job_id: UUID | None = None) -> None:
        self.database = database
        self.actor = actor
        self.now = now or datetime.now(UTC).replace(tzinfo=None)
        self.job_id = job_id
        self._generation = -1
        self._kept: tuple[str, dict[str, Any]] | None = None

    @property
    def _cursor(self) -> duckdb.DuckDBPyConnection:
        """The session's own cursor; a new one when another file has taken the place of the store's."""
        if self._generation != self.database.generation:
            self._generation, self._own_cursor = self.database.generation, self.database.cursor()
            owners = self._visible_owners(self._own_cursor)
            if owners is not None:
                narrow(self._own_cursor, owners)
            if self._kept:
                keep_to(self._own_cursor, *self._kept, narrowed=owners is not None)
        return self._own_cursor

    def among(self, customers: str, values: dict[str, Any]) -> Session:
        """The same person, asking only about the customers whose keys this SQL yields, and what hangs on them."""
        kept = Session(self.database, self.actor, self.now, self.job_id)
        kept._kept = (customers, values)
        return kept

    def apart(self) -> Session:
        """The same person with another cursor: for rows that are read bit by bit while other things are asked."""
        other = Session(self.database, self.actor, self.now, self.job_id)
        other._kept = self._kept
        return other

    def _visible_owners(self, cursor: duckdb.DuckDBPyConnection) -> list[UUID] | None:
        """Whose customers this session sees; None for everybody's."""
        reads = self.settings.get("member_reads", "all")
        if reads == "all" or self.actor.role != "member":
            return None
        team = self.actor.team_id if reads == "team" else None
        rows = cursor.execute(
            "select employee_id from employees where employee_id = $1 or team_id = $2", [self.actor.employee_id, team]
        ).fetchall()
        return [key for (key,) in rows]

    @property
    def is_anonymous(self) -> bool:
        """Whether nothing that this session writes may say when or by whom."""
        return self.actor.kind == ANONYMOUS

    def new_key(self) -> UUID:
        """A key for a row: in the order of time, but for what is anonymous."""
        return uuid4() if self.is_anonymous else uuid7()

    @property
    def new_key_sql(self) -> str:
        """The same in SQL, for rows that a statement makes."""
        return "gen_random_uuid()" if self.is_anonymous else "uuidv7()"

    @property
    def scope(self) -> str:
        """What keeps one person's cached answer from another's: whose rows this session sees."""
        narrowed = self.actor.role == "member" and self.settings.get("member_reads", "all") != "all"
        return str(self.actor.employee_id) if narrowed else "all"

    @property
    def is_whole(self) -> bool:
        """Whether this session sees every row: of a narrowed member, or among some customers, it does not."""
        return self._kept is None and self.scope == "all"

    @cached_property
    def settings(self) -> dict[str, str]:
        """The company's settings, as they stood when first asked for in this run."""
        return self.database.known("settings", self._settings)

    def _settings(self) -> dict[str, str]:
        with self.database.passing():
            known = self.database.cursor().execute("select name, value from settings where archived_at is null")
            return dict(known.fetchall())

    @cached_property
    def zone(self) -> ZoneInfo:
        """The company's time zone, in which its days begin and end."""
        return ZoneInfo(self.settings.get("time_zone") or "UTC")

    @property
    def today(self) -> date:
        """The company's day of this run."""
        return self.local(self.now).date()

    def local(self, instant: datetime) -> datetime:
        """An instant on the company's clock."""
        return instant.replace(tzinfo=UTC).astimezone(self.zone)

    def start_of(self, day: date) -> datetime:
        """The instant at which a day of the company begins, as the store keeps instants."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC).replace(tzinfo=None)

    def end_of(self, day: date) -> datetime:
        """The instant at which a day of the company is over."""
        return self.start_of(day + timedelta(days=1))

    def execute(self, sql: str, values: dict[str, Any]) -> duckdb.DuckDBPyConnection:
        """Run a read."""
        return self._cursor.execute(sql, values) if values else self._cursor.execute(sql)

    def rows(self, sql: str, **values: Any) -> list[dict[str, Any]]:
        """Every row as a dict: for small reads."""
        with self.database.passing():
            result = self.execute(sql, values)
            names = [column[0] for column in result.description]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def row(self, sql: str, **values: Any) -> dict[str, Any] | None:
        """The first row, if there is one."""
        found = self.rows(sql, **values)
        return found[0] if found else None

    def value(self, sql: str, **values: Any) -> Any:
        """The first column of the first row, or None."""
        with self.database.passing():
            rows = self.execute(sql, values).fetchall()  # `fetchone` leaves the transaction open, and no checkpoint passes it
        return rows[0][0] if rows else None

    def frame(self, sql: str, **values: Any) -> pd.DataFrame:
        """Every row as a frame: for tables, charts and mathematics."""
        with self.database.passing():
            return self.execute(sql, values).df()

    def change(self, title: str, *, dry_run: bool = False, origin: str | None = None) -> Change:
        """A change set, applied when the `with` block ends; `origin` says that a file brought it (“import”), not a person."""
        if self.actor.kind == "nobody":
            raise Refused("Sign in first.")
        return Change(self, title, dry_run=dry_run, origin=origin)

    def note(self, sql: str, **values: Any) -> int:
        """Write down what no person undoes, such as how far a job is: no change set, and no waiting for a large import.

        Says how many rows it wrote.
        """
        with self.database.working() as cursor:
            written = self.database.transaction(cursor, lambda: cursor.execute(sql, values or None).fetchall(), alone=False)
            return int(written[0][0]) if written else 0

    def require(self, role: str, what: str) -> None:
        """Refuse unless the actor has at least this role."""
        if not self.may(role):
            above = "" if role == rules.ROLES[-1] else " or higher"
            raise Refused(f"{what} needs the role of {role}{above}. Ask one of them.")

    def may(self, role: str) -> bool:
        """Whether the actor has at least this role: what a page offers, never what protects the data."""
        mine = self.actor.role
        return mine in rules.ROLES and rules.ROLES.index(mine) >= rules.ROLES.index(role)

    def versions(self, nouns: Sequence[str]) -> tuple[tuple[str, int], ...]:
        """The data versions of some nouns: with `scope`, the freshness part of a cache key."""
        every = self.database.known("data_versions", self._versions)
        return tuple((noun, every[noun]) for noun in sorted(set(nouns)) if noun in every)

    def _versions(self) -> dict[str, int]:
        with self.database.passing():
            return dict(self.execute("select noun, version from data_versions", {}).fetchall())


def acting_as(database: Database, who: UUID | str) -> Actor:
    """The employee with this key or e-mail, as they stand in the company now."""
    sql = """
        select name, role, employee_id, team_id
        from employees
        where (employee_id::varchar = $1 or lower(email) = lower($1)) and archived_at is null
    """
    with database.passing():
        row = database.cursor().execute(sql, [str(who)]).fetchone()
    if not row:
        raise Unavailable(f"There is no active employee “{who}”.")
    return Actor("employee", *row)
