"""Draw a panel that is as mixed as those it is drawn from: stratified, by chance, and the same again for the same seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np


def places(counts: dict[str, int], size: int) -> dict[str, int]:
    """How many of each stratum: in proportion, by what each is still owed, and one of each as far as the places go.

    Parameters
    ----------
    counts : how many there are to draw from, by stratum
    size : how many are drawn in all, at least 0

    Returns
    -------
    dict with the strata of `counts`; never more of one than there are; adding up to `size`, or to all where there are fewer

    Source: M. L. Balinski, H. P. Young, “Fair Representation” (1982): Hamilton's method, with a least of one.

    >>> places({"West": 60, "East": 30, "Central": 2}, 9)
    {'West': 5, 'East': 3, 'Central': 1}
    >>> places({"West": 60, "East": 30}, 1), places({"West": 2}, 5)
    ({'West': 1, 'East': 0}, {'West': 2})
    """
    total = sum(counts.values())
    size = min(size, total)
    order = sorted(counts, key=lambda name: (-counts[name], name))
    given = {name: 1 if place < size else 0 for place, name in enumerate(order)}
    for _ in range(size - sum(given.values())):
        free = [name for name in order if given[name] < counts[name]]
        given[max(free, key=lambda name: size * counts[name] / total - given[name])] += 1
    return {name: given[name] for name in counts}


def draw(strata: Sequence[str], size: int, seed: int) -> list[int]:
    """Which of the candidates are drawn: their positions, in order.

    Within a stratum everybody has the same chance. The same candidates in the same order with the same seed give the same panel.

    Parameters
    ----------
    strata : the stratum of each candidate, shape (n,)
    size : how many to draw
    seed : any whole number of at least 0

    >>> draw(["a"] * 6 + ["b"] * 3, 3, seed=1) == draw(["a"] * 6 + ["b"] * 3, 3, seed=1)
    True
    >>> len(draw(["a", "b"], 10, seed=0)), draw([], 4, seed=0)
    (2, [])
    """
    wanted = places(dict(Counter(strata)), size)
    chosen = []
    for name in sorted(wanted):
        members = [place for place, stratum in enumerate(strata) if stratum == name]
        rng = np.random.default_rng([seed, *name.encode()])
        chosen += [members[place] for place in rng.permutation(len(members))[: wanted[name]]]
    return sorted(chosen)
