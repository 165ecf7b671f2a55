"""Comments as rows of numbers: their words, and pieces of their words, so that “delayed” is near “delays” and 配送遅れ near 配送.

What a word weighs is learned from the few texts that people pinned, never from the stream of comments: so that nothing a
comment says changes what another one means.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
READ = 5_000  # characters of a comment that are read for themes
PIECE = 4  # letters of a piece of a word, its ends counted
# scripts whose words stand without spaces, or with their particles attached: Thai to Khmer, kana, Han, Hangul
DENSE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
# words that say how, not what; few, because “when”, “why” and “can't” do say what a comment is about
EMPTY = frozenset(
    re.findall(
        r"\w+",
        "the an and or of to in on at is are was were be been it its this that me my you your we our they he she them "
        "for with as by from have has had do does did but if so not no xx xxx xxxx",
    )
)
MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]")  # accents; vowel points of Hebrew and Arabic
QUOTES = str.maketrans("\u2018\u2019\u201b\u02bc\u00b4\u201c\u201d\u2013\u2014\u2026\u00a0", "'''''\"\"--. ")
LETTERS = bytes(sign + 32 if 65 <= sign <= 90 else sign if 97 <= sign <= 122 else 32 for sign in range(256))
RUN = re.compile(rf"[{DENSE}]+|[^\W\d_{DENSE}]+")
IS_DENSE = re.compile(rf"[{DENSE}]")


def folded(text: str) -> str:
    """The text as it is compared: without case, accents and curled quotes.

    >>> folded("Café ÉTÉ – don’t")
    "cafe ete - don't"
    """
    if not text.isascii():
        text = text.translate(QUOTES)
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", MARKS.sub("", unicodedata.normalize("NFKD", text.casefold())))


def words(plain: str) -> list[bytes]:
    """The words of a folded text, empty ones too.

    >>> words("won't pay 12 €!")
    [b'won', b't', b'pay']
    """
    if plain.isascii():
        return plain.encode().translate(LETTERS).split()
    return [word.encode("utf-8", "replace") for word in RUN.findall(plain)]


def says_something(word: bytes) -> bool:
    """Whether a word can be about something: no single letter of ours, none of the empty ones.

    >>> [says_something(word.encode()) for word in ("t", "the", "late", "遅")]
    [False, False, True, True]
    """
    return len(word) > 1 and word.decode() not in EMPTY


def pieces(word: str) -> list[str]:
    """A word's pieces of four letters, its ends marked; of two signs in scripts that stand without spaces.

    >>> pieces("late")
    ['<lat', 'late', 'ate>']
    >>> pieces("配送遅れ")
    ['配送', '送遅', '遅れ']
    """
    if IS_DENSE.match(word):
        return [word[at : at + 2] for at in range(max(len(word) - 1, 1))]
    marked = f"<{word}>"
    return [marked[at : at + PIECE] for at in range(max(len(marked) - PIECE + 1, 1))]


class _Places(dict[bytes, int]):
    """The place of each word among those met; −1 for one that cannot be about anything."""

    def __init__(self) -> None:
        self.met: list[bytes] = []

    def __missing__(self, word: bytes) -> int:
        place = self[word] = len(self.met) if says_something(word) else -1
        if place >= 0:
            self.met.append(word)
        return place


class Reading:
    """What a stretch of texts says: each word met once, and how much each text says it."""

    def __init__(self, plain: Sequence[str]) -> None:
        self._places = _Places()
        lines = [words(text) for text in plain]
        ends = np.cumsum([0, *map(len, lines)])
        places = np.fromiter(map(self._places.__getitem__, chain.from_iterable(lines)), dtype=np.int64, count=int(ends[-1]))
        self.met: list[bytes] = self._places.met
        meant = places >= 0
        ends = np.concatenate([[0], np.cumsum(meant)])[ends]
        times = sparse.csr_matrix((np.ones(int(ends[-1])), places[meant], ends), shape=(len(lines), max(len(self.met), 1)))
        times.sum_duplicates()
        times.data = 1 + np.log(times.data)
        self.counts = times  # (n_texts, n_words): 1 + log of how often

    @cached_property
    def _by_word(self) -> sparse.csc_matrix:
        return self.counts.tocsc()

    def saying(self, word: bytes) -> NDArray[np.int64]:
        """The texts that say a word, by their places in order."""
        place = self._places.get(word, -1)
        if place < 0:
            return np.zeros(0, dtype=np.int64)
        ends = self._by_word.indptr
        return np.asarray(self._by_word.indices[ends[place] : ends[place + 1]], dtype=np.int64)


@dataclass(frozen=True)
class Words:
    """What words and pieces weigh, learned from a few texts; see `learned`."""

    known: dict[bytes | str, int]  # words are bytes, pieces are text
    weights: Floats

    def rows(self, reading: Reading) -> sparse.csr_matrix:
        """The texts as rows of length one or less, (n_texts, n_features)."""
        features = self._features(reading.met)
        return sparse.csr_matrix(sparse.diags(1 / self._lengths(reading, features)) @ (reading.counts @ features))

    def scores(self, reading: Reading, weights: Floats) -> Floats:
        """`rows(reading) @ weights` for many texts: a word is weighed once, however often it is written.

        Parameters
        ----------
        reading : of n texts
        weights : (n_features, n_columns)

        Returns
        -------
        (n_texts, n_columns); nan for a text in which nothing is known
        """
        features = self._features(reading.met)
        found: Floats = (reading.counts @ (features @ weights)) / self._lengths(reading, features)[:, None]
        found[reading.counts @ np.diff(features.indptr) == 0] = np.nan
        return found

    def _features(self, met: Sequence[bytes]) -> sparse.csr_matrix:
        """Each word as its own weight and that of its pieces, (n_words, n_features)."""
        columns: list[int] = []
        values: list[float] = []
        ends = [0]
        for word in met:
            parts = pieces(word.decode())
            found = [column for part in parts if (column := self.known.get(part)) is not None]
            columns += found
            values += (self.weights[found] / np.sqrt(len(parts))).tolist() if found else []
            if (own := self.known.get(word)) is not None:
                columns.append(own)
                values.append(float(self.weights[own]))
            ends.append(len(columns))
        ends += [ends[-1]] * (not met)
        return sparse.csr_matrix((values, columns, ends), shape=(max(len(met), 1), max(len(self.weights), 1)))

    def _lengths(self, reading: Reading, features: sparse.csr_matrix) -> Floats:
        """The length of each text: known words as they weigh, unknown ones, which are about other things, as rare ones."""
        squares = np.asarray(features.multiply(features).sum(axis=1)).ravel()
        rare = (self.weights.max() if len(self.weights) else 1.0) ** 2
        squares[: len(reading.met)] += [rare * (word not in self.known) for word in reading.met]
        lengths: Floats = np.maximum(np.sqrt(reading.counts.multiply(reading.counts) @ squares), 1e-9)
        return lengths


def learned(plain: Sequence[str]) -> Words:
    """What words and pieces weigh, by how few of these folded texts say them (smoothed inverse document frequency).

    Parameters
    ----------
    plain : folded texts, (n_texts,)

    Source: G. Salton & C. Buckley, “Term-weighting approaches”, Information Processing & Management 24 (1988).

    >>> model = learned(["the parcel came late", "the parcel broke"])
    >>> bool(model.weights[model.known[b"late"]] > model.weights[model.known[b"parcel"]])
    True
    """
    often: Counter[bytes | str] = Counter(chain.from_iterable(_said(text) for text in plain))
    known = {feature: column for column, feature in enumerate(often)}
    return Words(known, 1 + np.log((1 + len(plain)) / (1 + np.fromiter(often.values(), dtype=float, count=len(often)))))


def _said(plain: str) -> Iterator[bytes | str]:
    """Each word and piece of a text once, in the order in which they come."""
    meant = dict.fromkeys(word for word in words(plain) if says_something(word))
    return iter(dict.fromkeys(chain(meant, *(pieces(word.decode()) for word in meant))))
