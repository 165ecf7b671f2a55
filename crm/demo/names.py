"""Names for people and companies: no human name twice among all contacts, no company name twice."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from crm.demo.words.companies import ROOTS, SECTORS
from crm.demo.words.people import NAME_WEIGHTS, NAMES
from crm.demo.world import World


def person_names(world: World) -> list[tuple[str, str]]:
    """About 1,100 different pairs of first and last name, in random order."""
    rng = world.rng("names")
    pairs = [pair for family, weight in zip(NAMES, NAME_WEIGHTS, strict=True) for pair in of_family(rng, family, weight)]
    return [pairs[index] for index in rng.permutation(len(pairs))]


def of_family(rng: np.random.Generator, family: tuple[str, str], weight: float) -> list[tuple[str, str]]:
    """Pairs from one culture."""
    firsts, lasts = family[0].split(), last_names(family[1])
    wanted = min(int(1250 * weight), int(0.85 * len(firsts) * len(lasts)))
    chosen = rng.choice(len(firsts) * len(lasts), size=wanted, replace=False)
    return [(firsts[index // len(lasts)], lasts[index % len(lasts)]) for index in chosen]


def last_names(line: str) -> list[str]:
    """The last names of one line; a particle belongs to the name that follows.

    >>> last_names("Rossi De Luca")
    ['Rossi', 'De Luca']
    """
    return [name.replace("De_", "De ") for name in line.replace("De ", "De_").split()]


def company_names(rng: np.random.Generator, sectors: pd.Series, taken: Collection[str]) -> list[str]:
    """A name for each company. Each proper name leads one company only, so that all names differ."""
    led = {name.split()[0] for name in taken}
    founders = sorted({last for _, lasts in NAMES for last in last_names(lasts) if last.isalpha() and last not in ROOTS})
    leads = rng.permutation([root for root in ROOTS if root not in led] + founders)
    partners = rng.permutation(founders)
    names = []
    for index, sector in enumerate(sectors):
        noun = str(rng.choice(SECTORS[sector][2]))
        partner = str(partners[index % len(partners)]) if leads[index] in founders and index % 3 == 0 else ""
        names.append(f"{leads[index]} & {partner} {noun}" if partner not in ("", leads[index]) else f"{leads[index]} {noun}")
    return names
