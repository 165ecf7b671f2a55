"""Commands about a person's rights: what we hold on them, and to be forgotten."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from crm.cli.command import Command, printed
from crm.commands import erasure
from crm.queries import erasures
from crm.store.session import Session


def person(session: Session, given: argparse.Namespace) -> str:
    """Write all that we hold on a person into one file."""
    said = erasure.write_person(session, given.id, given.folder / Path(given.file))
    return printed(given, {"file": str(given.folder / given.file)}, said)


def erase(session: Session, given: argparse.Namespace) -> str:
    """Say what an erasure would do; with --confirm, do it."""
    found = erasures.preview(session, given.id, given.also)
    if not given.confirm:
        return printed(given, asdict(found), _preview(found))
    places = {"sure": found.sure, "all": [mention.place for mention in found.mentions], "none": []}[given.mentions]
    done = erasure.erase_person(session, given.id, also=given.also, places=places, is_confirmed=True)
    return printed(given, done.as_json(), f"Erased.\n{done.summary()}")


def _preview(found: erasures.Preview) -> str:
    lines = [f"{found.name}: nothing is erased yet. An erasure cannot be undone; add --confirm to do it."]
    lines += erasure.in_words(found)
    for mention in found.mentions:
        before, said, after = mention.contexts[0]
        lines.append(f"{'sure ' if mention.is_sure else 'maybe'}  {mention.where}: …{before}[{said}]{after}…".replace("\n", " "))
    for alike in found.alike:
        lines.append(f"perhaps the same person: --also {alike.key}  {alike.name} (same {', '.join(alike.same)})")
    return "\n".join(lines)


def past(session: Session, given: argparse.Namespace) -> str:
    """Past erasures with their proofs; or the search of the proof once more, for what is typed now."""
    if given.search:
        found = erasures.found_anywhere(session, given.search)
        return printed(given, found, erasure.repeat_search(session, given.search))
    rows = erasures.past(session)
    lines = [
        f"{session.local(row['made_at']):%Y-%m-%d %H:%M}  {row['actor_name']}: {erasure.proof(row['search'])}" for row in rows
    ]
    return printed(given, rows, "\n".join(lines) or "Nobody has been erased.")


COMMANDS = [
    Command("erase", erase, "erase a person everywhere and prove it; says first what would go", [
        ("id", {"help": "of a contact, or of a customer who is a person"}),
        ("--confirm", {"action": "store_true", "help": "do it: it cannot be undone"}),
        ("--also", {"action": "append", "default": [], "metavar": "ID", "help": "another record of the same person"}),
        ("--mentions", {"choices": ("sure", "all", "none"), "default": "sure",
            "help": "which mentions in texts of others are blacked out (default: those that must be this person)"}),
    ]),
    Command("erasures", past, "who erased somebody when, and the proof", [
        ("--search", {"metavar": "TEXT", "help": "search all tables for a name, an e-mail or a number; it is not kept"}),
    ]),
    Command("person", person, "all we hold on a person as one file", [
        ("id", {"help": "of a contact, or of a customer who is a person"}),
        ("file", {"help": "a .html to read and print, or a .json"}),
    ]),
]  # fmt: skip
