"""Deals as arrays: when each was opened and closed, what it brought, and through which stages it came."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NEVER = 2**40  # a day that does not come: the deal is open
UNKNOWN = -1  # a stage that nobody recorded


@dataclass(frozen=True)
class Deals:
    """Deals as arrays of equal length; days are whole numbers since 1970.

    `closed` is NEVER for one that is open, `amount`, `list_price` and `expected` (day) are nan where unknown, `group` is a
    number from 0. `step_deal`, `step_day`, `step_stage`: which deal entered which stage when, by day.
    """

    opened: Ints
    closed: Ints
    won: Bools
    amount: Floats
    list_price: Floats
    expected: Floats
    group: Ints
    step_deal: Ints
    step_day: Ints
    step_stage: Ints

    @classmethod
    def of(
        cls,
        opened: Ints,
        closed: Ints,
        won: Bools,
        amount: Floats,
        *,
        list_price: Floats | None = None,
        expected: Floats | None = None,
        group: Ints | None = None,
        steps: tuple[Ints, Ints, Ints] | None = None,
    ) -> Deals:
        """Deals from what is known of them; what is not given is unknown.

        >>> Deals.of(np.array([1]), np.array([3]), np.array([True]), np.array([9.0])).groups
        1
        """
        size, none = len(opened), np.zeros(0, dtype="int64")
        unknown = np.full(size, np.nan)
        return cls(
            opened=np.asarray(opened, dtype="int64"),
            closed=np.asarray(closed, dtype="int64"),
            won=np.asarray(won, dtype=bool),
            amount=np.asarray(amount, dtype=float),
            list_price=unknown if list_price is None else np.asarray(list_price, dtype=float),
            expected=unknown if expected is None else np.asarray(expected, dtype=float),
            group=np.zeros(size, dtype="int64") if group is None else np.asarray(group, dtype="int64"),
            step_deal=none if steps is None else steps[0],
            step_day=none if steps is None else steps[1],
            step_stage=none if steps is None else steps[2],
        )

    @property
    def groups(self) -> int:
        """How many groups there are, at least one."""
        return int(self.group.max(initial=0)) + 1

    def stages_on(self, day: int) -> Ints:
        """The stage of each deal on a day, UNKNOWN before its first recorded step."""
        stages = np.full(len(self.opened), UNKNOWN)
        seen = self.step_day <= day
        stages[self.step_deal[seen]] = self.step_stage[seen]  # the last one stands
        return stages

    def won_by_month(self, months: Ints, until: int, *, counted: bool = False) -> Floats:
        """(groups, months): what was won in each month (months since 1970) by the close of a day."""
        taken = self.won & (self.closed <= until)
        month = month_of(self.closed[taken]) - months[0]
        within = (month >= 0) & (month < len(months))
        place = self.group[taken][within] * len(months) + month[within]
        worth = None if counted else np.nan_to_num(self.amount[taken][within])
        return np.bincount(place, worth, self.groups * len(months)).reshape(self.groups, -1).astype(float)

    def won_between(self, after: int, until: int, *, counted: bool = False) -> Floats:
        """(groups,): what was won after one day, up to and including another."""
        taken = self.won & (self.closed > after) & (self.closed <= until)
        worth = None if counted else np.nan_to_num(self.amount[taken])
        return np.bincount(self.group[taken], worth, self.groups).astype(float)


def month_of(days: Ints) -> Ints:
    """Months since 1970 of days since 1970.

    >>> month_of(np.array([0, 31, 365])).tolist()
    [0, 1, 12]
    """
    return days.astype("datetime64[D]").astype("datetime64[M]").astype("int64")
