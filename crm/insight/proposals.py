"""Suggested themes, found in comments that fit none: a name, phrases, examples. Nothing but a suggestion.

What a machine groups is rarely what people mean. So it shows what it saw in people's own words, which somebody accepts,
renames or turns down in a second.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm.insight.naming import can_name, names_something
from crm.insight.phrases import phrases
from crm.insight.words import IS_DENSE, RUN, Reading, folded, pieces
from crm.insight.words import READ as READ_FOR_THEMES

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
FEWEST = 20  # comments; fewer are read faster than explained
REPEATED = 3  # comments that say a word before it can name anything
MOST_READ = 20_000  # comments looked at, chosen by hash
READ = 1_500  # characters of each
GROUPS = (2, 12)
A_GROUP = 16  # comments that make one more group worth looking for, up to twelve
TERMS = 3_000
COMMON = 0.6  # of the comments that say a word: then it says nothing about one theme
PURE = 0.6  # of the way from a group's share of all comments to all of those that say a phrase: said here, not just by chance
BROAD = 0.5  # of all comments: a theme of more says what the company does, not what somebody wants
PHRASES = (2, 6)
NAMED = 0.2  # of the comments that say a group's most frequent phrase, those that say a pair of words, so that it is the name
EXAMPLES = 5
SHORT = 100  # characters: of two comments that speak of a theme alike, the shorter is the better example
CONSIDERED = 40  # terms of a group
SHOUTED = 4  # letters: longer words in capitals are no abbreviations
LIKE = 0.6  # of their words that two comments share, from which on one of them is enough


@dataclass(frozen=True)
class Proposal:
    """A theme that people may accept: its name, phrases that find it, its best examples, how many comments say them."""

    name: str
    phrases: tuple[str, ...]
    examples: tuple[int, ...]
    count: int


def propose(texts: Sequence[str], seed: int = 0, names: Collection[str] = ()) -> list[Proposal]:
    """Themes that these comments speak of, those with the most comments first.

    Comments are grouped by their words and pairs of words (TF-IDF, non-negative matrix factorisation). A group is proposed
    if at least two phrases of people's own words are said in it rather than elsewhere: counted as they find comments once they
    are pinned, each alone and all together. What would find more than half of all comments is no theme.

    Parameters
    ----------
    texts : comments that fit no theme, (n,); of more than 20,000 those of the smallest hashes are grouped
    seed : of the factorisation; the same texts and seed give the same proposals
    names : words of names of people, places, customers and products, in lower case: they name nothing where they are mostly
        written with a capital letter

    Returns
    -------
    at most twelve; none for fewer than 20 different comments, or where nothing is said three times. `examples` are places in
    `texts`, `count` the texts in which a phrase is found

    Source: D. D. Lee & H. S. Seung, “Learning the parts of objects by non-negative matrix factorization”, Nature 401 (1999).

    >>> late, dear = "The parcel of {} came two weeks late", "Far too expensive, the monthly price of plan {}"
    >>> found = propose([text.format("abcdefghijklmnop"[turn] * 3) for text in (late, dear) for turn in range(16)])
    >>> sorted(proposal.name for proposal in found), [proposal.count for proposal in found]
    (['Monthly price', 'Parcel'], [16, 16])
    >>> propose(["late"] * 100)
    []
    """
    whole = [folded(text[:READ_FOR_THEMES]) for text in texts]
    places = _looked_at(whole)
    if len(places) < FEWEST:
        return []
    read = [texts[place][:READ] for place in places]
    plain = [whole[place][:READ] for place in places]
    counts, terms = _counts(plain, _names_in(read, names))
    if len(terms) < PHRASES[0]:
        return []
    seen = _Seen(places, read, plain, counts, terms, *_grouped(counts, len(plain), seed), whole)
    found = [seen.proposal(group) for group in range(seen.loads.shape[1])]
    enough = max(REPEATED, len(texts) // 100)
    return _different(sorted((one for one in found if one and one.count >= enough), key=lambda one: -one.count))


def _looked_at(plain: Sequence[str]) -> list[int]:
    """Where the first of each different text stands, not too many, in their order."""
    first: dict[str, int] = {}
    for place, text in enumerate(plain):
        if text.strip():
            first.setdefault(text[:READ], place)
    if len(first) > MOST_READ:
        by_hash = sorted(first, key=lambda text: blake2b(text.encode("utf-8", "replace"), digest_size=8).digest())
        return sorted(first[text] for text in by_hash[:MOST_READ])
    return list(first.values())


def _names_in(texts: Sequence[str], names: Collection[str]) -> frozenset[str]:
    """Those words of names that are mostly written as names are: “Price” is a surname, “price” is none."""
    known = {folded(name) for name in names}
    said = Counter(word for text in texts for word in RUN.findall(text) if folded(word) in known) if known else Counter()
    often, as_name = Counter[str](), Counter[str]()
    for word, times in said.items():
        often[folded(word)] += times
        as_name[folded(word)] += times * word[0].isupper()
    return frozenset(word for word in often if 2 * as_name[word] > often[word])


def _counts(plain: Sequence[str], names: frozenset[str]) -> tuple[Any, list[str]]:
    """Which text says which term, (n_texts, n_terms), and the terms: neither too rare nor too common."""
    from sklearn.feature_extraction.text import CountVectorizer

    rare = max(REPEATED, len(plain) // 2_000)
    try:
        cut = partial(_terms, names=names)
        counter = CountVectorizer(analyzer=cut, min_df=rare, max_df=COMMON, max_features=TERMS, binary=True, dtype=np.float64)
        return counter.fit_transform(plain), counter.get_feature_names_out().tolist()
    except ValueError:  # not one term is left
        return None, []


def _terms(plain: str, names: frozenset[str]) -> Iterator[str]:
    """A text's words and pairs of words that can name something; a verb cut off at its n't cannot.

    >>> list(_terms("i haven't received new cards", frozenset()))
    ['received', 'cards']
    """
    before, ends = "", -1
    for run in RUN.finditer(plain):
        word, speaks = run.group(), False
        if IS_DENSE.match(word):
            yield from pieces(word)
        elif speaks := (can_name(word) and word not in names and not plain.startswith("'t", run.end())):
            yield word
            if before and plain[ends : run.start()] in (" ", "-"):
                yield plain[run.start() - len(before) - 1 : run.end()]
        before, ends = (word if speaks else ""), run.end()


def _grouped(counts: Any, size: int, seed: int) -> tuple[Floats, NDArray[np.int64]]:
    """How much each text belongs to each group, (n_texts, n_groups), and the one it belongs to most; −1 for none."""
    from sklearn.decomposition import NMF
    from sklearn.feature_extraction.text import TfidfTransformer
    from threadpoolctl import threadpool_limits

    most = min(GROUPS[1], max(GROUPS[0], size // A_GROUP), min(counts.shape))
    factors = NMF(most, init="nndsvd", random_state=seed, max_iter=150, tol=1e-3)
    with threadpool_limits(1):
        loads: Floats = factors.fit_transform(TfidfTransformer(sublinear_tf=True).fit_transform(counts))
    loads *= factors.components_.sum(axis=1)
    return loads, np.where(loads.max(axis=1) > 0, loads.argmax(axis=1), -1)


@dataclass(frozen=True)
class _Seen:
    """The comments looked at, what they say, and the groups that they are in."""

    places: list[int]  # among all that were given
    texts: list[str]  # as they were written
    plain: list[str]
    counts: Any  # (n_texts, n_terms): which says which term
    terms: list[str]
    loads: Floats  # (n_texts, n_groups)
    groups: NDArray[np.int64]  # (n_texts,)
    whole: list[str]  # all that were given, as a pinned phrase is looked for in them

    @cached_property
    def reading(self) -> Reading:
        return Reading(self.whole)

    @cached_property
    def everywhere(self) -> Floats:
        """How many texts say each term."""
        return np.asarray(self.counts.sum(axis=0)).ravel()

    def proposal(self, group: int) -> Proposal | None:
        """A group in people's words; None where they have none of their own for it."""
        mine = self.groups == group
        said_here = [self.plain[row] for row in np.flatnonzero(mine)]
        inside = np.asarray(self.counts[mine].sum(axis=0)).ravel()
        own = self._own(inside, mine, said_here)
        naming = [term for term in own if IS_DENSE.match(term) or names_something(term, said_here)]
        terms = _without_repeats([term for term in own if term in naming or not _is_pair(term)])
        chosen, found = self._fitting(mine, {term: own[term] for term in terms})
        if len(chosen) < PHRASES[0]:
            return None
        rows = self._typical(group, found[self.places])
        name = _name(chosen, naming, dict(zip(self.terms, inside.tolist(), strict=True)))
        written = _spelling([self.texts[row] for row in rows])
        said = ["".join(written.get(part, part) for part in re.split(r"([ -])", term)) for term in (name, *chosen)]
        examples = tuple(self.places[row] for row in _unlike(rows, self.plain))
        return Proposal(said[0][0].upper() + said[0][1:], tuple(said[1:]), examples, int(found.sum()))

    def _own(self, inside: Floats, mine: Bools, said_here: list[str]) -> dict[str, Bools]:
        """A group's own terms, the best first: said often, and rather here than elsewhere, where a pair of words says more than
        either; and which of all texts each finds once it is pinned: in the plural too, and however long they are."""
        size = float(mine.mean())
        share = inside / self.everywhere
        pairs = np.array([1.5 if _is_pair(term) else 1.0 for term in self.terms])
        worth = np.where((share >= _pure(size)) & (inside >= REPEATED), inside * (share - size) ** 2 * pairs, 0.0)
        likely = [int(term) for term in np.argsort(-worth, kind="stable")[:CONSIDERED] if worth[term] > 0]
        likely.sort(key=lambda term: (-worth[term], _first(self.terms[term], said_here)))  # of equals, what comes first in a text
        found = {self.terms[term]: phrases(self.terms[term]).within(self.reading, self.whole) for term in likely}
        return {term: texts for term, texts in found.items() if self._is_of(mine, texts)}

    def _is_of(self, mine: Bools, found: Bools) -> bool:
        """Whether found texts are those of a group rather than any."""
        here = found[self.places]
        return bool(found.mean() <= BROAD and (here & mine).sum() >= _pure(float(mine.mean())) * max(here.sum(), 1))

    def _fitting(self, mine: Bools, own: dict[str, Bools]) -> tuple[list[str], Bools]:
        """The first terms that together still find a group rather than any text, as what each finds elsewhere adds up; and what
        they find."""
        chosen: list[str] = []
        found = np.zeros(len(self.whole), dtype=bool)
        for term, texts in own.items():
            if len(chosen) < PHRASES[1] and self._is_of(mine, found | texts):
                chosen, found = [*chosen, term], found | texts
        return chosen, found

    def _typical(self, group: int, said: Bools) -> list[int]:
        """The texts of a group that say one of its phrases, the most typical and short ones first."""
        typical = self.loads[:, group] / np.sqrt([SHORT + len(text) for text in self.plain])
        rows = np.argsort(-typical, kind="stable")
        return [int(row) for row in rows if said[row] and self.groups[row] == group]


