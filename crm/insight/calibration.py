"""How often chances that were given came true: what an honest page shows beside the next chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True)
class Band:
    """Chances of one band: between which, their mean, how many there were, and how many came true."""

    low: float
    high: float
    mean: float
    n: int
    happened: int


@dataclass(frozen=True)
class Record:
    """All chances together. `bias`: by how much they were too high. `base`: the Brier score of always saying the mean."""

    n: int
    brier: float
    bias: float
    base: float
    bands: tuple[Band, ...]

    @property
    def shown(self) -> Band:
        """The band that says most: that of 60 to 80 % where it holds three, else the fullest."""
        likely = [band for band in self.bands if band.low == EDGES[3] and band.n >= 3]
        return (likely or sorted(self.bands, key=lambda band: -band.n))[0]


def record(chances: Sequence[float], happened: Sequence[bool]) -> Record | None:
    """Brier score, bias and how often each band came true; None without any.

    Source: G. Brier, “Verification of forecasts expressed in terms of probability”, Monthly Weather Review 78 (1950).

    >>> found = record([0.7, 0.7, 0.7, 0.1], [True, True, False, False])
    >>> round(found.brier, 3), round(found.bias, 2), found.shown.happened, found.shown.n
    (0.17, 0.05, 2, 3)
    >>> record([], []) is None
    True
    """
    if not len(chances):
        return None
    said, came = np.asarray(chances, dtype=float), np.asarray(happened, dtype=float)
    place = np.clip(np.searchsorted(EDGES, said, side="right") - 1, 0, len(EDGES) - 2)
    bands = [
        Band(EDGES[at], EDGES[at + 1], float(said[place == at].mean()), int(np.sum(place == at)), int(came[place == at].sum()))
        for at in np.unique(place)
    ]
    mean = float(came.mean())
    return Record(len(said), float(np.mean((said - came) ** 2)), float(said.mean()) - mean, mean * (1 - mean), tuple(bands))
