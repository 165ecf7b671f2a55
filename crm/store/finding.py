"""Search every text and JSON column of every table for what a person is known by.

The engine finds the few cells that hold the longest word of a needle; those are read closely here. Nothing is left out: the
columns are those of the catalogue, machinery and the history among them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

import duckdb

from crm.store.catalogue import tables
from crm.store.names import identifier
from crm.store.needles import PHONE, Needle, leaves, spans, texts
from crm.store.rules import key_of

Execute = Callable[..., duckdb.DuckDBPyConnection]
AROUND = 60
BETWEEN = "[^0-9]*"  # what may stand between the digits of a number
# Machinery whose rows have no key of their own: their columns that identify one.
KEYS = {"changes": ("change_set_id", "position", "table_name", "record_id")}


@dataclass(frozen=True)
class Column:
    """One text or JSON column of a table."""

    table: str
    name: str
    is_json: bool
    is_required: bool


@dataclass(frozen=True)
class Hit:
    """One cell that says it: of which row and column, and of a history, which change of that row and column."""

    table: str
    record_id: UUID | None
    column: str
    texts: tuple[str, ...]
    needles: tuple[Needle, ...]
    change: tuple[UUID, int] | None = None

    @property
    def place(self) -> tuple[str, UUID | None, str]:
        return self.table, self.record_id, self.column

    @property
    def is_whole(self) -> bool:
        """Whether the cell says nothing else: it is somebody's own name or number."""
        return all(any(span == (0, len(text)) for span in spans(self.needles, text)) for text in self.texts)


def around(text: str, wanted: Iterable[Needle]) -> list[tuple[str, str, str]]:
    """What stands before it in a text, itself, and what stands after it, each time."""
    return [
        (text[max(0, start - AROUND) : start], text[start:end], text[end : end + AROUND]) for start, end in spans(wanted, text)
    ]


def text_columns(execute: Execute) -> list[Column]:
    """Every text and JSON column of every table."""
    found = []
    for table in tables(execute("select 1")):
        for name, kind, null, *_ in execute(f"describe {identifier(table)}").fetchall():
            if kind in ("VARCHAR", "JSON"):
                found.append(Column(table, name, kind == "JSON", null == "NO"))
    return found


def search(execute: Execute, wanted: Sequence[Needle], *, limit: int | None = None) -> list[Hit]:
    """One hit per cell that says one of `wanted`; with `limit`, of at most so many rows of a table."""
    if not wanted:
        return []
    by_table = groupby(text_columns(execute), key=lambda column: column.table)
    return [hit for table, columns in by_table for hit in _search(execute, table, list(columns), wanted, limit)]


def _search(execute: Execute, table: str, columns: list[Column], wanted: Sequence[Needle], limit: int | None) -> Iterator[Hit]:
    keys = KEYS.get(table, (key_of(table),) if has_key(execute, table) else ("null",))
    tokens = list(dict.fromkeys((needle.kind == PHONE, needle.token) for needle in wanted))
    rows = execute(
        f"""
        select
            {", ".join(keys)},
            {", ".join(f"{identifier(column.name)}::varchar" for column in columns)},
        from {identifier(table)}
        where {" or ".join(_may_hold(column, tokens) for column in columns)}
        {f"limit {int(limit)}" if limit else ""}
        """,  # noqa: S608 - names come from the catalogue
        **{f"token{number}": BETWEEN.join(token) if is_phone else token for number, (is_phone, token) in enumerate(tokens)},
    ).fetchall()
    for row in rows:
        for column, cell in zip(columns, row[len(keys) :], strict=True):
            if cell is not None:
                yield from _hits(column, row[: len(keys)], cell, wanted)


def _may_hold(column: Column, tokens: Sequence[tuple[bool, str]]) -> str:
    """Whether a cell has the longest word of a needle, or letters that JSON wrote as escapes."""
    cell = f"{identifier(column.name)}::varchar"
    tests = [
        f"regexp_matches({cell}, $token{number})" if is_phone else f"contains(search_key({cell}), $token{number})"
        for number, (is_phone, _) in enumerate(tokens)
    ]
    return " or ".join([*tests, *([f"contains({cell}, chr(92) || 'u')"] if column.is_json else [])])


def has_key(execute: Execute, table: str) -> bool:
    """Whether its rows have a key of their own; computed ones may not."""
    return any(name == key_of(table) for name, *_ in execute(f"describe {identifier(table)}").fetchall())


def _hits(column: Column, key: Sequence[Any], cell: str, wanted: Sequence[Needle]) -> Iterable[Hit]:
    if column.table == "changes" and column.name in ("before", "after"):
        change_set_id, position, table, record_id = key
        for name, value in json.loads(cell).items():
            yield from _hit(table, record_id, name, texts(value), wanted, (change_set_id, position))
        return
    record_id = key[-1] if isinstance(key[-1], UUID) else None
    yield from _hit(column.table, record_id, column.name, leaves(cell, is_json=column.is_json), wanted)


def _hit(
    table: str,
    record_id: UUID | None,
    name: str,
    said: list[str],
    wanted: Sequence[Needle],
    change: tuple[UUID, int] | None = None,
) -> Iterable[Hit]:
    holding = tuple(text for text in said if spans(wanted, text))
    if holding:
        found = tuple(needle for needle in wanted if any(needle.spans(text) for text in holding))
        yield Hit(table, record_id, name, holding, found, change)
