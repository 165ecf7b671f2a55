"""Open the store by its URL and hand out cursors and transactions.

One process owns the file, one connection owns the process: every call gets a cursor of its own, because a cursor shared
between threads returns other threads' rows. Writes are serialised by one lock, so that a company's forms never see a
transaction conflict on a file; on a DuckLake, where other processes write too, the whole transaction is tried again.
"""

from __future__ import annotations

import importlib.util
import os
import random
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import duckdb
import pandas  # noqa: F401 - the first bound parameter would import it inside somebody's request

from crm.errors import Unavailable
from crm.store.gate import Gate

T = TypeVar("T")
PROJECT = Path(__file__).resolve().parents[2]
DEFAULT_URL = "duckdb:///data/crm.duckdb"
TRIES = 8
PATIENCE = 10.0  # seconds that a new file waits for those who are at work in the old one
# With the 250 MB that Python and its libraries take, a bulk import stays under 1.5 GB.
FRUGAL = "900 MiB"


@dataclass(frozen=True)
class Address:
    """Where the store is: a file of our own, or a DuckLake's catalog and the folder of its data."""

    path: str
    data: str | None = None

    @property
    def is_lake(self) -> bool:
        return self.data is not None

    @property
    def file(self) -> Path | None:
        """The file on this machine, if there is one."""
        return None if self.is_lake or self.path == ":memory:" else Path(self.path)


def parse(url: str) -> Address:
    """Read a store URL: `duckdb:///relative`, `duckdb:////absolute`, or `ducklake:CATALOG;data=FOLDER`.

    >>> parse("duckdb:////tmp/crm.duckdb").path
    '/tmp/crm.duckdb'
    >>> parse("ducklake:/tmp/meta.ducklake;data=/tmp/rows").data
    '/tmp/rows'
    """
    if url.startswith("ducklake:"):
        catalog, _, data = url.removeprefix("ducklake:").partition(";data=")
        if catalog and data:
            return Address(catalog, data)
    elif url.startswith("duckdb:///"):
        path = url.removeprefix("duckdb:///")
        return Address(path if path == ":memory:" else str(PROJECT / path))
    raise Unavailable(f"“{url}” is not a database address: use duckdb:///data/crm.duckdb or ducklake:CATALOG;data=FOLDER.")


class Database:
    """A connection to the store of one company."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.address = parse(url)
        self._writing = threading.Lock()
        self._frugal = 0
        self._counting = threading.Lock()
        self.work_asked = threading.Event()  # wakes whoever runs jobs in this process
        self._gate = Gate()
        self._cursors: weakref.WeakSet[duckdb.DuckDBPyConnection] = weakref.WeakSet()
        self._known: dict[str, object] = {}
        self.generation = 0  # raised when another file takes the place of ours: cursors of before are closed
        self._connection = _open(self.address)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor of the caller's own: cheap, and never to be shared between threads."""
        with self.passing():
            cursor = self._connection.cursor()
            self._cursors.add(cursor)
        cursor.execute("set enable_progress_bar = false")
        if self.address.is_lake:
            cursor.execute("use crm")
        return cursor

    @contextmanager
    def working(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor for one piece of work, during which the file stays the one it is."""
        with self.passing(), closing(self.cursor()) as cursor:
            yield cursor

    def passing(self) -> AbstractContextManager[None]:
        """While inside, the file stays the one it is; whoever keeps a cursor over more than one statement is inside."""
        return self._gate.passing()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the process's one write lock."""
        with self._writing:
            yield

    @contextmanager
    def frugal(self) -> Iterator[None]:
        """Hold the engine to a small share of the memory, for bulk work on a file: what does not fit waits on the disk."""
        self._hold_back(1)
        try:
            yield
        finally:
            self._hold_back(-1)

    def _hold_back(self, step: int) -> None:
        with self._counting:
            self._frugal += step
            if self.address.file:
                # While other work holds more than that, the limit stays as it is.
                with suppress(duckdb.OutOfMemoryException):
                    limit = FRUGAL if self._frugal else _half_the_memory()
                    self._connection.cursor().execute(f"set global memory_limit = '{limit}'")

    def known(self, name: str, ask: Callable[[], T]) -> T:
        """What `ask` says of the store, asked once between two commits: small facts that a page asks for a dozen times.

        Of a file alone: only this process writes to it.
        """
        if self.address.is_lake:
            return ask()
        kept = self._known
        if name not in kept:
            kept[name] = ask()  # after a commit meanwhile, another dict stands in the place of this one
        return kept[name]  # type: ignore[return-value]

    def transaction(
        self, cursor: duckdb.DuckDBPyConnection, work: Callable[[], T], *, commit: bool = True, alone: bool = True
    ) -> T:
        """Run `work` in one transaction on `cursor`; try the whole of it again when another writer was faster.

        `alone` holds the write lock meanwhile; without it, others may write at the same time.
        """
        with self.passing(), self.writing() if alone else nullcontext():
            for attempt in range(TRIES):
                try:
                    result = _attempt(cursor, work, commit)
                    self._known = {}
                    return result
                except duckdb.TransactionException as error:
                    if attempt == TRIES - 1 or "PRIMARY KEY or UNIQUE" in str(error):
                        raise
                    time.sleep(random.uniform(0.002, 0.05))  # noqa: S311 - jitter, not a secret
        raise AssertionError("the last attempt returns or raises")

    def replace(self, make: Callable[[], Path]) -> None:
        """Put the file that `make` makes in the place of ours, while nobody reads or writes; then everybody goes on in it."""
        file = self.address.file
        if not file:
            raise Unavailable("Only a store in a file of its own can be replaced.")
        with self._gate.alone(PATIENCE):
            fresh = make()
            self._let_go(file)
            fresh.replace(file)
            self._connection = _open(self.address)
            self.generation += 1
            self._known = {}

    def _let_go(self, file: Path) -> None:
        """Close the file for good: the engine hands out the old one again while anything of it is open."""
        for cursor in list(self._cursors):
            cursor.close()
        self._connection.close()
        try:
            duckdb.connect(str(file), read_only=True).close()
        except duckdb.ConnectionException:
            self._connection = _open(self.address)
            self.generation += 1
            raise Unavailable("The store's file could not be let go of. Stop the app and start it again.") from None

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def _open(address: Address) -> duckdb.DuckDBPyConnection:
    connection = _attached(address) if address.is_lake else _connected(address)
    connection.execute("set global TimeZone = 'UTC'")
    # Bit-packed keys (128-bit numbers) are unpacked one by one: scans of them took nine times as long.
    connection.execute("set global disabled_compression_methods = 'bitpacking'")
    return connection


def _attempt(cursor: duckdb.DuckDBPyConnection, work: Callable[[], T], commit: bool) -> T:
    cursor.execute("begin transaction")
    try:
        result = work()
        cursor.execute("commit" if commit else "rollback")
        return result
    except BaseException:
        _rollback(cursor)
        raise


def _rollback(cursor: duckdb.DuckDBPyConnection) -> None:
    # A failed commit has already rolled back; there is nothing left to undo then.
    try:
        cursor.execute("rollback")
    except duckdb.TransactionException:
        return


def _half_the_memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') // 2**21} MiB" if hasattr(os, "sysconf") else "2 GiB"


SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": _half_the_memory(),
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "late_materialization_max_rows": 0,
}


