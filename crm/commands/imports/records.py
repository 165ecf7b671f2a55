"""From matched rows to the records that will be written, and to each row's fate.

entries  one row per file row: row_no, the columns to write, and the keys to match by (key_0 …)
matches  one row per entry: the record it means
records  one row per record: the columns as they will be, what the file leaves blank as it is stored
fates    one row per file row
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crm.commands.imports import lookup, settling
from crm.commands.imports.incoming import Incoming
from crm.commands.imports.keeping import keep
from crm.commands.imports.matching import match
from crm.queries.custom_fields import patch_sql
from crm.store.rules import key_of, noun

# Inserted in the order of time, so that a page's worth of the latest stands together.
IN_ORDER = {"orders": "ordered_at", "interactions": "occurred_at", "feedback": "received_at"}
INDEXED = "customer_id"
SOURCE = {
    "external_id": "coalesce(entry.external_id, given.external_id)",
    "source": "coalesce(entry.source, given.source)",
    "original_amount": "case when given.amount is not null then given.original_amount else entry.original_amount end",
}


def gather(
    incoming: Incoming,
    table: str,
    columns: Mapping[str, str],
    keys: Mapping[str, str],
    *,
    needs: str,
    external_id: str | None = None,
    folds: Mapping[str, str] | None = None,
    exact: str = "",
) -> None:
    """Make `records` out of `linked`.

    `columns` is column → SQL over `linked`; `keys` is key of a row → the same key of a stored `entry`, best first; `needs`
    is the column without which there is no new record; `folds` says how rows of one record become one, where the last cell
    that is not blank is not the answer; the column `exact` is not rounded before it is folded.
    """
    types = dict(incoming.rows(f"select column_name, column_type from (describe {table})"))  # noqa: S608 - a constant of the kinds
    cells = {**columns, **_sourced(incoming, external_id), **{name: name for name in incoming.own}}
    types.pop(exact, None)
    written = ", ".join(
        f"({cell})::{types[column]} as {column}" if column in types else f"{cell} as {column}" for column, cell in cells.items()
    )
    ladder = "".join(f", ({cell})::varchar as key_{rung}" for rung, cell in enumerate(keys, start=1))
    _find_ours(incoming, table)
    incoming.run(
        f"""
        create or replace temp table entries as
        select row_no, {written}, coalesce(ours.record_id::varchar, external_id) as key_0{ladder}
        from linked
        left join ours using (row_no)
        """,  # noqa: S608 - cells are constants of the kinds
        source=incoming.source,
    )
    _refuse_keyless(incoming, needs, len(keys) + 1)
    match(incoming, table, list(keys.values()))
    _yield_to_winner(incoming, table, list(cells))
    incoming.report(0.6, f"Compare {incoming.kind} with those that are here")
    _fold(incoming, table, list(cells), folds or {})
    for name in ("entries", "groups", "known"):
        incoming.run(f"drop table {name}")
    require(incoming, needs)
    for name, (_, field) in incoming.own.items():
        if field.is_required:
            require(incoming, name, name)
    keep(incoming, table)


def _find_ours(incoming: Incoming, table: str) -> None:
    """Make `ours`: the rows that bear the key of a record that is here, from a list that we wrote."""
    found = f"from crm_ids semi join {table} as entry on entry.{key_of(table)} = crm_ids.record_id"
    nothing = "select null::bigint as row_no, null::uuid as record_id limit 0"
    incoming.run(f"create or replace temp table ours as {found if incoming.crm_id else nothing}")


def _refuse_keyless(incoming: Incoming, needs: str, keys: int) -> None:
    """A row that says nothing by which its record could be known again is rejected."""
    blank = " and ".join(f"key_{rung} is null" for rung in range(keys))
    what = f"is missing: every {noun(incoming.kind)} needs it"
    sql = f"select row_no, '{what}' as reason from entries where {blank}"  # noqa: S608 - constants of the kinds
    incoming.reject(needs.removesuffix("_id"), sql)


def require(incoming: Incoming, column: str, field: str | None = None) -> None:
    """A new record without this column is rejected; a known one keeps what is stored."""
    what = f"is missing: every new {noun(incoming.kind)} needs it"
    alone = "is_new" if column in incoming.own or column == "external_id" else "true"
    sql = f"select record_id, '{what}' as reason from records where {column} is null and {alone}"  # noqa: S608 - constants of the kinds
    reject_records(incoming, field or column.removesuffix("_id"), sql)


def _sourced(incoming: Incoming, external_id: str | None) -> dict[str, str]:
    given = incoming.given("external_id")
    cell = f"case when ours.record_id is null then {external_id} else {given} end" if external_id else given
    return {"external_id": cell, "source": f"case when {cell} is not null then $source end"}


def _yield_to_winner(incoming: Incoming, table: str, columns: Sequence[str]) -> None:
    """A row of a record that was merged fills what the winner lacks: the rest was decided at the merge."""
    if not incoming.count("select count(*) from matches where is_merged"):
        return
    stored = {name: f"entry.own ->> '{field.key}'" for name, (_, field) in incoming.own.items()}
    for column in columns:
        lacks = "false" if column in SOURCE else f"{stored.get(column, f'entry.{column}')} is null"
        incoming.run(
            f"""
            update entries
            set {column} = null
            from matches
            inner join {table} as entry on entry.{key_of(table)} = matches.record_id
            where matches.row_no = entries.row_no and matches.is_merged and not ({lacks})
            """  # noqa: S608 - names come from the kinds
        )


def _fold(incoming: Incoming, table: str, columns: Sequence[str], folds: Mapping[str, str]) -> None:
    """One row per record. An archived record is nobody's to write; a cell with the sign for it empties its field."""
    folded = ", ".join(f"{folds.get(column, f'arg_max({column}, row_no)')} as {column}" for column in columns)
    if not incoming.count("select count(*) - count(distinct record_id) from matches"):
        folded = ", ".join(f"{folds.get(column, f'any_value({column})')} as {column}" for column in columns)
    signs = settling.cleared(incoming, [column for column in columns if column not in SOURCE])
    kept = ", ".join(_kept(incoming, column, column in signs) for column in columns)
    emptied = "".join(f", {settling.latest(fields, column)} as {column}_clear" for column, fields in signs.items())
    placed = "".join(f", max(row_no) filter ({column} is not null) as {column}_row" for column in signs)
    incoming.run(
        f"""
        create or replace temp table records as
        with given as (
            select record_id, any_value(is_new) as is_new, {folded}{placed}
            from entries
            inner join matches using (row_no)
            where not is_archived
            group by record_id
        ),

        emptied as (
            select given.record_id{emptied}
            from given
            inner join matches using (record_id)
            inner join clears using (row_no)
            group by given.record_id
        )

        select given.record_id, given.is_new, {kept}, entry.version
        from given
        left join emptied on emptied.record_id = given.record_id
        left join {table} as entry on entry.{key_of(table)} = given.record_id
        """  # noqa: S608 - names come from the kinds
    )


