"""The list of who was erased, in a small file beside the store: keys only, never a name.

It outlives the store's file. Where an older one is put in its place, whoever opens that erases the same people again before
anybody reads it. It also remembers that a file still has to be rewritten, because old bytes stay in a file's freed blocks.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from uuid import UUID

from crm.errors import Unavailable


@dataclass(frozen=True)
class Erasure:
    """One erasure: the people by key, and the texts of others in which they were blacked out."""

    erasure_id: str
    made_at: str
    people: list[str]
    mentions: list[list[str]] = field(default_factory=list)

    @property
    def keys(self) -> list[UUID]:
        return [UUID(key) for key in self.people]

    @property
    def places(self) -> set[tuple[str, UUID, str]]:
        """Table, row and column of each of those texts."""
        return {(table, UUID(key), column) for table, key, column in self.mentions}


@dataclass(frozen=True)
class Remembered:
    """What the file says."""

    erasures: list[Erasure] = field(default_factory=list)
    is_rewrite_due: bool = False


def erased_file(store: Path) -> Path:
    """Where the list of a store's file lies."""
    return store.with_name(f"{store.name}.erased")


def read(file: Path) -> Remembered:
    """The list; empty where there is none. One that cannot be read stops the start: somebody might be back in the store."""
    if not file.exists():
        return Remembered()
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        return Remembered([Erasure(**entry) for entry in said["erasures"]], bool(said["is_rewrite_due"]))
    except (OSError, ValueError, KeyError, TypeError):
        raise Unavailable(
            f"{file} cannot be read. It lists who was erased from this store, so that no backup brings them back: "
            "restore it from a backup of the folder, or delete it if nobody was ever erased."
        ) from None


def write(file: Path, remembered: Remembered) -> None:
    """Keep the list, whole or not at all, readable by its owner only."""
    unfinished = file.with_name(f".{file.name}.unfinished")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        json.dump(asdict(remembered), opened)
        opened.flush()
        os.fsync(opened.fileno())
    unfinished.replace(file)


def remember(file: Path, erasures: list[Erasure], *, is_rewrite_due: bool) -> None:
    """Add to the list what it lacks."""
    before = read(file)
    known = {entry.erasure_id for entry in before.erasures}
    added = [entry for entry in erasures if entry.erasure_id not in known]
    write(file, Remembered([*before.erasures, *added], is_rewrite_due))
