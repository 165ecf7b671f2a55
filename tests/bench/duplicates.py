"""How long it takes to look for duplicates: `python -m tests.bench.duplicates --people 1000000`.

People with planted duplicates in a store in memory: one in twenty entered again with up to three faults, one in ten living
with somebody of their name. Prints the time of the search on the clock and in processor time (a million must stay under 30 s
of two cores), how much of what was planted it finds, and what a form then waits for who is there already.
"""

from __future__ import annotations

import argparse
import statistics
import time

from crm.queries import duplicates
from crm.store.database import Database
from crm.store.migrate import migrate
from crm.store.session import Session, command_line
from tests.people import judged, people, stored

TURNS = 30


def main() -> int:
    """Make the people, look for those who are one, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.duplicates", description="How long duplicates take to find.")
    parser.add_argument("--people", type=int, default=100_000, metavar="N", help="how many contacts (default: %(default)s)")
    size = parser.parse_args().people
    database = Database("duckdb:///:memory:")
    migrate(database)
    session = Session(database, command_line("bench"))
    stored(session, people(size * 17 // 20, size // 20, most=2, families=size // 10))
    clock, processor = time.perf_counter(), time.process_time()
    precision, recall, f1 = judged(session)
    print(f"{size:,} contacts: {time.perf_counter() - clock:.1f} s, {time.process_time() - processor:.1f} s of the processor")
    print(f"precision {precision:.4f}, recall {recall:.4f}, F1 {f1:.4f}")
    print(f"a form asks who is there: {_asked(session):.1f} ms")
    return 0


def _asked(session: Session) -> float:
    """The median of asking for people who are there, each with a letter wrong."""
    names = session.rows("select name, email from contacts order by hash(contact_id) limit $turns", turns=2 * TURNS)
    spent = []
    for row in names:
        began = time.perf_counter()
        duplicates.likely(Session(session.database, session.actor), "contact", name=row["name"] + "e", phone="+12125550123")
        spent.append((time.perf_counter() - began) * 1e3)
    return statistics.median(spent[TURNS:])


if __name__ == "__main__":
    raise SystemExit(main())
