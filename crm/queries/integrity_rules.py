"""What must hold of every row by itself: the rules of writing (crm/store/rules.py), asked again of all that was ever written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm.queries import choices
from crm.store import rules
from crm.store.rules import key_of, noun

Columns = Mapping[str, Mapping[str, str]]  # type by column by table
WORDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("employees", "role"): choices.ROLES,
    ("customers", "kind"): choices.CUSTOMER_KINDS,
    ("customers", "lifecycle_stage"): choices.LIFECYCLE_STAGES,
    ("contacts", "consent"): choices.CONSENTS,
    ("traits", "kind"): choices.TRAIT_KINDS,
    ("stages", "outcome"): choices.OUTCOMES,
    ("stage_aliases", "outcome"): choices.OUTCOMES,
    ("feedback", "kind"): choices.FEEDBACK_KINDS,
    ("feedback", "scale"): tuple(choices.SCALES),
    ("goals", "scope"): choices.GOAL_SCOPES,
    ("focus_participants", "state"): choices.PANEL_STATES,
    ("ideas", "kind"): choices.IDEA_KINDS,
    ("ideas", "state"): choices.IDEA_STATES,
    ("brand_readings", "measure"): choices.BRAND_MEASURES,
    ("custom_fields", "noun"): rules.OWN,
}


@dataclass(frozen=True)
class Check:
    """A question: its name, whose rows it is about, and SQL that yields key and words of each wrong one."""

    name: str
    table: str
    sql: str
    values: dict[str, Any] = field(default_factory=dict)


def of_rows(columns: Columns) -> Iterator[Check]:
    """Keys, references, what stands only once, what follows from the rest, fixed words, structures, own fields."""
    for table in sorted(rules.WRITE.keys() & columns.keys()):
        yield from (_keys(table), *_references(table, columns), *_uniqueness(table), *_derived(table), *_words(table))
    for table, names in columns.items():
        yield from (_json(table, name, key_of(table) in names) for name, kind in names.items() if kind == "JSON")
    if "custom_fields" in columns:
        yield from (_own(table) for table in rules.OWN if "own" in columns.get(table, {}))


def _keys(table: str) -> Check:
    """Every row has a key, and no two the same: on a DuckLake nothing else ensures it."""
    key = key_of(table)
    sql = f"""
        select {key} as key, 'stands ' || count(*) || ' times: two rows have this key' as words
        from {table}
        group by {key}
        having count(*) > 1 or {key} is null
    """  # noqa: S608 - names come from rules.py, here and below
    return Check("keys", table, sql)


def _references(table: str, columns: Columns) -> Iterator[Check]:
    """What a row refers to is there."""
    for column, parent in rules.REFERENCES.get(table, {}).items():
        if parent in columns and column in columns[table]:
            sql = f"""
                select
                    entry.{key_of(table)} as key,
                    'refers to {noun(parent)} ' || entry.{column} || ' ({column}), which is not there' as words,
                from {table} as entry
                left join {parent} as parent on parent.{key_of(parent)} = entry.{column}
                where entry.{column} is not null and parent.{key_of(parent)} is null
            """  # noqa: S608
            yield Check("references", table, sql)


def _uniqueness(table: str) -> Iterator[Check]:
    """What may stand only once stands only once."""
    for parts in rules.UNIQUE.get(table, []):
        given = " and ".join(f"{part} is not null" for part in parts)
        label = parts[-1].removeprefix("lower(").removesuffix(")").replace("_", " ")
        sql = f"""
            select
                min({key_of(table)}::varchar) as key,
                'shares its {label} “' || any_value({parts[-1]})::varchar || '” with ' || (count(*) - 1) || ' more' as words,
            from {table}
            where {given} and archived_at is null
            group by {", ".join(parts)}
            having count(*) > 1
        """  # noqa: S608
        yield Check("uniqueness", table, sql)


def _derived(table: str) -> Iterator[Check]:
    """Columns that follow from the rest of their row do."""
    for column, expression in rules.DERIVED.get(table, {}).items():
        sql = f"""
            select {key_of(table)} as key, 'has a {column} that does not follow from its other fields' as words
            from {table}
            where {column} is distinct from {expression}
        """  # noqa: S608
        yield Check("derived columns", table, sql)


def _words(table: str) -> Iterator[Check]:
    """A column of fixed words holds one of them."""
    for (of, column), known in WORDS.items():
        if of == table:
            sql = f"""
                select {key_of(table)} as key, 'has the {column} “' || {column} || '”, which is no such word' as words
                from {table}
                where {column} is not null and not list_contains($known, {column})
            """  # noqa: S608
            yield Check("words", table, sql, {"known": list(known)})


def _json(table: str, column: str, has_key: bool) -> Check:
    """A structure is one, written as JSON."""
    key = key_of(table) if has_key else "record_id" if table == "changes" else "null"
    sql = f"""
        select {key} as key, 'has in {column} what is no JSON object or list' as words
        from {table}
        where not json_valid({column}::varchar) or json_type({column}) not in ('OBJECT', 'ARRAY', 'NULL')
    """  # noqa: S608
    return Check("json", table, sql)


def _own(table: str) -> Check:
    """Every own value belongs to an own field of its noun."""
    sql = f"""
        with held as (
            select {key_of(table)} as key, unnest(json_keys(own)) as field
            from {table}
            where own is not null and json_type(own) = 'OBJECT'
        )

        select key, 'has a value of the own field ' || field || ', which is not there' as words
        from held
        anti join custom_fields on custom_fields.custom_field_id::varchar = held.field and custom_fields.noun = '{table}'
        union all
        select {key_of(table)}, 'has own values that are no object'
        from {table}
        where own is not null and json_type(own) <> 'OBJECT'
    """  # noqa: S608
    return Check("own fields", table, sql)
