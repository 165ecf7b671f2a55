"""Commands about the store itself: demo, history, undo, work in the background, backup, restore, check."""

from __future__ import annotations

import argparse
from typing import Any

from crm.cli.command import Command, Wrong, a_count, printed
from crm.commands import backups, demo
from crm.commands.history import undo_change, undone_in_words
from crm.jobs import runner
from crm.queries import history, integrity, jobs
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
    said = {"change_set_id": result.change_set_id, "erased": result.erased}
    return printed(given, said, f"{undone_in_words(result)} To take the undo back: undo {result.change_set_id}")


def jobs_(session: Session, given: argparse.Namespace) -> str:
    """What runs, waits and ran in the background; or run one kind now."""
    if given.action:
        ended = runner.run_now(session, given.kind or "")
        return printed(given, ended, f"{ended['kind']}: {ended['message']}")
    rows = jobs.all_of(session, limit=given.limit)
    return printed(given, rows, "\n".join(_job(session, row) for row in rows) or "Nothing has run in the background yet.")


def _job(session: Session, row: dict[str, Any]) -> str:
    share = f" {row['progress_share']:.0%}" if row["state"] == "running" and row["progress_share"] is not None else ""
    when = f"{session.local(row['created_at']):%Y-%m-%d %H:%M}"
    return f"{when}  {row['kind']}  {row['state']}{share}  {row['asked_by']}: {row['message']}"


def backup_(session: Session, given: argparse.Namespace) -> str:
    """Back up the whole store while it is used."""
    result = backups.back_up(session, given.folder / given.file if given.file else None)
    return printed(given, result.as_json(), result.summary())


def restore_(url: str, given: argparse.Namespace) -> str:
    """Put a backup in the place of the store."""
    result = backups.restore(url, given.folder / given.file)
    return printed(given, result.as_json(), result.summary())


def check_(session: Session, given: argparse.Namespace) -> str:
    """Look whether everything in the store is right."""
    result = integrity.checked(session)
    said = printed(given, result.as_json(), result.summary())
    if result.wrong:
        raise Wrong(said)
    return said


COMMANDS = [
    Command("backup", backup_, "copy the whole store into one file while it is used, and prove the copy", [
        ("file", {"nargs": "?", "help": "default: a new one in the backup folder of Settings"}),
    ]),
    Command("check", check_, "look whether everything in the store is right; exit code 1 where it is not"),
    Command("demo", demo_, "make a demo company, or take it away", [
        ("--remove", {"action": "store_true", "help": "take the demo rows away that nobody uses"}),
    ]),
    Command("history", history_, "the latest changes", [("--limit", {"type": a_count, "default": 20})]),
    Command("jobs", jobs_, "what runs in the background, or run one kind now", [
        ("action", {"nargs": "?", "choices": ["run"], "help": "run one now, and wait for it"}),
        ("kind", {"nargs": "?", "help": "what to run"}),
        ("--limit", {"type": a_count, "default": 20}),
    ]),
    Command("restore", restore_, "put a backup in the place of the store; the app must not run", [
        ("file", {"help": "the backup"}),
    ], opens=False),
    Command("undo", undo_, "undo one change", [("change", {"help": "its id, from history"})]),
]  # fmt: skip
