"""The whole store as a folder of Parquet files, one a table, and back: what people own when they leave us.

The manifest says how many rows each file holds, its bytes and its SHA-256, and which migrations shaped the store: a folder
that lost a byte on the way is refused before anything is read from it, and an older one is first brought to today's shape.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb

from crm.errors import Refused
from crm.store.catalogue import MIGRATIONS, located, steps, tables, text
from crm.store.database import Database
from crm.store.migrate import migrate
from crm.store.names import column_types, identifier

MANIFEST, FORMAT = "manifest.json", 1
Progress = Callable[[float | None, str], None]


def quietly(_share: float | None, _words: str) -> None:
    """Nobody asked how far it is."""


@dataclass(frozen=True)
class Manifest:
    """What an exported folder says about itself."""

    made_at: str
    migrations: list[str]
    tables: dict[str, dict[str, Any]]

    @property
    def rows(self) -> dict[str, int]:
        """Rows by table."""
        return {name: int(entry["rows"]) for name, entry in self.tables.items()}

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """The manifest of a folder, or a refusal that says what is wrong with it."""
        if not folder.is_dir():
            raise Refused(f"{folder} is not a folder. Name the one that `export all` wrote.")
        try:
            found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            if found["format"] != FORMAT:
                raise Refused(f"{folder} was written by a newer version of this program. Use that one to read it.")
            return cls(found["made_at"], list(found["migrations"]), dict(found["tables"]))
        except (OSError, ValueError, KeyError, TypeError):
            raise Refused(f"{folder} is not a whole export: its {MANIFEST} is missing or damaged. Export it again.") from None

    def write(self, folder: Path) -> None:
        """Leave it beside the files."""
        said = {"format": FORMAT, "made_at": self.made_at, "migrations": self.migrations, "tables": self.tables}
        (folder / MANIFEST).write_text(json.dumps(said, indent=2), encoding="utf-8")


def export_tables(database: Database, folder: Path, now: datetime, progress: Progress = quietly) -> Manifest:
    """Write every table of one moment, as one transaction sees it; the folder appears when all of it is there."""
    _refuse_foreign(folder)
    with database.passing(), _appearing(folder) as unfinished:
        cursor = database.cursor()
        cursor.execute("begin transaction")
        try:
            names = tables(cursor)
            written = {}
            for number, name in enumerate(names):
                progress(number / len(names), name)
                written[name] = _write(cursor, name, unfinished)
            manifest = Manifest(now.isoformat(timespec="seconds"), steps(cursor), written)
        finally:
            cursor.execute("rollback")
            cursor.close()
        manifest.write(unfinished)
    return manifest


def _write(cursor: duckdb.DuckDBPyConnection, table: str, folder: Path) -> dict[str, Any]:
    file = folder / f"{table}.parquet"
    copied = cursor.execute(f"copy (from {identifier(table)}) to {text(file)} (format parquet, compression zstd)").fetchone()
    return {"rows": copied[0] if copied else 0, "bytes": file.stat().st_size, "sha256": _digest(file)}


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _refuse_foreign(folder: Path) -> None:
    """Whatever is in a folder that we did not write is somebody's: it stays."""
    if folder.exists() and not folder.is_dir():
        raise Refused(f"{folder} is a file. Name a new folder, or an empty one.")
    found = {file.name for file in folder.iterdir()} if folder.is_dir() else set()
    if found and not (MANIFEST in found and found <= {MANIFEST, *(f"{name}.parquet" for name in Manifest.read(folder).tables)}):
        raise Refused(f"{folder} holds other files: nothing is written there. Name a new folder, or an empty one.")


