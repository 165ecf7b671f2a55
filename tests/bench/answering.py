"""How quick the pages stay while answers pour in: `python -m tests.bench.answering [posts a second] [seconds]`.

Links of a survey of 200 people are posted to at that rate over connections that stay open, valid ones and forged ones; meanwhile
a visitor opens Today again and again. Says how the posts were met, and how long the page took beside them and before.
"""

from __future__ import annotations

import http.client
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import numpy as np

from crm.commands import demo
from crm.store import session as door
from crm.store.session import Session, command_line
from tests.asking import NPS, Asked, asked
from tests.serving import app_on
from tests.visiting import visit

THREADS, PEOPLE = 48, 200
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Poster(threading.Thread):
    """Posts at its share of the rate until told to stop; forged links every fourth time."""

    def __init__(self, address: str, survey: Asked, field: str, place: int, rate: float) -> None:
        super().__init__(daemon=True)
        self.met: Counter[int] = Counter()
        self.stopped = threading.Event()
        self._address, self._tokens, self._field, self._place, self._rate = address, survey.tokens, field, place, rate

    def run(self) -> None:
        parts = urlsplit(self._address)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 0, timeout=60)
        began, sent = time.monotonic(), 0
        while not self.stopped.is_set():
            time.sleep(max(0.0, began + sent * THREADS / self._rate - time.monotonic()))
            token = "forged" if sent % 4 == 3 else self._tokens[(self._place + sent * THREADS) % len(self._tokens)]
            connection.request("POST", f"/s/{token}", urlencode({self._field: str(sent % 11)}), FORM)
            answer = connection.getresponse()
            answer.read()
            self.met[answer.status] += 1
            sent += 1


def pages(address: str, seconds: float) -> list[float]:
    """How long the start page took, each time, over some seconds."""
    took: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.perf_counter()
        visit(address, "today")
        took.append(time.perf_counter() - began)
    return took


def main(rate: float, seconds: float) -> None:
    """Measure, and say it in a table."""
    file = Path(tempfile.mkdtemp()) / "crm.duckdb"
    url = f"duckdb:///{file}"
    session = Session(door.opened(url), command_line("bench"))
    demo.make_demo(session)
    survey = asked(session, NPS, number=PEOPLE)
    field = f"a-{survey.questions[0]}"
    door.close(url)
    with app_on(file) as address:
        pages(address, 3)
        before = pages(address, seconds)
        posters = [Poster(address, survey, field, place, rate) for place in range(THREADS)]
        for poster in posters:
            poster.start()
        beside = pages(address, seconds)
        for poster in posters:
            poster.stopped.set()
        for poster in posters:
            poster.join(60)
        met: Counter[int] = sum((poster.met for poster in posters), Counter())
    print(f"posts: {sum(met.values()) / seconds:.0f} a second; by status {dict(sorted(met.items()))}")
    for name, took in (("before", before), ("beside", beside)):
        median, high, most = (1000 * np.quantile(took, share) for share in (0.5, 0.95, 1))
        print(f"Today {name}: {len(took)} visits, median {median:.0f} ms, p95 {high:.0f} ms, most {most:.0f} ms")


if __name__ == "__main__":
    given = [float(word) for word in sys.argv[1:]]
    main(*(given or [200.0, 10.0]))
