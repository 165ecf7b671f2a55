"""Define the company's own fields: add, rename, reorder and put them aside, and the choices that they offer.

A field keeps its noun and its kind, because values stand under it; its name, and its choices' names, may change at any time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from crm.commands import checks
from crm.commands.checks import Check, Saved, checked
from crm.commands.stages import put_in_order
from crm.errors import Refused
from crm.queries.custom_fields import KINDS, NOUNS, Choice, CustomField
from crm.store.changes import Change
from crm.store.session import Session

NAME = checks.text(60, least=1, trimmed=True)


def _flag(value: Any, name: str) -> bool:
    return bool(value)


CHECKS: dict[str, Check] = {
    "noun": checks.one_of(NOUNS),
    "name": NAME,
    "kind": checks.one_of(KINDS),
    "is_required": _flag,
    "is_listed": _flag,
}
EDITABLE = {name: CHECKS[name] for name in ("name", "is_required", "is_listed")}


def define_field(session: Session, *, choices: str | Sequence[str] | None = None, **fields: Any) -> Saved:
    """Add an own field at the end of its noun's; `choices` are names, as a list or one a line."""
    session.require("admin", "Defining own fields")
    values = checked({"is_required": False, "is_listed": False} | fields, CHECKS, {"noun", "name", "kind"})
    with session.change(f"Add own field {values['name']}") as change:
        field = add_to(change, session, choices=_names(choices), **values)
    return Saved.of(field.key, change)


def add_to(
    change: Change,
    session: Session,
    *,
    noun: str,
    name: str,
    kind: str,
    choices: Sequence[str] = (),
    is_required: bool = False,
    is_listed: bool = False,
) -> CustomField:
    """The same within a change set that does more, like an import that keeps a column nobody had a field for."""
    words = _checked_choices(kind, choices)
    _refuse_namesake(session, noun, name)
    place = session.value("select coalesce(max(position), 0) + 1 from custom_fields where noun = $noun", noun=noun)
    flags = {"is_required": is_required, "is_listed": is_listed}
    key = change.insert("custom_fields", noun=noun, name=name, kind=kind, position=place, **flags)
    made = tuple(Choice(str(uuid7()), word, False) for word in words)
    for position, choice in enumerate(made, start=1):
        change.insert(
            "custom_choices", custom_choice_id=UUID(choice.key), custom_field_id=key, name=choice.name, position=position
        )
    return CustomField(str(key), noun, name, kind, is_archived=False, choices=made, **flags)


def edit_field(session: Session, custom_field_id: UUID, *, version: UUID | None = None, **fields: Any) -> Saved:
    """Rename a field, or say whether it is required or shown in lists; every value stays."""
    values = checked(fields, EDITABLE, {"name"} & set(fields))
    noun = session.value("select noun from custom_fields where custom_field_id = $key", key=custom_field_id)
    _refuse_namesake(session, noun, values.get("name"), custom_field_id)
    with session.change(f"Edit own field {values.get('name', '')}".strip()) as change:
        change.update("custom_fields", custom_field_id, version=version, **values)
    return Saved.of(custom_field_id, change)


def archive_field(session: Session, custom_field_id: UUID, *, version: UUID | None = None) -> Saved:
    """Put a field aside: no form asks for it, and its values stay where they are; History brings it back."""
    with session.change("Archive an own field") as change:
        change.archive("custom_fields", custom_field_id, version=version)
    return Saved.of(custom_field_id, change)


def reorder_fields(session: Session, custom_field_ids: Sequence[UUID]) -> Saved:
    """Put the fields of a noun in this order."""
    with session.change("Reorder own fields") as change:
        put_in_order(change, "custom_fields", "custom_field_id", custom_field_ids)
    return Saved.of(custom_field_ids[0], change)


def add_choice(session: Session, custom_field_id: UUID, name: str) -> Saved:
    """Offer one more choice, at the end."""
    kind = session.value("select kind from custom_fields where custom_field_id = $key", key=custom_field_id)
    (word,) = _checked_choices(kind, [name or ""])
    _refuse_second(session, custom_field_id, word)
    place = session.value(
        "select coalesce(max(position), 0) + 1 from custom_choices where custom_field_id = $key", key=custom_field_id
    )
    with session.change(f"Offer choice {word}") as change:
        key = change.insert("custom_choices", custom_field_id=custom_field_id, name=word, position=place)
    return Saved.of(key, change)


