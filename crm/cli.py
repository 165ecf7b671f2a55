"""The command line, `python -m crm`: the same commands and queries as the pages, for scripts and for large files.

One process owns the store's file. While the app runs it is the owner, so the command line hands its arguments to the app
through a loopback route and prints what comes back; otherwise it opens the file itself. `execute` serves both.
"""

from __future__ import annotations

import argparse
import contextlib
import getpass
import io
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from crm.commands import demo, imports
from crm.commands.history import undo_change
from crm.errors import CrmError
from crm.queries import figures, history, periods, registry
from crm.store.session import Session, acting_as, command_line, file_of, opened, store_url


@dataclass(frozen=True)
class Outcome:
    """What a command printed, and its exit code: 0 done, 1 refused, 2 not understood."""

    status: int
    output: str = ""
    errors: str = ""


class Parser(argparse.ArgumentParser):
    """A parser that raises instead of ending the process: the process may be the app's."""

    def error(self, message: str) -> NoReturn:
        raise argparse.ArgumentError(None, f"{message}\n\n{self.format_usage()}")


def parser() -> Parser:
    """Every command with its arguments."""
    root = Parser(prog="python -m crm", description="Bring data in, see figures, undo: the CRM without its pages.")
    root.add_argument("--db", metavar="URL", help="the store, e.g. duckdb:///data/crm.duckdb (default: CRM_DB_URL)")
    root.add_argument("--as", dest="employee", metavar="EMAIL", help="act as this employee")
    commands = root.add_subparsers(dest="command", required=True, parser_class=Parser)
    _add(commands, "import", import_, "bring rows in from a file", [
        ("kind", {"choices": imports.KINDS}),
        ("file", {}),
        ("--dry-run", {"action": "store_true", "help": "say what would happen, write nothing"}),
        ("--source", {"help": "where the external ids come from"}),
    ])  # fmt: skip
    _add(commands, "figures", figures_, "the figures of a period", [
        ("--period", {"required": True, "help": "2017, 2017-Q2, 2017-04 or START..END"}),
        ("--as-of", {"type": date.fromisoformat, "help": "the day to look from (default: today)"}),
        ("--by", {"choices": registry.SPLITS}),
    ])  # fmt: skip
    _add(commands, "demo", demo_, "make a demo company, or take it away", [
        ("--remove", {"action": "store_true", "help": "take the demo rows away that nobody uses"}),
    ])  # fmt: skip
    _add(commands, "history", history_, "the latest changes", [("--limit", {"type": int, "default": 20})])
    _add(commands, "undo", undo_, "undo one change", [("change", {"help": "its id, from history"})])
    return root


def _add(commands: Any, name: str, run: Callable[..., str], words: str, arguments: list[tuple[str, dict[str, Any]]]) -> None:
    command = commands.add_parser(name, help=words, description=words)
    command.set_defaults(run=run)
    command.add_argument("--json", action="store_true", help="print JSON")
    for argument, options in arguments:
        command.add_argument(argument, **options)


def import_(session: Session, given: argparse.Namespace) -> str:
    """Import a file and say what became of each row."""
    result = imports.import_file(session, given.kind, given.folder / given.file, dry_run=given.dry_run, source=given.source)
    return _printed(given, result.as_json(), result.summary())


def figures_(session: Session, given: argparse.Namespace) -> str:
    """Every figure of a period, of the whole company or by group."""
    period = periods.parse(given.period, int(session.settings["first_month_of_year"]))
    found = figures.figures(session, period, given.as_of or session.today, by=given.by)
    return _printed(given, found, figures.as_text(found))


def demo_(session: Session, given: argparse.Namespace) -> str:
    """Make the demo company, or take it away."""
    result = demo.remove_demo(session) if given.remove else demo.make_demo(session)
    return _printed(given, result.as_json(), result.summary())


def history_(session: Session, given: argparse.Namespace) -> str:
    """The latest change sets, newest first."""
    rows = history.change_sets(session, limit=given.limit)
    lines = [f"{row['change_set_id']}  {session.local(row['made_at']):%Y-%m-%d %H:%M}  {row['actor_name']}: {row['title']}" for row in rows]
    return _printed(given, rows, "\n".join(lines) or "Nothing has happened yet.")


def undo_(session: Session, given: argparse.Namespace) -> str:
    """Undo one change set."""
    result = undo_change(session, given.change)
    return _printed(given, {"change_set_id": result.change_set_id}, f"Undone. To take the undo back: undo {result.change_set_id}")


def _printed(given: argparse.Namespace, value: object, text: str) -> str:
    return json.dumps(value, default=str, ensure_ascii=False, indent=2) if given.json else text


def execute(arguments: Sequence[str], folder: Path, user: str, url: str | None = None) -> Outcome:
    """Run one command in this process; file names are relative to `folder`, `user` is the operating system's name."""
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            given = parser().parse_args(arguments)
    except SystemExit:  # --help has printed itself
        return Outcome(0, printed.getvalue())
    except argparse.ArgumentError as error:
        return Outcome(2, errors=f"{error}")
    given.folder = folder
    try:
        return Outcome(0, given.run(_session(url or given.db, given.employee, user), given))
    except CrmError as error:
        if given.json:
            return Outcome(1, json.dumps(error.as_json(), ensure_ascii=False))
        return Outcome(1, errors=error.message)


def _session(url: str | None, employee: str | None, user: str) -> Session:
    database = opened(url)
    return Session(database, acting_as(database, employee) if employee else command_line(user))


def main(arguments: Sequence[str]) -> int:
    """Run one command, in the app where it is running, else here; print, and return the exit code."""
    url = _named(arguments) or store_url()
    outcome = _sent(url, arguments) or execute(arguments, Path.cwd(), getpass.getuser())
    if outcome.output:
        print(outcome.output)
    if outcome.errors:
        print(outcome.errors, file=sys.stderr)
    return outcome.status


def _named(arguments: Sequence[str]) -> str | None:
    known, _ = _DB_ONLY.parse_known_args(arguments)
    return known.db if isinstance(known.db, str) else None


_DB_ONLY = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
_DB_ONLY.add_argument("--db")


def door_file(url: str) -> Path | None:
    """Where the running app leaves its port and token: beside the store's file, readable by its owner only."""
    file = file_of(url)
    return file.with_suffix(".door") if file else None


def _sent(url: str, arguments: Sequence[str]) -> Outcome | None:
    """Have the running app do it; None when no app has this store open."""
    file = door_file(url)
    if not file or not file.exists():
        return None
    try:
        door = json.loads(file.read_text(encoding="utf-8"))
        request = urllib.request.Request(  # noqa: S310 - the address is loopback by construction
            f"http://127.0.0.1:{int(door['port'])}/command",
            json.dumps({"arguments": list(arguments), "folder": os.getcwd()}).encode(),
            {"Authorization": f"Bearer {door['token']}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as response:  # noqa: S310
            return Outcome(**json.load(response))
    except urllib.error.HTTPError as error:
        raise SystemExit(f"The app that runs on this file did not take the command ({error.code}). Restart the app.") from None
    except (OSError, ValueError, KeyError):
        return None  # the app is gone and left its door behind: open the file ourselves


