"""What keeps an anonymous write from being led back to a moment, and so to a person.

Its session gives random keys, the day instead of the instant, and no name. What is left is the place of its rows: a table keeps
them in the order in which they came, between others that bear a time. So every write of a day takes that day's anonymous rows
out and puts them in again at the end, in the order of their random keys: where they stand says only which day it was. Price:
some milliseconds for each write of a day on which somebody answered anonymously.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.store import rules
from crm.store.rules import key_of

if TYPE_CHECKING:
    from crm.store.writer import Writer

ANONYMOUS = "anonymous"


def settle(writer: Writer) -> None:
    """Take from the anonymous rows of the day what their place says."""
    session = writer.session
    writer.execute(
        """
        create or replace temp table unnamed as
        select *
        from change_sets
        where actor_kind = $kind and made_at = $day
        """,
        kind=ANONYMOUS,
        day=session.start_of(session.today),
    )
    if writer.count("select count(*) from unnamed"):
        _move(writer, "change_sets", "change_set_id in (select change_set_id from unnamed)", "change_set_id")
        _move(writer, "changes", "change_set_id in (select change_set_id from unnamed)", "record_id")
        for table in rules.ANONYMOUS_TABLES:
            _move(writer, table, "version in (select change_set_id from unnamed)", key_of(table))


def _move(writer: Writer, table: str, which: str, key: str) -> None:
    writer.execute(f"create or replace temp table moved as select * from {table} where {which}")  # noqa: S608
    writer.execute(f"delete from {table} where {which}")  # noqa: S608
    writer.execute(f"insert into {table} by name select * from moved order by {key}")  # noqa: S608
