"""What people pinned, as a machine can learn from it: which text is of which theme, and which is of none."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from crm.insight.words import READ, folded

MOST = 60  # examples that a theme learns from, chosen by hash; whatever else is pinned is still the person's word
ENOUGH = 5  # themes with examples, from which on they are each other's counter-examples
ORDINARY = 500  # comments that stand for all other things until then
ORDINARY_WORTH = 10.0  # examples that all of them together count as


@dataclass(frozen=True)
class Theme:
    """What people wrote down: its name, phrases that mean it, phrases that rule it out, comments that are of it or not."""

    name: str
    phrases: Sequence[str] = ()
    excluded: Sequence[str] = ()
    examples: Sequence[str] = ()
    against: Sequence[str] = ()


@dataclass(frozen=True)
class Lessons:
    """Texts with the themes they are of, those they are not of, and how much each counts."""

    themes: int
    texts: list[str]  # folded; each once
    of: list[frozenset[int]]
    not_of: list[frozenset[int]]
    examples: dict[int, list[int]]  # a theme → its examples among the texts

    @classmethod
    def of_themes(cls, themes: Sequence[Theme], corpus: Sequence[str]) -> Lessons:
        """What these themes teach; nothing, where no theme has an example."""
        fits: dict[str, set[int]] = {}
        denied: dict[str, set[int]] = {}
        pinned = [_chosen(theme.examples, MOST) for theme in themes]
        for column, theme in enumerate(themes):
            for text in (*pinned[column], *_chosen(theme.phrases, MOST)):
                fits.setdefault(text, set()).add(column)
            for text in _chosen(theme.against, MOST):
                denied.setdefault(text, set()).add(column)
        taught = sum(map(bool, pinned))
        ordinary = _chosen((text for text in corpus), ORDINARY) if 0 < taught < ENOUGH else []
        texts = list(dict.fromkeys([*fits, *denied, *ordinary]))
        place = {text: row for row, text in enumerate(texts)}
        examples = {column: [place[text] for text in own] for column, own in enumerate(pinned) if own}
        return cls(
            len(themes),
            texts,
            [frozenset(fits.get(text, ())) for text in texts],
            [frozenset(denied.get(text, ())) for text in texts],
            examples,
        )

    @property
    def taught(self) -> list[int]:
        """The themes that have examples."""
        return list(self.examples)

    @cached_property
    def _worth(self) -> NDArray[np.float64]:
        """How much each text counts as a counter-example of any theme: pinned to another fully, ordinary ones little."""
        pinned = np.array([bool(of) for of in self.of], dtype=float)
        return np.where(self.ordinary, ORDINARY_WORTH / max(int(self.ordinary.sum()), 1), pinned)

    @cached_property
    def ordinary(self) -> NDArray[np.bool_]:
        """Of which texts nobody said anything: (n_texts,)."""
        return np.array([not (of or denied) for of, denied in zip(self.of, self.not_of, strict=True)], dtype=bool)

    def side(self, theme: int) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Which texts are of a theme, and how much each counts for or against it: (n_texts,) each; 0 is not asked."""
        mine = np.array([theme in of for of in self.of], dtype=bool)
        denied = np.array([theme in not_of for not_of in self.not_of], dtype=bool)
        return mine & ~denied, np.where(mine | denied, 1.0, self._worth)

    def held(self, theme: int, fold: int, folds: int) -> list[int]:
        """A theme's examples that are left out of a fold."""
        return self.examples[theme][fold::folds]

    def without(self, fold: int, folds: int) -> Lessons:
        """The lessons without those of every theme that are left out of a fold."""
        return self.left({row for theme in self.examples for row in self.held(theme, fold, folds)})

    def left(self, out: Collection[int]) -> Lessons:
        """The lessons without some texts."""
        kept = [row for row in range(len(self.texts)) if row not in out]
        return replace(
            self,
            texts=[self.texts[row] for row in kept],
            of=[self.of[row] for row in kept],
            not_of=[self.not_of[row] for row in kept],
        )


def _chosen(given: Iterable[str], most: int) -> list[str]:
    """The texts as they are compared, blank and repeated ones left out: those of the smallest hashes, by hash."""
    plain = {folded(text[:READ]) for text in given if text.strip()}
    return sorted(plain, key=lambda text: blake2b(text.encode("utf-8", "replace"), digest_size=8).digest())[:most]
