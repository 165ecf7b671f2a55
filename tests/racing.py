"""Several who write at the same moment: each has read what stands there before any of them writes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, get_ident
from types import ModuleType
from typing import Any, TypeVar

import pytest

T = TypeVar("T")
PATIENCE = 60  # seconds after which one who never reads fails the test instead of holding it up


def at_once(monkeypatch: pytest.MonkeyPatch, module: ModuleType, reading: str, *work: Callable[[], T]) -> list[T]:
    """What becomes of each piece of work: all of them have asked the module's function `reading` before one goes on."""
    read, everybody, here = getattr(module, reading), Barrier(len(work)), set[int]()

    def together(*asked: Any, **named: Any) -> Any:
        found = read(*asked, **named)
        if get_ident() not in here:  # who tries again reads alone
            here.add(get_ident())
            everybody.wait(PATIENCE)
        return found

    monkeypatch.setattr(module, reading, together)
    with ThreadPoolExecutor(len(work)) as pool:
        return [done.result() for done in [pool.submit(each) for each in work]]
