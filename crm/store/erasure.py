"""Erase a person: from every table, from the change history, from what others wrote where somebody chose so; and prove it.

It is one transaction and one change set, the only one that nobody takes back. Who was erased is kept by key, in the store and
in a small file beside it, so that an older store in its place is cleared of them again before anybody reads it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Sequence
from pathlib import Path
from uuid import UUID

from uuid_utils.compat import uuid7

from crm.errors import CrmError
from crm.store import erased, personal
from crm.store.database import Database
from crm.store.eraser import Eraser
from crm.store.proving import Erased, Place
from crm.store.rewriting import rewrite
from crm.store.session import SYSTEM, Session
from crm.store.writer import Writer, run

log = logging.getLogger("crm")


def erase(session: Session, keys: Sequence[UUID], places: Collection[Place] = (), *, erasure_id: UUID | None = None) -> Erased:
    """Erase the people with these keys, and black them out in these texts of others (table, row, column).

    With the id of an earlier erasure it is that one again, in a store of before: who is not in it needs nothing.
    """
    session.require(personal.ERASE_ROLE, "Erasing a person")
    with session.database.working() as cursor:
        eraser = Eraser(Writer(session, cursor, uuid7()), keys, places, erasure_id)
        run(session, cursor, eraser.work)
    file = session.database.address.file
    if file:
        erased.remember(erased.erased_file(file), [eraser.entry()], is_rewrite_due=True)
    return eraser.done


def apply_erasures(database: Database, file: Path) -> int:
    """Erase again who stands in the list but is not erased in this store, and complete the list; how many that were."""
    listed = erased.read(file).erasures
    with database.working() as cursor:
        rows = cursor.execute("select erasure_id, made_at, records, mentions from erasures").fetchall()
    known = {
        str(key): erased.Erasure(str(key), made_at.isoformat(), json.loads(people), json.loads(mentions))
        for key, made_at, people, mentions in rows
    }
    missing = [entry for entry in listed if entry.erasure_id not in known]
    session = Session(database, SYSTEM)
    for entry in missing:
        erase(session, entry.keys, entry.places, erasure_id=UUID(entry.erasure_id))
    unlisted = [entry for key, entry in known.items() if key not in {entry.erasure_id for entry in listed}]
    if unlisted or missing:
        erased.remember(file, unlisted, is_rewrite_due=bool(missing) or erased.read(file).is_rewrite_due)
    return len(missing)


def keep_erased(database: Database) -> None:
    """What opening a store owes to those who were erased from it: they stay so, and their bytes go if they did not yet."""
    file = database.address.file
    if not file:
        return
    beside = erased.erased_file(file)
    apply_erasures(database, beside)
    if erased.read(beside).is_rewrite_due:
        try:
            rewrite(database)
        except (CrmError, OSError) as error:  # for want of room, say: the store still opens, the next start tries again
            log.warning("the store's file could not be rewritten: %s", error)
