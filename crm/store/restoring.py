"""Put a backup in the place of a store: proven first, and until the last step, one rename, the store is what it was."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb

from crm.errors import Refused, Unavailable
from crm.store.backups import MANIFEST, Backup, log_of, proven, remove, settle
from crm.store.database import SETTINGS, Database
from crm.store.erased import erased_file
from crm.store.erasure import apply_erasures
from crm.store.migrate import migrate
from crm.store.names import identifier

Correction = Callable[[Database], object]


def restore(file: Path, target: Path, now: datetime, correct: Correction) -> tuple[Backup, Path | None]:
    """Put a proven backup in the place of a store that nobody has open; the replaced file is kept beside it.

    The backup is copied, proven, brought to today's shape and corrected under another name; until the last step, which is
    one rename, the store is what it was.
    """
    if target.exists() and file.exists() and target.samefile(file):
        raise Refused("This is the store itself. Name the backup to restore.")
    proven(file)
    _refuse_open(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.restoring")
    remove(unfinished)
    try:
        shutil.copyfile(file, unfinished)
        found = proven(unfinished)
        _renew(unfinished, correct)
        settle(unfinished)
        _refuse_open(target)
        if target.exists():
            shutil.copymode(target, unfinished)
        return found, _exchange(unfinished, target, now)
    except OSError as error:
        raise Refused(f"{target} cannot be replaced: {error.strerror}. It is as it was.") from None
    finally:
        remove(unfinished)


def corrected(target: Path) -> Correction:
    """What an older store is spared before it takes this one's place: those who were erased since stay erased."""
    return lambda database: apply_erasures(database, erased_file(target))


def _refuse_open(target: Path) -> None:
    """Refuse while another process has the store; one that is closed is opened once, which brings its log into its file."""
    if not target.exists():
        return
    try:
        duckdb.connect(str(target), config=SETTINGS).close()
    except duckdb.Error as error:
        if "set lock" in str(error):
            raise Unavailable(f"{target} is open in another process. Stop the app, then restore.") from None


def _renew(file: Path, correct: Correction) -> None:
    """Make a copied backup a store again: without its manifest, in today's shape, and without those who were erased since."""
    database = Database(f"duckdb:///{file.resolve()}")
    try:
        cursor = database.cursor()
        cursor.execute(f"drop table {identifier(MANIFEST)}")
        cursor.execute("delete from migrations where name = 'views'")
        migrate(database)
        correct(database)
        cursor.execute("checkpoint")
        cursor.close()
    finally:
        database.close()


def _exchange(unfinished: Path, target: Path, now: datetime) -> Path | None:
    """Keep the old file under another name, then rename the new one over it: at no moment is there none."""
    kept = None
    if target.exists():
        kept = target.with_name(f"{target.stem}.replaced-{now:%Y-%m-%d-%H%M%S}{target.suffix}")
        log = log_of(target)
        if log.exists():
            log.rename(log_of(kept))
        _keep(target, kept)
    unfinished.replace(target)
    settle(target.parent)
    return kept


def _keep(target: Path, kept: Path) -> None:
    kept.unlink(missing_ok=True)
    try:
        os.link(target, kept)
    except OSError:
        shutil.copyfile(target, kept)
