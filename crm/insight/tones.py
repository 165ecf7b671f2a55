"""The tone of what customers write: −1 bad … 1 good. A rating is not a tone, and a tone is not a rating."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from crm.insight.clauses import LONGEST, clauses

NEUTRAL = 0.05  # below it, a tone is neither good nor bad (the authors' own limit)
LABELS = {"negative": -1, "neutral": 0, "positive": 1}


def sentiment(texts: Sequence[str]) -> NDArray[np.float64]:
    """The tone of each text: the mean over its clauses, so that a long complaint with one kind word stays a complaint.

    Parameters
    ----------
    texts : comments in English, (n_texts,); words of other languages say nothing

    Returns
    -------
    −1 … 1, (n_texts,); 0 for a text that is blank or says neither

    Source: C. Hutto & E. Gilbert, “VADER: A parsimonious rule-based model for sentiment analysis of social media text”,
    ICWSM 2014; applied a clause at a time.

    >>> [round(float(tone), 2) for tone in sentiment(["I love it", "Broken and ugly", "", "It is a table"])]
    [0.64, -0.75, 0.0, 0.0]
    >>> bool(sentiment(["Lovely cloth, but the service was terrible and rude."])[0] < sentiment(["Lovely cloth."])[0])
    True
    """
    return np.array([float(np.mean(clause_tones(text) or [0.0])) for text in texts], dtype=float)


def span_tones(spans: Sequence[str]) -> NDArray[np.float64]:
    """The tone of each text taken as one clause, −1 … 1, (n,); one that was written twice is read once.

    >>> span_tones(["too late", "I love it", "I love it"]).round(2).tolist()
    [0.0, 0.64, 0.64]
    """
    tones = {span: _tone(span[:LONGEST]) for span in dict.fromkeys(spans)}
    return np.array([tones[span] for span in spans], dtype=float)


def label(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Tones as people say them: −1 negative, 0 neither, 1 positive, (n,).

    >>> label(np.array([-0.6, 0.04, 0.05])).tolist()
    [-1, 0, 1]
    """
    return np.sign(np.where(np.abs(scores) < NEUTRAL, 0.0, scores)).astype(np.int64)


def clause_tones(text: str) -> list[float]:
    """The tone of each clause of a text, in their order, each −1 … 1.

    >>> [round(tone, 1) for tone in clause_tones("Great cloth, but it came broken.")]
    [0.6, -0.6]
    """
    return [_tone(clause.text) for clause in clauses(text)]


class _Window(NamedTuple):
    """The words about one, as VADER asks for them."""

    words_and_emoticons: list[str]
    is_cap_diff: bool


def _tone(clause: str) -> float:
    """VADER's tone of a clause, in six tenths of its time: only words of its lexicon are weighed, each among its neighbours."""
    vader = _vader()
    lexicon = vader.analyser.lexicon
    if not clause.isascii():  # may hold emoji
        return float(vader.analyser.polarity_scores(clause)["compound"])
    words = [vader.cut(word) for word in clause.split()]
    plain = [word.lower() for word in words]
    told = [
        place
        for place, word in enumerate(plain)
        if word in lexicon and word not in vader.modifiers and not (word == "kind" and plain[place + 1 : place + 2] == ["of"])
    ]
    if not told:
        return 0.0
    tones, is_cap_diff = [0.0] * len(words), vader.is_shouted_in_part(words)
    for place in told:
        start, end = max(place - 3, 0), place + 4
        about = plain[start:end]
        if vader.turning.isdisjoint(about) and "n't" not in " ".join(about) and not words[place].isupper():
            tones[place] = lexicon[plain[place]]
        else:
            window = _Window(words[start:end], is_cap_diff)
            tones[place] = vader.analyser.sentiment_valence(0, window, words[place], place - start, [])[0]
    return float(vader.analyser.score_valence(vader.analyser._but_check(words, tones), clause)["compound"])


class _Vader(NamedTuple):
    """VADER and what it goes by."""

    analyser: Any
    modifiers: dict[str, float]  # words that only strengthen or weaken others
    turning: frozenset[str]  # words that change what those near them say
    cut: Callable[[str], str]  # strips a word
    is_shouted_in_part: Callable[[list[str]], bool]


@cache
def _vader() -> _Vader:
    from vaderSentiment.vaderSentiment import BOOSTER_DICT, NEGATE, SPECIAL_CASES, SentimentIntensityAnalyzer, SentiText
    from vaderSentiment.vaderSentiment import allcap_differential as is_shouted_in_part

    turns = [*BOOSTER_DICT, *NEGATE, *SPECIAL_CASES, "no", "never", "so", "this", "without doubt", "least"]
    turning = frozenset(word for phrase in turns for word in (phrase, *phrase.split()))
    return _Vader(SentimentIntensityAnalyzer(), BOOSTER_DICT, turning, SentiText._strip_punc_if_word, is_shouted_in_part)
