"""Suggested themes, found in comments that fit none: a name, phrases, examples. Nothing but a suggestion.

What a machine groups is rarely what people mean. So it shows what it saw in people's own words, which somebody accepts,
renames or turns down in a second.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm.insight.phrases import phrases
from crm.insight.words import EMPTY, IS_DENSE, RUN, Reading, folded, pieces
from crm.insight.words import READ as READ_FOR_THEMES

Floats = NDArray[np.float64]
FEWEST = 20  # comments; fewer are read faster than explained
REPEATED = 3  # comments that say a word before it can name anything
MOST_READ = 20_000  # comments looked at, chosen by hash
READ = 1_500  # characters of each
GROUPS = (2, 12)
A_GROUP = 16  # comments that make one more group worth looking for, up to twelve
TERMS = 3_000
COMMON = 0.6  # of the comments that say a word: then it says nothing about one theme
PURE = 0.6  # of the comments that say a phrase, those that belong to its group
PHRASES = (2, 6)
NAMED = 0.2  # of the comments that say a group's most frequent phrase, those that say a pair of words, so that it is the name
EXAMPLES = 5
LIKE = 0.6  # of their words that two comments share, from which on one of them is enough
# what customers of any company say whatever they speak of, and the ends of don't, we've and the like
SMALL_TALK = frozenset(
    re.findall(
        r"\w+",
        "don didn doesn isn wasn won wouldn couldn can cannot could ve ll re just really very get got getting like make "
        "made want would thank thanks please hi hello know think going need use used using one also still even ever "
        "much many lot thing things good great nice bad better best back new old odd big small little long bit kind sure "
        "day days week weeks month months year years today yesterday tomorrow morning evening hour hours minute minutes "
        "second seconds ago time times since now soon later already again always never often half two three four five "
        "six seven eight nine ten monday tuesday wednesday thursday friday saturday sunday january february march april "
        "june july august september october november december say says said tell told ask asked talk talked look looked "
        "looks looking see seen saw come comes came go goes went take takes took taken try tried trying find found give "
        "gave given let put run ran happen happens happened mean means seem seems word happy love loved lovely beautiful "
        "brilliant perfect perfectly highly absolutely extremely recommend nervous glad sorry hope quite rather pretty "
        "immediately specific following true clear regards dear sir madam xxxx",
    )
)


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
    if at least two phrases of people's own words are said in it rather than elsewhere.

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
    (['Late', 'Monthly price'], [16, 16])
    >>> propose(["late"] * 100)
    []
    """
    places = _looked_at(texts)
    if len(places) < FEWEST:
        return []
    plain = [folded(texts[place][:READ]) for place in places]
    counts, terms = _counts(plain, _names_in([texts[place][:READ] for place in places], names))
    if len(terms) < PHRASES[0]:
        return []
    loads, groups = _grouped(counts, len(plain), seed)
    found = [
        proposal
        for group in range(loads.shape[1])
        if (proposal := _proposal(group, loads, groups, counts, terms, plain, places, texts)) is not None
    ]
    return _different(_recounted(found, texts))


def _looked_at(texts: Sequence[str]) -> list[int]:
    """Where the first of each different text stands, not too many, in their order."""
    first: dict[str, int] = {}
    for place, text in enumerate(texts):
        if text.strip():
            first.setdefault(folded(text[:READ]), place)
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
    """A text's words and pairs of words that can name something."""
    before, ends = "", -1
    for run in RUN.finditer(plain):
        word, speaks = run.group(), False
        if IS_DENSE.match(word):
            yield from pieces(word)
        elif speaks := (_names(word) and word not in names):
            yield word
            if before and plain[ends : run.start()] in (" ", "-"):
                yield plain[run.start() - len(before) - 1 : run.end()]
        before, ends = (word if speaks else ""), run.end()


def _names(word: str) -> bool:
    return len(word) > 2 and word not in _idle()


@cache
def _idle() -> frozenset[str]:
    """Words that name nothing."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return SMALL_TALK | EMPTY | frozenset(ENGLISH_STOP_WORDS)


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


def _proposal(
    group: int, loads: Floats, groups: NDArray[np.int64], counts: Any, terms: list[str], plain: list[str], places: list[int],
    texts: Sequence[str],
) -> Proposal | None:
    """A group in people's words; None where they have none of their own for it."""
    mine = groups == group
    inside, everywhere = np.asarray(counts[mine].sum(axis=0)).ravel(), np.asarray(counts.sum(axis=0)).ravel()
    share = inside / everywhere
    # said often, and rather here than elsewhere; a pair of words says more than either
    pairs = np.array([1.5 if " " in term or "-" in term else 1.0 for term in terms])
    worth = np.where((share >= PURE) & (inside >= REPEATED), inside * (share - mine.mean()) ** 2 * pairs, 0.0)
    best = [int(term) for term in np.argsort(-worth, kind="stable") if worth[term] > 0]
    chosen = _without_repeats([terms[term] for term in best])[: PHRASES[1]]
    if len(chosen) < 2:
        return None
    order = np.argsort(-np.where(mine, loads[:, group], -1.0), kind="stable")[: int(mine.sum())]
    examples = _unlike(order, plain)
    name = _name(chosen, [terms[term] for term in best], {terms[term]: float(inside[term]) for term in best})
    written = _spelling([texts[places[row]][:READ] for row in order])
    said = ["".join(written.get(part, part) for part in re.split(r"([ -])", phrase)) for phrase in (name, *chosen)]
    return Proposal(said[0][0].upper() + said[0][1:], tuple(said[1:]), tuple(places[row] for row in examples), 0)


def _spelling(texts: Sequence[str]) -> dict[str, str]:
    """The usual spelling of each word that has signs beyond those it is compared by: “cafe” → “café”."""
    often = Counter(word for text in texts if not text.isascii() for word in RUN.findall(text.lower()) if not word.isascii())
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


def _name(chosen: list[str], ranked: list[str], often: dict[str, float]) -> str:
    """Two words that people often say together, else the best word alone."""
    if IS_DENSE.match(chosen[0]):
        return chosen[0]
    usual = NAMED * max(often[term] for term in chosen)
    return next((term for term in ranked if (" " in term or "-" in term) and often[term] >= usual), chosen[0])


def _unlike(order: NDArray[np.int64], plain: list[str]) -> list[int]:
    """The first texts that are not nearly the same as one before them."""
    kept: list[int] = []
    said: list[set[str]] = []
    for row in order[:200].tolist():
        own = set(plain[row].split())
        if all(len(own & other) < LIKE * len(own | other) for other in said):
            kept.append(row)
            said.append(own)
        if len(kept) == EXAMPLES:
            break
    return kept


def _recounted(found: list[Proposal], texts: Sequence[str]) -> list[Proposal]:
    """The proposals with the number of texts that say one of their phrases, those with the most first."""
    plain = [folded(text[:READ_FOR_THEMES]) for text in texts]
    reading = Reading(plain)
    counted = [
        Proposal(one.name, one.phrases, one.examples, int(phrases(*one.phrases).within(reading, plain).sum())) for one in found
    ]
    enough = max(REPEATED, len(texts) // 100)
    return sorted((one for one in counted if one.count >= enough), key=lambda one: -one.count)


def _different(found: list[Proposal]) -> list[Proposal]:
    """Proposals whose names do not say the same."""
    kept: list[Proposal] = []
    for one in found:
        own = _stems(one.name.lower())
        if all(2 * len(own & _stems(other.name.lower())) <= len(own) for other in kept):
            kept.append(one)
    return kept
