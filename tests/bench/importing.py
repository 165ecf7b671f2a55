"""How long a large file of contacts takes, and how much memory: `python -m tests.bench.importing 750000 [--json FILE]`.

The way is that of the page and of the command line: read, check, match, write one change set, and take it back again, each
measured in this fresh process, so that its peak is that of the import alone. The bars: a minute each, 1.5 GB.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from crm.commands.imports import ImportResult, import_file
from crm.store.rules import key_of
from crm.store.session import Session, close, command_line, opened
from crm.store.undo import undo

BAR_S, BAR_MB = 60.0, 1_500
HERE = 500  # contacts that are in the store before
HEADER = "External id,First name,Last name,Email,Phone,Company,Job title,Street,City,Postcode,Country,Birth date,Consent\n"
TABLES = ("customers", "contacts", "customer_tags", "employees")


@dataclass(frozen=True)
class Measured:
    """One file imported and taken back: seconds of each, peak of memory after each, and whether the store is as before."""

    rows: int
    import_s: float
    import_peak_mb: int
    undo_s: float
    undo_peak_mb: int
    is_as_before: bool

    @property
    def holds(self) -> bool:
        """Whether every bar holds."""
        return max(self.import_s, self.undo_s) < BAR_S and self.import_peak_mb < BAR_MB and self.is_as_before

    def __str__(self) -> str:
        """One line for a person."""
        return (
            f"{self.rows:,} contacts: imported in {self.import_s:.1f} s (peak {self.import_peak_mb:,} MB), undone in "
            f"{self.undo_s:.1f} s (peak {self.undo_peak_mb:,} MB), {'as before' if self.is_as_before else 'NOT AS BEFORE'}; "
            f"bars {BAR_S:.0f} s and {BAR_MB:,} MB {'hold' if self.holds else 'DO NOT HOLD'}"
        )


def write_file(file: Path, rows: int) -> None:
    """A file of that many different contacts, a dozen a company."""
    with file.open("w", encoding="utf-8") as stream:
        stream.write(HEADER)
        stream.writelines(map(_line, range(rows)))


def _line(n: int) -> str:
    return (
        f"c{n},Ann{n % 5000},Smith{n // 7},ann{n}@firm{n // 12}.example.com,+1 555 {n % 1000:03d} {n % 10000:04d},Firm {n // 12},"
        f"Buyer,{n} High Street,Springfield,{n % 99999:05d},US,19{n % 90 + 10:02d}-0{n % 9 + 1}-1{n % 9},yes\n"
    )


def measured(session: Session, file: Path, rows: int) -> Measured:
    """Import the file beside what is here already, check that its rows add up, and undo it."""
    import_file(session, "contacts", "".join([HEADER, *(_line(-n) for n in range(1, HERE + 1))]).encode(), "here.csv")
    before = _picture(session)
    result, import_s = _timed(lambda: import_file(session, "contacts", file))
    import_peak = _peak_mb()
    assert isinstance(result, ImportResult)
    assert result.created == result.rows == rows
    assert session.value("select count(*) from contacts") == rows + HERE
    _, undo_s = _timed(lambda: undo(session, result.change_set_id or ""))
    return Measured(rows, import_s, import_peak, undo_s, _peak_mb(), _picture(session) == before)


def _picture(session: Session) -> dict[str, object]:
    """Each table as the number and the hash of its rows."""
    what = "select count(*) as rows, bit_xor(hash({0}::varchar)) as hash, max({1}) as last from {0}"
    return {table: session.rows(what.format(table, key_of(table))) for table in TABLES}


def _timed(work: Callable[[], object]) -> tuple[object, float]:
    started = time.perf_counter()
    result = work()
    return result, time.perf_counter() - started


def _peak_mb() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform == "linux" else peak // 2**20


def main() -> int:
    """Measure one size; exit 1 where a bar does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.importing", description=__doc__.splitlines()[0])
    parser.add_argument("rows", type=int)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was found there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench_") as folder:
        file, url = Path(folder) / "contacts.csv", f"duckdb:///{folder}/crm.duckdb"
        write_file(file, given.rows)
        found = measured(Session(opened(url), command_line("bench")), file, given.rows)
        close(url)
    print(found)
    if given.json:
        given.json.write_text(json.dumps(asdict(found), indent=2), encoding="utf-8")
    return 0 if found.holds else 1


if __name__ == "__main__":
    raise SystemExit(main())