def _pure(size: float) -> float:
    """Of the texts that say a phrase, the share that must be of a group of this share of all."""
    return size + PURE * (1 - size)


def _first(term: str, plain: list[str]) -> int:
    """How early in a text a term stands at the earliest."""
    return min((at for text in plain if (at := text.find(term)) >= 0), default=0)


def _is_pair(term: str) -> bool:
    return " " in term or "-" in term


def _spelling(texts: Sequence[str]) -> dict[str, str]:
    """How people mostly write each word within a sentence, by how it is compared: “cafe” → “café”, “zelle” → “Zelle”."""
    often: Counter[str] = Counter()
    for text in texts:
        for run in RUN.finditer(text):
            word = run.group()
            is_within = text[max(run.start() - 2, 0) : run.start() - 1].isalnum()
            often[word if is_within and not (word.isupper() and len(word) > SHOUTED) else word.lower()] += 1
    return {folded(word): word for word, _ in reversed(often.most_common())}


def _without_repeats(terms: list[str]) -> list[str]:
    """Terms that no earlier one already finds: “card” finds “card payment”, and “cards” is its plural."""
    kept: list[str] = []
    for term in terms:
        if not any(_stems(term) <= _stems(other) or _stems(other) <= _stems(term) for other in kept):
            kept.append(term)
    return kept


