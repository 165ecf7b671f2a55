"""How much the open routes take: so many in a while by one link and by one address, and so many that are still sending.

Kept in memory only. Of an address nothing stays but a hash under a key that this process forgets when it ends.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

KEY = secrets.token_bytes(32)
MOST_KNOWN = 10_000


class Bucket:
    """Lets `most` through at once and `rate` a second after that, for each name by itself."""

    def __init__(self, most: float, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._rate, self._clock = most, rate, clock
        self._left: dict[bytes, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, name: str) -> bool:
        """Whether there is room for one more by this name."""
        key, now = hashlib.blake2b(name.encode("utf-8", "replace"), key=KEY, digest_size=16).digest(), self._clock()
        with self._lock:
            left, since = self._left.get(key, (self._most, now))
            left = min(self._most, left + (now - since) * self._rate)
            if len(self._left) >= MOST_KNOWN and key not in self._left:
                self._forget(now)
            self._left[key] = (left - 1 if left >= 1 else left, now)
            return left >= 1

    def _forget(self, now: float) -> None:
        """Let go of whoever has been quiet for so long that they may send as if they were new; of all, if that is nobody."""
        full = self._most / self._rate
        self._left = {key: entry for key, entry in self._left.items() if now - entry[1] < full}
        if len(self._left) >= MOST_KNOWN:
            self._left.clear()


class Room:
    """Holds so many at once, and so many of one name: who sends slowly fills their own part of it alone."""

    def __init__(self, most: int, each: int) -> None:
        self._most, self._each = most, each
        self._held: Counter[str] = Counter()

    @contextmanager
    def place(self, name: str) -> Iterator[bool]:
        """Whether there is a place for one more of this name, which is theirs until they leave."""
        is_free = self._held.total() < self._most and self._held[name] < self._each
        self._held[name] += is_free
        try:
            yield is_free
        finally:
            self._held[name] -= is_free
            self._held += Counter()  # forgets whoever has left
