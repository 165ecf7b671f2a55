"""What customers talk about: every comment gets every theme that fits, and people say what a theme is.

Themes found by a machine alone agree with people's reasons only weakly, and move at each refit. So a theme is what people
wrote down: its phrases and its pinned examples. The machine only carries that over to comments nobody has read, and
proposes new themes from those that fit none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm.insight.clauses import Clause, clauses
from crm.insight.lessons import Lessons, Theme
from crm.insight.phrases import Phrases, phrases
from crm.insight.proposals import Proposal, propose
from crm.insight.words import READ, Reading, Words, folded, learned

__all__ = ["READ", "Proposal", "Theme", "ThemeModel", "fit", "propose"]

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
NEEDED = 0.5  # of what would make a theme likelier than not, from which on a comment is like it: until it can be learned
STEP = 0.25  # in which it is learned, up to the whole of it, so that one more example rarely moves it
SHOWN = 0.7  # of the pinned examples that are to be found
LEAST = 1.0  # log-odds that a whole is, even where few counter-examples make a theme likely from the start
ALIKE = 0.5  # cosine with a pinned text, from which on a comment of which nobody said anything is no counter-example
FOLDS = 3
FEWEST_HELD = 20  # examples held out, from which on the cut is learned
JUDGED = 15  # themes by which the cut is learned, where there are many
STRENGTH = 10.0  # of the regression: how far it may trust single words
MARGIN = 1.0  # log-odds by which a theme may be less likely than the likeliest one, and still fit
NAMED = 1.0  # log-odds that a phrase adds to its theme, beside others that are only alike
TOGETHER = 20_000  # texts read at once


@dataclass(frozen=True)
class Likeness:
    """How like the examples of each theme a text is, and from where on that is enough."""

    words: Words
    weights: Floats  # (n_features, n_themes)
    biases: Floats  # (n_themes,): log-odds of a text of which nothing is known; −inf for a theme without examples
    needed: float  # share of the way from there to likelier than not

    def scores(self, reading: Reading) -> Floats:
        """Log-odds of each theme, (n_texts, n_themes); −inf where nothing speaks for it."""
        return np.nan_to_num(self.words.scores(reading, self.weights) + self.biases, nan=-np.inf, neginf=-np.inf)

    def found(self, reading: Reading, named: Bools) -> Bools:
        """Where a text is like a theme's examples, and not much more like another's; a phrase speaks for its theme."""
        scores = self.scores(reading)
        best = (scores + NAMED * named).max(axis=1, keepdims=True)
        with np.errstate(invalid="ignore"):  # nothing is known of a text: −inf on both sides
            enough = scores - self.biases >= self.needed * np.maximum(-self.biases, LEAST)
            return np.asarray(np.isfinite(scores) & enough & (scores >= best - MARGIN))


@dataclass(frozen=True)
class ThemeModel:
    """Themes ready to be found in texts; see `fit`."""

    themes: Sequence[Theme]
    likeness: Likeness | None = None  # none where no theme has an example

    @cached_property
    def _meant(self) -> list[Phrases]:
        return [phrases(*theme.phrases) for theme in self.themes]

    @cached_property
    def _ruled_out(self) -> list[Phrases]:
        return [phrases(*theme.excluded) for theme in self.themes]

    def assign(self, texts: Sequence[str]) -> Bools:
        """Which themes fit which texts, (n_texts, n_themes): those named by a phrase, and those that sound like them.

        >>> late = Theme("Late delivery", phrases=["late", "delay"], excluded=["never late"])
        >>> fit([late], []).assign(["It came LATE again", "They are never late", "", "Delays, delays"]).ravel().tolist()
        [True, False, False, True]
        """
        return self.found(texts)[0]

    def by_phrase(self, texts: Sequence[str]) -> Bools:
        """Which themes are named by a phrase in which texts, (n_texts, n_themes).

        >>> fit([Theme("Price", phrases=["price"])], []).by_phrase(["What prices!", "Dear"]).ravel().tolist()
        [True, False]
        """
        return self.found(texts)[1]

    def found(self, texts: Sequence[str]) -> tuple[Bools, Bools]:
        """`assign(texts)` and `by_phrase(texts)` at once; a text that was written twice is read once."""
        places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        different = list(places)
        fitting, named = np.zeros((2, len(different), len(self.themes)), dtype=bool)
        for start in range(0, len(different), TOGETHER):
            stretch = slice(start, start + TOGETHER)
            plain = [folded(text[:READ]) for text in different[stretch]]
            reading = Reading(plain)
            named[stretch] = self._named(plain, reading)
            fitting[stretch] = self._fitting(plain, reading, named[stretch])
        back = np.fromiter(map(places.__getitem__, texts), dtype=np.int64, count=len(texts))
        return fitting[back], named[back]

    def _fitting(self, plain: list[str], reading: Reading, named: Bools) -> Bools:
        alike = self.likeness.found(reading, named) if self.likeness else np.zeros_like(named)
        for column, ruled_out in enumerate(self._ruled_out):
            if ruled_out.phrases:
                alike[:, column] &= ~ruled_out.within(reading, plain)
        return named | alike

    def _named(self, plain: list[str], reading: Reading) -> Bools:
        """Where a phrase says it, in a clause that no excluded phrase rules out."""
        found = np.zeros((len(plain), len(self.themes)), dtype=bool)
        for column, (meant, ruled_out) in enumerate(zip(self._meant, self._ruled_out, strict=True)):
            found[:, column] = meant.within(reading, plain)
            if ruled_out.phrases:
                rows = np.flatnonzero(found[:, column])
                found[rows, column] = [any(said) for said in self._clauses_saying([plain[row] for row in rows], column)]
        return found

    def _clauses_saying(self, plain: Sequence[str], column: int) -> Iterator[Bools]:
        """Of each text, which of its clauses name the theme and do not rule it out."""
        parts = [[part.text for part in clauses(text)] for text in plain]
        flat = [part for text in parts for part in text]
        ends = np.cumsum([len(text) for text in parts])
        return iter(np.split(self._saying(column, Reading(flat), flat), ends[:-1]) if parts else [])

    def _saying(self, column: int, reading: Reading, plain: Sequence[str]) -> Bools:
        """Which clauses name a theme and do not rule it out."""
        said = self._meant[column].within(reading, plain)
        if self._ruled_out[column].phrases:
            said &= ~self._ruled_out[column].within(reading, plain)
        return said

    def clause(self, text: str, theme: int) -> tuple[int, int]:
        """Where in a text the theme is spoken of: start and end of the clause that fits best; (0, 0) in a blank text.

        >>> fit([Theme("Price", phrases=["dear"])], []).clause("Lovely, but too dear.", 0)
        (8, 21)
        """
        found = np.zeros((1, len(self.themes)), dtype=bool)
        found[0, theme] = True
        start, end = self.spans([text], found)[0].tolist()
        return start, end

    def spans(self, texts: Sequence[str], found: Bools, cut: Mapping[str, list[Clause]] | None = None) -> Whole:
        """As `clause`, for all that was found at once: start and end, (found.sum(), 2), in the order of np.argwhere(found).

        The clauses of texts that were cut already can be given, by text.

        >>> model = fit([Theme("Price", phrases=["dear"]), Theme("Cloth", phrases=["cloth"])], [])
        >>> texts = ["Lovely cloth, but too dear.", "Dear!"]
        >>> model.spans(texts, model.assign(texts)).tolist()
        [[14, 27], [0, 12], [0, 5]]
        """
        spans: Whole = np.zeros((*found.shape, 2), dtype=np.int64)
        for start in range(0, len(texts), TOGETHER):
            stretch = slice(start, start + TOGETHER)
            self._mark(texts[stretch], found[stretch], spans[stretch], cut or {})
        return spans[found]

    def _mark(self, texts: Sequence[str], found: Bools, spans: Whole, known: Mapping[str, list[Clause]]) -> None:
        """Fill in the best clause of each text and theme that was found."""
        rows = np.flatnonzero(found.any(axis=1)).tolist()
        read = [texts[row][:READ] for row in rows]
        cut = [known[text] if text in known else clauses(text) for text in read]
        owner = np.repeat(rows, [len(parts) for parts in cut])
        places = np.array([(part.start, part.end) for parts in cut for part in parts], dtype=np.int64).reshape(-1, 2)
        plain = [folded(part.text) for parts in cut for part in parts]
        reading = Reading(plain)
        scores = self.likeness.scores(reading) if self.likeness else np.zeros((len(plain), len(self.themes)))
        for column in np.flatnonzero(found.any(axis=0)).tolist():
            asked = np.flatnonzero(found[owner, column])
            named = self._saying(column, reading, plain)[asked]
            # the first that names it; else the likeliest; else the first
            best = asked[np.lexsort((asked, np.where(named, 0.0, -scores[asked, column]), ~named, owner[asked]))]
            first = best[np.r_[True, owner[best][1:] != owner[best][:-1]]] if len(best) else best
            spans[owner[first], column] = places[first]


def fit(themes: Sequence[Theme], corpus: Sequence[str]) -> ThemeModel:
    """Make themes ready to be found in comments.

    A phrase decides by itself. Beyond that, a comment gets a theme when a logistic regression on its words and pieces of
    words, learned from the pinned examples and phrases of each theme against those of the others, holds it for likely
    enough, and for about as likely as the likeliest. Enough is a share, one half to all, of the way from a text of which
    nothing is known to one that is likelier of the theme than not: so what says nothing gets no theme, however few
    counter-examples there are. The share is learned once for all themes: seven of ten pinned examples must have been found
    without being learned from.

    From five themes with examples on, only what people pinned counts, so that a comment never loses or gets a theme because
    others came in. With fewer, 500 comments stand beside them for all other things, chosen by hash: when the
    corpus doubles, 96 to 99 of 100 comments keep their themes (measured on four sets with one, two and four themes).
    Comments that say nearly what an example says are not among them.

    Measured with ten examples a theme (a cut in log-odds, three seeds → this share, four seeds): nine intents with 200 other
    questions to a bank, macro-F1 .69 → .74, precision .58 → .74, recall .83 → .75, others that got a theme .58 → .26;
    complaints by issue .39 → .38, .44 → .52, .64 → .51, .68 → .43; by product .49 → .52, .65 → .77, .83 → .66, .92 → .31. A
    least share of .6 cost F1 (issues .33); ordinary comments as a background, similarity to the nearest example and a limit to
    what a single word adds ranked no better. To ask that as much of a comment be known as of nine in ten pinned examples cost
    .010 by issue and class, .015 by product (eight draws, up to .03 in three of them), and turned away little more of the others:
    issues .44 → .40, questions .32 → .26. Asking so for likeness to the middle of the examples turned away hardly any.

    Parameters
    ----------
    themes : as people wrote them down; a theme without examples is found by its phrases alone
    corpus : comments of all kinds, (n,); may be empty

    Returns
    -------
    ThemeModel with `.assign(texts)` and `.clause(text, theme)`; the same input gives the same model. A person's word on a
    comment goes before what the model says of it: that is for who stores it

    Source: G. Salton & C. Buckley, “Term-weighting approaches”, Information Processing & Management 24 (1988); pieces of
    words: P. Bojanowski et al., “Enriching word vectors with subword information”, TACL 5 (2017); comments of which nobody
    said anything as weak counter-examples: C. Elkan & K. Noto, “Learning classifiers from only positive and unlabeled
    data”, KDD 2008.

    >>> slow = Theme("Slow", examples=["the parcel took three weeks", "waited weeks for the parcel"])
    >>> dear = Theme("Price", examples=["far too expensive for me", "expensive compared with others"])
    >>> model = fit([slow, dear], ["the colour is nice", "my parcel is here", "an expensive hobby"])
    >>> model.assign(["three weeks until my parcel came", "so expensive", "nice"]).tolist()
    [[True, False], [False, True], [False, False]]
    """
    from threadpoolctl import threadpool_limits  # comes with scikit-learn

    lessons = Lessons.of_themes(themes, corpus)
    if not lessons.taught:
        return ThemeModel(tuple(themes))
    lessons = lessons.left(_alike(lessons))
    words = learned(lessons.texts)
    with threadpool_limits(1):  # threads that wait for each other cost more than regressions as small as these
        weights, biases = _regressions(words.rows(Reading(lessons.texts)), lessons)
        return ThemeModel(tuple(themes), Likeness(words, weights, biases, _needed(lessons)))


def _alike(lessons: Lessons) -> set[int]:
    """Ordinary texts that say nearly what an example says: no counter-examples."""
    if not lessons.ordinary.any():
        return set()
    rows = learned(lessons.texts).rows(Reading(lessons.texts))
    near = (rows @ rows[~lessons.ordinary].T).max(axis=1).toarray().ravel() >= ALIKE
    return set(np.flatnonzero(lessons.ordinary & near).tolist())


def _regressions(rows: Any, lessons: Lessons) -> tuple[Floats, Floats]:
    """Each theme's weight of each feature and its start; a theme that nothing teaches is never likely."""
    weights, biases = np.zeros((rows.shape[1], lessons.themes)), np.full(lessons.themes, -np.inf)
    for theme in lessons.taught:
        mine, worth = lessons.side(theme)
        if mine.any() and (worth[~mine] > 0).any():
            weights[:, theme], biases[theme] = _regression(rows, mine, worth)
    return weights, biases


