"""Puts sentences together from the word banks: draws, fills the gaps, begins with a capital and ends with a full stop."""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Mapping, Sequence

import numpy as np

from crm.demo.products import CATALOG
from crm.demo.words.people import NAMES
from crm.demo.words.places import CITIES
from crm.demo.words.wishes import FILLERS

MONTHS = tuple(month_name)[1:]
FIRST_NAMES = tuple(first for firsts, _ in NAMES for first in firsts.split())
CITY_NAMES = tuple(city[1] for city in CITIES)
DEVICES = tuple(product.item for product in CATALOG if product.category == "device")
GAP = re.compile(r"{(\w+)}")


class Writer:
    """Draws words with the given chance; the same chance writes the same texts."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def chance(self, share: float) -> bool:
        """True in this share of calls."""
        return bool(self.rng.random() < share)

    def pick(self, bank: Sequence[str]) -> str:
        """One of the bank."""
        return bank[int(self.rng.random() * len(bank))]

    def fill(self, text: str, month: int, known: Mapping[str, str]) -> str:
        """The text with its gaps filled: from what is known, else drawn; `month` (1–12) is when it is said."""
        return GAP.sub(lambda gap: known.get(gap[1]) or self.drawn(gap[1], month), text)

    def drawn(self, gap: str, month: int) -> str:
        """A word for a gap that nothing is known about."""
        if gap == "month":
            return MONTHS[(month - 2 - int(self.rng.random() * 5)) % 12]
        if gap == "soon":
            return MONTHS[(month + int(self.rng.random() * 4)) % 12]
        banks = {"elsewhere": CITY_NAMES, "colleague": FIRST_NAMES, "item": DEVICES, "device": DEVICES}
        return self.pick(banks[gap] if gap in banks else FILLERS[gap])


def sentence(text: str, end: str = ".") -> str:
    """The text as a sentence.

    >>> sentence("it works")
    'It works.'
    """
    return text[:1].upper() + text[1:] + end


def known_product(index: int) -> dict[str, str]:
    """What is known when a text is about this product."""
    product = CATALOG[index]
    gaps = {"device": ("item", "device"), "consumable": ("item",)}.get(product.category, ())
    return {"product": product.name} | dict.fromkeys(gaps, product.item)
