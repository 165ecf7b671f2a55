"""The tone of comments as this company's people read it: a model trained by their corrections, once it is the better one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from crm.insight.tones import LABELS, NEUTRAL, clause_tones, label, sentiment, span_tones

__all__ = ["LABELS", "NEUTRAL", "SentimentModel", "clause_tones", "corrected", "label", "macro_f1", "sentiment", "span_tones"]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
FEWEST = 100  # corrections
FEWEST_EACH = 15  # of each label
MOST = 5_000  # corrections learned from, the last ones
FOLDS = 4
READ = 4_000  # characters of a comment
TONE_WEIGHT = 0.1  # of what VADER says, beside words
STRENGTH = 10.0  # how far single words are trusted
BAYES_STRENGTH, BAYES_SCALE = 0.3, 0.25
SAYS_LITTLE = "A list of words (VADER) reads the tone"


@dataclass(frozen=True)
class SentimentModel:
    """The tone of texts, read by the model that people's corrections trained, or by VADER while that is no worse."""

    reason: str  # a sentence for the page: who reads, and why
    plain_f1: float  # macro-F1 of VADER on the corrections; nan where it was not tried
    trained_f1: float  # macro-F1 of the trained model on corrections that it did not learn from; nan where not tried
    reader: _Reader | None = None
    low: float = 0.0  # where negative ends and positive begins, on the reader's scale
    high: float = 0.0
    spread: float = 1.0

    @property
    def is_trained(self) -> bool:
        """Whether people's corrections are in use."""
        return self.reader is not None

    def scores(self, texts: Sequence[str]) -> Floats:
        """The tone of each text, −1 … 1, (n,); within ±0.05 it is neither good nor bad."""
        if self.reader is None or not len(texts):
            return sentiment(texts)
        raw = self.reader.read(texts, tones_of(texts))
        below, above = np.tanh((self.low - raw) / self.spread), np.tanh((raw - self.high) / self.spread)
        outer = np.where(raw < self.low, -NEUTRAL - (1 - NEUTRAL) * below, NEUTRAL + (1 - NEUTRAL) * above)
        between = NEUTRAL * 0.99 * (2 * (raw - self.low) / max(self.high - self.low, 1e-9) - 1)
        said = np.array([bool(text.strip()) for text in texts])
        return np.where(said, np.where((raw >= self.low) & (raw < self.high), between, outer), 0.0)

    def predict(self, texts: Sequence[str]) -> Whole:
        """The tone of each text as people say it: −1 negative, 0 neither, 1 positive, (n,)."""
        return label(self.scores(texts))


def corrected(texts: Sequence[str], labels: Sequence[int] | Sequence[str]) -> SentimentModel:
    """Learn how this company's people read the tone of comments.

    Two regressions along the order negative < neutral < positive, on words, pairs of words, pieces of words and VADER's
    tones of the clauses, and two more on words weighed by how much they tell the sides apart; their log-odds are added up.
    A text is called negative as often as people called one so, and positive likewise. The model is used only if it reads
    corrections that it did not learn from better than VADER does.

    Parameters
    ----------
    texts : comments that people read, (n,)
    labels : what they said of them: −1, 0, 1 or “negative”, “neutral”, “positive”, (n,)

    Returns
    -------
    SentimentModel with `.predict(texts)` and `.scores(texts)`; VADER's with fewer than 100 corrections, or 15 of a label

    Raises
    ------
    ValueError : another label, or not one a text

    Measured on clothing reviews (stars ≤ 2, 3, ≥ 4; 1,000 to learn from, 200 held out, `python -m tests.bench.listening`):
    macro-F1 .61 ± .03, where VADER reaches .45. Words alone, VADER's tones alone, words marked as negated, ridge regressions
    and cuts tuned for F1 itself were worse by .02 to .13.

    Source: for the order, E. Frank & M. Hall, “A simple approach to ordinal classification”, ECML 2001; S. Wang & C. Manning,
    “Baselines and bigrams”, ACL 2012; the lexicon, C. Hutto & E. Gilbert, ICWSM 2014.

    >>> model = corrected(["never again"], ["negative"])
    >>> model.is_trained, model.reason
    (False, 'A list of words (VADER) reads the tone: 99 more corrections are needed')
    """
    known: dict[object, int] = {-1: -1, 0: 0, 1: 1, **dict(LABELS.items())}
    if len(texts) != len(labels) or any(each not in known for each in labels):
        raise ValueError("Corrections need one label a text: negative, neutral or positive")
    kept = [(text, known[each]) for text, each in zip(texts, labels, strict=True) if text.strip()][-MOST:]
    said = np.array([each for _, each in kept], dtype=np.int64)
    if len(kept) < FEWEST:
        return _plain(f"{FEWEST - len(kept)} more corrections are needed")
    if short := [name for name, each in LABELS.items() if (said == each).sum() < FEWEST_EACH]:
        return _plain(f"at least {FEWEST_EACH} corrections each are needed, also {' and '.join(short)} ones")
    from threadpoolctl import threadpool_limits  # comes with scikit-learn

    with threadpool_limits(1):  # threads that wait for each other cost more than regressions as small as these
        return _trained([text for text, _ in kept], said)


