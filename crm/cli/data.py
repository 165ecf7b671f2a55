"""Commands that bring rows in and give them back."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from crm.cli.command import Command, a_rate, a_share, printed
from crm.commands import brand, duplicates, exports, imports
from crm.errors import Refused
from crm.queries import duplicates as found_duplicates
from crm.queries import likeness, lists
from crm.store.session import Session

ALL, BRAND = "all", "brand"
MAP = (
    f"what columns and words mean, as JSON: {imports.EXAMPLE}. A column takes a field, null to leave it aside, or "
    '{"own": "Its name", "type": "text"} to keep it in an own field. It is remembered for this header row'
)


def import_(session: Session, given: argparse.Namespace) -> str:
    """Import a file and say what became of each row; or everything that an export brought out."""
    if given.kind == ALL:
        return _all(given, exports.import_everything(session, given.folder / given.file))
    if given.kind == BRAND:
        brought = brand.import_readings(session, given.folder / given.file, dry_run=given.dry_run)
        return printed(given, brought.as_json(), brought.summary())
    result = imports.import_file(
        session,
        given.kind,
        given.folder / given.file,
        dry_run=given.dry_run,
        source=given.source,
        mapping=_mapping(given),
        overwrite=given.overwrite,
        create_missing=given.create_missing,
        rates=dict(given.rate or ()),
        encoding=given.encoding,
        separator="\t" if given.separator in ("tab", "\\t") else given.separator,
        sheet=given.sheet,
    )
    if given.rejected:
        _write(given.folder / given.rejected, imports.rejected_csv(result))
    return printed(given, result.as_json(), result.summary())


def _mapping(given: argparse.Namespace) -> imports.Mapping | None:
    """What the person says of the columns; None leaves it to what was said the last time."""
    mapping = imports.Mapping.from_json(_text(given.folder / given.map), given.map) if given.map else None
    if given.day_order:
        mapping = (mapping or imports.Mapping()).with_day_order(given.day_order)
    return mapping


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise Refused(f"{file} cannot be read: {why}.", "map") from None


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror}. The import itself is done.", "rejected") from None


def export(session: Session, given: argparse.Namespace) -> str:
    """Write a list to a file, or everything to a folder."""
    if given.kind == ALL:
        return _all(given, exports.export_everything(session, given.folder / given.file))
    taken = exports.export_list(session, given.kind, given.folder / given.file, raw=given.raw, segment=given.segment)
    return printed(given, taken.as_json(), taken.summary())


def _all(given: argparse.Namespace, result: exports.Everything) -> str:
    return printed(given, result.as_json(), result.summary())


def duplicates_(session: Session, given: argparse.Namespace) -> str:
    """The pairs that are likely one, of contacts and of companies; searched anew where anything was written since."""
    searches = [found_duplicates.last_search(session, noun) for noun in found_duplicates.NOUNS]
    if not all(search and search["is_fresh"] for search in searches):
        duplicates.find_duplicates(session)
    rows = [
        {"kind": noun, **_pair(pair)}
        for noun in found_duplicates.NOUNS
        for pair in found_duplicates.pairs(session, noun, least=given.score)
    ]
    lines = [f"{row['score']:.2f}  {row['kind']}: {row['a_name']} · {row['b_name']}  ({row['agrees']})" for row in rows]
    return printed(given, rows, "\n".join(lines) or "No likely duplicates.")


def _pair(pair: dict[str, Any]) -> dict[str, Any]:
    sides = {
        f"{short}{of}": pair[f"{side}_{name}"]
        for of, name in (("", "id"), ("_external", "external_id"), ("_name", "name"))
        for short, side in (("a", "one"), ("b", "other"))
    }
    return sides | {"score": pair["score"], "agrees": pair["agrees"]}


COMMANDS = [
    Command("duplicates", duplicates_, "the records that are likely one", [
        ("--score", {"type": a_share, "default": likeness.SURE, "help": "the least likelihood, 0.5 to 1 (default: %(default)s)"}),
    ]),
    Command("export", export, "take a list out as a file, or everything as a folder", [
        ("kind", {"choices": (*lists.KINDS, ALL)}),
        ("file", {"help": "a .csv, .xlsx or (contacts) .vcf; a folder for all"}),
        ("--raw", {"action": "store_true", "help": "for programs: cells as they are, formulas too"}),
        ("--segment", {"help": "only the customers of this segment and what hangs on them: its name"}),
    ]),
    Command("import", import_, "bring rows in from a file", [
        ("kind", {"choices": (*imports.KINDS, BRAND, ALL)}),
        ("file", {"help": "the file; of all, the folder"}),
        ("--dry-run", {"action": "store_true", "help": "say what would happen, write nothing"}),
        ("--source", {"help": "where the external ids come from (default: the system that it was exported from, else the kind)"}),
        ("--map", {"metavar": "FILE", "help": MAP}),
        ("--day-order", {"choices": tuple(imports.ORDERS), "help": "how 01-03-17 is to be read where the column does not say"}),
        ("--overwrite", {"action": "store_true", "help": "also replace what somebody changed since the last import"}),
        ("--create-missing", {"action": "store_true", "help": "add owners, customers and products that nobody knows yet"}),
        ("--rate", {"action": "append", "type": a_rate, "metavar": "EUR=1.08", "help": "what one unit of a currency is worth"}),
        ("--encoding", {"help": "the file's encoding, where the detected one is wrong, e.g. cp1252"}),
        ("--separator", {"help": "the character between cells, where the detected one is wrong, or tab"}),
        ("--sheet", {"help": "the sheet of an Excel workbook (default: the first that holds anything)"}),
        ("--rejected", {"metavar": "FILE", "help": "also write the rejected rows there, with line, column and reason"}),
    ]),
]  # fmt: skip
