"""What cells mean that are no values of their own: words that a person has explained, and `\\N`, which empties a field.

A blank cell leaves what is stored, so emptying needs a sign: `\\N`, as databases write it.

answers  field, word → meaning, from the mapping
clears   row_no, field: the cells that say `\\N`; in `texts` they are blank then
"""

from __future__ import annotations

from crm.commands.imports.incoming import Incoming
from crm.store.rules import noun

SIGN = r"\N"
# Ids say which record is meant, so there is nothing to empty.
IDS = ("external_id", "customer_external_id", "product_external_id")
# field → the column it fills, where that bears another name
FILLS: dict[str, tuple[str, ...]] = {
    "owner": ("owner_id", "employee_id"),
    "customer": ("customer_id",),
    "contact": ("contact_id",),
    "contact_email": ("contact_id",),
    "product": ("product_id",),
    "deal": ("deal_id",),
    "stage": ("stage_id",),
    "parent": ("parent_id",),
    "team": ("team_id",),
    "objective": ("objective_id",),
    "unit_price": ("amount",),
    "quantity": ("item_count",),
}


def settle(incoming: Incoming) -> None:
    """Put meanings in the place of words, and take the signs out."""
    _answer(incoming)
    _take_signs_out(incoming)
    _refuse_needed(incoming)


def _answer(incoming: Incoming) -> None:
    values = {name: words for name, words in incoming.options.mapping.values.items() if incoming.has(name)}
    incoming.run("create or replace temp table answers (field varchar, word varchar, meaning varchar)")
    for name, words in values.items():
        for word, meaning in words.items():
            incoming.run("insert into answers values ($name, name_key($word), $meaning)", name=name, word=word, meaning=meaning)
        incoming.run(
            f"""
            update texts
            set {name} = answers.meaning
            from answers
            where answers.field = '{name}' and answers.word = name_key(texts.{name})
            """  # noqa: S608 - names come from fields.py
        )


def _take_signs_out(incoming: Incoming) -> None:
    incoming.run("create or replace temp table clears (row_no bigint, field varchar)")
    names = [*incoming.fields, *incoming.own]
    counts = ", ".join(f"count_if(trim({name}) = '{SIGN}')" for name in names)
    found = incoming.rows(f"select {counts} from texts")[0]  # noqa: S608 - names come from fields.py
    for name, number in zip(names, found, strict=True):
        if number:
            is_id = name in IDS
            incoming.run(f"insert into clears select row_no, '{name}' from texts where trim({name}) = '{SIGN}' and not {is_id}")  # noqa: S608
            incoming.run(f"update texts set {name} = null where trim({name}) = '{SIGN}'")  # noqa: S608


def _refuse_needed(incoming: Incoming) -> None:
    """A field that every record has cannot be emptied."""
    needed = {name for name, _, null, *_ in incoming.rows(f"describe {incoming.kind}") if null == "NO"}
    for name in _signed(incoming):
        if needed.intersection(_fills(incoming, name)):
            words = f"cannot be emptied: every {noun(incoming.kind)} has a {name.replace('_', ' ')}"
            incoming.reject(name, "select row_no, $words as reason from clears where field = $signed", words=words, signed=name)


def cleared(incoming: Incoming, columns: list[str]) -> dict[str, tuple[str, ...]]:
    """Column → the fields whose sign empties it."""
    signed = _signed(incoming)
    found = {column: tuple(name for name in signed if column in _fills(incoming, name)) for column in columns}
    return {column: fields for column, fields in found.items() if fields}


def _signed(incoming: Incoming) -> list[str]:
    """The fields that some cell empties."""
    return [name for (name,) in incoming.rows("select distinct field from clears order by field")]


def _fills(incoming: Incoming, name: str) -> tuple[str, ...]:
    if incoming.kind == "deals" and name == "closed_on" and not incoming.has("expected_close_on"):
        return ("closed_on", "expected_close_on")
    return FILLS.get(name, (name,))


def latest(fields: tuple[str, ...], column: str) -> str:
    """SQL: whether the sign of one of these fields comes after the last cell with a value for the column."""
    names = ", ".join(f"'{name}'" for name in fields)
    return f"coalesce(max(clears.row_no) filter (where clears.field in ({names})) > coalesce(max({column}_row), -1), false)"
