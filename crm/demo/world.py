"""The day and the seed that everything is made from, and ids that sort by time like the store's own.

Each noun draws from a generator of its own, so that a change to one noun leaves the others as they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pandas as pd

Days = npt.NDArray[np.datetime64]
Floats = npt.NDArray[np.float64]
HISTORY_DAYS = 3 * 365


@dataclass(frozen=True)
class World:
    """What every generator is given first."""

    today: date
    seed: int

    def rng(self, noun: str) -> np.random.Generator:
        """The noun's own source of chance."""
        return np.random.default_rng([self.seed, crc32(noun.encode())])

    @property
    def day(self) -> np.datetime64:
        """Today, for arithmetic."""
        return np.datetime64(self.today, "D")

    @property
    def start(self) -> np.datetime64:
        """The first day of the recorded history."""
        return self.day - np.timedelta64(HISTORY_DAYS, "D")

    def ids(self, noun: str, moments: pd.Series | Days) -> list[str]:
        """A uuid7 for each row: its own moment (not after today), then chance."""
        rng = self.rng(noun + "/id")
        known = np.minimum(np.asarray(moments, dtype="datetime64[ms]"), self.day.astype("datetime64[ms]") + 86_399_000)
        stamps = (known.astype("int64") + np.arange(len(known)) % 1000).tolist()
        chance = rng.integers(0, 1 << 62, size=len(known)).tolist()
        extra = rng.integers(0, 1 << 12, size=len(known)).tolist()
        return [uuid7(stamp, a, b) for stamp, a, b in zip(stamps, extra, chance, strict=True)]


def uuid7(milliseconds: int, twelve_bits: int, sixty_two_bits: int) -> str:
    """The text of a version 7 uuid (RFC 9562).

    >>> uuid7(1_577_836_800_000, 1, 2)
    '016f5e66-e800-7001-8000-000000000002'
    """
    high, low = divmod(sixty_two_bits, 1 << 48)
    return f"{milliseconds >> 16:08x}-{milliseconds & 0xFFFF:04x}-7{twelve_bits:03x}-{0x8000 | high:04x}-{low:012x}"


def spread(rng: np.random.Generator, size: int) -> Floats:
    """Evenly spaced shares of 0–1 in random order: as varied as chance, but the same total every time."""
    return np.asarray((rng.permutation(size) + 0.5) / size)


def working_day(days: Days, today: np.datetime64) -> Days:
    """Saturdays become Fridays, Sundays Mondays, unless that Monday has not come yet."""
    days = days.astype("datetime64[D]")
    weekday = (days.astype("int64") + 3) % 7
    moved = np.where(weekday == 5, days - 1, np.where(weekday == 6, days + 1, days))
    return np.asarray(np.where(moved > today, moved - 3, moved)).astype("datetime64[D]")


def at_work(rng: np.random.Generator, days: Days, today: np.datetime64) -> Days:
    """An instant in office hours of each day; on the last day only early ones, since the day has just begun."""
    seconds = rng.integers(8 * 3600, 17 * 3600, size=len(days))
    early = rng.integers(5 * 3600, 7 * 3600, size=len(days))
    chosen = np.where(days.astype("datetime64[D]") == today, early, seconds)
    return np.asarray(days.astype("datetime64[s]") + chosen.astype("timedelta64[s]"))


def table(columns: dict[str, object], sourced: bool = True) -> pd.DataFrame:
    """A frame in the types the store takes: texts, microsecond instants, whole numbers that may be missing."""
    frame = pd.DataFrame(columns)
    if sourced:
        frame["external_id"] = None
        frame["source"] = "demo"
    for name in frame.columns:
        if frame[name].dtype == object:
            frame[name] = frame[name].astype("str")
        elif frame[name].dtype.kind == "M":
            frame[name] = frame[name].astype("datetime64[us]")
    return frame.reset_index(drop=True)
