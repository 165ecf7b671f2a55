"""What every write is held against, whether it is new or an undo: who may, what it refers to, what may stand only once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.errors import Refused
from crm.store import rules
from crm.store.names import identifier
from crm.store.rules import key_of, noun

if TYPE_CHECKING:
    from crm.store.writer import Writer

# Where references wait until the end of a change for the rows that they mean.
ORPHANS = "create or replace temp table orphans (parent varchar, name varchar, reference uuid)"


def refuse_unless_allowed(writer: Writer, which: dict[str, dict[str, str]], table: str) -> None:
    """Refuse when the actor may not write one of the touched rows, as they are now."""
    allowed = rules.predicate(which, table, writer.session.actor.role)
    if allowed == rules.ANY_ROW:
        return
    key = key_of(table)
    values = {"me": writer.session.actor.own_key} if allowed and "$me" in allowed else {}
    if allowed is None or writer.count(
        f"""
        select count(*)
        from {table} as entry
        inner join touched on touched.record_id = entry.{key}
        where not coalesce({allowed}, false)
        """,  # noqa: S608 - the predicate is a constant of rules.py
        **values,
    ):
        raise Refused(rules.refusal(table, writer.session.actor.role))


def note_orphans(writer: Writer, column: str, parent: str) -> None:
    """Keep the references to rows that are not there yet: a later operation of this change may add them.

    A join, because `not in` reads every key of the parent for the one row of a form.
    """
    writer.execute(
        f"""
        insert into orphans
        select distinct '{parent}', '{column}', written.{column}
        from written
        left join {parent} as known on known.{key_of(parent)} = written.{column}
        where written.{column} is not null and known.{key_of(parent)} is null
        """  # noqa: S608 - names come from rules.py
    )


def refuse_orphans(writer: Writer) -> None:
    """Refuse when something that this change refers to is not there at its end."""
    for parent, column in writer.execute("select distinct parent, name from orphans").fetchall():
        missing = writer.count(
            f"""
            select count(*)
            from orphans
            where parent = $parent and reference not in (select {key_of(parent)} from {identifier(parent)})
            """,  # noqa: S608 - names come from rules.py
            parent=parent,
        )
        if missing:
            raise Refused(f"The {noun(parent)} that this refers to is no longer there. Choose another.", column)


def refuse_doubles(writer: Writer, table: str, parts: tuple[str, ...]) -> None:
    """Refuse when one of the touched rows, as they are now, has what may stand only once and another already has."""
    key, names = key_of(table), ", ".join(parts)
    given = " and ".join(f"{part} is not null" for part in parts)
    double = writer.execute(
        f"""
        select {parts[-1]}
        from {table}
        where {given} and archived_at is null and ({names}) in (
            select ({names})
            from {table}
            where {given} and {key} in (select record_id from touched)
        )
        group by {names}
        having count(*) > 1
        limit 1
        """  # noqa: S608 - names come from rules.py
    ).fetchone()
    if double:
        label = parts[-1].removeprefix("lower(").removesuffix(")")
        words = label.replace("_", " ").replace("email", "e-mail")
        raise Refused(f"Another {noun(table).replace('_', ' ')} already has the {words} “{double[0]}”.", label)
