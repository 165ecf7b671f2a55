"""A gate through which many pass at a time, until somebody needs the file for themselves.

Whoever reads or writes is inside for as long as that takes; who puts another file in the place of ours waits until nobody
is, keeps newcomers waiting, and lets them in again to the new file.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from crm.errors import Unavailable


class Gate:
    """Counts who is inside; a thread that is inside may enter again."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._is_shut = False
        self._mine = threading.local()

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Be inside; wait first while somebody is alone there."""
        depth = getattr(self._mine, "depth", 0)
        if not depth:
            self._enter()
        self._mine.depth = depth + 1
        try:
            yield
        finally:
            self._mine.depth = depth
            if not depth:
                self._leave()

    def _enter(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._is_shut)
            self._inside += 1

    def _leave(self) -> None:
        with self._changed:
            self._inside -= 1
            self._changed.notify_all()

    @contextmanager
    def alone(self, seconds: float) -> Iterator[None]:
        """Be the only one inside; refuse when the others do not leave within that time."""
        if getattr(self._mine, "depth", 0):
            raise RuntimeError("who is inside cannot wait for everybody to leave")
        with self._changed:
            if self._is_shut:
                raise Unavailable("The store's file is being replaced already. Try again in a minute.")
            self._is_shut = True
            if not self._changed.wait_for(lambda: not self._inside, seconds):
                self._open()
                raise Unavailable("Somebody is writing to the store for longer than usual, perhaps an import. Try again later.")
        self._mine.depth = 1
        try:
            yield
        finally:
            self._mine.depth = 0
            with self._changed:
                self._open()

    def _open(self) -> None:
        self._is_shut = False
        self._changed.notify_all()
