"""Phrases that people pinned, found in many texts at once: thousands of phrases in a hundred thousand comments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np
from numpy.typing import NDArray

from crm.insight.words import DENSE, Reading, folded, says_something, words

EDGE = rf"[^\W{DENSE}]"  # a letter or digit of a script that puts spaces between words
IS_EDGE = re.compile(EDGE).match


@dataclass(frozen=True)
class Phrase:
    """A phrase as it is looked for: whole words, singular or plural, however spaced; in Japanese or Thai any stretch.

    >>> late = Phrase(folded("Late delay"))
    >>> [late.is_in(folded(text)) for text in ("LATE  delays", "late delay!", "belate delay", "late delayed")]
    [True, True, False, False]
    >>> Phrase(folded("遅れ")).is_in("配送が遅れた"), Phrase("c++ (new)").is_in("a c++ (new) one")
    (True, True)
    """

    plain: str

    def is_in(self, text: str) -> bool:
        """Whether a folded text says it."""
        if not all(part in text for part in self.plain.split()):
            return False
        # what stands before is looked at afterwards: so the search begins with a letter, which is many times faster
        return any(not (self._begins and at and IS_EDGE(text[at - 1])) for at in map(re.Match.start, self._form.finditer(text)))

    @cached_property
    def _begins(self) -> bool:
        return bool(IS_EDGE(self.plain[0]))

    @cached_property
    def _form(self) -> re.Pattern[str]:
        end = rf"(?:e?s)?(?!{EDGE})" if IS_EDGE(self.plain[-1]) else ""
        return re.compile(r"\s+".join(map(re.escape, self.plain.split())) + end)

    @cached_property
    def _spoken(self) -> list[tuple[bytes, ...]]:
        """Its words, each in the forms of which a text that says the phrase has one."""
        spoken = [word for word in words(self.plain) if says_something(word) and IS_EDGE(word.decode()[0])]
        last = spoken[-1] if spoken and self.plain.endswith(spoken[-1].decode()) else b""
        return [(word, word + b"s", word + b"es") if word == last else (word,) for word in dict.fromkeys(spoken)]

    def within(self, reading: Reading, plain: Sequence[str]) -> list[int]:
        """The texts that say it."""
        likely = self._likely(reading, plain)
        if self._spoken and self._spoken[0][0] == self.plain.encode("utf-8", "replace"):
            return likely  # a single word, which was read already
        return [row for row in likely if self.is_in(plain[row])]

    def _likely(self, reading: Reading, plain: Sequence[str]) -> list[int]:
        """The texts that have all its words; where it has none to look up, its first stretch."""
        if not self._spoken:
            first = self.plain.split()[0]
            return [row for row, text in enumerate(plain) if first in text]
        rows = [np.concatenate([reading.saying(form) for form in forms]) for forms in self._spoken]
        both: list[int] = reduce(np.intersect1d, rows).tolist()
        return both


@dataclass(frozen=True)
class Phrases:
    """Any of some phrases."""

    phrases: tuple[Phrase, ...]

    def within(self, reading: Reading, plain: Sequence[str]) -> NDArray[np.bool_]:
        """Which of the folded texts, read before, say one of them: (n_texts,).

        >>> texts = ["it was late", "two delays", "latent", "a delay, and late"]
        >>> phrases("late", "delay", " ").within(Reading(texts), texts).tolist()
        [True, True, False, True]
        """
        found = np.zeros(len(plain), dtype=bool)
        for phrase in self.phrases:
            found[phrase.within(reading, plain)] = True
        return found


def phrases(*given: str) -> Phrases:
    """Phrases as people wrote them, blank and repeated ones left out.

    >>> [phrase.plain for phrase in phrases("Too  late", "too late", " ").phrases]
    ['too late']
    """
    plain = (" ".join(folded(phrase).split()) for phrase in given)
    return Phrases(tuple(Phrase(phrase) for phrase in dict.fromkeys(plain) if phrase))