def _plain(reason: str, plain: float = float("nan"), trained: float = float("nan")) -> SentimentModel:
    return SentimentModel(f"{SAYS_LITTLE}: {reason}", plain, trained)


def _trained(texts: list[str], said: Whole) -> SentimentModel:
    """The model that was trained, if it is the better one on what it did not learn from."""
    from sklearn.model_selection import StratifiedKFold

    raw, tones = np.zeros(len(texts)), tones_of(texts)
    for learned, held in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(texts, said):
        reader = _Reader([texts[row] for row in learned], tones[learned], said[learned])
        raw[held] = reader.read([texts[row] for row in held], tones[held])
    low, high = (float(np.quantile(raw, (said <= each).mean())) for each in (-1, 0))
    trained = macro_f1(said, np.where(raw < low, -1, np.where(raw < high, 0, 1)))
    plain = macro_f1(said, label(sentiment(texts)))
    if trained <= plain:
        return _plain(f"it agrees with people's corrections as well as a model of them (F1 {plain:.2f})", plain, trained)
    shown = f"F1 {trained:.2f}, where a list of words (VADER) reaches {plain:.2f}"
    reason = f"{len(texts)} corrections by people read the tone: {shown}"
    return SentimentModel(reason, plain, trained, _Reader(texts, tones, said), low, high, float(np.std(raw)) or 1.0)


def macro_f1(said: Whole, read: Whole) -> float:
    """How well readings agree with what people said: the mean F1 of the three labels, 0 … 1.

    >>> round(macro_f1(np.array([-1, 0, 1, 1]), np.array([-1, 1, 1, 1])), 3)
    0.6
    """
    both = [(said == each, read == each) for each in (-1, 0, 1)]
    return float(np.mean([2 * (a & b).sum() / max(a.sum() + b.sum(), 1) for a, b in both]))


class _Reader:
    """How negative or positive texts are, on a scale of its own."""

    def __init__(self, texts: Sequence[str], tones: Floats, said: Whole) -> None:
        from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

        few = {"min_df": 2 if len(texts) > 60 else 1}
        self.features = [
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, **few),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 4), sublinear_tf=True, min_df=3),
        ]
        self.pairs = CountVectorizer(ngram_range=(1, 2), binary=True, dtype=np.float64, **few)
        plain = [text[:READ] for text in texts]
        self.middle, self.width = tones.mean(axis=0), np.where(tones.std(axis=0) > 0, tones.std(axis=0), 1.0)
        words, pairs = [feature.fit_transform(plain) for feature in self.features], self.pairs.fit_transform(plain)
        rows = self._together(words, pairs, tones)
        self.regressions = [_along(*rows, said > side) for side in (-1, 0)]

    def read(self, texts: Sequence[str], tones: Floats) -> Floats:
        """The sum of all log-odds, (n,)."""
        rows, pairs, scaled = self._rows([text[:READ] for text in texts], tones)
        found = np.zeros(len(texts))
        for alike, bayes, ratios in self.regressions:
            found += alike.decision_function(rows) + bayes.decision_function(_weighed(pairs, scaled, ratios))
        return found

    def _rows(self, plain: list[str], tones: Floats) -> tuple[Any, Any, Any]:
        return self._together([feature.transform(plain) for feature in self.features], self.pairs.transform(plain), tones)

    def _together(self, words: list[Any], pairs: Any, tones: Floats) -> tuple[Any, Any, Any]:
        """Words and pieces with tones of a common width beside them; pairs that are there or not; those tones."""
        scaled = sparse.csr_matrix((tones - self.middle) / self.width * TONE_WEIGHT)
        return sparse.hstack([*words, scaled]).tocsr(), pairs, scaled


def _along(rows: Any, pairs: Any, scaled: Any, above: NDArray[np.bool_]) -> tuple[Any, Any, Floats]:
    """Texts above one of the two borders against those below: by their words, and by words weighed by their ratio."""
    from sklearn.linear_model import LogisticRegression

    alike = LogisticRegression(C=STRENGTH, max_iter=300, class_weight="balanced").fit(rows, above)
    often, seldom = ((np.asarray(pairs[side].sum(axis=0)).ravel() + 1) / (side.sum() + 2) for side in (above, ~above))
    ratios: Floats = BAYES_SCALE * np.log(often / seldom)
    bayes = LogisticRegression(C=BAYES_STRENGTH, max_iter=300, class_weight="balanced")
    return alike, bayes.fit(_weighed(pairs, scaled, ratios), above), ratios


def _weighed(pairs: Any, scaled: Any, ratios: Floats) -> Any:
    return sparse.hstack([pairs @ sparse.diags(ratios), scaled * 3]).tocsr()


def tones_of(texts: Sequence[str]) -> Floats:
    """What VADER says of a text's clauses, (n, 10): on the whole, at its ends, at its worst and best, and how often."""
    found = np.zeros((len(texts), 10))
    for row, text in enumerate(texts):
        tones = np.array(clause_tones(text[:READ]) or [0.0])
        bad, good = (tones <= -NEUTRAL).mean(), (tones >= NEUTRAL).mean()
        ends = tones[0], tones[-1], tones[-3:].mean()
        found[row] = tones.mean(), tones.min(), tones.max(), tones.std(), tones.sum(), *ends, bad, good
    return found
