"""Rewrite the store's file, so that what was deleted is in no byte of it.

A deleted row leaves its bytes in blocks that the engine frees but does not clear, in blocks that other columns share, and in
the least and greatest values that it keeps of a column: neither a checkpoint nor filling the free blocks removes all of them
(measured with 1.5.5). A copy of the living rows holds none.
"""

from __future__ import annotations

import mmap
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from crm.errors import Unavailable
from crm.store import erased
from crm.store.catalogue import located, tables, text
from crm.store.database import Database
from crm.store.needles import PHONE, Needle

# Rows out of the catalog, deleted ones out of the files, then the files and snapshots of before.
LAKE = (
    "call ducklake_flush_inlined_data('crm')",
    "call ducklake_rewrite_data_files('crm', delete_threshold => 0)",
    "call ducklake_merge_adjacent_files('crm')",
    "select count(*) from ducklake_expire_snapshots('crm', older_than => now() + interval 1 minute)",
    "call ducklake_cleanup_old_files('crm', cleanup_all => true)",
)
SHORT = 5  # a shorter word stands in any file by chance


def rewrite(database: Database) -> bool:
    """Put a copy of what lives in the place of the store's file, while everybody waits; False where it is no file.

    On a DuckLake the files of rows are written anew and the old ones removed; its catalog is another database's to compact.
    """
    file = database.address.file
    if not file:
        if database.address.is_lake:
            _renew_rows(database)
        return False
    database.replace(lambda: _copied(database, file))
    with database.working() as cursor:
        database.transaction(
            cursor, lambda: cursor.execute("update erasures set rewritten_at = now()::timestamp where rewritten_at is null")
        )
    erased.remember(erased.erased_file(file), [], is_rewrite_due=False)
    return True


def _renew_rows(database: Database) -> None:
    with database.working() as cursor:
        for step in LAKE:
            cursor.execute(step).fetchall()


def _copied(database: Database, file: Path) -> Path:
    fresh = file.with_name(f".{file.name}.fresh")
    log = fresh.with_name(f"{fresh.name}.wal")
    for old in (fresh, log):
        old.unlink(missing_ok=True)
    with database.working() as cursor:
        name = cursor.execute("select current_database()").fetchall()[0][0]
        cursor.execute(f"attach {text(fresh)} as fresh")
        cursor.execute(f'copy from database "{name}" to fresh')
        for table in tables(cursor):
            counts = f"select (select count(*) from {located(table)}), (select count(*) from {located(table, 'fresh')})"  # noqa: S608
            _refuse_different(cursor.execute(counts).fetchall()[0])
        cursor.execute("detach fresh")
    if log.exists():
        raise Unavailable("The copy of the store's file was not finished. The store is as it was; try again.")
    shutil.copymode(file, fresh)
    return fresh


def _refuse_different(counts: tuple[int, int]) -> None:
    if counts[0] != counts[1]:
        raise Unavailable("The copy of the store's file lacks rows. The store is as it was; try again.")


def bytes_found(file: Path, wanted: Iterable[Needle]) -> int:
    """How often the file and its log hold one of these as it was written."""
    words = {needle.text.encode() for needle in wanted if needle.is_sure and needle.kind != PHONE}
    found = 0
    for part in (file, file.with_name(f"{file.name}.wal")):
        with suppress(FileNotFoundError, ValueError), part.open("rb") as opened:  # an empty file cannot be mapped
            held = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
            found += sum(_count(held, word) for word in words if len(word) >= SHORT)
            held.close()
    return found


def _count(held: mmap.mmap, word: bytes) -> int:
    number, place = 0, held.find(word)
    while place >= 0:
        number, place = number + 1, held.find(word, place + len(word))
    return number
