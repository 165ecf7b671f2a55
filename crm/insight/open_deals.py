"""What the open deals, and those that will be opened, bring in the days to come: simulated deal by deal.

A deal closes at the hazard of its age and is won with the chance of the age at which it closes, its stage and the month of
the quarter, as the deals closed by the day one looks from say (`closed_deals`). One shock a path ties the deals of a period
together: without it a sum of many deals looks far too certain.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from crm.insight.closed_deals import OLDEST, Learned, learn
from crm.insight.deal_days import NEVER, UNKNOWN, Bools, Deals, Floats, Ints, month_of

RECENT = 90  # days whose openings go on
SPREAD_OF_OPENINGS = 0.15
MOST = 4_000  # deals drawn one by one; of more, so many stand for all
KNOWN = 0.5  # the share of open deals with an amount from which amounts are believed to be known before the end


def simulate(
    deals: Deals, as_of: int, days: Ints, *, paths: int = 400, seed: int = 0, first_month: int = 1, learned: Learned | None = None
) -> tuple[Floats, Floats]:
    """What is won from the day after `as_of` to each of `days`: (paths, groups, days) of amounts, and of numbers of deals.

    >>> opened = np.arange(100)
    >>> closed = np.where(opened < 80, opened + 15, NEVER)
    >>> made = Deals.of(opened, closed, won=opened < 80, amount=np.full(100, 10.0))
    >>> amounts, counts = simulate(made, 99, np.array([110, 130]), paths=50)
    >>> amounts.shape, bool((amounts[:, 0, 1] >= amounts[:, 0, 0]).all()), bool(np.allclose(amounts, 10 * counts))
    ((50, 1, 2), True, True)
    """
    known = learned or learn(deals, as_of, first_month)
    future = _Future(deals, known, as_of, int(days[-1]), paths, np.random.default_rng(seed))
    shock = future.random.normal(0, known.shock, paths)
    closes = future.of_standing().and_also(future.of_new())
    won = closes.those(future.are_won(closes, shock, first_month))
    place = (won.path * deals.groups + deals.group[won.deal]) * len(days) + np.searchsorted(days, won.day)
    shape = (paths, deals.groups, len(days))
    amounts, counts = (
        np.bincount(place, each, int(np.prod(shape))).reshape(shape).cumsum(axis=2)
        for each in (future.worth(won.deal) * won.weight, won.weight)
    )
    return amounts, counts


@dataclass(frozen=True)
class _Closes:
    """Deals that close: on which path, which deal or a deal like which, in which stage, at what age, on which day.

    `weight`: how many deals each stands for.
    """

    path: Ints
    deal: Ints
    stage: Ints
    age: Ints
    day: Ints
    weight: Floats

    def those(self, chosen: Bools) -> _Closes:
        """Some of them."""
        return _Closes(*(getattr(self, each.name)[chosen] for each in fields(self)))

    def and_also(self, others: _Closes) -> _Closes:
        """These, then the others."""
        return _Closes(*(np.r_[getattr(self, each.name), getattr(others, each.name)] for each in fields(self)))


@dataclass(frozen=True)
class _Future:
    """The days from the one after `as_of` to `until`, on so many paths."""

    deals: Deals
    known: Learned
    as_of: int
    until: int
    paths: int
    random: np.random.Generator

    def of_standing(self) -> _Closes:
        """The deals that are open: which of them close, on which path."""
        standing, weight = np.flatnonzero((self.deals.opened <= self.as_of) & (self.deals.closed > self.as_of)), 1.0
        if len(standing) > MOST:
            standing, weight = self.random.choice(standing, MOST, False), len(standing) / MOST
        path, one, day = self._by_age(standing)
        if self.known.trust:
            path, one, day = self._as_expected(standing, path, one, day)
        deal = standing[one]
        return _Closes(
            path=path,
            deal=deal,
            stage=self.deals.stages_on(self.as_of)[deal],
            age=np.minimum(day - self.deals.opened[deal], OLDEST - 1),
            day=np.minimum(day, self.until),
            weight=np.full(len(path), weight),
        )

    def _by_age(self, standing: Ints) -> tuple[Ints, Ints, Ints]:
        """By the hazard of their ages: path, place among those that stand open, day."""
        age = np.minimum(self.as_of - self.deals.opened[standing], OLDEST - 1)
        left = self.known.surviving[np.minimum(age + 1, OLDEST)]
        within = 1 - self.known.surviving[np.minimum(age + 1 + self.until - self.as_of, OLDEST)] / left
        chance = self.random.random((self.paths, len(standing)))
        path, one = np.nonzero(chance < within)
        closing = self._closing(left[one] * (1 - chance[path, one]))
        return path, one, self.as_of + np.maximum(closing - age[one], 1)

    def _as_expected(self, standing: Ints, path: Ints, one: Ints, day: Ints) -> tuple[Ints, Ints, Ints]:
        """Of the deals with an expected close, the trusted share of paths closes around it, the rest by age."""
        expected = self.deals.expected[standing]
        dated = np.isfinite(expected) & (expected + np.quantile(self.known.late, 0.9) > self.as_of)
        believed = self.random.random((self.paths, len(standing))) < np.where(dated, self.known.trust, 0.0)
        kept = ~believed[path, one]
        which, due = np.nonzero(believed)
        on = (expected[due] + self.random.choice(self.known.late, len(due))).astype("int64")
        on = np.where(on > self.as_of, on, self.as_of + 1 + self.random.integers(0, 30, len(on)))  # past its time: soon
        inside = on <= self.until
        return np.r_[path[kept], which[inside]], np.r_[one[kept], due[inside]], np.r_[day[kept], on[inside]]

    def _closing(self, target: Floats) -> Ints:
        """The age at which the chance to be open has fallen to a target."""
        return np.minimum(np.searchsorted(-self.known.surviving, -target) - 1, OLDEST - 1)

    def of_new(self) -> _Closes:
        """Deals that will be opened, as those of the last months were, and close in time."""
        span = self.until - self.as_of
        recent = np.flatnonzero((self.deals.opened > self.as_of - RECENT) & (self.deals.opened <= self.as_of))
        since = min(RECENT, self.as_of - int(self.deals.opened.min(initial=self.as_of)) + 1)
        rate = len(recent) / max(since, 1) * span
        weight = max(rate / MOST, 1.0)
        spread = np.exp(self.random.normal(0, SPREAD_OF_OPENINGS, self.paths) - SPREAD_OF_OPENINGS**2 / 2)
        path = np.repeat(np.arange(self.paths), self.random.poisson(rate / weight * spread))
        like = self.random.choice(recent, len(path)) if len(recent) else np.zeros(0, dtype="int64")
        born = self.random.integers(1, span + 1, len(path))
        age = self._closing(1 - self.random.random(len(path)))
        unknown, weights = np.full(len(path), UNKNOWN), np.full(len(path), weight)
        made = _Closes(path, like, unknown, age, self.as_of + born + age, weights)
        return made.those(made.day <= self.until)

    def are_won(self, closes: _Closes, shock: Floats, first_month: int) -> Bools:
        """Which of them are won."""
        known, phase = self.known, (month_of(closes.day) - (first_month - 1)) % 3
        by_age = known.win_logit[np.minimum(closes.age, OLDEST - 1)]
        odds = by_age + known.season[phase] + known.stage[closes.stage] + shock[closes.path]
        return np.asarray(self.random.random(len(odds)) < 1 / (1 + np.exp(-odds)))

    def worth(self, deal: Ints) -> Floats:
        """What each won deal brings: its amount where amounts are known before the end, else list price by a drawn ratio."""
        deals, ratios = self.deals, self.known.ratio
        ratio = self.random.choice(ratios, len(deal)) if len(ratios) else np.ones(len(deal))
        estimate = deals.list_price[deal] * ratio
        past = deals.amount[deals.won & (deals.closed <= self.as_of) & np.isfinite(deals.amount)]
        unknown = self.random.choice(past, len(deal)) if len(past) else np.zeros(len(deal))
        estimate = np.where(np.isfinite(estimate), estimate, unknown)
        open_amounts = deals.amount[deals.closed == NEVER]
        believed = bool(len(open_amounts)) and float(np.isfinite(open_amounts).mean()) > KNOWN
        stated = deals.amount[deal]
        lost = ~deals.won[deal] & (deals.closed[deal] < NEVER) & ~(stated > 0)  # a lost deal of 0 says what it brought
        return np.where(np.isfinite(stated) & ~lost & believed, stated, estimate)
