"""The command line, `python -m crm`: the same commands and queries as the pages, for scripts and for large files.

One process owns the store's file. While the app runs it is the owner, so the command line hands its arguments to the app
through a loopback route and prints what comes back; otherwise it opens the file itself. `execute` serves both.
"""

from __future__ import annotations

import argparse
import getpass
import http.client
import io
import json
import logging
import os
import secrets
import sys
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any, NoReturn

from crm.commands import demo, imports
from crm.commands.history import undo_change
from crm.errors import CrmError
from crm.queries import figures, history, periods, sources
from crm.store.session import Session, acting_as, command_line, file_of, opened, store_url

log = logging.getLogger("crm")


@dataclass(frozen=True)
class Outcome:
    """What a command printed, and its exit code: 0 done, 1 refused, 2 not understood."""

    status: int
    output: str = ""
    errors: str = ""


class Told(Exception):
    """What the parser would have printed before ending the process: help, or what it did not understand."""

    def __init__(self, status: int, message: str, usage: str = "") -> None:
        super().__init__(message)
        self.status, self.message, self.usage = status, message, usage


class Parser(argparse.ArgumentParser):
    """A parser that neither prints nor ends the process: the process may be the app's, and serve others meanwhile."""

    def error(self, message: str) -> NoReturn:
        raise Told(2, message, self.format_usage())

    def print_help(self, file: IO[str] | None = None) -> NoReturn:  # type: ignore[override]
        raise Told(0, self.format_help())


def parser() -> Parser:
    """Every command with its arguments."""
    words = "Bring data in, see figures, undo: the CRM without its pages."
    root = Parser(prog="python -m crm", allow_abbrev=False, description=words)
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
        ("--as-of", {"type": _day, "help": "the day to look from (default: today)"}),
        ("--by", {"choices": sources.SPLITS}),
    ])  # fmt: skip
    _add(commands, "demo", demo_, "make a demo company, or take it away", [
        ("--remove", {"action": "store_true", "help": "take the demo rows away that nobody uses"}),
    ])  # fmt: skip
    _add(commands, "history", history_, "the latest changes", [("--limit", {"type": _count, "default": 20})])
    _add(commands, "undo", undo_, "undo one change", [("change", {"help": "its id, from history"})])
    return root


def _add(commands: Any, name: str, run: Callable[..., str], words: str, arguments: list[tuple[str, dict[str, Any]]]) -> None:
    command = commands.add_parser(name, help=words, description=words, allow_abbrev=False)
    command.set_defaults(run=run)
    command.add_argument("--json", action="store_true", help="print JSON")
    for argument, options in arguments:
        command.add_argument(argument, **options)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not a day: write it as 2017-12-31") from None
    if not 1900 <= day.year <= 2200:
        raise argparse.ArgumentTypeError(f"“{text}” is not between 1900 and 2200")
    return day


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number of lines: write 1 or more, at most 1000000")
    return int(text)


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
    lines = [
        f"{row['change_set_id']}  {session.local(row['made_at']):%Y-%m-%d %H:%M}  {row['actor_name']}: {row['title']}"
        for row in rows
    ]
    return _printed(given, rows, "\n".join(lines) or "Nothing has happened yet.")


def undo_(session: Session, given: argparse.Namespace) -> str:
    """Undo one change set."""
    result = undo_change(session, given.change)
    return _printed(given, {"change_set_id": result.change_set_id}, f"Undone. To take the undo back: undo {result.change_set_id}")


def _printed(given: argparse.Namespace, value: object, text: str) -> str:
    return json.dumps(value, default=str, ensure_ascii=False, indent=2) if given.json else text


def execute(arguments: Sequence[str], folder: Path, user: str, url: str | None = None) -> Outcome:
    """Run one command in this process; file names are relative to `folder`, `user` is the operating system's name."""
    try:
        given = parser().parse_args(arguments)
        given.folder = folder
        return Outcome(0, _printable(given.run(_session(url or given.db, given.employee, user), given)))
    except Told as told:
        return Outcome(0, told.message) if not told.status else _failed(told.status, told.message, arguments, told.usage)
    except CrmError as error:
        return _failed(1, error.message, arguments, field=error.field)
    except Exception as error:  # whoever asks sees a sentence, never a trace
        return _failed(1, _unexpected(error), arguments)


def _failed(status: int, message: str, arguments: Sequence[str], usage: str = "", field: str | None = None) -> Outcome:
    said = _printable(message)
    if "--json" in arguments:
        return Outcome(status, json.dumps({"error": said, "field": field}, ensure_ascii=False))
    return Outcome(status, errors=f"{said}\n\n{usage}".strip())


def _unexpected(error: Exception) -> str:
    reference = secrets.token_hex(4)
    log.error("problem %s", reference, exc_info=error)
    return f"Something went wrong on our side, and nothing is half done. The log has the details under {reference}."


def _printable(text: str) -> str:
    """The text without the halves of characters in which the system hands over file names that are not UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()


def _session(url: str | None, employee: str | None, user: str) -> Session:
    database = opened(url)
    return Session(database, acting_as(database, employee) if employee else command_line(user))


def main(arguments: Sequence[str]) -> int:
    """Run one command, in the app where it is running, else here; print, and return the exit code."""
    outcome = _sent(arguments) or _here(arguments)
    _print(outcome.output, sys.stdout)
    _print(outcome.errors, sys.stderr)
    return outcome.status


def _here(arguments: Sequence[str]) -> Outcome:
    """Run it in this process; what nobody expected is written to a log beside the store."""
    file = _file(arguments)
    kept = logging.FileHandler(file.with_name(f"{file.name}.log"), delay=True) if file else logging.NullHandler()
    log.addHandler(kept)
    try:
        return execute(arguments, Path.cwd(), user_name())
    finally:
        log.removeHandler(kept)


def _print(text: str, stream: IO[str]) -> None:
    """Print; a terminal that lacks a character gets its number in place of a refusal."""
    if text:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
        print(text, file=stream)


def user_name() -> str:
    """The operating system's name of this user; the number where it has none, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def _file(arguments: Sequence[str]) -> Path | None:
    """The file that a command is about; None where there is none or the address is wrong, which `execute` then says."""
    named = Parser(add_help=False, allow_abbrev=False)
    named.add_argument("--db")
    try:
        known, _ = named.parse_known_args(arguments)
        return file_of(store_url(known.db))
    except (Told, CrmError):
        return None


def door_file(file: Path) -> Path:
    """Where the running app leaves its port and token: beside the store's file, readable by its owner only."""
    return file.with_name(f"{file.name}.door")


def _sent(arguments: Sequence[str]) -> Outcome | None:
    """Have the running app do it; None when no app has this store open.

    A door that another program answers, or nobody, was left behind by an app that is gone: we open the file ourselves.
    """
    file = _file(arguments)
    if not file or not door_file(file).exists():
        return None
    try:
        door = json.loads(door_file(file).read_text(encoding="utf-8"))
        request = urllib.request.Request(
            f"http://127.0.0.1:{int(door['port'])}/command",
            json.dumps({"arguments": list(arguments), "folder": str(Path.cwd())}).encode(),
            {"Authorization": f"Bearer {door['token']}", "Content-Type": "application/json"},
        )
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # the token is for nobody between us
        with direct.open(request) as response:
            return Outcome(**json.load(response))
    except (OSError, ValueError, KeyError, TypeError, http.client.HTTPException):
        return None
