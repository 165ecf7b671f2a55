"""Which column of a file becomes what: the person's choice, then the aliases, then the company's own fields.

What a column is called like (`suggestion`) is only offered: a wrong guess would fill a field with something else unseen.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from crm.commands.imports.fields import FIELDS
from crm.commands.imports.mapping import NOTHING, Mapping, Own, Target
from crm.errors import Refused
from crm.exchange import headers
from crm.exchange.headers import normalised
from crm.queries import custom_fields
from crm.store.changes import Change
from crm.store.session import Session


@dataclass(frozen=True)
class Column:
    """One column of a file: what it becomes and why, in words, how sure that is (0–1), and what its cells look like."""

    header: str
    target: Target
    reason: str
    confidence: float
    kinds: tuple[str, ...] = ()
    suggestion: str | None = None
    samples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Columns:
    """All columns of a file of one kind, in its order."""

    kind: str
    columns: tuple[Column, ...]

    @property
    def fields(self) -> dict[str, str]:
        """Field → column, in the order in which the kind lists its fields."""
        found = {column.target: column.header for column in self.columns if isinstance(column.target, str)}
        return {name: found[name] for name in FIELDS[self.kind] if name in found}

    @property
    def own(self) -> dict[str, Own]:
        """Column → own field."""
        return {column.header: column.target for column in self.columns if isinstance(column.target, Own)}

    @property
    def unused(self) -> tuple[Column, ...]:
        """The columns that nothing is made of."""
        return tuple(column for column in self.columns if column.target is None)

    @property
    def missing(self) -> tuple[tuple[str, ...], ...]:
        """The groups of fields of which the file needs one each and has none."""
        groups = [tuple(name for name in group if name in FIELDS[self.kind]) for group in headers.required(self.kind)]
        return tuple(group for group in groups if not self.fields.keys() & set(group))

    def mapping(self, given: Mapping) -> Mapping:
        """The choice that gives just these columns, with the values and days of another."""
        return Mapping({column.header: column.target for column in self.columns}, given.values, given.day_order)

    def required(self, file: str) -> Columns:
        """These columns, or a refusal that names the one that is missing."""
        if not self.missing:
            return self
        wanted = " or ".join(f"“{name.replace('_', ' ')}”" for name in self.missing[0])
        seen = ", ".join(f"“{column.header}”" for column in self.columns[:12])
        like = next((column for column in self.columns if column.suggestion in self.missing[0]), None)
        hint = f" If “{like.header}” is the {str(like.suggestion).replace('_', ' ')}, map it." if like else ""
        raise Refused(f"{file} has no column {wanted}, which {self.kind} need; it has {seen}.{hint}", self.missing[0][0])


def resolve(session: Session, kind: str, header: tuple[str, ...], given: Mapping, why: str = "chosen") -> Columns:
    """What each column becomes; `given` goes before everything else, and `why` says where it comes from."""
    free = tuple(column for column in header if column not in given.columns)
    taken = {target for target in given.columns.values() if isinstance(target, str)}
    found = headers.match(kind, free)
    by_alias = {column: name for name, column in found.fields.items() if name in FIELDS[kind] and name not in taken}
    own = _own_names(session, kind)
    likely = headers.suggest(kind, free)

    def column(name: str) -> Column:
        if name in given.columns:
            return Column(name, given.columns[name], why, 1.0)
        if name in by_alias:
            return Column(name, by_alias[name], "known name", 1.0)
        if name.casefold() in own:
            return Column(name, own[name.casefold()], "own field of this name", 1.0)
        kinds = found.not_used.get(name, ())
        field, likeness = likely.get(name, (None, 0.0))
        if not kinds and field in FIELDS[kind] and field not in taken and field not in by_alias.values():
            return Column(name, None, f"looks like {str(field).replace('_', ' ')}", likeness, suggestion=field)
        return Column(name, None, f"belongs to {' and '.join(kinds)}" if kinds else "not known", 0.0, kinds)

    return Columns(kind, tuple(column(name) for name in header))


def _own_names(session: Session, kind: str) -> dict[str, Own]:
    if kind not in custom_fields.NOUNS:
        return {}
    return {field.name.casefold(): Own(field.name, field.kind) for field in custom_fields.of_noun(session, kind)}


def remembered(session: Session, kind: str, header: tuple[str, ...]) -> Mapping | None:
    """The choice that was made the last time for a file of this kind with the same header row."""
    text = session.value(
        """
        select mapping
        from import_mappings
        where kind = $kind and header_hash = $hash and archived_at is null
        order by created_at desc, import_mapping_id desc
        limit 1
        """,
        kind=kind,
        hash=_hash(header),
    )
    return Mapping.from_json(text).fitting(kind, header) if text else None


def remember(session: Session, change: Change, columns: Columns, choice: Mapping) -> None:
    """Keep a choice within the import's own change set, unless it is the one that counts already, or none at all."""
    kind, header = columns.kind, tuple(column.header for column in columns.columns)
    given = columns.mapping(choice)
    if given != (remembered(session, kind, header) or _untouched(session, kind, header)):
        mapping = json.dumps(given.as_json(), ensure_ascii=False)
        change.insert("import_mappings", kind=kind, header_hash=_hash(header), mapping=mapping)


def _untouched(session: Session, kind: str, header: tuple[str, ...]) -> Mapping:
    return resolve(session, kind, header, NOTHING).mapping(NOTHING)


def _hash(header: tuple[str, ...]) -> str:
    return hashlib.md5("\x1f".join(map(normalised, header)).encode(), usedforsecurity=False).hexdigest()
