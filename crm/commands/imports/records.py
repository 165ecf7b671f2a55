"""From matched rows to the records that will be written, and to each row's fate.

entries  one row per file row: row_no, the columns to write, and the keys to match by (key_0 …)
matches  one row per entry: the record it means
records  one row per record: the columns as they will be, what the file leaves blank as it is stored
fates    one row per file row
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crm.commands.imports.incoming import Incoming
from crm.commands.imports.matching import match
from crm.store.rules import key_of, noun

SOURCE = {
    "external_id": "coalesce(entry.external_id, given.external_id)",
    "source": "coalesce(entry.source, given.source)",
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
    cells = {**columns, **_sourced(incoming, external_id)}
    types.pop(exact, None)
    written = ", ".join(
        f"({cell})::{types[column]} as {column}" if column in types else f"{cell} as {column}" for column, cell in cells.items()
    )
    ladder = "".join(f", ({cell})::varchar as key_{rung}" for rung, cell in enumerate(keys, start=1))
    incoming.run(
        f"create or replace temp table entries as select row_no, {written}, external_id as key_0{ladder} from linked",  # noqa: S608
        source=incoming.source,
    )
    _refuse_keyless(incoming, needs, len(keys) + 1)
    match(incoming, table, list(keys.values()))
    _fold(incoming, table, list(cells), folds or {})
    incoming.run("drop table entries")
    require(incoming, needs)


def _refuse_keyless(incoming: Incoming, needs: str, keys: int) -> None:
    """A row that says nothing by which its record could be known again is rejected."""
    blank = " and ".join(f"key_{rung} is null" for rung in range(keys))
    what = f"is missing: every {noun(incoming.kind)} needs it"
    sql = f"select row_no, '{what}' as reason from entries where {blank}"  # noqa: S608 - constants of the kinds
    incoming.reject(needs.removesuffix("_id"), sql)


def require(incoming: Incoming, column: str, field: str | None = None) -> None:
    """A new record without this column is rejected; a known one keeps what is stored."""
    what = f"is missing: every new {noun(incoming.kind)} needs it"
    sql = f"select record_id, '{what}' as reason from records where {column} is null"  # noqa: S608 - constants of the kinds
    reject_records(incoming, field or column.removesuffix("_id"), sql)


def _sourced(incoming: Incoming, external_id: str | None) -> dict[str, str]:
    cell = external_id or incoming.given("external_id")
    return {"external_id": cell, "source": f"case when {cell} is not null then $source end"}


def _fold(incoming: Incoming, table: str, columns: Sequence[str], folds: Mapping[str, str]) -> None:
    """One row per record. An archived record is nobody's to write."""
    folded = ", ".join(f"{folds.get(column, f'arg_max({column}, row_no)')} as {column}" for column in columns)
    if not incoming.count("select count(*) - count(distinct record_id) from matches"):
        folded = ", ".join(f"{folds.get(column, f'any_value({column})')} as {column}" for column in columns)
    kept = ", ".join(f"{SOURCE.get(column, f'coalesce(given.{column}, entry.{column})')} as {column}" for column in columns)
    incoming.run(
        f"""
        create or replace temp table records as
        with given as (
            select record_id, any_value(is_new) as is_new, {folded}
            from entries
            inner join matches using (row_no)
            where not is_archived
            group by record_id
        )

        select given.record_id, given.is_new, {kept}, entry.version
        from given
        left join {table} as entry on entry.{key_of(table)} = given.record_id
        """  # noqa: S608 - names come from the kinds
    )


def reject_records(incoming: Incoming, name: str | None, sql: str) -> int:
    """Reject every row of the records that `sql` yields as (record_id, reason), and leave the records out."""
    incoming.run(f"create or replace temp table refused as {sql}")
    incoming.reject(name, "select row_no, reason from refused inner join matches using (record_id)")
    incoming.run("delete from records where record_id in (select record_id from refused)")
    return incoming.count("select count(*) from refused")


def decide(incoming: Incoming, table: str, also: str = "select null::uuid") -> None:
    """Make `fates`, and part the records to insert from those to update; `also` yields records changed elsewhere."""
    columns = [name for (name,) in incoming.rows("select column_name from (describe records)")]
    columns = [name for name in columns if name not in ("record_id", "is_new", "version")]
    differs = " or ".join(f"entry.{name} is distinct from records.{name}" for name in columns)
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
    incoming.run("create or replace temp table to_insert as select * exclude (is_new, version) from records where is_new")
    incoming.run(
        "create or replace temp table to_update as "
        "select * exclude (is_new) from records where record_id in (select record_id from changed)"
    )


def write(incoming: Incoming, table: str) -> None:
    """Add the new records, and set what differs in the known ones, unless somebody writes them in between."""
    for name, done, operation in (
        ("to_insert", "created", incoming.change.insert_from),
        ("to_update", "updated", incoming.change.update_from),
    ):
        if incoming.wrote(incoming.kind, done, f"select count(*) from {name}"):  # noqa: S608 - one of two constants
            operation(table, f"select * exclude (record_id), record_id as {key_of(table)} from {name}")  # noqa: S608