def _regression(rows: Any, mine: Bools, worth: Floats) -> tuple[Floats, float]:
    """A theme's rows against all others, both sides weighing the same."""
    from sklearn.linear_model import LogisticRegression  # takes a second to import

    used = worth > 0
    worth = np.where(mine, worth[~mine].sum() / mine.sum(), worth)
    model = LogisticRegression(C=STRENGTH, max_iter=300).fit(rows[used], mine[used], sample_weight=worth[used])
    return model.coef_[0], float(model.intercept_[0])


def _needed(lessons: Lessons) -> float:
    """The share of the way to likelier than not that most examples of all themes go without being learned from."""
    shares: list[float] = []
    for fold in range(FOLDS):
        kept = lessons.without(fold, FOLDS)
        words = learned(kept.texts)
        rows, all_rows = words.rows(Reading(kept.texts)), words.rows(Reading(lessons.texts))
        for theme in lessons.taught[:: max(1, len(lessons.taught) // JUDGED)]:
            held = lessons.held(theme, fold, FOLDS)
            mine, worth = kept.side(theme)
            if len(held) and mine.any() and (worth[~mine] > 0).any():
                weights, bias = _regression(rows, mine, worth)
                shares += (all_rows[held] @ weights / max(-bias, LEAST)).tolist()
    if len(shares) < FEWEST_HELD:
        return NEEDED
    return float(np.clip(np.round(np.quantile(shares, 1 - SHOWN) / STEP) * STEP, NEEDED, 1.0))
