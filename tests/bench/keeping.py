"""How long it takes to keep a large company safe: `python -m tests.bench.keeping --customers 100000 [--json FILE]`.

Backup while somebody writes (and how long the slowest write waited), restore, everything out and in again, the check, and the
longest lists as CSV and Excel, each once: the seconds, and the peak of memory so far.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from crm.commands import backups, exports
from crm.queries import integrity
from crm.store.catalogue import count
from crm.store.session import Session, close, command_line, opened
from tests.bench import company


@dataclass(frozen=True)
class Measured:
    """One piece of work: how long it took, what it came to, and the memory that the process had needed by then."""

    what: str
    seconds: float
    result: str
    peak_mb: int

    def __str__(self) -> str:
        return f"{self.what:34} {self.seconds:8.1f} s {self.peak_mb:6,} MB  {self.result}"


def measured(session: Session, folder: Path) -> list[Measured]:
    """Every piece of work once, on a store in a file."""
    file = session.database.address.file
    assert file
    backup = folder / "backup.duckdb"
    done = [
        _timed("backup, read back and compared", lambda: _size(backups.back_up(session, backup).backup.file)),
        _timed("backup while one writes", lambda: _beside_a_writer(session, folder)),
    ]
    done.append(_timed("check", lambda: integrity.checked(session).summary().splitlines()[0]))
    for kind in ("interactions", "customers"):
        for suffix in (".csv", ".xlsx"):
            target = folder / f"{kind}{suffix}"
            done.append(_timed(f"list of {kind} as {suffix}", partial(_taken, session, kind, target)))
    done.append(_timed("everything out", lambda: exports.export_everything(session, folder / "all").summary()))
    new = Session(opened(f"duckdb:///{folder / 'new.duckdb'}"), command_line("bench"))
    done.append(_timed("everything in again", lambda: exports.import_everything(new, folder / "all").summary()))
    assert _without_log(count(new.database)) == _without_log(count(session.database))
    for url in (new.database.url, session.database.url):
        close(url)
    done.append(_timed("restore", lambda: backups.restore(f"duckdb:///{file}", backup).summary()))
    return done


def _without_log(rows: dict[str, int]) -> dict[str, int]:
    return {name: number for name, number in rows.items() if name not in ("migrations", "exports")}


def _beside_a_writer(session: Session, folder: Path) -> str:
    """The slowest of the small writes that somebody else made meanwhile."""
    stop, waits = threading.Event(), [0.0]

    def write() -> None:
        own = Session(session.database, session.actor)
        while not stop.is_set():
            started = time.perf_counter()
            with own.change("Beside") as change:
                change.insert("tags", name=f"Beside {time.monotonic_ns()}")
            waits.append(time.perf_counter() - started)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        backups.back_up(session, folder / "beside.duckdb")
    finally:
        stop.set()
        writer.join()
    return f"{len(waits) - 1:,} writes beside it, the slowest {max(waits) * 1e3:,.0f} ms"


def _taken(session: Session, kind: str, file: Path) -> str:
    return f"{exports.export_list(session, kind, file).written.rows:,} rows, {_size(file)}"


def _size(file: Path) -> str:
    return f"{file.stat().st_size / 1e6:,.0f} MB"


def _timed(what: str, work: Callable[[], str]) -> Measured:
    started = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - started
    return Measured(what, seconds, result, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def main() -> int:
    """Build or open a company, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.keeping", description="How long keeping a company safe takes.")
    parser.add_argument("--customers", type=int, required=True, metavar="N", help="how many customers")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was found there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench_") as folder:
        session = Session(opened(f"duckdb:///{folder}/bench.duckdb"), command_line("bench"))
        company.build(session, given.customers, None)
        print(f"{sum(count(session.database).values()):,} rows", flush=True)
        found = measured(session, Path(folder))
    print("\n".join(map(str, found)))
    if given.json:
        report: list[dict[str, Any]] = [asdict(each) for each in found]
        given.json.write_text(json.dumps(report, indent=2), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
