"""Commands about the store itself: its demo, its history, what is undone."""

from __future__ import annotations

import argparse

from crm.cli.command import Command, a_count, printed
from crm.commands import demo
from crm.commands.history import undo_change
from crm.queries import history
from crm.store.session import Session


def demo_(session: Session, given: argparse.Namespace) -> str:
    """Make the demo company, or take it away."""
    result = demo.remove_demo(session) if given.remove else demo.make_demo(session)
    return printed(given, result.as_json(), result.summary())


def history_(session: Session, given: argparse.Namespace) -> str:
    """The latest change sets, newest first."""
    rows = history.change_sets(session, limit=given.limit)
    lines = [
        f"{row['change_set_id']}  {session.local(row['made_at']):%Y-%m-%d %H:%M}  {row['actor_name']}: {row['title']}"
        for row in rows
    ]
    return printed(given, rows, "\n".join(lines) or "Nothing has happened yet.")


def undo_(session: Session, given: argparse.Namespace) -> str:
    """Undo one change set."""
    result = undo_change(session, given.change)
    return printed(given, {"change_set_id": result.change_set_id}, f"Undone. To take the undo back: undo {result.change_set_id}")


COMMANDS = [
    Command("demo", demo_, "make a demo company, or take it away", [
        ("--remove", {"action": "store_true", "help": "take the demo rows away that nobody uses"}),
    ]),
    Command("history", history_, "the latest changes", [("--limit", {"type": a_count, "default": 20})]),
    Command("undo", undo_, "undo one change", [("change", {"help": "its id, from history"})]),
]  # fmt: skip
