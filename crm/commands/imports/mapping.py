"""What a person has said about the columns of a file: which field each is, what its words mean, how its days are written.

The page, `import --map FILE.json` and the table `import_mappings` share this one thing. Columns that it does not name map by
themselves. A mapping that does not fit is refused by the key that is wrong: a typing error must not lose a column.
"""

from __future__ import annotations

import json
from collections.abc import Mapping as Table
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from rapidfuzz import process

from crm.commands.imports.fields import FIELDS
from crm.errors import Refused
from crm.queries.custom_fields import KINDS, NOUNS

ORDERS = {"dmy": "day first", "mdy": "month first", "ymd": "year first"}
PARTS = ("columns", "values", "day_order")
EXAMPLE = '{"columns": {"Deal Name": "name", "Internal": null}, "values": {"stage": {"Closed": "Won"}}, "day_order": "dmy"}'


@dataclass(frozen=True)
class Own:
    """A field of the company's own as a column's target: by its name; made with this kind where there is none yet."""

    name: str
    kind: str | None = None

    def as_json(self) -> dict[str, str]:
        return {"own": self.name} | ({"type": self.kind} if self.kind else {})


Target: TypeAlias = str | Own | None
Values: TypeAlias = dict[str, dict[str, str | None]]


@dataclass(frozen=True)
class Mapping:
    """`columns`: header → field, own field, or None to leave it aside; `values`: field → what a cell says → what it means."""

    columns: dict[str, Target] = field(default_factory=dict)
    values: Values = field(default_factory=dict)
    day_order: str | None = None

    def with_column(self, header: str, target: Target) -> Mapping:
        """The same with another target for a column; another column that had this target loses it."""
        others = {name: None if target is not None and old == target else old for name, old in self.columns.items()}
        return replace(self, columns=others | {header: target})

    def with_value(self, field: str, text: str, meaning: str | None) -> Mapping:
        """The same with the meaning of a word; None leaves such cells blank."""
        return replace(self, values={**self.values, field: {**self.values.get(field, {}), text: meaning or None}})

    def with_blank(self, field: str, meaning: str | None) -> Mapping:
        """The same with what a record is where the file does not say; None leaves that to the import."""
        words = {text: meant for text, meant in self.values.get(field, {}).items() if text}
        others = {name: known for name, known in self.values.items() if name != field}
        known = words | ({"": meaning} if meaning else {})
        return replace(self, values=others | ({field: known} if known else {}))

    def blank(self, field: str) -> str | None:
        """What a record is where the file does not say: the meaning of the empty word."""
        return self.values.get(field, {}).get("")

    def with_day_order(self, order: str | None) -> Mapping:
        """The same with the order in which 01-03-17 is to be read."""
        return replace(self, day_order=order)

    def as_json(self) -> dict[str, Any]:
        """What a mapping file holds."""
        columns = {name: target.as_json() if isinstance(target, Own) else target for name, target in self.columns.items()}
        return {"columns": columns, "values": self.values, "day_order": self.day_order}

    @classmethod
    def from_json(cls, text: str, name: str = "The mapping") -> Mapping:
        """A mapping out of a file; one that is not understood is refused by its key."""
        try:
            given = json.loads(text)
        except ValueError as error:
            raise _wrong(f"{name} is not JSON: {error}. Write it like {EXAMPLE}") from None
        parts = _object(given, name)
        for key in parts:
            if key not in PARTS:
                raise _wrong(f"{name} has a key “{key}”: use {', '.join(PARTS)}.")
        columns = _object(parts.get("columns"), f"{name}: “columns”")
        values = _object(parts.get("values"), f"{name}: “values”")
        return cls(
            {header: _target(target, f"{name}: “columns”, “{header}”") for header, target in columns.items()},
            {field: _meanings(words, f"{name}: “values”, “{field}”") for field, words in values.items()},
            _day_order(parts.get("day_order"), name),
        )

    def checked(self, kind: str, header: Table[str, object] | tuple[str, ...], file: str) -> Mapping:
        """This mapping, if the file has its columns and the kind its fields; else a refusal that names the key."""
        taken: dict[str, str] = {}
        for column, target in self.columns.items():
            where = f"The mapping, “columns”, “{column}”"
            if column not in header:
                raise _wrong(f"{where}: {file} has no such column{_meant(column, header)}. It has {_listed(header)}.")
            _check_target(kind, target, where)
            if isinstance(target, str):
                if target in taken:
                    raise _wrong(f"{where}: “{taken[target]}” is “{target}” already. A field takes one column.")
                taken[target] = column
        for name in self.values:
            if name not in FIELDS[kind]:
                raise _wrong(f"The mapping, “values”, “{name}”: {_no_field(kind, name)}")
        return self

    def upon(self, other: Mapping) -> Mapping:
        """What was said before, with what is said now in its place."""
        values = {name: {**other.values.get(name, {}), **self.values.get(name, {})} for name in {**other.values, **self.values}}
        return Mapping({**other.columns, **self.columns}, values, self.day_order or other.day_order)

    def fitting(self, kind: str, header: tuple[str, ...]) -> Mapping:
        """What still fits of a mapping that was remembered: fields may have gone since."""
        columns = {name: target for name, target in self.columns.items() if name in header and _is_target(kind, target)}
        return replace(self, columns=columns, values={name: words for name, words in self.values.items() if name in FIELDS[kind]})


