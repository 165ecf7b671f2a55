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
import re
import secrets
import sys
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NoReturn

from crm.cli import data, insight, person, store
from crm.cli.command import Command, Wrong
from crm.errors import CrmError
from crm.store.session import Session, acting_as, command_line, file_of, opened, store_url

log = logging.getLogger("crm")
STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


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
    for command in (*data.COMMANDS, *insight.COMMANDS, *store.COMMANDS, *person.COMMANDS):
        _add(commands, command)
    return root


def _add(commands: Any, command: Command) -> None:
    added = commands.add_parser(command.name, help=command.words, description=command.words, allow_abbrev=False)
    added.set_defaults(run=command.run, opens=command.opens)
    added.add_argument("--json", action="store_true", help="print JSON")
    for argument, options in command.arguments:
        added.add_argument(argument, **options)


def execute(arguments: Sequence[str], folder: Path, user: str, url: str | None = None) -> Outcome:
    """Run one command in this process; file names are relative to `folder`, `user` is the operating system's name."""
    try:
        given = parser().parse_args(arguments)
        given.folder = folder
        address = store_url(url or given.db)
        return Outcome(0, _printable(given.run(_session(address, given.employee, user) if given.opens else address, given)))
    except Wrong as wrong:
        return Outcome(1, _printable(wrong.output))
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
    """The text as a terminal may show it: halves of characters (from file names that are not UTF-8) and what would steer the
    terminal or turn the reading direction stand as their numbers, which JSON reads as the same characters.
    """
    return STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text.encode("utf-8", "backslashreplace").decode())


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
