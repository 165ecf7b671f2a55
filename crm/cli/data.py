"""Commands that bring rows in and give them back."""

from __future__ import annotations

import argparse

from crm.cli.command import Command, printed
from crm.commands import imports
from crm.store.session import Session


def import_(session: Session, given: argparse.Namespace) -> str:
    """Import a file and say what became of each row."""
    result = imports.import_file(session, given.kind, given.folder / given.file, dry_run=given.dry_run, source=given.source)
    return printed(given, result.as_json(), result.summary())


COMMANDS = [
    Command("import", import_, "bring rows in from a file", [
        ("kind", {"choices": imports.KINDS}),
        ("file", {}),
        ("--dry-run", {"action": "store_true", "help": "say what would happen, write nothing"}),
        ("--source", {"help": "where the external ids come from"}),
    ]),
]  # fmt: skip
