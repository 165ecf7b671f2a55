"""Undo a change set. The undo is a change set itself, and can be undone.

An inserted row is deleted and its content kept in the undo; an updated row gets back the fields it had, its version among
them, so that undoing in reverse order leaves every table as it was. A row that somebody changed since, or that others now
hang on, is a reason to refuse the whole undo and to leave everything as it is; `keeping` leaves such rows out instead,
which is how the demo company is taken away without what people made of it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from uuid_utils.compat import uuid7

from crm.errors import Conflict, Refused
from crm.store import rules
from crm.store.anonymity import ANONYMOUS
from crm.store.checking import ORPHANS, refuse_orphans, refuse_unless_allowed
from crm.store.names import column_types, identifier
from crm.store.rules import key_of
from crm.store.session import Session
from crm.store.undo_keeping import mark_kept, operations_of
from crm.store.undo_refusals import refuse_dangling, refuse_misfits
from crm.store.writer import Operation, Writer, derive, run


@dataclass(frozen=True)
class Undone:
    """What an undo did: its own change set, counts by table and kind, and the rows that it left alone."""

    change_set_id: UUID
    counts: dict[tuple[str, str], int]
    kept: list[tuple[str, UUID]] = field(default_factory=list)
    erased: int = 0  # rows of an erased person: nothing of them can come back, so they were left out


def undo(
    session: Session,
    change_set_id: UUID | str,
    *,
    keeping: bool = False,
    dry_run: bool = False,
    leaving: Collection[tuple[str, UUID]] = (),
    instead: Sequence[Operation] = (),
) -> Undone:
    """Take one change set back; with `keeping`, leave the rows that are in use, and say which.

    `leaving` names rows (table and key) that somebody changed since and that are not restored; what is done about them, and
    whatever else belongs to this undo, says `instead`: it is applied after the rest, in the same change set.
    """
    with session.database.working() as cursor:
        return _undo(Writer(session, cursor, uuid7()), UUID(str(change_set_id)), keeping, dry_run, leaving, instead)


def _undo(
    writer: Writer,
    wanted: UUID,
    keeping: bool,
    dry_run: bool,
    leaving: Collection[tuple[str, UUID]],
    instead: Sequence[Operation],
) -> Undone:
    def work() -> Undone:
        writer.counts.clear()
        title, erased = _title(writer, wanted), _mark_erased(writer, wanted)
        kept = mark_kept(writer, wanted) if keeping else []
        operations = operations_of(writer, wanted)
        for position, (old, table, kind) in enumerate(operations):
            _take_back(writer, position, wanted, old, table, kind)
        _write_instead(writer, instead, len(operations))
        if not keeping:
            refuse_dangling(writer)
            refuse_misfits(writer)
        if writer.counts:
            writer.record(title, undoes=wanted)
            _mark(writer, wanted)
        return Undone(writer.change_set_id, dict(writer.counts), kept, erased)

    writer.execute("create or replace temp table kept (table_name varchar, record_id uuid)")
    for table, key in leaving:
        writer.execute("insert into kept values ($table, $key)", table=table, key=key)
    return run(writer.session, writer.cursor, work, commit=not dry_run)


def _write_instead(writer: Writer, instead: Sequence[Operation], first: int) -> None:
    if instead:
        writer.execute(ORPHANS)
        for position, operation in enumerate(instead, first):
            writer.write(position, operation)
        refuse_orphans(writer)


def _title(writer: Writer, wanted: UUID) -> str:
    found = writer.execute(
        "select title, undone_by, actor_id, undoes, actor_kind from change_sets where change_set_id = $wanted", wanted=wanted
    ).fetchone()
    if not found:
        raise Refused("This change is not in the history.")
    title, undone_by, actor_id, undoes, actor_kind = found
    if actor_kind == ANONYMOUS:  # and the history would show what was not yet to be shown
        raise Refused("What was said without a name is taken back by nobody: nobody knows whose it is.")
    if writer.count("select count(*) from erasures where change_set_id = $wanted", wanted=wanted):
        raise Refused("An erasure cannot be undone: what it removed is nowhere any more.")
    if undone_by:
        raise Refused(f"“{title}” is already undone.")
    if actor_id is None or actor_id != writer.session.actor.employee_id:
        writer.session.require("manager", "Undoing what somebody else did")
    bare = title.removeprefix("Undo: ").removeprefix("Redo: ")
    return f"Redo: {bare}" if undoes and title.startswith("Undo: ") else f"Undo: {bare}"


def _mark_erased(writer: Writer, wanted: UUID) -> int:
    """Find the rows of a change set that went with an erased person; how many they are."""
    writer.execute(
        """
        create or replace temp table erased as
        select distinct
            changes.table_name,
            changes.record_id,
        from changes
        inner join erasures on erasures.change_set_id = changes.change_set_id
        where changes.operation = 'delete' and changes.record_id in (
            select record_id
            from changes
            where change_set_id = $wanted
        )
        """,
        wanted=wanted,
    )
    return writer.count("select count(*) from erased")


def _take_back(writer: Writer, position: int, wanted: UUID, old: int, table: str, kind: str) -> None:
    writer.execute(
        """
        create or replace temp table undoing as
        select record_id, before, version
        from changes
        where change_set_id = $wanted and position = $old
        and (table_name, record_id) not in (select (table_name, record_id) from kept)
        and (table_name, record_id) not in (select (table_name, record_id) from erased)
        """,
        wanted=wanted,
        old=old,
    )
    if not writer.count("select count(*) from undoing"):
        return
    if kind != "delete":
        _refuse_changed_since(writer, table)
    {"insert": _delete, "update": _restore, "delete": _bring_back}[kind](writer, position, table)
    derive(writer, table)


def _refuse_changed_since(writer: Writer, table: str) -> None:
    key = key_of(table)
    rows = writer.execute(
        f"""
        select count(*) over () as number, coalesce(change_sets.actor_name, 'someone') as actor_name, change_sets.title
        from undoing
        left join {table} as entry on entry.{key} = undoing.record_id
        left join change_sets on change_sets.change_set_id = entry.version
        where entry.version is distinct from undoing.version
        limit 1
        """  # noqa: S608 - names come from the schema
    ).fetchone()
    if rows:
        number, name, title = rows
        later = f"by {name} (“{title}”)" if title else "by an undo"
        raise Conflict(f"{number:,} {table} of this change were changed since, {later}: undo that first.")


def _delete(writer: Writer, position: int, table: str) -> None:
    key = key_of(table)
    columns = ", ".join(f'"{name}" := entry.{name}' for name in column_types(writer.cursor, table))
    writer.execute(
        f"""
        create or replace temp table touched as
        select
            undoing.record_id,
            to_json(struct_pack({columns})) as before,
            null::json as after,
        from undoing
        inner join {table} as entry on entry.{key} = undoing.record_id
        """  # noqa: S608 - names come from the schema
    )
    refuse_unless_allowed(writer, rules.INSERT, table)  # whoever may add such a row may take it back
    writer.execute(f"delete from {table} where {key} in (select record_id from touched)")  # noqa: S608
    _keep(writer, position, table, "delete", "before", "null", "null")


def _restore(writer: Writer, position: int, table: str) -> None:
    """Give the updated rows back the fields that the change replaced."""
    key, names = key_of(table), _names(writer, "undoing")
    if not names:
        return
    before = ", ".join(f'"{name}" := entry.{name}' for name in names)
    writer.execute(
        f"""
        create or replace temp table touched as
        select
            undoing.record_id,
            to_json(struct_pack({before})) as before,
            undoing.before as after,
            from_json(undoing.before, '{_shape(writer, table, names)}') as old,
        from undoing
        inner join {table} as entry on entry.{key} = undoing.record_id
        """  # noqa: S608 - names come from the history, each checked by _names
    )
    refuse_unless_allowed(writer, rules.WRITE, table)
    pairs = ", ".join(f"{name} = touched.old.{name}" for name in names)
    writer.execute(f"update {table} set {pairs} from touched where {table}.{key} = touched.record_id")  # noqa: S608
    refuse_unless_allowed(writer, rules.WRITE, table)
    _keep(writer, position, table, "update", "before", "after", "old.version")


def _bring_back(writer: Writer, position: int, table: str) -> None:
    """Insert again what an undo had deleted, with the version it had."""
    names = _names(writer, "undoing")
    if not names:
        return
    writer.execute(
        f"""
        create or replace temp table touched as
        select
            record_id,
            null::json as after,
            from_json(before, '{_shape(writer, table, names)}') as old,
        from undoing
        """  # noqa: S608 - names come from the history, each checked by _names
    )
    writer.execute(f"insert into {table} by name select unnest(old) from touched")  # noqa: S608
    refuse_unless_allowed(writer, rules.INSERT, table)
    _keep(writer, position, table, "insert", "null", "null", "old.version")


def _names(writer: Writer, source: str) -> list[str]:
    row = writer.execute(f"select json_keys(before) from {identifier(source)} limit 1").fetchone()  # noqa: S608
    return [identifier(name) for name in row[0]] if row else []


def _shape(writer: Writer, table: str, names: list[str]) -> str:
    types = column_types(writer.cursor, table)
    return json.dumps({name: types[name] for name in names})


def _keep(writer: Writer, position: int, table: str, kind: str, before: str, after: str, version: str) -> None:
    writer.execute(
        f"""
        insert into changes
        select $change_set, $position, $table, record_id, $kind, {before}, {after}, {version}
        from touched
        """,  # noqa: S608 - the three expressions are constants of this module
        change_set=writer.change_set_id,
        position=position,
        table=table,
        kind=kind,
    )
    number = writer.count("select count(*) from touched")
    if number:
        writer.counts[table, kind] += number


def _mark(writer: Writer, wanted: UUID) -> None:
    """Note along the chain what is undone now: undoing an undo makes what it undid stand again."""
    target: UUID | None = wanted
    by: UUID | None = writer.change_set_id
    while target:
        writer.execute("update change_sets set undone_by = $by where change_set_id = $target", by=by, target=target)
        row = writer.execute("select undoes from change_sets where change_set_id = $target", target=target).fetchone()
        by, target = (None if by else target), (row[0] if row else None)
