"""Heavy mathematics in a process of its own, so that pages stay fast: arrays in, arrays out.

It cannot open the store, which the app owns, and need not. Started when first needed; when it dies, the calculation is
begun once more in a new one. Imports nothing of the house: the new process loads only what a calculation needs. It is a
program of its own (`python -m crm.jobs.worker`), because multiprocessing would run the main module again, and Streamlit
puts the page's script there.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, TypeVar

T = TypeVar("T")
PATIENCE = 0.25
TRIES = 2


def _unwatched() -> None:
    """Nobody asks whether to go on."""


class Worker:
    """The one process, and the line to it."""

    def __init__(self) -> None:
        self._busy = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: Connection | None = None

    def calculate(self, function: Callable[..., T], *arguments: Any, watch: Callable[[], None] = _unwatched) -> T:
        """The result of a function of a module; `watch` is called now and then, and may raise to give up."""
        with self._busy:
            for _ in range(TRIES):
                try:
                    result, error = self._asked(function, arguments, watch)
                except (EOFError, OSError):
                    self.stop()
                    continue
                except BaseException:
                    self.stop()  # it may still be calculating what nobody waits for
                    raise
                if error is not None:
                    raise error
                found: T = result
                return found
        raise RuntimeError(f"the process died {TRIES} times in {function.__qualname__}")

    def _asked(self, function: Callable[..., T], arguments: tuple[Any, ...], watch: Callable[[], None]) -> Any:
        line = self._started()
        line.send((function, arguments))
        while not line.poll(PATIENCE):
            watch()
        return line.recv()

    def _started(self) -> Connection:
        if self._line is None or self._process is None or self._process.poll() is not None:
            self.stop()
            ours, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603 - this interpreter, this module
                    [sys.executable, "-m", "crm.jobs.worker", str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                )
            self._line = Connection(ours.detach())
        return self._line

    @property
    def process_id(self) -> int | None:
        """The process's number, while there is one."""
        return self._process.pid if self._process else None

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._line is not None:
            self._line.close()
        self._process = self._line = None


def _serve(line: Connection) -> None:
    """Answer one calculation after the other until the app hangs up."""
    os.nice(10)
    while True:
        try:
            line.send(_answered(line))
        except (EOFError, BrokenPipeError, KeyboardInterrupt):
            return
        except Exception as error:  # a result that cannot be sent
            line.send((None, TypeError(str(error))))


def _answered(line: Connection) -> tuple[Any, Exception | None]:
    """The result of what is asked, or its error for the app to word and log."""
    try:
        function, arguments = line.recv()
    except EOFError:
        raise
    except Exception as error:  # a function that is not there
        return None, error
    try:
        return function(*arguments), None
    except Exception as error:
        return None, error


WORKER = Worker()  # the one of this process

if __name__ == "__main__":
    _serve(Connection(int(sys.argv[1])))
