"""Make backups, keep the newest, and put one back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crm.commands.exports import record
from crm.errors import Refused, Unavailable
from crm.queries import backups as there
from crm.store import backups, restoring
from crm.store.backups import Backup
from crm.store.session import Session, file_of, is_open


@dataclass(frozen=True)
class BackedUp:
    """A backup that was made and proven, and the older ones that made room for it."""

    backup: Backup
    removed: tuple[Path, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The result for a program."""
        made = self.backup
        return {
            "file": str(made.file),
            "made_at": made.made_at.isoformat(),
            "bytes": made.bytes,
            "rows": made.rows,
            "removed": [str(file) for file in self.removed],
        }

    def summary(self) -> str:
        """The result for a person."""
        made = self.backup
        done = f"Backed up {made.row_count:,} rows of {len(made.rows)} tables, read back and found equal"
        return f"{done}: {made.file} ({megabytes(made.bytes)})"


@dataclass(frozen=True)
class Restored:
    """A backup that was put in the place of the store, and where the replaced one lies."""

    backup: Backup
    kept: Path | None

    def as_json(self) -> dict[str, Any]:
        """The result for a program."""
        return {
            "made_at": self.backup.made_at.isoformat(),
            "rows": self.backup.rows,
            "replaced": str(self.kept) if self.kept else None,
        }

    def summary(self) -> str:
        """The result for a person."""
        made = self.backup
        done = f"Restored {made.row_count:,} rows of {len(made.rows)} tables, as of {made.made_at:%d %b %Y, %H:%M} UTC."
        return f"{done} What was there before is kept in {self.kept}." if self.kept else done


def back_up(session: Session, file: Path | str | None = None) -> BackedUp:
    """Back up into a file of one's choice; else into the backup folder, where only the newest are kept."""
    session.require("admin", "Backing up")
    path = Path(file) if file else _next(session)
    made = backups.back_up(session.database, path, session.now)
    record(session, "backup", "duckdb", made.row_count, is_raw=True)
    return BackedUp(made, () if file else _prune(session))


def _next(session: Session) -> Path:
    return there.folder(session) / f"{there.name(session)}-{session.local(session.now):{there.STAMP}}.duckdb"


def _prune(session: Session) -> tuple[Path, ...]:
    """Remove the oldest backups of the folder, as many as the settings want gone; nothing else in it."""
    old = tuple(each.file for each in there.made(session)[max(1, int(session.settings.get("backup_keep") or 7)) :])
    for file in old:
        file.unlink(missing_ok=True)
    return old


def take(session: Session, file: Path) -> bytes:
    """One of the backups of the folder, to take away."""
    session.require("admin", "Taking a backup away")
    if file not in [each.file for each in there.made(session)]:
        raise Refused("This backup is no longer there. Choose another.")
    record(session, "backup", "duckdb", sum(backups.rows_of(file).values()), is_raw=True)
    return file.read_bytes()


def restore(url: str | None, file: Path) -> Restored:
    """Put a backup in the place of a store that nobody has open; the store is given by its address."""
    target = file_of(url)
    if target is None:
        raise Refused("A backup takes the place of a file. For a DuckLake, restore to a file; then export all and import all.")
    if is_open(url):
        raise Unavailable("The app has this store open. Stop it, restore, then start it again.")
    return Restored(*restoring.restore(file, target, datetime.now(UTC).replace(tzinfo=None), restoring.corrected(target)))


def megabytes(size: int) -> str:
    """A file's size in words.

    >>> megabytes(19_148_800), megabytes(900)
    ('19.1 MB', '0.1 MB')
    """
    return f"{max(size / 1e6, 0.1):,.1f} MB"
