"""What an import did: each file row's one fate, the records beside it, and what a person should know, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

FATES = ("created", "updated", "unchanged", "skipped", "rejected")
SHOWN = 20
# More than these of a kind no answer holds; the file of rejected rows holds all.
MOST = 10_000


@dataclass(frozen=True)
class RejectedRow:
    """A file row that was not imported: the line it starts on, the column at fault, and what to do about it."""

    line: int
    column: str | None
    reason: str

    def __str__(self) -> str:
        """The row as one line of text."""
        return f"line {self.line}{f', {self.column}' if self.column else ''}: {self.reason}"


@dataclass(frozen=True)
class KeptValue:
    """A value that somebody changed since the last import, and what the file would have made of it."""

    line: int
    column: str
    kept: str | None
    given: str | None

    def __str__(self) -> str:
        """The value as one line of text."""
        return f"line {self.line}, {self.column}: “{self.kept or ''}” stays, the file says “{self.given or ''}”"


@dataclass(frozen=True)
class ImportResult:
    """The account of one import. `rows` = created + updated + unchanged + skipped + rejected, always.

    `records` counts what was written, by noun: an invoice folded from twenty lines, a customer made on the way.
    `rejected_rows` and `kept_values` hold the first 10,000, `rejected_file` every rejected row with its cells.
    """

    kind: str
    file: str
    rows: int
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    rejected: int = 0
    rejected_rows: tuple[RejectedRow, ...] = ()
    kept: int = 0
    kept_values: tuple[KeptValue, ...] = ()
    records: dict[str, dict[str, int]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)
    change_set_id: UUID | None = None
    dry_run: bool = False
    source: str | None = None
    rejected_file: Path | None = None
    rejected_text: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Refuse to exist unless every row is accounted for."""
        fates = {name: getattr(self, name) for name in FATES}
        if sum(fates.values()) != self.rows:
            raise AssertionError(f"{self.rows} rows in {self.file}, but {fates}")

    def as_json(self) -> dict[str, Any]:
        """The account for a program."""
        return {
            "kind": self.kind,
            "file": self.file,
            "dry_run": self.dry_run,
            "rows": self.rows,
            **{name: getattr(self, name) for name in FATES},
            "records": self.records,
            "rejected_rows": [vars(row) for row in self.rejected_rows],
            "rejected_file": str(self.rejected_file) if self.rejected_file else None,
            "kept": self.kept,
            "kept_values": [vars(value) for value in self.kept_values],
            "notes": list(self.notes),
            "columns": self.columns,
            "source": self.source,
            "change_set_id": str(self.change_set_id) if self.change_set_id else None,
        }

    def summary(self) -> str:
        """The account for a person at a terminal."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        fates = ", ".join(f"{getattr(self, name):,} {name}" for name in FATES)
        yield f"{self.file}: {self.rows:,} rows of {self.kind}: {fates}."
        written = [f"{number:,} {noun} {done}" for noun, counts in self.records.items() for done, number in counts.items()]
        if written:
            yield f"Records: {', '.join(written)}."
        yield from self.notes
        yield from (f"Rejected {row}" for row in self.rejected_rows[:SHOWN])
        if self.rejected > SHOWN:
            yield f"… and {self.rejected - SHOWN:,} more rejected rows."
        if self.rejected_file:
            yield f"All rejected rows with their cells: {self.rejected_file}"
        if self.kept:
            yield f"{self.kept:,} values that somebody changed since the last import stay (--overwrite replaces them)."
        yield from (f"Kept {value}" for value in self.kept_values[:SHOWN])
        if self.dry_run:
            yield "This was a dry run: nothing was written."
