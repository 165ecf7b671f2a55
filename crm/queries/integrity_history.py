"""What must hold between rows: the history explains each, a deal stands where its stage changes took it, a person is one.

What an erasure emptied or took away is in order.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from crm.queries.integrity_rules import Check, Columns
from crm.store import rules
from crm.store.rules import key_of

DEFAULT = "01900000-0000-7000-8000-"  # how the keys begin of rows that a new store starts with
ERASED = "Erased"


def of_history(columns: Columns) -> Iterator[Check]:
    """Every row is what its history made of it, and the history holds together."""
    for table in sorted(rules.WRITE.keys() & columns.keys()):
        yield from (*_versions(table), _balance(table), _replay(table, columns[table]))
    yield from (*_history(), _counts())


def of_nouns() -> Iterator[Check]:
    """What a deal, a person, a goal must be."""
    yield from (_stages(), _persons(), _names(), _scopes())


def _versions(table: str) -> Iterator[Check]:
    """A row's version is a change set, and the history of the row knows it."""
    key = key_of(table)
    lost = f"""
        select entry.{key} as key, 'has the version ' || entry.version || ', which is no change set' as words
        from {table} as entry
        left join change_sets on change_sets.change_set_id = entry.version
        where entry.version <> $nobody::uuid and change_sets.change_set_id is null
    """  # noqa: S608
    yield Check("versions", table, lost, {"nobody": rules.NOBODY})
    untold = f"""
        select entry.{key} as key, 'has the version ' || entry.version || ', which its history does not know' as words
        from {table} as entry
        inner join change_sets on change_sets.change_set_id = entry.version
        anti join (
            select record_id, version
            from changes
            where table_name = '{table}'
        ) as told on told.record_id = entry.{key} and told.version = entry.version
    """  # noqa: S608
    yield Check("versions", table, untold)


def _balance(table: str) -> Check:
    """By the history a row was added as often as it was deleted, and once more if it is there."""
    key = key_of(table)
    sql = f"""
        with told as (
            select record_id, sum(case operation when 'insert' then 1 when 'delete' then -1 else 0 end) as balance
            from changes
            where table_name = '{table}'
            group by record_id
        )

        select
            coalesce(entry.{key}, told.record_id) as key,
            case
                when entry.{key} is null then 'is gone, but by its history it is there'
                else 'is there, but by its history it was never added or is deleted'
            end as words,
        from {table} as entry
        full join told on told.record_id = entry.{key}
        where case
            when entry.{key} is null then told.balance > 0
            else coalesce(told.balance, 0) <> 1 and not starts_with(entry.{key}::varchar, $default)
        end
    """  # noqa: S608
    return Check("history", table, sql, {"default": DEFAULT})


def _replay(table: str, types: Mapping[str, str]) -> Check:
    """What the last change of a row says it became is what it is."""
    key = key_of(table)
    names = [name for name in types if name not in (key, *rules.DERIVED.get(table, {}))]
    differs = ", ".join(
        f"case when list_contains(names, '{name}') and {_told(f'entry.{name}', types[name])} "
        f"is distinct from {_told(f'became.{name}', types[name])} then '{name}' end"
        for name in names
    )
    sql = f"""
        with latest as (
            select changes.record_id, changes.after
            from changes
            inner join {table} as entry on entry.{key} = changes.record_id and entry.version = changes.change_set_id
            where changes.table_name = '{table}' and changes.operation = 'update' and changes.after is not null
            qualify row_number() over (partition by changes.record_id order by changes.position desc) = 1
        ),

        told as (
            select record_id, json_keys(after) as names, from_json(after, $shape) as became
            from latest
        )

        select key, 'is not what its last change made of it: ' || fields as words
        from (
            select entry.{key} as key, concat_ws(', ', {differs}) as fields
            from told
            inner join {table} as entry on entry.{key} = told.record_id
        )
        where fields <> ''
    """  # noqa: S608
    return Check("replay", table, sql, {"shape": json.dumps(dict(types))})


