"""The tone of what customers write: −1 bad … 1 good. A rating is not a tone, and a tone is not a rating."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from math import copysign
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from crm.insight.clauses import LONGEST, clauses

NEUTRAL = 0.05  # below it, a tone is neither good nor bad (the authors' own limit)
KEPT = 50_000  # words, as they were written
LABELS = {"negative": -1, "neutral": 0, "positive": 1}
# how a letter begins and ends; alone in its clause it is manners, no praise
MANNERS = re.compile(
    r"""
    (?: (?:many\ |with\ )? thanks (?:\ in\ advance)? | thank\ you (?:\ in\ advance)? | cheers | dear\b [^,.!?;:]{,40}
    | (?:with\ )? (?:many\ thanks\ and\ )? (?:kind|kindest|best|warm)\ regards | regards | (?:with\ )? best\ wishes
    | (?:yours\ )? (?:sincerely|faithfully|truly) )
    (?: ,\ ? (?-i:[A-Z]) \S* (?:\ (?-i:[A-Z]) \S*){,2} )?  # who writes
    [\s,.!:]*
    """,
    re.IGNORECASE | re.VERBOSE,
)
LONGEST_MANNERS = 60  # characters
# the lexicon's praise that names things of a deal where customers write: a credit card, a promised day (“four days after”)
DEALINGS = frozenset(("credit", "credited", "credits", "promise", "promised", "promises"))


def sentiment(texts: Sequence[str]) -> NDArray[np.float64]:
    """The tone of each text: the mean over its clauses, so that a long complaint with one kind word stays a complaint.

    Parameters
    ----------
    texts : comments in English, (n_texts,); words of other languages say nothing

    Returns
    -------
    −1 … 1, (n_texts,); 0 for a text that is blank or says neither

    Source: C. Hutto & E. Gilbert, “VADER: A parsimonious rule-based model for sentiment analysis of social media text”,
    ICWSM 2014; applied a clause at a time, and deaf to a few words that name things of a deal.

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


class _Word(NamedTuple):
    """A word of a clause, as VADER sees it; each is looked at once, however often people write it."""

    said: str  # without punctuation
    plain: str  # in lower case
    tone: float | None  # where the lexicon knows it and it does not only strengthen or weaken others
    is_turning: bool  # changes what those near it say
    is_shouted: bool


class _Window(NamedTuple):
    """The words about one, as VADER asks for them."""

    words_and_emoticons: list[str]
    is_cap_diff: bool


def _tone(clause: str) -> float:
    """VADER's tone of a clause, in half of its time: only words of its lexicon are weighed, each among its neighbours.

    >>> [_tone(clause) for clause in ("Kind regards, Ada", "Thanks in advance.", "Dear Mrs Byron,", "Thanks, great work")]
    [0.0, 0.0, 0.0, 0.7906]
    """
    vader = _vader()
    if len(clause) <= LONGEST_MANNERS and MANNERS.fullmatch(clause):
        return 0.0
    if not clause.isascii():  # may hold emoji
        return float(vader.analyser.polarity_scores(clause)["compound"])
    words = list(map(vader.words.__getitem__, clause.split()))
    told = [place for place, word in enumerate(words) if word.tone is not None and not _is_kind_of(words, place)]
    if not told:
        return 0.0
    tones = [0.0] * len(words)
    for place in told:
        word, start = words[place], max(place - 3, 0)
        about = words[start : place + 4]
        if word.is_shouted or any(other.is_turning for other in about):
            window = _Window([other.said for other in about], 0 < sum([other.is_shouted for other in words]) < len(words))
            tones[place] = vader.analyser.sentiment_valence(0, window, word.said, place - start, [])[0]
        else:
            tones[place] = word.tone or 0.0
    return _together(clause, words, tones)


def _is_kind_of(words: Sequence[_Word], place: int) -> bool:
    return words[place].plain == "kind" and place + 1 < len(words) and words[place + 1].plain == "of"


def _together(clause: str, words: Sequence[_Word], tones: list[float]) -> float:
    """The tone of a clause from those of its words: more counts after a “but”, and exclamation marks add to it."""
    vader = _vader()
    if "but" in clause.lower():
        tones = vader.analyser._but_check([word.said for word in words], tones)
    total = float(sum(tones))
    if total and ("!" in clause or "?" in clause):
        total += copysign(vader.analyser._punctuation_emphasis(clause), total)
    return round(vader.normalised(total), 4)


class _Vader(NamedTuple):
    """VADER and what it goes by."""

    analyser: Any
    words: dict[str, _Word]
    normalised: Callable[[float], float]


@cache
def _vader() -> _Vader:
    from vaderSentiment.vaderSentiment import BOOSTER_DICT as MODIFIERS  # words that only strengthen or weaken others
    from vaderSentiment.vaderSentiment import NEGATE, SPECIAL_CASES, SentimentIntensityAnalyzer, SentiText, normalize

    turns = [*MODIFIERS, *NEGATE, *SPECIAL_CASES, "no", "never", "so", "this", "without doubt", "least"]
    turning = frozenset(word for phrase in turns for word in (phrase, *phrase.split()))
    analyser = SentimentIntensityAnalyzer()
    analyser.lexicon = {word: tone for word, tone in analyser.lexicon.items() if word not in DEALINGS}

    class Words(dict[str, _Word]):
        def __missing__(self, written: str) -> _Word:
            if len(self) >= KEPT:
                self.clear()
            said = SentiText._strip_punc_if_word(written)
            plain = said.lower()
            tone = None if plain in MODIFIERS else analyser.lexicon.get(plain)
            return self.setdefault(written, _Word(said, plain, tone, plain in turning or "n't" in plain, said.isupper()))

    return _Vader(analyser, Words(), normalize)