def _kept(incoming: Incoming, column: str, may_be_emptied: bool) -> str:
    """What a record will have in a column: what the file gives, else what is stored, unless the file empties it."""
    emptied = f"coalesce(emptied.{column}_clear, false)" if may_be_emptied else "false"
    if column in incoming.own:
        return f"case when not {emptied} then given.{column} end as {column}, {emptied} as {column}_clear"
    kept = SOURCE.get(column, f"coalesce(given.{column}, entry.{column})")
    return f"case when not {emptied} then {kept} end as {column}" if may_be_emptied else f"{kept} as {column}"


def reject_records(incoming: Incoming, name: str | None, sql: str) -> int:
    """Reject every row of the records that `sql` yields as (record_id, reason), and leave the records out."""
    incoming.run(f"create or replace temp table refused as {sql}")
    incoming.reject(name, "select row_no, reason from refused inner join matches using (record_id)")
    incoming.run("delete from records where record_id in (select record_id from refused)")
    return incoming.count("select count(*) from refused")


def decide(incoming: Incoming, table: str, also: str = "select null::uuid") -> None:
    """Make `fates`, and part the records to insert from those to update; `also` yields records changed elsewhere."""
    keep(incoming, table)
    _patch_own(incoming)
    incoming.report(0.8, f"Check {incoming.kind}")
    columns = [name for (name,) in incoming.rows("select column_name from (describe records)")]
    columns = [name for name in columns if name not in ("record_id", "is_new", "version", "own")]
    differs = " or ".join(f"entry.{name} is distinct from records.{name}" for name in columns)
    differs += " or own_patched(entry.own, records.own) is distinct from entry.own" if incoming.own else ""
    incoming.run(
        f"""
        create or replace temp table changed as
        select record_id
        from records
        inner join {table} as entry on entry.{key_of(table)} = records.record_id
        where not is_new and ({differs})
        """  # noqa: S608 - names come from the schema
    )
    incoming.run(
        f"""
        create or replace temp table fates as
        select
            lines.row_no,
            case
                when lines.row_no in (select row_no from faults) then 'rejected'
                when matches.record_id is null or matches.is_archived then 'skipped'
                when matches.is_new then 'created'
                when matches.record_id in (select record_id from changed union all {also}) then 'updated'
                else 'unchanged'
            end as fate,
        from lines
        left join matches using (row_no)
        """  # noqa: S608 - constants of the kinds
    )
    # Views: a copy of 750,000 records would be too many.
    incoming.run("create or replace temp view to_insert as select * exclude (is_new, version) from records where is_new")
    incoming.run(
        "create or replace temp view to_update as "
        "select * exclude (is_new) from records where record_id in (select record_id from changed)"
    )


