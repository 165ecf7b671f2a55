"""The rows of one file on their way in: temporary tables on the change's own cursor, never rows in Python.

lines    one row per file row: the line it starts on
texts    its mapped cells as text
typed    the same cells in their types; a cell that does not fit is null here and a fault below
faults   why a row is rejected
linked   typed rows without a fault, with the keys of the records that they name; texts and typed are gone then
fates    what became of each row; the kinds' own tables are described where they are made
"""

from __future__ import annotations

from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from crm.commands.imports.fields import CRM_ID
from crm.commands.imports.mapping import NOTHING, Mapping
from crm.commands.jobs import Report, quietly
from crm.exchange.aliases import OWN_RAW_KEY
from crm.exchange.defusing import restored_sql
from crm.exchange.headers import normalised
from crm.exchange.reading import Reading
from crm.queries.custom_fields import CustomField
from crm.store.changes import Change
from crm.store.session import Session

# How a name is compared: without case and doubled spaces; and, for products, without spaces and punctuation at all.
MACROS = (
    r"name_key(value) as lower(trim(regexp_replace(nfc_normalize(value), '\s+', ' ', 'g')))",
    r"loose_key(value) as nullif(regexp_replace(lower(nfc_normalize(value)), '[^\p{L}\p{N}]', '', 'g'), '')",
)


# How much of the work reading is.
READING = 0.3


@dataclass(frozen=True)
class Cast:
    """How a column of text becomes values, in SQL: `value`, which is kept as `kept` where it `fits`, else the `reason`."""

    value: str
    reason: str = "null"
    fits: str = "true"
    kept: str = "varchar"


@dataclass(frozen=True)
class Options:
    """How a person wants the file taken.

    `overwrite` also what somebody changed since the last import; `create_missing` employees, customers and products that cells
    name; `rates`: what one unit of a currency is worth in the company's own; `mapping`: what words mean, how days are written.
    """

    source: str | None = None
    overwrite: bool = False
    create_missing: bool = False
    rates: Table[str, Decimal] = field(default_factory=dict)
    mapping: Mapping = NOTHING


@dataclass
class Incoming:
    """One file being imported: who imports, into which change, from which columns, and what there is to say about it."""

    session: Session
    change: Change
    kind: str
    source: str
    columns: dict[str, str]
    is_sourced: bool = False
    options: Options = Options()
    report: Report = quietly
    crm_id: str | None = None  # the column with our own keys, in a list that we wrote
    own: dict[str, tuple[str, CustomField]] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    records: dict[str, dict[str, int]] = field(default_factory=dict)
    links: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def fields(self) -> list[str]:
        """The fields that the file has."""
        return list(self.columns)

    @property
    def customer_source(self) -> str:
        """Where the customers' ids of this file come from: the source that was named, else a file of customers."""
        return self.source if self.is_sourced else "customers"

    def has(self, *names: str) -> bool:
        """Whether the file has one of these fields."""
        return any(name in self.columns for name in names)

    def given(self, name: str, otherwise: str = "null::varchar") -> str:
        """The field in SQL over `typed`, or what stands for it in a file that has no such column."""
        return name if name in self.columns else otherwise

    def header(self, name: str) -> str:
        """The column that feeds a field, an own one too."""
        return self.own[name][0] if name in self.own else self.columns[name]

    def run(self, sql: str, **values: Any) -> None:
        """Run SQL beside the file's rows."""
        self.change.execute(sql, **values)

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """Every row of a small answer."""
        return self.change.execute(sql, **values).fetchall()

    def count(self, sql: str, **values: Any) -> int:
        """The first column of the only row."""
        return int(self.rows(sql, **values)[0][0] or 0)

    def reject(self, name: str | None, sql: str, **values: Any) -> None:
        """Reject the rows that `sql` yields as (row_no, reason), for the column of the field `name`."""
        column = self.header(name) if name and (name in self.columns or name in self.own) else None
        self.run(f"insert into faults select row_no, $fault_column, reason from ({sql})", fault_column=column, **values)  # noqa: S608

    def wrote(self, noun: str, done: str, sql: str) -> int:
        """Count records that will be created or updated, and say how many."""
        number = self.count(sql)
        if number:
            self.records.setdefault(noun, {})[done] = number
        return number

    def note(self, sql: str, words: str) -> None:
        """Tell a number in words, unless it is zero."""
        number = self.count(sql)
        if number:
            self.notes.append(words.format(number))

    def link(self, column: str, expression: str, join: str) -> None:
        """Give `linked` a column that another table knows."""
        self.links[column] = (expression, join)

    def stage(self, reading: Reading) -> None:
        """Copy the mapped cells of every batch into `texts`; a cell of white space alone is blank."""
        for macro in MACROS:
            self.run(f"create or replace temp macro {macro}")
        taken = {**self.columns, **{name: header for name, (header, _) in self.own.items()}}
        taken |= {CRM_ID: self.crm_id} if self.crm_id else {}
        wanted = ", ".join(f"{name} varchar" for name in taken)
        self.run(f"create or replace temp table texts (row_no bigint, line bigint, {wanted})")
        self.run("create or replace temp table faults (row_no bigint, column_name varchar, reason varchar)")
        done = 0
        for batch in reading.batches():
            self.change.stage("piece", _piece(batch.table, taken, batch.lines, done))
            self.run("insert into texts by name from piece")
            done += len(batch)
            self.report(READING * done / max(1, reading.records), f"Read {done:,} of {reading.records:,} rows")
        self.run("drop table if exists piece")
        self.run("create or replace temp table lines as select row_no, line from texts")
        if self.crm_id:
            self._know_ours_again(self.crm_id)
        self._drop_habitual_space()

    def _know_ours_again(self, header: str) -> None:
        """A list that we wrote: our keys stand apart in `crm_ids`, and cells that were defused are what they were."""
        self.run(
            f"""
            create or replace temp table crm_ids as
            select row_no, try_cast(trim({CRM_ID}) as uuid) as record_id
            from texts
            """  # noqa: S608 - a constant of fields.py
        )
        self.run(f"alter table texts drop column {CRM_ID}")
        if normalised(header) == normalised(OWN_RAW_KEY):
            return
        names = [*self.columns, *self.own]
        pairs = ", ".join(f"{name} = {restored_sql(name)}" for name in names)
        marked = " or ".join(f"starts_with({name}, chr(39))" for name in names)
        self.run(f"update texts set {pairs} where {marked}")  # noqa: S608 - names come from fields.py

    def _drop_habitual_space(self) -> None:
        """A column whose every cell begins with a space was written with one after the separator: it is no part of a cell."""
        checks = ", ".join(f"bool_and(starts_with({name}, ' ')) and count({name}) > 2" for name in self.fields)
        habitual = self.rows(f"select {checks} from texts")[0]  # noqa: S608 - names come from fields.py
        pairs = ", ".join(f"{name} = ltrim({name})" for name, found in zip(self.fields, habitual, strict=True) if found)
        if pairs:
            self.run(f"update texts set {pairs}")  # noqa: S608 - names come from fields.py


def _piece(table: pa.Table, columns: dict[str, str], lines: Any, done: int) -> pa.Table:
    cells = {name: _blank_to_null(table.column(column)) for name, column in columns.items()}
    return pa.table({"row_no": pa.array(range(done, done + len(lines)), pa.int64()), "line": pa.array(lines), **cells})


def _blank_to_null(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(pc.utf8_is_space(cells), pa.scalar(None, pa.string()), cells)


def quoted(name: str) -> str:
    """A cell in the words of a reason; the rest of a long one adds nothing."""
    return f"'“' || left({name}, 60) || '”'"
