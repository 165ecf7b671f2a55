"""The tone of comments as this company's people read it: a model trained by their corrections, once it is the better one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from crm.insight.tones import LABELS, NEUTRAL, clause_tones, label, sentiment, span_tones
from crm.insight.words import IS_DENSE, folded, pieces

__all__ = ["LABELS", "NEUTRAL", "SentimentModel", "clause_tones", "corrected", "label", "macro_f1", "sentiment", "span_tones"]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
FEWEST = 100  # corrections
FEWEST_EACH = 15  # of each label
MOST = 5_000  # corrections learned from, the last ones
FOLDS = 4
READ = 4_000  # characters of a comment
TONE_WEIGHT = 0.05  # of what VADER says, beside words
STRENGTH = 10.0  # how far single words are trusted
REACH = 3  # words that a negation turns
NEGATIONS = frozenset(("not", "no", "never", "without", "cannot"))
SAID = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|[.,;:!?]")
SAYS_LITTLE = "The tone is read from a list of words (VADER)"


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


def corrected(texts: Sequence[str], labels: Sequence[int] | Sequence[str]) -> SentimentModel:
    """Learn how this company's people read the tone of comments.

    One regression along the order negative < neutral < positive: the same weights tell the negative from the others, and the
    positive from the others. It goes by words and pairs of words, those after a negation apart, and VADER's tones of the clauses.
    A text is called negative as often as people called one so, and positive likewise. The model is used only if it reads
    corrections that it did not learn from better than VADER does.

    Parameters
    ----------
    texts : comments that people read, (n,)
    labels : what they said of them: −1, 0, 1 or “negative”, “neutral”, “positive”, (n,)

    Returns
    -------
    SentimentModel with `.scores(texts)`, which `label` turns into the three; VADER's with fewer than 100 corrections, or 15 of
    a label

    Raises
    ------
    ValueError : another label, or not one a text

    Measured on clothing reviews (stars ≤ 2, 3, ≥ 4; 1,000 to learn from, the others held out, `python -m tests.bench.listening`):
    macro-F1 .61 ± .04 in 20 draws, also with the reviews' titles, where VADER reaches .45. Pieces of words, words weighed by the
    ratio of their counts, two regressions, kernels, what words have in common over all comments (LSA), sums of these, and cuts
    tuned for F1 were no better. Nor were, in the same draws: words near the end or after a “but” marked (to −.01), hedges and how
    the tones of clauses are spread (0 to −.04), a second regression or trees on the learned tones of clauses (worst, best, last,
    share: 0 to −.02), regressions on resampled corrections, least squares and ten folds for the cuts (0).

    Source: for the order, J. D. M. Rennie & N. Srebro, “Loss functions for preference levels: regression with discrete ordered
    labels”, IJCAI 2005 (all thresholds at once); negations, S. Das & M. Chen, “Yahoo! for Amazon”, Management Science 53 (2007);
    the lexicon, C. Hutto & E. Gilbert, ICWSM 2014.

    >>> model = corrected(["never again"], ["negative"])
    >>> model.is_trained, model.reason
    (False, 'The tone is read from a list of words (VADER): after 99 more corrections by people it is learned from them')
    """
    known: dict[object, int] = {-1: -1, 0: 0, 1: 1, **dict(LABELS.items())}
    if len(texts) != len(labels) or any(each not in known for each in labels):
        raise ValueError("Corrections need one label a text: negative, neutral or positive")
    kept = [(text, known[each]) for text, each in zip(texts, labels, strict=True) if text.strip()][-MOST:]
    said = np.array([each for _, each in kept], dtype=np.int64)
    if len(kept) < FEWEST:
        return _plain(f"after {FEWEST - len(kept)} more corrections by people it is learned from them")
    if short := [name for name, each in LABELS.items() if (said == each).sum() < FEWEST_EACH]:
        return _plain(f"to learn it from people takes at least {FEWEST_EACH} corrections each, also {' and '.join(short)} ones")
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
        from sklearn.feature_extraction.text import TfidfVectorizer

        few = 2 if len(texts) > 60 else 1
        self.words = TfidfVectorizer(
            preprocessor=folded, tokenizer=_marked, token_pattern=None, ngram_range=(1, 2), sublinear_tf=True, min_df=few
        )
        self.middle, self.width = tones.mean(axis=0), np.where(tones.std(axis=0) > 0, tones.std(axis=0), 1.0)
        self.words.fit([text[:READ] for text in texts])
        self.weights = _along(self._rows(texts, tones), said)

    def read(self, texts: Sequence[str], tones: Floats) -> Floats:
        """Log-odds, (n,)."""
        found: Floats = self._rows(texts, tones) @ self.weights
        return found

    def _rows(self, texts: Sequence[str], tones: Floats) -> Any:
        """Words, with tones of a common width beside them."""
        scaled = sparse.csr_matrix((tones - self.middle) / self.width * TONE_WEIGHT)
        return sparse.hstack([self.words.transform([text[:READ] for text in texts]), scaled]).tocsr()


def _along(rows: Any, said: Whole) -> Floats:
    """What each feature weighs from negative to positive: every text is held against both borders between the labels."""
    from sklearn.linear_model import LogisticRegression

    above = np.concatenate([said > side for side in (-1, 0)])
    border = sparse.csr_matrix(np.repeat(np.eye(2), len(said), axis=0))
    worth = np.concatenate([np.where(side, 0.5 / side.mean(), 0.5 / (~side).mean()) for side in np.split(above, 2)])
    model = LogisticRegression(C=STRENGTH, max_iter=400)
    model.fit(sparse.hstack([sparse.vstack([rows, rows]), border]).tocsr(), above, sample_weight=worth)
    weights: Floats = model.coef_[0][: rows.shape[1]]
    return weights


def _marked(plain: str) -> list[str]:
    """The words of a folded text, those that a negation turns marked, and its exclamation marks.

    >>> _marked("it did not fit me well, sadly!")
    ['it', 'did', 'not', '-fit', '-me', '-well', 'sadly', '!']
    """
    found: list[str] = []
    turned = 0
    for said in SAID.findall(plain):
        if said in NEGATIONS or said.endswith("n't"):
            turned = REACH
            found.append(said)
        elif said[0].isalpha():
            found += [f"-{part}" if turned > 0 else part for part in (pieces(said) if IS_DENSE.match(said) else [said])]
            turned -= 1
        else:
            turned = 0
            found += ["!"] * (said == "!")
    return found


def tones_of(texts: Sequence[str]) -> Floats:
    """What VADER says of a text's clauses, (n, 10): on the whole, at its ends, at its worst and best, and how often."""
    found = np.zeros((len(texts), 10))
    for row, text in enumerate(texts):
        tones = np.array(clause_tones(text[:READ]) or [0.0])
        bad, good = (tones <= -NEUTRAL).mean(), (tones >= NEUTRAL).mean()
        ends = tones[0], tones[-1], tones[-3:].mean()
        found[row] = tones.mean(), tones.min(), tones.max(), tones.std(), tones.sum(), *ends, bad, good
    return found
