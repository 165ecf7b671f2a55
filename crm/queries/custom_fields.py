"""The company's own fields: what they are, and how their values are read.

A definition stands in `custom_fields` (the choices of a choice field in `custom_choices`), a value in the json column `own` of
its noun's table, keyed by the field's id; a choice is kept by its id too. So renaming either touches no value.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm.store.names import identifier
from crm.store.session import Session

NOUNS = ("customers", "contacts", "deals", "orders", "interactions", "feedback", "tasks", "products", "employees")
KINDS = ("text", "long_text", "number", "money", "date", "yes_no", "choice", "choices", "link")
CHOSEN = ("choice", "choices")
PREFIX = "own_"
# What a value is read as: `{own}` is the json column, `{key}` the field's id.
TYPED = {
    "number": "try_cast(({own} ->> '{key}') as double)",
    "money": "try_cast(({own} ->> '{key}') as decimal(14, 2))",
    "date": "try_cast(({own} ->> '{key}') as date)",
    "yes_no": "try_cast(({own} ->> '{key}') as boolean)",
    "choices": "coalesce(from_json(({own} -> '{key}'), '[\"VARCHAR\"]'), [])",
}
TEXT = "({own} ->> '{key}')"
# What people read in place of it: the names of choices, several in the order in which they are offered.
READ = {
    "choice": """(
        select choice.name
        from custom_choices as choice
        where choice.custom_choice_id::varchar = ({own} ->> '{key}')
    )""",
    "choices": """(
        select string_agg(choice.name, ', ' order by choice.position, choice.name)
        from custom_choices as choice
        where contains(({own} -> '{key}')::varchar, choice.custom_choice_id::varchar)
    )""",
}


@dataclass(frozen=True)
class Choice:
    """One of the words that a choice field offers; an archived one stays where it was chosen."""

    key: str
    name: str
    is_archived: bool


@dataclass(frozen=True)
class CustomField:
    """One own field of a noun. `key` is its id as text: the key of its values in `own`."""

    key: str
    noun: str
    name: str
    kind: str
    is_required: bool
    is_listed: bool
    is_archived: bool
    choices: tuple[Choice, ...] = ()

    @property
    def argument(self) -> str:
        """What forms and commands call it, which no rename changes."""
        return f"{PREFIX}{self.key}"

    @property
    def is_split(self) -> bool:
        """Whether figures can be split by it."""
        return self.kind in ("choice", "yes_no")

    @property
    def is_filter(self) -> bool:
        """Whether lists can be kept to one of a few answers."""
        return self.is_split or self.kind == "choices"

    @property
    def is_sort(self) -> bool:
        """Whether lists can be sorted by it."""
        return self.kind not in ("long_text", "choices", "link")

    @property
    def split(self) -> str:
        """What the macros of figures call it: `deals:` and its key."""
        return f"{self.noun}:{self.key}"


def of_noun(session: Session, noun: str, *, archived: bool = False) -> list[CustomField]:
    """One row per own field of a noun, in their order; with `archived`, those that were put aside at the end."""
    return every(session, archived=archived, nouns=(noun,))


def called(session: Session, noun: str, argument: str) -> CustomField | None:
    """The own field of a noun that forms and commands call so."""
    asked = of_noun(session, noun) if argument.startswith(PREFIX) else []
    return next((field for field in asked if field.argument == argument), None)


def every(session: Session, *, archived: bool = False, nouns: Collection[str] = NOUNS) -> list[CustomField]:
    """One row per own field of any noun, or of these, noun by noun, in their order."""
    rows = session.rows(
        """
        select
            custom_field_id::varchar as key,
            noun,
            name,
            kind,
            is_required,
            is_listed,
            position,
            archived_at is not null as is_archived,
        from custom_fields
        """
    )
    found = [row for row in _in_order(rows) if row["noun"] in nouns and (archived or not row["is_archived"])]
    choices = _choices(session) if any(row["kind"] in CHOSEN for row in found) else {}
    fields = [CustomField(choices=tuple(choices.get(row["key"], ())), **row) for row in found]
    return sorted(fields, key=lambda field: NOUNS.index(field.noun))


def _choices(session: Session) -> dict[str, list[Choice]]:
    rows = session.rows(
        """
        select
            custom_field_id::varchar as field,
            custom_choice_id::varchar as key,
            name,
            position,
            archived_at is not null as is_archived,
        from custom_choices
        """
    )
    found: dict[str, list[Choice]] = {}
    for row in _in_order(rows):
        found.setdefault(row.pop("field"), []).append(Choice(**row))
    return found


def _in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those in use by their places, then those that were put aside. So few are sorted here quicker than asked for."""
    found = sorted(rows, key=lambda row: (row["is_archived"], row["position"], row["name"].lower(), row["key"]))
    return [{name: value for name, value in row.items() if name != "position"} for row in found]