@contextmanager
def _appearing(folder: Path) -> Iterator[Path]:
    """A folder to fill that takes its name, and an earlier export's place, only when it is whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".unfinished", dir=folder.parent))
    try:
        yield unfinished
        earlier = folder.with_name(f".{folder.name}.{uuid4().hex}.earlier")
        if folder.exists():
            folder.rename(earlier)
        unfinished.rename(folder)
        shutil.rmtree(earlier, ignore_errors=True)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def import_tables(database: Database, folder: Path, progress: Progress = quietly) -> dict[str, int]:
    """Fill an empty store with an exported one; all of it or nothing."""
    manifest = Manifest.read(folder)
    cursor = database.cursor()
    _refuse_filled(cursor)
    _refuse_newer(steps(cursor), manifest.migrations)
    _refuse_damaged(folder, manifest)
    if set(manifest.migrations) == set(steps(cursor)):
        return _load(database, folder, manifest, progress)
    with tempfile.TemporaryDirectory(prefix="crm_") as scratch:
        renewed = _renewed(folder, manifest, Path(scratch))
        return _load(database, renewed, Manifest.read(renewed), progress)


def _refuse_filled(cursor: duckdb.DuckDBPyConnection) -> None:
    """Empty is a store that nobody has written to: it has only what a new one starts with."""
    written = cursor.execute("select count(*) from change_sets").fetchone()
    if written and written[0]:
        said = "1 change stands" if written[0] == 1 else f"{written[0]:,} changes stand"
        raise Refused(
            f"This store is not empty: {said} in it. Bring an export into a new one: "
            "python -m crm --db duckdb:////path/to/new.duckdb import all FOLDER"
        )


def _refuse_newer(known: Sequence[str], given: Sequence[str]) -> None:
    newer = sorted(set(given) - set(known))
    if newer:
        raise Refused(f"This export is of a newer version of the program ({newer[-1]}): update this one, then import it.")


def _refuse_damaged(folder: Path, manifest: Manifest) -> None:
    for name, entry in manifest.tables.items():
        file = folder / f"{identifier(name)}.parquet"
        if not file.is_file():
            raise Refused(f"{file.name} is missing in {folder}: the export is not whole. Copy or export it again.")
        if file.stat().st_size != entry["bytes"]:
            raise Refused(f"{file.name} has {file.stat().st_size:,} bytes, not {entry['bytes']:,}: copy or export it again.")
        if _digest(file) != entry["sha256"]:
            raise Refused(f"{file.name} was changed after it was exported, or is damaged. Copy or export it again.")


def _renewed(folder: Path, manifest: Manifest, scratch: Path) -> Path:
    """An older export, brought to today's shape by the steps it has not seen: what they fill in, they fill in here too."""
    database = Database(f"duckdb:///{scratch / 'older.duckdb'}")
    try:
        migrate(database, only=manifest.migrations)
        _load(database, folder, manifest, quietly)
        migrate(database)
        export_tables(database, scratch / "renewed", datetime.fromisoformat(manifest.made_at))
    finally:
        database.close()
    return scratch / "renewed"


def _load(database: Database, folder: Path, manifest: Manifest, progress: Progress) -> dict[str, int]:
    cursor = database.cursor()
    wanted = [name for name in manifest.tables if name != MIGRATIONS]

    def work() -> dict[str, int]:
        _refuse_filled(cursor)
        unknown = sorted(set(wanted) - set(tables(cursor)))
        if unknown:
            raise Refused(f"There is no table {', '.join(unknown)} here: this export was made by another program.")
        for number, name in enumerate(wanted):
            progress(number / len(wanted), name)
            _fill(cursor, name, folder / f"{name}.parquet", manifest.rows[name])
        return {name: manifest.rows[name] for name in wanted}

    try:
        return database.transaction(cursor, work)
    finally:
        cursor.close()


def _fill(cursor: duckdb.DuckDBPyConnection, table: str, file: Path, expected: int) -> None:
    """Put a file's rows in place of what a new store starts with."""
    cursor.execute(f"delete from {located(table)}")  # noqa: S608 - a name of the catalogue
    given = _columns_of(cursor, file)
    columns = ", ".join(name for name in column_types(cursor, table) if name in given)
    came = cursor.execute(f"insert into {located(table)} by name select {columns} from read_parquet({text(file)})").fetchone()  # noqa: S608
    if not came or came[0] != expected:
        raise Refused(f"{file.name} brought {came[0] if came else 0:,} rows, not {expected:,}: nothing is imported.")


def _columns_of(cursor: duckdb.DuckDBPyConnection, file: Path) -> list[str]:
    try:
        found = cursor.execute(f"select name from parquet_schema({text(file)}) where num_children is null").fetchall()  # noqa: S608
    except duckdb.Error:
        raise Refused(f"{file.name} cannot be read as Parquet. Copy or export it again.") from None
    return [name for (name,) in found]
