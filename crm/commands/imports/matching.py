"""Which stored record does a row mean, and which rows mean the same one?

A kind has a ladder of keys: external id, e-mail, name … A row is known by its first key, and falls back on a lower one only
to a record that has none of the keys above it; then only one row may claim that record. Rows of the file are matched with
each other by the same rules as with stored records, so that importing a file a second time finds what the first one made.
"""

from __future__ import annotations

from collections.abc import Sequence

from crm.commands.imports.incoming import Incoming
from crm.store.rules import key_of


def match(incoming: Incoming, table: str, ladder: Sequence[str]) -> None:
    """Make `matches` (row_no, record_id, is_new, is_archived, is_merged) from `entries`, whose key_0, key_1 … are the ladder's
    cells. A record that was merged into another means that one.

    `ladder[i]` is the SQL of key i + 1 over the stored table; key 0 is the external id of the file's source; where a
    row bears our own key (`ours`), it is that.
    """
    keys = [f"key_{rung}" for rung in range(len(ladder) + 1)]
    _known(incoming, table, ladder, keys)
    incoming.run("create or replace temp table matches (row_no bigint, record_id uuid)")
    for rung in range(len(keys)):
        _climb(incoming, keys, rung)
    incoming.run(
        f"""
        create or replace temp table matches as
        with winners as (
            select merged_into.loser_id, merged_into.winner_id
            from merged_into
            inner join {table} as entry on entry.{key_of(table)} = merged_into.winner_id
            where merged_into.noun = '{table}' and entry.archived_at is null
        )

        select
            matches.row_no,
            coalesce(winners.winner_id, matches.record_id) as record_id,
            known.is_new,
            known.is_archived and winners.winner_id is null as is_archived,
            winners.winner_id is not null as is_merged
        from matches
        inner join known using (record_id)
        left join winners on winners.loser_id = matches.record_id
        """  # noqa: S608 - names come from rules.py
    )


def _known(incoming: Incoming, table: str, ladder: Sequence[str], keys: list[str]) -> None:
    """Make `known`: the stored records that a row could mean, with their keys."""
    ours = f"{key_of(table)} in (select record_id from ours)"  # noqa: S608 - names come from rules.py
    first = f"case when {ours} then {key_of(table)}::varchar when source = $source then external_id end"
    stored = [first, *ladder]
    cells = ", ".join(f"{cell} as {key}" for cell, key in zip(stored, keys, strict=True))
    wanted = " or ".join(f"{key} in (select {key} from entries)" for key in keys)  # noqa: S608 - keys are made by match
    incoming.run(
        f"""
        create or replace temp table known as
        select *
        from (
            select {key_of(table)} as record_id, false as is_new, archived_at is not null as is_archived, {cells}
            from {table} as entry
        )
        where {wanted}
        """,  # noqa: S608 - names and keys are constants of this package
        source=incoming.source,
    )


def _climb(incoming: Incoming, keys: list[str], rung: int) -> None:
    """Match the rows whose first key is this one: by it, then by those below; what is left are new records."""
    own = keys[rung]
    above = "".join(f" and {key} is null" for key in keys[:rung])
    below = "".join(f", arg_max({key}, row_no) as {key}" for key in keys[rung + 1 :])
    incoming.run(
        f"""
        create or replace temp table groups as
        select {own}, min(row_no) as first_row, null::uuid as record_id{below}
        from entries
        where {own} is not null{above}
        group by {own}
        """  # noqa: S608 - keys are made by match
    )
    for lower in range(rung, len(keys)):
        _claim(incoming, keys, rung, lower)
    _add_new(incoming, keys, rung)
    incoming.run(
        f"""
        insert into matches
        select entries.row_no, groups.record_id
        from entries
        inner join groups on groups.{own} = entries.{own}{above.replace("and ", "and entries.")}
        """  # noqa: S608 - keys are made by match
    )


def _claim(incoming: Incoming, keys: list[str], rung: int, lower: int) -> None:
    """Give the groups that are still free the record with the same key `lower`, if it is free above it; each record once."""
    own, key = keys[rung], keys[lower]
    free = "".join(f" and (known.{upper} is null or groups.{upper} is null)" for upper in keys[rung:lower])
    alive = "" if lower == rung else " and not known.is_archived"
    incoming.run(
        f"""
        update groups
        set record_id = claimed.record_id
        from (
            select {own}, record_id
            from (
                select groups.{own}, groups.first_row, known.record_id
                from groups
                inner join known on known.{key} = groups.{key}{free}{alive}
                where groups.record_id is null
                qualify row_number() over (
                    partition by groups.{own}
                    order by known.is_archived, known.is_new, known.key_0, known.record_id
                ) = 1
            )
            qualify row_number() over (partition by record_id order by first_row) = 1
        ) as claimed
        where claimed.{own} = groups.{own}
        """  # noqa: S608 - keys are made by match
    )
    _remember(incoming, keys[rung:])


def _remember(incoming: Incoming, keys: list[str]) -> None:
    """The records now have the keys that their rows gave them."""
    pairs = ", ".join(f"{key} = coalesce(groups.{key}, known.{key})" for key in keys)
    incoming.run(f"update known set {pairs} from groups where groups.record_id = known.record_id")  # noqa: S608


def _add_new(incoming: Incoming, keys: list[str], rung: int) -> None:
    """Rows that mean no record make one."""
    incoming.run("update groups set record_id = uuidv7() where record_id is null")
    incoming.run(
        f"""
        insert into known by name
        select record_id, true as is_new, false as is_archived, {", ".join(keys[rung:])}
        from groups
        where record_id not in (select record_id from known)
        """  # noqa: S608 - keys are made by match
    )
