"""A backup: the whole store as one file that opens like it, made while people write, and proven before it is trusted.

It carries a manifest of what each table held at its moment. Before a backup takes its name, and again before it takes the
place of a store, its file is opened anew and read to the last block: what it holds must be what its manifest says.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import duckdb

from crm.errors import Refused
from crm.store.catalogue import Content, content, located, tables, text
from crm.store.database import SETTINGS, Database
from crm.store.erased import erased_file
from crm.store.names import identifier

MANIFEST = "backup_manifest"
STEPS = Path(__file__).parent / "migrations"
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Backup:
    """A proven backup: where it lies, of what moment, and what it holds."""

    file: Path
    made_at: datetime
    rows: dict[str, int]
    bytes: int

    @property
    def row_count(self) -> int:
        """All rows together."""
        return sum(self.rows.values())


def back_up(database: Database, file: Path, now: datetime) -> Backup:
    """Write the store, as it stands at one moment, into a new file; it takes its name, and an earlier one's place, proven."""
    _refuse_foreign(database, file)
    with _one_at_a_time:
        try:
            found = _made(database, file, now)
        except OSError as error:
            raise Refused(f"{file} cannot be written: {error.strerror}. Choose another place for the backup.") from None
    return Backup(file, now, found.rows, file.stat().st_size)


def _made(database: Database, file: Path, now: datetime) -> Backup:
    file.parent.mkdir(parents=True, exist_ok=True)
    _refuse_full(database, file)
    unfinished = file.with_name(f".{file.name}.unfinished")
    remove(unfinished)
    try:
        with database.passing():
            _copy(database, unfinished, now)
        found = proven(unfinished)
        settle(unfinished)
        unfinished.replace(file)
        settle(file.parent)
        return found
    finally:
        remove(unfinished)


def _refuse_full(database: Database, file: Path) -> None:
    """A disk that a backup fills up stops the store itself."""
    own = database.address.file
    size, free = own.stat().st_size if own else 0, shutil.disk_usage(file.parent).free
    if free < size * 1.2:
        raise Refused(
            f"There is too little room for a backup in {file.parent}: {free / 1e6:,.0f} MB are free, the store has "
            f"{size / 1e6:,.0f} MB. Choose another place, or keep fewer."
        )


def _refuse_foreign(database: Database, file: Path) -> None:
    """A backup replaces an earlier backup; any other file stays as it is."""
    own = database.address.file
    if file.is_dir():
        raise Refused(f"{file} is a folder. Name a file in it.")
    if own and own.resolve() == file.resolve():
        raise Refused("This is the store itself. Name another file for the backup.")
    if file.exists() and file.stat().st_size:
        try:
            _read_manifest(file)
        except Refused:
            raise Refused(f"{file} is there and is no backup: it stays. Name another file.") from None


def _copy(database: Database, file: Path, now: datetime) -> None:
    """Copy all tables, and what they hold, within one transaction: one moment, whoever writes meanwhile."""
    cursor, name = database.cursor(), f"backup_{uuid4().hex}"
    try:
        cursor.execute(f"attach {text(file)} as {name}")
        file.chmod(0o600)  # before it holds everything
        try:
            cursor.execute("begin transaction")
            own = cursor.execute("select current_database()").fetchone()
            if database.address.is_lake or not own:
                for table in tables(cursor):
                    cursor.execute(f"create table {located(table, name)} as from {identifier(table)}")
            else:
                cursor.execute(f'copy from database "{own[0]}" to {name}')
            _write_manifest(cursor, name, content(cursor, tables(cursor)), now)
            cursor.execute("commit")
        except BaseException:
            with suppress(duckdb.Error):
                cursor.execute("rollback")
            raise
        finally:
            cursor.execute(f"detach {name}")
    finally:
        cursor.close()


