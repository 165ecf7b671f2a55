"""Will a goal be reached? The rest of its period, simulated many times, set against its target.

What is still to come is a matrix: one row a simulated future, one column a day that is looked at. It comes from the run-rate
(what finished months and the running one say), from the open deals where the figure is won from deals, or from both by how
well each would have done before; a level comes from its own past.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from crm.insight.forecast import forecast

Floats = NDArray[np.float64]

PATHS = 400
LONGEST_BY_WEEK = 100  # days up to which one looks at weeks, beyond at months
RUNNING = 0.5  # months that the running month's own course is mixed with
NOTHING = 1e-6  # a usual month so small beside the running one says nothing of its course
BANDS = (0.05, 0.1, 0.2, 0.25, 0.5, 0.75, 0.8, 0.9, 0.95)
FEWEST_MONTHS = 3


@dataclass(frozen=True)
class Effect:
    """A declared event: by which share it is expected to move the figure on its days; 0.1 is a tenth more."""

    first: date
    last: date
    share: float


@dataclass(frozen=True)
class Window:
    """A period from `start` to `end`, looked at from the close of `as_of`."""

    as_of: date
    start: date
    end: date
    effects: tuple[Effect, ...] = ()

    @property
    def first(self) -> date:
        """The first day that is still to come."""
        return max(self.as_of + timedelta(days=1), self.start)

    @property
    def days(self) -> list[date]:
        """The days that are looked at: the ends of weeks, or months where it is long, and the last.

        >>> [str(day) for day in Window(date(2017, 4, 20), date(2017, 4, 1), date(2017, 4, 30)).days]
        ['2017-04-23', '2017-04-30']
        """
        if self.first > self.end:
            return []
        coming = [self.first + timedelta(days=step) for step in range((self.end - self.first).days + 1)]
        weekly = len(coming) <= LONGEST_BY_WEEK
        ends = [day for day in coming[:-1] if (day.weekday() == 6 if weekly else (day + timedelta(days=1)).day == 1)]
        return [*ends, self.end]

    @property
    def months(self) -> int:
        """How many months ahead one has to look, the running one included."""
        day = self.as_of + timedelta(days=1)
        return (self.end.year - day.year) * 12 + self.end.month - day.month + 1

    def shares(self) -> tuple[Floats, float]:
        """(months, days): which share of what each month still brings falls into the period by each day; and how much of
        the running month is over. A day of an event weighs more or less.

        >>> shares, elapsed = Window(date(2017, 4, 15), date(2017, 4, 1), date(2017, 5, 31)).shares()
        >>> shares[:, -1].round(9).tolist(), elapsed
        ([1.0, 1.0], 0.5)
        """
        return _shares(self)

    def weights(self) -> Floats:
        """The weight of each day from the one after `as_of` to the last: 1, more or less where an event is declared."""
        first, size = self.as_of + timedelta(days=1), (self.end - self.as_of).days
        found = np.ones(size)
        for each in self.effects:
            found[max((each.first - first).days, 0) : max((each.last - first).days + 1, 0)] *= 1 + each.share
        return found

    def factors(self) -> Floats:
        """(days,): the mean weight of the days up to each that is looked at, from the one before it on."""
        weights = self.weights()[(self.first - self.as_of).days - 1 :]
        ends = [(day - self.first).days + 1 for day in self.days]
        return np.array([part.mean() for part in np.split(weights, ends[:-1])])


@lru_cache(maxsize=256)
def _shares(window: Window) -> tuple[Floats, float]:
    running = (window.as_of + timedelta(days=1)).replace(day=1)
    elapsed = (window.as_of - running).days + 1
    days = np.datetime64(window.as_of) + np.arange(1, (window.end - window.as_of).days + 1)
    months = days.astype("datetime64[M]")
    lengths = ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(int)
    row = (months - months[0]).astype(int)
    weights = np.where(days >= np.datetime64(window.first), window.weights(), 0.0) / np.where(row, lengths, lengths - elapsed)
    looked = np.array(window.days, dtype="datetime64[D]")
    found = np.zeros((window.months, len(looked)))
    np.add.at(found, (row, np.searchsorted(looked, days)), weights)
    return found.cumsum(axis=1), float(elapsed / lengths[0])


def run_rate(history: Sequence[float], running: float, window: Window, *, paths: int = PATHS, seed: int = 0) -> Floats:
    """(paths, days): what a flow still brings, from its finished months (oldest first) and what the running one has brought.

    The running month goes on as its own course and the forecast say together, the more by its own course the more of it is
    over; what is left of a month varies by the root of what is left.

    >>> run_rate([10.0] * 24, 5.0, Window(date(2017, 4, 15), date(2017, 4, 1), date(2017, 5, 31)))[:, -1].round(6).tolist()[:2]
    [15.0, 15.0]
    """
    shares, elapsed = window.shares()
    ahead = forecast(history, window.months, paths=paths, seed=seed)
    coming = ahead.paths.copy()
    if elapsed and len(history):
        usual = ahead.mean[0]
        course = (running + RUNNING * usual) / ((elapsed + RUNNING) * usual) if usual > NOTHING * running else 1.0
        coming[:, 0] = course * ((1 - elapsed) * usual + np.sqrt(1 - elapsed) * (coming[:, 0] - usual))
        if min(history) >= 0:
            coming[:, 0] = np.maximum(coming[:, 0], 0)
    return np.asarray(coming @ shares)


def level(
    history: Sequence[float], now: float | None, window: Window, *, standing: bool, paths: int = PATHS, seed: int = 0
) -> Floats:
    """(paths, days): where a level may be on the days to come, from its values of finished months (oldest first).

    One that stands at the close of a day goes on from where it is; one that is measured over the period is the mean of what
    was measured and what will be, by days.

    >>> level([40.0] * 12, 40.0, Window(date(2017, 4, 15), date(2017, 4, 1), date(2017, 4, 30)), standing=True)[0].tolist()
    [40.0, 40.0, 40.0]
    """
    looked = window.days
    known = np.asarray([*history, *([now] if standing and now is not None else [])], dtype=float)
    ahead = forecast(known, window.months, season=12 if len(known) > 24 else 1, paths=paths, seed=seed)
    running = (window.as_of + timedelta(days=1)).replace(day=1)
    month = np.array([(day.year - running.year) * 12 + day.month - running.month for day in looked])
    if standing:
        share = np.array([min((day - window.as_of).days / 30.4, 1.0) for day in looked])
        start = known[-1] if len(known) else 0.0
        near = start + np.sqrt(share) * (ahead.paths[:, month] - start)
        return np.asarray(near)
    over = max((window.as_of - window.start).days + 1, 0) if now is not None else 0
    means = np.cumsum(ahead.paths, axis=1)[:, month] / (month + 1)
    left = np.array([(day - window.first).days + 1 for day in looked])
    return np.asarray((over * (now or 0.0) + left * means) / (over + left))


@dataclass(frozen=True)
class Outlook:
    """The simulated ends of a period, in order, and the fan that leads to them."""

    ends: Floats
    days: tuple[date, ...]
    fan: Floats  # (BANDS, days)
    method: str
    n: int
    more_is_better: bool = True

    def probability(self, target: float) -> float:
        """The share of futures in which the target is reached; never quite 0 or 1, for no simulation knows that.

        >>> even = Outlook(np.arange(1, 100.0), (), np.zeros((9, 0)), "", 9)
        >>> even.probability(50.0), even.probability(1e9), round(even.achievable(0.8), 1)
        (0.505, 0.005, 20.6)
        """
        reached = self.ends >= target if self.more_is_better else self.ends <= target
        return float((reached.sum() + 0.5) / (len(self.ends) + 1)) if len(self.days) or len(self.ends) > 1 else float(reached[0])

    def achievable(self, chance: float) -> float:
        """The figure that is reached with this chance."""
        return float(np.quantile(self.ends, 1 - chance if self.more_is_better else chance))

    def quantile(self, share: float) -> float:
        """The value below which this share of the futures ends."""
        return float(np.quantile(self.ends, share))

    @property
    def range(self) -> tuple[float, float]:
        """Where it ends in eight of ten futures."""
        low, high = np.quantile(self.ends, [0.1, 0.9])
        return float(low), float(high)


def of_paths(paths: Floats, window: Window, method: str, n: int, *, more_is_better: bool = True) -> Outlook:
    """An outlook from paths of the whole figure, (paths, days)."""
    return Outlook(
        ends=np.sort(paths[:, -1]),
        days=tuple(window.days),
        fan=np.quantile(paths, BANDS, axis=0),
        method=method,
        n=n,
        more_is_better=more_is_better,
    )


@dataclass(frozen=True)
class Needed:
    """What would have to change for an even chance: by which factor what is still to come must grow, and what that means."""

    factor: float
    win_rate: float | None
    average_amount: float | None
    coverage: float | None
    coverage_now: float | None


def needed(target: float, done: float, middle: float, drivers: Mapping[str, float]) -> Needed | None:
    """What must be different for the middle of the simulated futures to lie at the target; None where nothing is to come.

    What is still to come is in proportion to the win rate and to the size of deals, so that the factor solves for each of
    them alone. Coverage is the value of open deals due in the period over what is missing; it takes 1 / win rate by value.

    >>> facts = {"win_rate": 0.4, "average_amount": 10.0, "win_rate_by_amount": 0.5, "closing_amount": 75}
    >>> found = needed(125.0, 50.0, 100.0, facts)
    >>> found.factor, round(found.win_rate, 3), found.average_amount, found.coverage, found.coverage_now
    (1.5, 0.6, 15.0, 2.0, 1.0)
    >>> needed(10.0, 5.0, 5.0, {}) is None
    True
    """
    coming, missing = middle - done, max(target - done, 0.0)
    if coming <= 0:
        return None
    factor = missing / coming
    scaled = {name: factor * drivers[name] for name in ("win_rate", "average_amount") if name in drivers}
    by_amount = drivers.get("win_rate_by_amount")
    return Needed(
        factor=factor,
        win_rate=scaled.get("win_rate"),
        average_amount=scaled.get("average_amount"),
        coverage=1 / by_amount if by_amount else None,
        coverage_now=drivers["closing_amount"] / missing if missing and "closing_amount" in drivers else None,
    )