def rename_choice(session: Session, custom_choice_id: UUID, *, version: UUID | None = None, name: str) -> Saved:
    """Call a choice something else, wherever it was chosen."""
    field = session.row(
        """
        select
            field.kind,
            field.custom_field_id,
        from custom_choices as choice
        inner join custom_fields as field on field.custom_field_id = choice.custom_field_id
        where choice.custom_choice_id = $key
        """,
        key=custom_choice_id,
    )
    if field is None:
        raise Refused("This choice is no longer there. Look for it in History.", "custom_choice_id")
    (word,) = _checked_choices(field["kind"], [name or ""])
    _refuse_second(session, field["custom_field_id"], word, custom_choice_id)
    with session.change(f"Rename choice to {word}") as change:
        change.update("custom_choices", custom_choice_id, version=version, name=word)
    return Saved.of(custom_choice_id, change)


def archive_choice(session: Session, custom_choice_id: UUID, *, version: UUID | None = None) -> Saved:
    """Offer a choice no more; where it was chosen, it stays."""
    with session.change("Archive a choice") as change:
        change.archive("custom_choices", custom_choice_id, version=version)
    return Saved.of(custom_choice_id, change)


def reorder_choices(session: Session, custom_choice_ids: Sequence[UUID]) -> Saved:
    """Offer the choices of a field in this order."""
    with session.change("Reorder choices") as change:
        put_in_order(change, "custom_choices", "custom_choice_id", custom_choice_ids)
    return Saved.of(custom_choice_ids[0], change)


def _refuse_namesake(session: Session, noun: str, name: str | None, key: UUID | None = None) -> None:
    """Two fields of one noun and name could not be told apart in a form."""
    taken = session.value(
        """
        select name
        from custom_fields
        where noun = $noun and lower(name) = lower($name) and archived_at is null and custom_field_id is distinct from $key::uuid
        """,
        noun=noun,
        name=name,
        key=key,
    )
    if taken is not None:
        raise Refused(f"There is an own field “{taken}” of {noun} already. Choose another name.", "name")


def _refuse_second(session: Session, custom_field_id: UUID, name: str, key: UUID | None = None) -> None:
    """Nor two choices of one field."""
    taken = session.value(
        """
        select name
        from custom_choices
        where
            custom_field_id = $custom_field_id
            and lower(name) = lower($name)
            and archived_at is null
            and custom_choice_id is distinct from $key::uuid
        """,
        custom_field_id=custom_field_id,
        name=name,
        key=key,
    )
    if taken is not None:
        raise Refused(f"“{taken}” is offered already. Choose another name.", "name")


def _names(choices: str | Sequence[str] | None) -> list[str]:
    """The names of choices, each once; a text has one a line."""
    lines = choices.splitlines() if isinstance(choices, str) else choices or ()
    return list(dict.fromkeys(" ".join(line.split()) for line in lines if line.strip()))


def _checked_choices(kind: str, names: Sequence[str]) -> list[str]:
    """What a field of this kind offers: something where it is to be chosen from, nothing elsewhere."""
    if kind not in ("choice", "choices"):
        if names:
            raise Refused("Only a field of the kind choice offers choices. Leave them out, or take that kind.", "choices")
        return []
    if not names:
        raise Refused("Which choices are there? Write at least one, one a line.", "choices")
    words = [NAME(" ".join(name.split()), "Choice") for name in names]
    several = [word for word in words if kind == "choices" and any(letter in word for letter in ",;|")]
    if several:
        raise Refused(f"“{several[0]}” would read as several choices. Write it without commas and semicolons.", "choices")
    doubles = [word for word in words if sum(word.casefold() == other.casefold() for other in words) > 1]
    if doubles:
        raise Refused(f"“{doubles[0]}” is there twice. Write each choice once.", "choices")
    return words