NOTHING = Mapping()


def _wrong(message: str) -> Refused:
    return Refused(message, "map")


def _object(given: Any, where: str) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise _wrong(f"{where} is {_kind(given)}, where an object in braces is wanted, like {EXAMPLE}")
    return given


def _target(given: Any, where: str) -> Target:
    if given is None or isinstance(given, str):
        return given
    if isinstance(given, dict) and isinstance(given.get("own"), str) and set(given) <= {"own", "type"}:
        kind = given.get("type")
        if kind is not None and kind not in KINDS:
            raise _wrong(f"{where}: there is no type “{kind}” of own fields: use one of {', '.join(KINDS)}.")
        return Own(" ".join(given["own"].split()), kind)
    raise _wrong(f'{where}: name a field, write null to leave the column aside, or {{"own": "Its name"}} for an own field.')


def _meanings(given: Any, where: str) -> dict[str, str | None]:
    for word, meaning in (words := _object(given, where)).items():
        if meaning is not None and not isinstance(meaning, str):
            raise _wrong(f"{where}, “{word}” is {_kind(meaning)}: write what it means as a text, or null to leave it blank.")
    return words


def _day_order(given: Any, name: str) -> str | None:
    if given is not None and given not in ORDERS:
        raise _wrong(f"{name}: “day_order” is “{given}”: use dmy, mdy or ymd.")
    return None if given is None else str(given)


def _kind(given: Any) -> str:
    kinds = {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list", dict: "an object"}
    return kinds.get(type(given), "null")


def _is_target(kind: str, target: Target) -> bool:
    return target is None or (kind in NOUNS if isinstance(target, Own) else target in FIELDS[kind])


def _check_target(kind: str, target: Target, where: str) -> None:
    if isinstance(target, Own) and kind not in NOUNS:
        raise _wrong(f"{where}: {kind} have no own fields.")
    if isinstance(target, Own) and not target.name:
        raise _wrong(f"{where}: the own field has no name.")
    if not _is_target(kind, target):
        raise _wrong(f"{where}: {_no_field(kind, str(target))}")


def _no_field(kind: str, name: str) -> str:
    return f"{kind} have no field “{name}”{_meant(name, FIELDS[kind])}. There are {', '.join(FIELDS[kind])}."


def _meant(word: str, known: Table[str, object] | tuple[str, ...]) -> str:
    likely = process.extractOne(word, list(known), score_cutoff=70)
    return f" (did you mean “{likely[0]}”?)" if likely else ""


def _listed(header: Table[str, object] | tuple[str, ...]) -> str:
    names = [f"“{name}”" for name in header]
    return ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
