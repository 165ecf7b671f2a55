"""Outlooks of what is won from deals, for a company, its teams and its people at once: the pipeline and the run-rate as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from crm.insight.closed_deals import Learned, learn
from crm.insight.deal_days import Deals, month_of
from crm.insight.hindsight import Correction, Trial, combined, correction
from crm.insight.open_deals import simulate
from crm.insight.outlook import PATHS, Outlook, Window, of_paths, run_rate

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EPOCH = date(1970, 1, 1)
MONTHS = 48  # of history at most
TRIAL_PATHS, TRIAL_RATES = 200, 20  # an earlier period is only asked for its mean
METHOD = "open deals and run-rate"
FEWEST = 20  # deals decided from which anything is said


@dataclass(frozen=True)
class Question:
    """A window, earlier ones alike, and which group each owner (the number in `Deals.group`) falls in; -1 none."""

    window: Window
    earlier: tuple[Window, ...]
    group_of: tuple[int, ...]
    groups: int
    counted: bool


@dataclass(frozen=True)
class Answer:
    """For one group: the outlook, what was won so far, and what it rests on."""

    outlook: Outlook | None
    done: float
    drivers: dict[str, float]


def answers(deals: Deals, questions: Sequence[Question], first_month: int = 1) -> list[list[Answer]]:
    """One list per question, one answer per group: what a worker process is given.

    >>> from crm.insight.deal_days import NEVER
    >>> opened = np.arange(400)
    >>> made = Deals.of(opened, np.where(opened < 380, opened + 15, NEVER), opened % 2 == 0, np.full(400, 10.0))
    >>> window = Window(date(1971, 2, 4), date(1971, 2, 1), date(1971, 2, 28))
    >>> found = answers(made, [Question(window, (), (0,), 1, True)])[0][0]
    >>> found.done, 6 < found.outlook.achievable(0.5) < 20
    (0.0, True)
    """
    sales = Sales(deals, first_month)
    return [sales.answer(question) for question in questions]


class Sales:
    """The deals, and what was simulated of them already: windows are asked for again and again by later ones."""

    def __init__(self, deals: Deals, first_month: int) -> None:
        self._deals = deals
        self._first_month = first_month
        self._simulated: dict[tuple[Window, int], tuple[Floats, Floats]] = {}
        self._learned: dict[date, Learned] = {}
        self._tried: dict[tuple[Window, tuple[int, ...], bool], Trial] = {}

    def answer(self, question: Question) -> list[Answer]:
        """The outlook of each group."""
        window = question.window
        learned = self._learn(window.as_of)
        done = self._grouped(question, self._won(window.start, window.as_of, question.counted))
        drivers = self._drivers(question, learned)
        if learned.n < FEWEST:
            return [Answer(None, float(each), fact) for each, fact in zip(done, drivers, strict=True)]
        taught = correction([self._trial(question, each) for each in question.earlier], question.groups)
        coming = self._coming(question, window, PATHS)
        deals = (np.diff(coming, axis=2, prepend=0.0) * window.factors()).cumsum(axis=2)
        paths = combined(deals, self._rates(question, window, PATHS), taught)
        return [
            Answer(
                of_paths(paths[:, group] + done[group], window, METHOD, learned.n),
                float(done[group]),
                drivers[group] | _said(taught),
            )
            for group in range(question.groups)
        ]

    def _learn(self, day: date) -> Learned:
        if day not in self._learned:
            self._learned[day] = learn(self._deals, number(day), self._first_month)
        return self._learned[day]

    def _coming(self, question: Question, window: Window, paths: int) -> Floats:
        """(paths, groups, days): what deals bring, of the window's first day on."""
        key = (window, paths)
        if key not in self._simulated:
            days = np.array([number(day) for day in window.days])
            late = window.start > window.as_of
            looked = np.r_[number(window.start) - 1, days] if late and (window.start - window.as_of).days > 1 else days
            both = simulate(
                self._deals,
                number(window.as_of),
                looked,
                paths=paths,
                first_month=self._first_month,
                learned=self._learn(window.as_of),
            )
            if len(looked) > len(days):
                both = (both[0][:, :, 1:] - both[0][:, :, :1], both[1][:, :, 1:] - both[1][:, :, :1])
            self._simulated[key] = both
        return self._grouped(question, self._simulated[key][question.counted])

    def _rates(self, question: Question, window: Window, paths: int) -> Floats:
        """(paths, groups, days): what the run-rate says of the same."""
        running = month_of(np.array([number(window.as_of) + 1]))[0]
        months = np.arange(running - MONTHS, running + 1)
        by_month = self._deals.won_by_month(months, number(window.as_of), counted=question.counted)
        history = self._grouped(question, by_month.T).T if by_month.size else by_month
        began = np.flatnonzero(by_month.sum(axis=0) > 0)
        since = int(began[0]) if len(began) else MONTHS
        return np.stack([run_rate(each[since:-1], each[-1], window, paths=paths) for each in history], axis=1)

    def _trial(self, question: Question, window: Window) -> Trial:
        key = (window, question.group_of, question.counted)
        if key not in self._tried:
            self._tried[key] = self._try(question, window)
        return self._tried[key]

    def _try(self, question: Question, window: Window) -> Trial:
        return Trial(
            actual=self._grouped(question, self._won(window.first, window.end, question.counted)),
            deals=self._coming(question, window, TRIAL_PATHS)[:, :, -1].mean(axis=0),
            rate=self._rates(question, window, TRIAL_RATES)[:, :, -1].mean(axis=0),
        )

    def _won(self, first: date, until: date, counted: bool) -> Floats:
        return self._deals.won_between(number(first) - 1, number(until), counted=counted)

    def _grouped(self, question: Question, values: Floats) -> Floats:
        """Values by owner (the second-last axis of three, else the last) as those of the groups."""
        owners = np.array(question.group_of)[: self._deals.groups]
        belongs = (owners[:, None] == np.arange(question.groups)).astype(float)
        return np.asarray(np.einsum("pod,og->pgd", values, belongs, optimize=True) if values.ndim == 3 else values @ belongs)

    def _drivers(self, question: Question, learned: Learned) -> list[dict[str, float]]:
        """By group: the win rate, by value too, the mean deal won, and the value of the open deals due in the period."""
        window, deals = question.window, self._deals
        day = number(window.as_of)
        value = np.where(np.isfinite(deals.amount), deals.amount, deals.list_price)
        lost_at = np.where(~deals.won & ~(deals.amount > 0), deals.list_price, deals.amount)
        closed, standing = (deals.closed > day - 365) & (deals.closed <= day), (deals.opened <= day) & (deals.closed > day)
        due = standing & (deals.expected >= number(window.start)) & (deals.expected <= number(window.end))
        sums = {"won": closed & deals.won, "decided": closed, "due": due}
        counts = {name: self._summed(question, taken, np.ones(len(value))) for name, taken in sums.items()}
        amounts = {
            "won": self._summed(question, sums["won"], deals.amount),
            "decided": self._summed(question, closed, lost_at),
            "due": self._summed(question, due, value),
        }
        found = []
        for group in range(question.groups):
            facts = {"closing_amount": amounts["due"][group], "decided_count": counts["decided"][group]}
            if counts["decided"][group] >= FEWEST and counts["won"][group]:
                facts["win_rate"] = counts["won"][group] / counts["decided"][group]
                facts["average_amount"] = amounts["won"][group] / counts["won"][group]
                if amounts["decided"][group] > 0:
                    facts["win_rate_by_amount"] = amounts["won"][group] / amounts["decided"][group]
            found.append({name: float(fact) for name, fact in facts.items()})
        return found

    def _summed(self, question: Question, taken: NDArray[np.bool_], value: Floats) -> Floats:
        sums = np.bincount(self._deals.group[taken], np.nan_to_num(value[taken]), self._deals.groups)
        return self._grouped(question, sums.astype("float64"))


def _said(taught: Correction) -> dict[str, float]:
    return {"deals_weight": round(taught.weight, 3), "periods_taught": float(taught.periods)}


def number(day: date) -> int:
    """Days since 1970.

    >>> number(date(1970, 1, 2))
    1
    """
    return (day - EPOCH).days
