"""Enter what was measured of the brand: which number, over which days, of how many, and where it comes from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from crm.commands import checks
from crm.commands.checks import Saved, checked
from crm.errors import Refused
from crm.exchange.headers import normalised
from crm.exchange.reading import read
from crm.queries import brand, choices
from crm.store.session import Session

MOST = 5.0  # five times the list price; all other measures are parts of a whole


def share(value: Any, name: str) -> float:
    """A share of a whole.

    >>> share("0.31", "Value")
    0.31
    """
    try:
        found = float(value)
    except (TypeError, ValueError):
        raise Refused(f"{name} “{str(value)[:40]}” is not a number. Write 0.31 for 31 %.", name) from None
    if not (math.isfinite(found) and 0 <= found <= MOST):
        raise Refused(f"{name} lies between 0 and 500 %; in a file 31 % is written “31 %” or 0.31. Correct it.", name)
    return found


CHECKS: dict[str, checks.Check] = {
    "measure": checks.one_of(choices.BRAND_MEASURES),
    "starts_on": checks.day,
    "ends_on": checks.day,
    "value_share": share,
    "sample_count": checks.whole(1, 2_000_000_000),
    "taken_from": checks.text(300, least=1, trimmed=True),
    "note": checks.NOTE,
}
REQUIRED = {"measure", "starts_on", "value_share", "taken_from"}


def add_reading(session: Session, **fields: Any) -> Saved:
    """Keep one number that was measured; without a last day it is about one day."""
    values = _settled(checked(fields, CHECKS, REQUIRED))
    with session.change(f"Enter a reading of {_words(values['measure'])}") as change:
        key = change.insert("brand_readings", **values)
    return Saved.of(key, change)


def edit_reading(session: Session, brand_reading_id: UUID, *, version: UUID | None = None, **fields: Any) -> Saved:
    """Correct what was entered."""
    values = checked(fields, CHECKS, REQUIRED & set(fields))
    row = next((row for row in brand.readings(session) if row["brand_reading_id"] == brand_reading_id), None)
    if row is None:
        raise Refused("This reading is not there any more.")
    settled = _settled({name: row[name] for name in CHECKS} | values)
    with session.change(f"Correct a reading of {_words(settled['measure'])}") as change:
        change.update("brand_readings", brand_reading_id, version=version, **settled)
    return Saved.of(brand_reading_id, change)


def archive_reading(session: Session, brand_reading_id: UUID, *, version: UUID | None = None) -> Saved:
    """Put a reading aside: no figure counts it any more."""
    with session.change("Archive a reading of the brand") as change:
        change.archive("brand_readings", brand_reading_id, version=version)
    return Saved.of(brand_reading_id, change)


@dataclass(frozen=True)
class Brought:
    """What a file of readings brought."""

    new: int
    known: int
    change_set_id: UUID | None

    def as_json(self) -> dict[str, Any]:
        """The result for a program."""
        return {"new": self.new, "known": self.known, "change_set_id": str(self.change_set_id) if self.change_set_id else None}

    def summary(self) -> str:
        """The result for a person."""
        return f"{self.new:,} new, {self.known:,} known before"


def import_readings(session: Session, file: Path | bytes, name: str | None = None, *, dry_run: bool = False) -> Brought:
    """Take in a file of readings, whole or not at all.

    Its columns: measure, from, to, value (0.31 or 31 %), n, source, note. The same measure, days and source again is corrected.
    """
    rows = _rows(file, name)
    known = {_place(row): row["brand_reading_id"] for row in brand.readings(session)}
    values = {_place(row): row for row in rows}
    with session.change(f"Import {len(values):,} readings of the brand", dry_run=dry_run, origin="import") as change:
        for place, row in values.items():
            if place in known:
                change.update("brand_readings", known[place], **row)
            else:
                change.insert("brand_readings", **row)
    new = len(values.keys() - known.keys())
    return Brought(new, len(values) - new, change.change_set_id if change.counts and not dry_run else None)


def _settled(values: Mapping[str, Any]) -> dict[str, Any]:
    """The days in order, and a part of a whole no larger than it."""
    starts_on: date = values["starts_on"]
    ends_on = values.get("ends_on") or starts_on
    if ends_on < starts_on:
        raise Refused("The last day lies before the first. Write the earlier day first.", "ends_on")
    if values["value_share"] > 1 and values["measure"] != "price_realisation":
        raise Refused(f"{_words(values['measure']).capitalize()} is a part of a whole: at most 100 %.", "value_share")
    return dict(values) | {"ends_on": ends_on}


def _words(measure: str) -> str:
    return measure.replace("_", " ")


def _place(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["measure"], row["starts_on"], row["ends_on"], str(row["taken_from"]).casefold()


COLUMNS = {
    "measure": ("measure", "figure", "what"),
    "starts_on": ("from", "start", "starts on", "day", "date", "first day"),
    "ends_on": ("to", "until", "end", "ends on", "last day"),
    "value_share": ("value", "value share", "share", "result"),
    "sample_count": ("n", "sample", "sample count", "size", "base"),
    "taken_from": ("source", "taken from", "origin"),
    "note": ("note", "notes", "comment"),
}
NAMES = {normalised(alias): column for column, aliases in COLUMNS.items() for alias in aliases}
MEASURES = {normalised(name): name for name in choices.BRAND_MEASURES}


def _rows(file: Path | bytes, name: str | None) -> list[dict[str, Any]]:
    """The readings of a file; the first line that is wrong refuses it, by number and column."""
    reading = read(file, name)
    columns = {header: NAMES[normalised(header)] for header in reading.header if normalised(header) in NAMES}
    found = []
    for batch in reading.batches():
        for line, cells in zip(batch.lines, batch.frame.to_dict("records"), strict=True):
            values = {column: cells[header] for header, column in columns.items()}
            try:
                found.append(_settled(checked(_read(values), CHECKS, REQUIRED)))
            except Refused as refused:
                raise Refused(f"Line {line}: {refused.message} Nothing was imported.", refused.field) from None
    return found


def _read(values: dict[str, Any]) -> dict[str, Any]:
    """The cells as a form would give them: a measure by its name, a value as a share.

    >>> _read({"measure": "Share of voice", "value_share": "31 %"})
    {'measure': 'share_of_voice', 'value_share': 0.31}
    """
    measure, value = values.get("measure"), values.get("value_share")
    known = MEASURES.get(normalised(measure or ""), measure)
    return values | {"measure": known, "value_share": _share(value) if value else value}


def _share(cell: str) -> Any:
    text = cell.strip()
    try:
        return round(float(text.removesuffix("%")) / 100, 10) if text.endswith("%") else float(text)
    except ValueError:
        return cell
