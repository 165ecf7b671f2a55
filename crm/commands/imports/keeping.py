"""What a person changed since the last import is theirs: the file's older value does not take its place, and this is said.

Who set a field last is known from the history: each update keeps what it was and what it became, each change set whether a
file brought it; the keys of change sets are in the order of time. All fields of all records are looked up at once, and only
records that a person ever edited closely.

kept_values  record_id, column_name, kept, given: what was left as it is, and what the file would have made of it
"""

from __future__ import annotations

from crm.commands.imports.incoming import Incoming
from crm.commands.imports.result import KeptValue
from crm.store.rules import REFERENCES, key_of

# Follows from other fields or says where the row came from: nobody edits it.
NOT_EDITED = ("record_id", "is_new", "version", "external_id", "source", "original_amount")
STANDING = "sets.undone_by is null and sets.undoes is null"


def begin(incoming: Incoming) -> None:
    """Nothing is kept yet."""
    incoming.run("create or replace temp table kept_values (record_id uuid, column_name varchar, kept varchar, given varchar)")


def listed(incoming: Incoming, most: int) -> tuple[int, list[KeptValue]]:
    """How many values were kept, and the first of them, as the file names their columns and people their records."""
    rows = incoming.rows(
        """
        select any_value(line), column_name, any_value(kept), any_value(given)
        from (
            select min(lines.line) as line, kept_values.column_name, kept_values.kept, kept_values.given, record_id
            from kept_values
            inner join matches using (record_id)
            inner join lines using (row_no)
            group by all
        )
        group by record_id, column_name
        order by 1, 2
        limit $most
        """,
        most=most,
    )
    values = [KeptValue(line, _called(incoming, column), *_named(incoming, column, *pair)) for line, column, *pair in rows]
    return incoming.count("select count(*) from kept_values"), values


def _called(incoming: Incoming, column: str) -> str:
    """A column as the file calls it, else in words."""
    known = {**incoming.columns, **incoming.own}
    field = next((name for name in (column, column.removesuffix("_id")) if name in known), None)
    return incoming.header(field) if field else column.removesuffix("_id").replace("_", " ")


def _named(incoming: Incoming, column: str, *values: str | None) -> list[str | None]:
    """Keys of records as their names, keys of choices as theirs."""
    table = REFERENCES.get(incoming.kind, {}).get(column) or ("custom_choices" if column in incoming.own else None)
    if not table:
        return list(values)
    name = f"select name from {table} where {key_of(table)}::varchar = $value"  # noqa: S608 - names come from rules.py
    found = [incoming.rows(name, value=value) if value else [] for value in values]
    return [rows[0][0] if rows else value for rows, value in zip(found, values, strict=True)]


def keep(incoming: Incoming, table: str) -> None:
    """Give `records` back the values that a person set after an import had; those of new records are the file's alone."""
    if incoming.options.overwrite:
        return
    paths = _differing(incoming, table)
    if not paths or not _find_edited(incoming, table):
        return
    _find_last_writers(incoming, table, paths)
    for (column,) in incoming.rows("select distinct column_name from theirs order by 1"):
        _give_back(incoming, table, column)


def _differing(incoming: Incoming, table: str) -> dict[str, str]:
    """The columns in which some known record would change → where the history has their values."""
    columns = [name for (name,) in incoming.rows("select column_name from (describe records)")]
    watched = {name: name for name in columns if name not in NOT_EDITED and not name.startswith("own_")}
    differs = {name: f"entry.{name} is distinct from records.{name}" for name in watched}
    for name, (_, field) in incoming.own.items():
        differs[name] = (
            f"(records.{name} is not null or records.{name}_clear) "
            f"and (entry.own -> '{field.key}') is distinct from records.{name}"
        )
    counts = ", ".join(f"count_if({condition})" for condition in differs.values())
    found = incoming.rows(
        f"""
        select {counts}
        from records
        inner join {table} as entry on entry.{key_of(table)} = records.record_id
        """  # noqa: S608 - names come from the schema
    )[0]
    return {name: _path(incoming, name) for name, number in zip(differs, found, strict=True) if number}


def _path(incoming: Incoming, name: str) -> str:
    return f'$.own."{incoming.own[name][1].key}"' if name in incoming.own else f'$."{name}"'


def _find_edited(incoming: Incoming, table: str) -> int:
    """Make `edited`: the records of the file that a person ever changed; how many there are."""
    incoming.run(
        f"""
        create or replace temp table edited as
        select distinct changes.record_id
        from changes
        inner join change_sets as sets on sets.change_set_id = changes.change_set_id
        where changes.operation = 'update' and sets.origin is null and {STANDING}
        and changes.record_id in (select record_id from records where not is_new) and changes.table_name = $table
        """,  # noqa: S608 - a constant of this module
        table=table,
    )
    return incoming.count("select count(*) from edited")


def _find_last_writers(incoming: Incoming, table: str, paths: dict[str, str]) -> None:
    """Make `theirs`: record and column where a person's change is the last one, and an import came before it."""
    incoming.run("create or replace temp table watched (column_name varchar, path varchar)")
    for name, path in paths.items():
        incoming.run("insert into watched values ($name, $path)", name=name, path=path)
    incoming.run(
        f"""
        create or replace temp table theirs as
        with history as materialized (
            select changes.*, sets.origin
            from changes
            inner join change_sets as sets on sets.change_set_id = changes.change_set_id
            where changes.record_id in (select record_id from edited) and changes.table_name = $table and {STANDING}
        ),

        imported as (
            select record_id, min(change_set_id) as first_set
            from history
            where origin = 'import'
            group by record_id
        ),

        set_last as (
            select
                history.record_id,
                watched.column_name,
                max(history.change_set_id) as last_set,
                arg_max(coalesce(history.origin, 'person'), (history.change_set_id, history.position)) as by_whom,
            from history
            cross join watched
            where history.operation = 'update'
            and json_extract(history.before, watched.path) is distinct from json_extract(history.after, watched.path)
            group by history.record_id, watched.column_name
        )

        select set_last.record_id, set_last.column_name
        from set_last
        inner join imported using (record_id)
        where set_last.by_whom = 'person' and imported.first_set < set_last.last_set
        """,  # noqa: S608 - a constant of this module
        table=table,
    )


def _give_back(incoming: Incoming, table: str, column: str) -> None:
    is_own = column in incoming.own
    stored = f"(entry.own ->> '{incoming.own[column][1].key}')" if is_own else f"entry.{column}"
    given = f"(records.{column} ->> '$')" if is_own else f"records.{column}"
    is_given = f"(records.{column} is not null or records.{column}_clear)" if is_own else "true"
    incoming.run(
        f"""
        create or replace temp table giving_back as
        select records.record_id, {stored} as kept, {given} as given
        from records
        inner join theirs on theirs.record_id = records.record_id and theirs.column_name = $column
        inner join {table} as entry on entry.{key_of(table)} = records.record_id
        where {stored} is distinct from {given} and {is_given}
        """,  # noqa: S608 - names come from the schema
        column=column,
    )
    incoming.run(
        """
        insert into kept_values
        select record_id, $column, kept::varchar, given::varchar
        from giving_back
        where record_id not in (select record_id from kept_values where column_name = $column)
        """,
        column=column,
    )
    back = f"{column} = null, {column}_clear = false" if is_own else f"{column} = giving_back.kept"
    incoming.run(f"update records set {back} from giving_back where giving_back.record_id = records.record_id")  # noqa: S608
