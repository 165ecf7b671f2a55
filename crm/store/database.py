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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import duckdb
import pandas  # noqa: F401 - the first bound parameter would import it inside somebody's request

from crm.errors import Unavailable

T = TypeVar("T")
PROJECT = Path(__file__).resolve().parents[2]
DEFAULT_URL = "duckdb:///data/crm.duckdb"
TRIES = 8


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
        self._connection = _attached(self.address) if self.address.is_lake else _connected(self.address)
        self._connection.execute("set global TimeZone = 'UTC'")
        # Bit-packed keys (128-bit numbers) are unpacked one by one: scans of them took nine times as long.
        self._connection.execute("set global disabled_compression_methods = 'bitpacking'")

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor of the caller's own: cheap, and never to be shared between threads."""
        cursor = self._connection.cursor()
        cursor.execute("set enable_progress_bar = false")
        if self.address.is_lake:
            cursor.execute("use crm")
        return cursor

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the process's one write lock."""
        with self._writing:
            yield

    def transaction(self, cursor: duckdb.DuckDBPyConnection, work: Callable[[], T], *, commit: bool = True) -> T:
        """Run `work` in one transaction on `cursor`; try the whole of it again when another process was faster."""
        with self.writing():
            for attempt in range(TRIES):
                try:
                    return _attempt(cursor, work, commit)
                except duckdb.TransactionException as error:
                    if attempt == TRIES - 1 or "PRIMARY KEY or UNIQUE" in str(error):
                        raise
                    time.sleep(random.uniform(0.002, 0.05))  # noqa: S311 - jitter, not a secret
        raise AssertionError("the last attempt returns or raises")

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


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
    if "lock" in text:
        return f"{path} is in use by another process. Close that one (or stop the app that has it open) and try again."
    if "not a valid DuckDB" in text:
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