def value_sql(field: CustomField, table: str) -> str:
    """SQL for a field's typed value in a row of `table` (its alias): null where it is blank, a list of keys for choices.

    The key is the one thing that enters the text, and only as an id.
    """
    return TYPED.get(field.kind, TEXT).format(own=f"{identifier(table)}.own", key=UUID(field.key))


def read_sql(field: CustomField, table: str) -> str:
    """The same as people read it: the names of choices, everything else as it is."""
    own = f"{identifier(table)}.own"
    return READ[field.kind].format(own=own, key=UUID(field.key)) if field.kind in READ else value_sql(field, table)


def fitting(session: Session, noun: str, filters: Mapping[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """The conditions that filters by own fields make over a noun's table, and their parameters.

    A filter is named by the field's `argument`; its value is a choice's key, or yes or no. Another field's is left out.
    """
    given = [field for field in (called(session, noun, name) for name in filters) if field]
    asked = [field for field in given if field.is_filter]
    conditions, values = [], {}
    for number, field in enumerate(asked):
        name, read = f"own_{number}", value_sql(field, noun)
        conditions.append(f"list_contains({read}, ${name})" if field.kind == "choices" else f"{read} = ${name}")
        values[name] = filters[field.argument]
    return conditions, values


def order_sql(field: CustomField, table: str) -> str:
    """SQL for what rows are sorted by: choices stand as they are offered."""
    read = value_sql(field, table)
    if field.kind != "choice":
        return read
    offered = ", ".join(f"'{UUID(choice.key)}'" for choice in field.choices)
    return f"list_position([{offered}]::varchar[], {read})"


def order_of(field: CustomField) -> str:
    """Which end of a sorted list comes first: numbers the largest, blanks always last."""
    return "desc nulls last" if field.kind in ("number", "money", "yes_no") else "nulls last"


def value(field: CustomField, own: str | None) -> Any:
    """A field's value out of a row's `own`: text, number, Decimal, date, bool, the key of a choice or a list of them.

    >>> tier = CustomField("0190", "deals", "Signed", "date", False, False, False)
    >>> value(tier, '{"0190":"2026-05-01"}'), value(tier, None)
    (datetime.date(2026, 5, 1), None)
    """
    found = json.loads(own or "{}").get(field.key)
    if found is None:
        return None
    ways: dict[str, Any] = {"money": lambda amount: Decimal(str(amount)).quantize(Decimal("0.01")), "date": date.fromisoformat}
    return ways[field.kind](found) if field.kind in ways else found


def as_text(field: CustomField, found: Any) -> str | None:
    """A value, as `own` holds it or as `value` gives it, as people write it; None where it is blank.

    >>> as_text(CustomField("0190", "deals", "Audited", "yes_no", False, False, False), True)
    'Yes'
    """
    if found is None or found == []:
        return None
    if field.kind == "yes_no":
        return "Yes" if found else "No"
    if field.kind in CHOSEN:
        chosen = found if isinstance(found, list) else [found]
        known = [choice.name for choice in field.choices if choice.key in chosen]
        return ", ".join(known + ["no longer there"] * (len(chosen) - len(known)))
    if field.kind == "money":
        return f"{Decimal(str(found)):,.2f}"
    if field.kind == "number":
        return f"{found:,}"
    if field.kind == "date":
        day = date.fromisoformat(str(found))
        return f"{day.day} {day:%b %Y}"
    return str(found)


def filled(fields: Iterable[CustomField], own: str | None) -> dict[str, str]:
    """The fields of a row that hold something, by name, as people read them."""
    texts = {field.name: as_text(field, value(field, own)) for field in fields} if own else {}
    return {name: text for name, text in texts.items() if text}


def changed(fields: Mapping[str, CustomField], before: Any, after: Any) -> dict[str, tuple[Any, Any]]:
    """One entry per own field that differs between two contents of `own`: by its key, what it was and what it became."""
    was, became = before or {}, after or {}
    keys = [*fields, *sorted((set(was) | set(became)) - set(fields))]
    return {key: (was.get(key), became.get(key)) for key in keys if was.get(key) != became.get(key)}


def patch_sql(cells: Mapping[CustomField, str], cleared: Mapping[CustomField, str] | None = None) -> str:
    """SQL for a patch of `own` out of the SQL of each field's cell, typed or json: a blank cell leaves the field as it is.

    `cleared` is the SQL that says of a row whether the field is to be emptied.
    """
    parts = ", ".join(_pair(UUID(field.key), cell, (cleared or {}).get(field)) for field, cell in cells.items())
    return f"('{{' || concat_ws(',', {parts}) || '}}')::json"


def _pair(key: UUID, cell: str, cleared: str | None) -> str:
    emptied = f"when {cleared} then '\"{key}\":null'" if cleared else ""
    return f"case when {cell} is not null then '\"{key}\":' || to_json({cell})::varchar {emptied} end"
