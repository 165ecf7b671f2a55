"""What values of own fields refer to: the field that they are a value of, and the choices that they name.

No column holds these keys, so the table of references (rules.py) cannot speak of them: they stand inside the json `own`.
"""

from __future__ import annotations

from crm.errors import Conflict
from crm.store.rules import OWN, key_of
from crm.store.writer import Writer

KEY = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
DEFINITIONS = ("custom_fields", "custom_choices")


def refuse_held(writer: Writer, parent: str) -> None:
    """Refuse when rows hold values of a field or a choice that this undo deleted."""
    for table in OWN:
        held = writer.count(
            f"""
            select count(distinct held.holder)
            from ({_held(table)}) as held
            inner join changes on changes.record_id = held.key
            where changes.change_set_id = $change_set and changes.table_name = $parent and changes.operation = 'delete'
            """,  # noqa: S608 - names come from rules.py
            change_set=writer.change_set_id,
            parent=parent,
        )
        if held:
            raise Conflict(f"{held:,} {table} have a value in the own field of this change: empty that, or archive the field.")


def keep_held(writer: Writer, parent: str) -> int:
    """Keep the fields or choices of a change set that is being taken away, where rows that stay have a value of them."""
    return sum(_keep(writer, parent, table) for table in OWN)


def _keep(writer: Writer, parent: str, table: str) -> int:
    needed = f"""
        from ({_held(table)}) as held
        where held.key in (select record_id from made where table_name = '{parent}')
        and held.key not in (select record_id from kept where table_name = '{parent}')
        and (
            held.holder not in (select record_id from made where table_name = '{table}')
            or held.holder in (select record_id from kept where table_name = '{table}')
        )
    """  # noqa: S608 - names come from rules.py
    number = writer.count(f"select count(distinct held.key) {needed}")
    if number:
        writer.execute(f"insert into kept select distinct '{parent}', held.key {needed}")
    return number


def _held(table: str) -> str:
    """One row per row of a table and key inside its own fields; a key that somebody wrote into a text counts, too."""
    return f"""
        select
            {key_of(table)} as holder,
            unnest(regexp_extract_all(own::varchar, '{KEY}'))::uuid as key
        from {table}
        where own is not null
    """  # noqa: S608 - names come from rules.py