def _write_manifest(cursor: duckdb.DuckDBPyConnection, name: str, held: dict[str, Content], now: datetime) -> None:
    said = {
        "engine": duckdb.__version__,
        "made_at": now.isoformat(timespec="seconds"),
        "tables": {table: asdict(entry) for table, entry in held.items()},
    }
    cursor.execute(f"create table {located(MANIFEST, name)} as select $1::varchar as manifest", [json.dumps(said)])


def _read_manifest(file: Path) -> tuple[datetime, str, dict[str, Content]]:
    with _opened(file) as cursor:
        return _manifest(cursor, file)


def _manifest(cursor: duckdb.DuckDBPyConnection, file: Path) -> tuple[datetime, str, dict[str, Content]]:
    if MANIFEST not in tables(cursor, "backup"):
        raise Refused(f"{file} is a database, but no backup of this program: name a file that `backup` made.")
    row = cursor.execute(f"select manifest from {located(MANIFEST, 'backup')}").fetchone()  # noqa: S608
    said = json.loads(row[0] if row else "{}")
    held = {table: Content(**entry) for table, entry in said["tables"].items()}
    return datetime.fromisoformat(said["made_at"]), said["engine"], held


def rows_of(file: Path) -> dict[str, int]:
    """Rows by table, as a backup's manifest says."""
    return {name: entry.rows for name, entry in _read_manifest(file)[2].items()}


@contextmanager
def _opened(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A file opened for reading alone, in an engine of its own."""
    if not file.is_file():
        raise Refused(f"There is no file {file}.")
    connection = duckdb.connect(config=SETTINGS)
    try:
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"attach {text(file)} as backup (read_only)")
        yield connection
    except duckdb.Error as error:
        raise Refused(f"{file} is damaged, cut off or no backup: {str(error).splitlines()[0][:200]}") from None
    finally:
        connection.close()


def proven(file: Path) -> Backup:
    """Open a backup anew, read all of it, and compare it with its manifest; a refusal says what is not as it was."""
    with _opened(file) as cursor:
        made_at, engine, expected = _manifest(cursor, file)
        names = [name for name in tables(cursor, "backup") if name != MANIFEST]
        lost = sorted(set(expected) - set(names))
        if lost:
            raise Refused(f"{file} lacks the table {lost[0]}: it is not whole.")
        found = content(cursor, names, "backup")
        _refuse_different(file, expected, found, exactly=engine == duckdb.__version__)
        _refuse_newer(cursor, file)
    return Backup(file, made_at, {name: entry.rows for name, entry in found.items()}, file.stat().st_size)


def _refuse_different(file: Path, expected: dict[str, Content], found: dict[str, Content], *, exactly: bool) -> None:
    for name, entry in found.items():
        if name not in expected or entry.rows != expected[name].rows:
            said = f"{expected[name].rows:,}" if name in expected else "none"
            raise Refused(f"{file} holds {entry.rows:,} rows of {name}, not {said} as when it was made: do not trust it.")
        if exactly and entry.total != expected[name].total:
            raise Refused(f"{file} holds other {name} than when it was made: do not trust it.")


def _refuse_newer(cursor: duckdb.DuckDBPyConnection, file: Path) -> None:
    known = {step.name for step in STEPS.glob("*.sql")} | {"views"}
    newer = sorted(
        name
        for (name,) in cursor.execute(f"select name from {located('migrations', 'backup')}").fetchall()  # noqa: S608
        if name not in known
    )
    if newer:
        raise Refused(f"{file} is of a newer version of the program ({newer[-1]}): update this one, then restore it.")


def log_of(file: Path) -> Path:
    """Where the engine keeps what is not yet in a file."""
    return file.with_name(f"{file.name}.wal")


def remove(file: Path) -> None:
    """Remove a file and what goes with it."""
    for each in (file, log_of(file), erased_file(file)):
        each.unlink(missing_ok=True)


def settle(path: Path) -> None:
    """Have the system write it out, so that a rename never comes before what it names."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
