"""What a visitor waits for on the server: the real app on the company's file, asked for every page without a browser.

The load test opens one session and visits the pages in turn; the first round warms up and is left out. A page's time is
from its request to the end of its script, sign-in, navigation and every query included.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from crm.ui.places import PLACES, TODAY
from tests.bench.timings import Timing
from tests.serving import ROOT, app_on

LOADTEST = ROOT.parent / "shared" / "tools" / "loadtest.py"
BAR_MS = 150.0
ROUNDS = 31


def page_timings(file: Path, queries: dict[str, str]) -> list[Timing]:
    """One timing per page of the app; `queries` says which customer's Profile and which Deal."""
    if not LOADTEST.is_file():
        print(f"Pages are not timed: {LOADTEST} is not there.", file=sys.stderr)
        return []
    names = [page.stem for pages in PLACES.values() for page in pages]
    addresses = {name: _address(name, queries.get(name)) for name in names}
    with app_on(file) as base:
        found = _visited(base, list(addresses.values()))
    return [
        Timing(f"page {name}", f"pages/{name}.py", found[address]["p50_ms"], found[address]["p95_ms"], BAR_MS)
        for name, address in addresses.items()
    ]


def _address(name: str, query: str | None) -> str:
    """The start page is at the root."""
    path = "" if name == TODAY.stem else name
    return f"{path}?{query}" if query else path


def _visited(base: str, addresses: list[str]) -> dict[str, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, str(LOADTEST), base, *addresses, "--rounds", str(ROUNDS), "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
    )
    if done.returncode not in (0, 1) or not done.stdout:
        raise SystemExit(f"The load test failed:\n{done.stderr[-2000:]}")
    report = json.loads(done.stdout)
    if report["exceptions"]:
        raise SystemExit("A page showed an error: " + "; ".join(report["exceptions"]))
    return dict(report["pages"])
