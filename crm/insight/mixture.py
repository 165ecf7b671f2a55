"""How many duplicates a set of rows holds: the shares of a mixture whose parts are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
# What is believed before looking: as if it had been seen in so many rows.
BEFORE, DUPLICATES, RELATIVES = 20, 0.1, 1.0
ROUNDS, SETTLED = 200, 1e-6
MOST_BITS = 200.0


@dataclass(frozen=True)
class Shares:
    """How many duplicates, and how many relatives (one household, one office), a row has on average."""

    duplicates: float
    relatives: float


def shares(unrelated: Floats, related: Floats, counts: Floats, rows: int) -> Shares:
    """How many other rows stand for the same, and for somebody near, estimated from how alike all pairs are.

    A pair is one of three things: the same, two who are near each other (they share an address, a name), or two strangers.
    What each looks like is given; how often each is, this finds by expectation and maximisation. A store without duplicates
    so gets a harder judge than one that two imports filled with the same people.

    Parameters
    ----------
    unrelated, related : float arrays of one shape
        For each kind of pair, log2 of how much likelier it looks like this if it is the same than if it is two strangers,
        or two who are near each other.
    counts : float array of that shape
        How many pairs of that kind there are. Pairs that are left out count as strangers.
    rows : int
        How many rows were compared.

    Returns
    -------
    Shares
        Both above 0. With few rows they stay near what is usual: 0.1 duplicates and 1 relative a row.

    Source: Fellegi & Sunter (1969), "A theory for record linkage"; Winkler (2000) for estimating it by EM. Only the shares
    are estimated here, not the weights: with few duplicates EM finds households in their place.

    >>> shares(np.array([40.0]), np.array([20.0]), np.array([500.0]), 1000).duplicates > 0.9
    True
    >>> shares(np.array([]), np.array([]), np.array([]), 0)
    Shares(duplicates=0.1, relatives=1.0)
    """
    found = Shares(DUPLICATES, RELATIVES)
    likelier = np.exp2(np.clip(unrelated, -MOST_BITS, MOST_BITS))
    nearer = np.exp2(np.clip(unrelated - related, -MOST_BITS, MOST_BITS))
    for _ in range(ROUNDS):
        same, near = found.duplicates / max(rows, 1) * likelier, found.relatives / max(rows, 1) * nearer
        total = same + near + 1
        new = Shares(_mean(same / total, counts, rows, DUPLICATES), _mean(near / total, counts, rows, RELATIVES))
        if abs(new.duplicates - found.duplicates) + abs(new.relatives - found.relatives) < SETTLED:
            return new
        found = new
    return found


def _mean(belief: Floats, counts: Floats, rows: int, before: float) -> float:
    """Partners a row: each believed pair gives one to both of its rows."""
    return float((2 * (counts * belief).sum() + BEFORE * before) / (rows + BEFORE))
