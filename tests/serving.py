"""Start the real app on a store of its own, on a free port of this machine."""

from __future__ import annotations

import itertools
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 180.0

_ports = itertools.count(12_000 + os.getpid() % 100 * 200)


def free_port() -> int:
    """A port nobody listens on, from a range of this process: one the system names may be given away before the app takes it."""
    return next(port for port in _ports if _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@contextmanager
def app_on(file: Path, port: int | None = None) -> Iterator[str]:
    """The app, serving the store in `file`; yields its address."""
    port = port or free_port()
    log = file.with_suffix(".log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
        cwd=ROOT,
        env=os.environ | {"CRM_DB_URL": f"duckdb:///{file}", "PYTHONFAULTHANDLER": "1"},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/health", process, file)
        yield f"http://127.0.0.1:{port}"
    finally:
        ended = process.poll()
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        finally:
            log.close()
        assert ended is None, f"the app ended by itself, with {ended}"


def wait_for(address: str, process: subprocess.Popen[bytes], file: Path) -> None:
    """Wait until the app answers; fail with its log when it does not."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    process.kill()
    raise AssertionError(f"the app did not start:\n{file.with_suffix('.log').read_text()[-2000:]}")


def crm(*arguments: str, db: Path, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run the command line on a store, as a person would."""
    return subprocess.run(
        [sys.executable, "-m", "crm", "--db", f"duckdb:///{db}", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
