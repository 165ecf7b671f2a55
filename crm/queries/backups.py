"""The backups that are there: the files of the backup folder, and what a restore has put aside."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crm.store.database import PROJECT
from crm.store.session import Session

EVERY = ("never", "day", "week")
STAMP = "%Y-%m-%d-%H%M%S"
NAMED = re.compile(r"-\d{4}-\d{2}-\d{2}-\d{6}\.duckdb$")


@dataclass(frozen=True)
class Kept:
    """One file that holds the store of an earlier moment."""

    file: Path
    made_at: datetime
    bytes: int
    is_replaced: bool = False


def home(session: Session) -> Path:
    """The folder of the store's file, which relative folders are relative to; in a company without one, the project's."""
    file = session.database.address.file
    return file.parent if file else PROJECT / "data"


def folder(session: Session) -> Path:
    """Where backups lie."""
    return home(session) / (session.settings.get("backup_folder") or "backups")


def name(session: Session) -> str:
    """What the files of this store's backups begin with."""
    file = session.database.address.file
    return file.stem if file else "crm"


def made(session: Session) -> list[Kept]:
    """One entry per backup in the folder, the newest first."""
    there = folder(session).glob(f"{name(session)}-*.duckdb") if folder(session).is_dir() else ()
    return _newest_first(_kept(file) for file in there if NAMED.search(file.name))


def kept(session: Session) -> list[Kept]:
    """One entry per file that holds an earlier store, the newest first: backups, and stores that a restore replaced."""
    aside = home(session).glob(f"{name(session)}.replaced-*.duckdb") if session.database.address.file else ()
    return _newest_first([*made(session), *(_kept(file, is_replaced=True) for file in aside)])


def _kept(file: Path, *, is_replaced: bool = False) -> Kept:
    said = file.stat()
    return Kept(file, datetime.fromtimestamp(said.st_mtime, UTC).replace(tzinfo=None), said.st_size, is_replaced)


def _newest_first(found: Iterable[Kept]) -> list[Kept]:
    return sorted(found, key=lambda each: each.made_at, reverse=True)


def is_due(session: Session) -> bool:
    """Whether the schedule asks for a backup now. A company that is younger than the first gap has nothing to lose yet."""
    gap = {"day": 1, "week": 7}.get(session.settings.get("backup_every") or "")
    if not gap:
        return False
    latest = next(iter(made(session)), None)
    since = latest.made_at if latest else session.value("select min(made_at) from change_sets")
    return since is not None and (session.now - since).total_seconds() >= gap * 86_400 - 1800