def _told(column: str, kind: str) -> str:
    return f"json({column})::varchar" if kind == "JSON" else column


def _history() -> Iterator[Check]:
    """Changes belong to change sets, and an undo to what it undid."""
    yield Check(
        "history",
        "changes",
        """
        select changes.record_id as key, 'belongs to change set ' || changes.change_set_id || ', which is not there' as words
        from changes
        anti join change_sets using (change_set_id)
        """,
    )
    for column in ("undoes", "undone_by"):
        yield Check(
            "history",
            "change_sets",
            f"""
            select entry.change_set_id as key, 'names in {column} ' || entry.{column} || ', which is not there' as words
            from change_sets as entry
            left join change_sets as other on other.change_set_id = entry.{column}
            where entry.{column} is not null and other.change_set_id is null
            """,  # noqa: S608 - one of two constants
        )


def _counts() -> Check:
    """A change set wrote as many rows as it says."""
    return Check(
        "history",
        "change_sets",
        """
        with written as (
            select change_set_id, table_name, operation, count(*) as number
            from changes
            group by all
        ),

        parts as (
            select change_set_id, unnest(json_keys(counts)) as table_name, counts
            from change_sets
            where json_type(counts) = 'OBJECT'
        ),

        said as (
            select
                change_set_id,
                table_name,
                unnest(json_keys(counts -> table_name)) as operation,
                counts -> table_name as numbers,
            from parts
        )

        select
            change_set_id as key,
            'says that it wrote ' || coalesce((said.numbers ->> operation)::bigint, 0) || ' ' || table_name || ' ('
            || operation || '), but its changes are ' || coalesce(written.number, 0) as words,
        from said
        full join written using (change_set_id, table_name, operation)
        where coalesce((said.numbers ->> operation)::bigint, 0) <> coalesce(written.number, 0)
        """,
    )


def _stages() -> Check:
    """A deal stands where its last stage change took it: of those written last, the one dated last."""
    return Check(
        "stages",
        "deals",
        """
        with latest as (
            select deal_id, arg_max(to_stage_id, (created_at, changed_at, stage_change_id)) as stage_id
            from stage_changes
            where archived_at is null
            group by deal_id
        )

        select deals.deal_id as key, 'stands in a stage that its last stage change did not take it to' as words
        from deals
        inner join latest using (deal_id)
        where deals.stage_id <> latest.stage_id
        """,
    )


def _persons() -> Check:
    """A customer who is a person has exactly one contact, called the same, and both are in use or put aside."""
    return Check(
        "persons",
        "customers",
        """
        select
            customers.customer_id as key,
            'is a person with ' || count(contacts.contact_id) || ' contacts, not one' as words,
        from customers
        left join contacts on contacts.customer_id = customers.customer_id
            and (contacts.archived_at is null or customers.archived_at is not null)
        where customers.kind = 'person' and not (customers.name = $erased and customers.archived_at is not null)
        group by customers.customer_id, customers.archived_at
        having count(contacts.contact_id) = 0 or (customers.archived_at is null and count(contacts.contact_id) > 1)
        """,
        {"erased": ERASED},
    )


def _names() -> Check:
    return Check(
        "persons",
        "contacts",
        """
        select contacts.contact_id as key, 'is not called like the person that it is as a customer' as words
        from contacts
        inner join customers using (customer_id)
        where
            customers.kind = 'person'
            and contacts.name <> customers.name
            and contacts.archived_at is null
            and customers.archived_at is null
        """,
    )


def _scopes() -> Check:
    """A goal's scope says whose it is."""
    return Check(
        "goals",
        "goals",
        """
        select goal_id as key, 'is a goal of scope ' || scope || ', but names another' as words
        from goals
        where (scope = 'team') <> (team_id is not null) or (scope = 'employee') <> (employee_id is not null)
        """,
    )
