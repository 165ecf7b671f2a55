"""Bring a store to today's shape: append-only migrations for the tables, and the views that say what a word means.

Each migration runs in one transaction with its record, so a start that was killed leaves no half step. Views are made
again only when their text changed: a refresh costs more than a start should.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from graphlib import TopologicalSorter
from pathlib import Path

from crm.store.database import Database

FOLDER = Path(__file__).parent
AFTER = re.compile(r"^-- after: (.+)$", re.MULTILINE)
TWICE = re.compile(r"^-- twice: (\w+), (\w+\(\w+\))$", re.MULTILINE)
ONLY_ALL = re.compile(r"\{all (.+?)\}", re.DOTALL)
ONLY_ONE = re.compile(r"\{one (.+?)\}", re.DOTALL)


def migrate(database: Database, only: Collection[str] | None = None) -> list[str]:
    """Apply what is missing; return the names of the steps that ran. With `only`, make an older shape: those steps, no views."""
    cursor = database.cursor()
    cursor.execute("create table if not exists migrations (name varchar not null, hash varchar not null)")
    done = dict(cursor.execute("select name, hash from migrations").fetchall())
    wanted = [file for file in _steps(database) if file.name not in done and (only is None or file.name in only)]
    ran = [_apply(database, file) for file in wanted]
    if only is not None:
        return ran
    texts = views()
    digest = hashlib.sha256("\n".join(texts).encode()).hexdigest()
    if ran or done.get("views") != digest:
        _refresh(database, texts, digest)
        ran.append("views")
    return ran


def _steps(database: Database) -> list[Path]:
    files = sorted((FOLDER / "migrations").glob("*.sql"))
    return [file for file in files if not (database.address.is_lake and ".file." in file.name)]


def _apply(database: Database, file: Path) -> str:
    cursor = database.cursor()
    text = file.read_text(encoding="utf-8")

    def step() -> str:
        cursor.execute(text)
        cursor.execute("insert into migrations values ($1, $2)", [file.name, hashlib.sha256(text.encode()).hexdigest()])
        return file.name

    return database.transaction(cursor, step)


def _refresh(database: Database, texts: list[str], digest: str) -> None:
    cursor = database.cursor()

    def step() -> None:
        for text in texts:
            cursor.execute(text)
        cursor.execute("delete from migrations where name = 'views'")
        cursor.execute("insert into migrations values ('views', $1)", [digest])

    database.transaction(cursor, step)


def views() -> list[str]:
    """The text of every view and macro, those that others build on first."""
    texts = {file.stem: file.read_text(encoding="utf-8") for file in sorted((FOLDER / "views").glob("*.sql"))}
    needs = {name: _needs(text) for name, text in texts.items()}
    return [_rendered(texts[name]) for name in TopologicalSorter(needs).static_order()]


def _needs(text: str) -> list[str]:
    found = AFTER.search(text)
    return [name.strip() for name in found[1].split(",")] if found else []


def _rendered(text: str) -> str:
    """A file that says `-- twice: lines, customer_lines(of_customer)` is written once and made twice.

    View `lines` reads everything; the macro reads each source by key. `{all …}` stands in the view alone, `{one …}` in
    the macro alone: `{one materialized}` keeps the optimiser from losing the index behind its caller's `order by … limit`.
    """
    found = TWICE.search(text)
    if not found:
        return text
    view, macro = found.groups()
    body = text[found.end() :].strip().removesuffix(";")
    everything = ONLY_ALL.sub(r"\1", ONLY_ONE.sub("", body))
    one = ONLY_ONE.sub(r"\1", ONLY_ALL.sub("", body))
    return f"create or replace view {view} as\n{everything};\ncreate or replace macro {macro} as table\n{one};"