def _connected(address: Address) -> duckdb.DuckDBPyConnection:
    if address.file:
        _prepare(address.file)
    try:
        return duckdb.connect(address.path, config=SETTINGS)
    except duckdb.IOException as error:
        raise Unavailable(_reason(address.path, str(error))) from None
    except duckdb.SerializationException:
        raise Unavailable(f"{address.path} is not a DuckDB file, or it is damaged. Name another file with --db.") from None


def _prepare(file: Path) -> None:
    if file.is_dir():
        raise Unavailable(f"{file} is a folder, not a database file. Name a file with --db.")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"The folder {file.parent} cannot be made: {error.strerror}. Choose another with --db.") from None
    if not _is_ours(file):
        raise Unavailable(f"{file} is not a DuckDB file, or it is damaged. Name another file with --db.")


def _is_ours(file: Path) -> bool:
    """Whether it is a database, or not yet there: of a table (CSV, Parquet) the engine would make views in memory."""
    try:
        with file.open("rb") as opened:
            head = opened.read(12)
    except OSError:
        return True  # absent, or not for us to read: the engine says which
    return not head or head[8:] == b"DUCK"


def _reason(path: str, text: str) -> str:
    if "set lock" in text:  # “block” is another word
        return f"{path} is in use by another process. Close that one (or stop the app that has it open) and try again."
    if "not a valid DuckDB" in text or "Corrupt" in text:
        return f"{path} is not a DuckDB file, or it is damaged. Name another file with --db."
    return f"{path} cannot be opened: {text.splitlines()[0]}"


def _attached(address: Address) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config=SETTINGS)
    connection.execute(f"load '{_extension('ducklake')}'")
    if address.path.startswith("postgres:"):
        connection.execute(f"load '{_extension('postgres_scanner')}'")
    quoted = [text.replace("'", "''") for text in (address.path, address.data or "")]
    try:
        connection.execute(f"attach 'ducklake:{quoted[0]}' as crm (data_path '{quoted[1]}')")
    except duckdb.Error as error:
        raise Unavailable(f"The DuckLake {address.path} cannot be opened: {str(error).splitlines()[0]}") from None
    return connection


def _extension(name: str) -> str:
    found = importlib.util.find_spec(f"duckdb_extension_{name}")
    if not found or not found.origin:
        raise Unavailable(f"DuckLake needs an extension: pip install duckdb-extension-{name}=={duckdb.__version__}")
    return str(next(Path(found.origin).parent.rglob(f"{name}.duckdb_extension")))