def _stems(term: str) -> frozenset[str]:
    """The words of a term without what is singular, plural or past of them."""
    return frozenset(_stem(word) for word in term.replace("-", " ").split())


def _stem(word: str) -> str:
    for ending in ("ing", "ies", "ed", "es", "s", "y", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def _name(chosen: list[str], naming: list[str], often: dict[str, float]) -> str:
    """Two words that people often say together, else the best word alone; what names a thing before what does not."""
    if IS_DENSE.match(chosen[0]) or not naming:
        return chosen[0]
    usual = NAMED * max(often[term] for term in chosen)
    return next((term for term in naming if _is_pair(term) and often[term] >= usual), naming[0])


def _unlike(order: list[int], plain: list[str]) -> list[int]:
    """The first texts that are not nearly the same as one before them."""
    kept: list[int] = []
    said: list[set[str]] = []
    for row in order[:200]:
        own = set(plain[row].split())
        if all(len(own & other) < LIKE * len(own | other) for other in said):
            kept.append(row)
            said.append(own)
        if len(kept) == EXAMPLES:
            break
    return kept


def _different(found: list[Proposal]) -> list[Proposal]:
    """Proposals whose names do not say the same."""
    kept: list[Proposal] = []
    for one in found:
        own = _stems(one.name.lower())
        if all(2 * len(own & _stems(other.name.lower())) <= len(own) for other in kept):
            kept.append(one)
    return kept