def _patch_own(incoming: Incoming) -> None:
    """The own fields of each record as the patch that the store merges into what the row has then."""
    if not incoming.own:
        return
    cells = {field: f"{name}::json" for name, (_, field) in incoming.own.items()}
    signs = {field: f"{name}_clear" for name, (_, field) in incoming.own.items()}
    gone = ", ".join(f"{name}, {name}_clear" for name in incoming.own)
    incoming.run(
        f"create or replace temp table records as select * exclude ({gone}), {patch_sql(cells, signs)} as own from records"  # noqa: S608
    )


def write(incoming: Incoming, table: str) -> None:
    """Add the new records, and set what differs in the known ones, unless somebody writes them in between."""
    lookup.write_made(incoming)
    if incoming.wrote(table, "created", "select count(*) from to_insert"):
        in_order = f" order by {IN_ORDER[table]}" if table in IN_ORDER else ""
        incoming.change.insert_from(table, f"select * exclude (record_id), record_id as {key_of(table)} from to_insert{in_order}")  # noqa: S608
    if incoming.wrote(table, "updated", "select count(*) from to_update"):
        _update(incoming, table)


def _update(incoming: Incoming, table: str) -> None:
    """Set the columns in which a record differs. The column that an index is over takes fifty times as long to set, so it is set
    only where it differs.
    """
    columns = _differing(incoming, table)
    moved = f"""
        select record_id
        from to_update
        inner join {table} as entry on entry.{key_of(table)} = to_update.record_id
        where entry.{INDEXED} is distinct from to_update.{INDEXED}
    """  # noqa: S608 - names come from the schema
    if INDEXED not in columns:
        moved = "select null::uuid limit 0"
    for names, which in ((columns, "in"), ([name for name in columns if name != INDEXED], "not in")):
        rows = f"from to_update where record_id {which} ({moved})"
        if names and incoming.count(f"select count(*) {rows}"):
            incoming.change.update_from(table, f"select record_id as {key_of(table)}, version, {', '.join(names)} {rows}")


def _differing(incoming: Incoming, table: str) -> list[str]:
    """The columns in which any of the known records will change; own fields are merged by the store."""
    columns = [name for (name,) in incoming.rows("select column_name from (describe to_update)")]
    plain = [name for name in columns if name not in ("record_id", "version", "own")]
    counts = ", ".join(f"count_if(entry.{name} is distinct from to_update.{name})" for name in plain)
    found = incoming.rows(
        f"""
        select {counts}
        from to_update
        inner join {table} as entry on entry.{key_of(table)} = to_update.record_id
        """  # noqa: S608 - names come from the schema
    )[0]
    return [name for name, number in zip(plain, found, strict=True) if number] + (["own"] if incoming.own else [])
