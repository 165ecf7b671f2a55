"""How fast the CRM is on a large company: `python -m tests.bench --customers 100000 --pages --json bench.json`.

Builds a company of that size in a file of its own, times what the pages ask of it, and prints a line a question: the median
and the 95th percentile of 30 after a warm-up, the bar it must stay under, and how much of the bar it takes (1.00 is all of
it). The bars hold at 100,000 customers on two cores with nothing else running; on a busy machine compare the last column
between runs, not milliseconds. `--keep FILE` leaves the company there, and takes it from there the next time.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from crm.store.session import Session, acting_as, close, command_line, opened
from tests.bench import company
from tests.bench.timings import Timing, examples, timings

PERSON = "employee1@bench.example"


def main() -> int:
    """Build or open the company, time it, print and write what was found."""
    given = _arguments()
    with tempfile.TemporaryDirectory(prefix="bench_") as folder:
        file = (given.keep or Path(folder) / "bench.duckdb").resolve()
        url = f"duckdb:///{file}"
        size = _company(url, given.customers, given.entries)
        session = Session(opened(url), acting_as(opened(url), PERSON))
        load = _load()
        found = timings(session)
        queries = examples(session)
        close(url)
        if given.pages:
            from tests.bench.pages import page_timings

            found += page_timings(file, queries)
    print(_table(found))
    if given.json:
        report = {"rows": size, "load": load, "timings": [timing.as_json() for timing in found]}
        given.json.write_text(json.dumps(report, indent=2), encoding="utf-8")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="How fast the CRM is on a large company.")
    parser.add_argument("--customers", type=int, required=True, metavar="N", help="how many customers")
    parser.add_argument("--entries", type=int, metavar="M", help="how many interactions in all (default: 10 a customer)")
    parser.add_argument("--pages", action="store_true", help="also start the app and time its pages")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was found there")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="build the company in this file, or use the one there")
    return parser.parse_args()


def _company(url: str, customers: int, entries: int | None) -> dict[str, int]:
    session = Session(opened(url), command_line("bench"))
    if not session.value("select count(*) from customers"):
        started = time.perf_counter()
        company.build(session, customers, entries)
        print(f"Built in {time.perf_counter() - started:.0f} s.", file=sys.stderr)
    return company.size(session)


def _load() -> float:
    """How many programs want a core before we do; above a half the milliseconds say little."""
    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"The machine is busy (load {load:.1f}): compare runs, do not judge by the bars.", file=sys.stderr)
    return load


def _table(found: list[Timing]) -> str:
    head = f"{'what':44} {'function':34} {'median':>9} {'p95':>9} {'bar':>5} {'of bar':>6}"
    return "\n".join([head, *(timing.as_line() for timing in found)])


if __name__ == "__main__":
    raise SystemExit(main())
