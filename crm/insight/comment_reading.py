"""Comments read for themes and tone at once: what the job hands to the worker process, a few thousand texts at a time.

What was learned from people's examples and corrections is kept between two calls, so that one new comment costs no training. The
mathematics is imported when it is used: only the worker process, and who runs without one, needs it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from crm.insight.clauses import Clause, clauses
from crm.insight.tones import NEUTRAL

if TYPE_CHECKING:
    from crm.insight.proposals import Proposal
    from crm.insight.sentiment import SentimentModel
    from crm.insight.themes import Theme, ThemeModel

METHOD = 4  # raised when what is found in a comment changes, so that all of them are read again
KEPT = 4  # models: those of two corpora, before and after a change


@dataclass(frozen=True)
class Stated:
    """What people said: the themes, and texts with the tone that they gave them (negative, neutral, positive).

    With it the comments that stand for all other things while there are few themes.
    """

    themes: tuple[Theme, ...] = ()
    texts: tuple[str, ...] = ()
    tones: tuple[str, ...] = ()
    ordinary: tuple[str, ...] = ()


class Read(NamedTuple):
    """Of n texts with m themes between them: the tone of each text (n,); then, for each theme of a text in their order, which
    text and theme (m, 2), where its clause begins and ends (m, 2), the clause's tone (m,), whether a phrase named it (m,)."""

    sentiment: NDArray[np.float64]
    pairs: NDArray[np.int64]
    spans: NDArray[np.int64]
    tones: NDArray[np.float64]
    by_phrase: NDArray[np.bool_]


def read(stated: Stated, texts: Sequence[str], marks: Sequence[tuple[int, int, bool]] = ()) -> Read:
    """Read comments for themes and tone.

    Parameters
    ----------
    stated : what people said of themes and tones
    texts : the comments, (n,)
    marks : (place of the text, place of the theme, whether it fits) where a person said so: that stands, whatever is found

    >>> from crm.insight.themes import Theme
    >>> late = Theme("Late", phrases=("late",))
    >>> found = read(Stated((late,)), ["Lovely cloth, but it came late and broken.", "Nice."], [(1, 0, True)])
    >>> found.pairs.tolist(), found.by_phrase.tolist(), bool(found.tones[0] < 0 < found.tones[1])
    ([[0, 0], [1, 0]], [True, False], True)
    """
    themes, tone = themes_of(stated.themes, stated.ordinary), tone_of(stated.texts, stated.tones)
    found, named = themes.found(texts)
    cut = {text: clauses(text) for text in texts}
    for text, theme, fits in marks:
        found[text, theme] = fits
    pairs, spans = np.argwhere(found), themes.spans(texts, found, cut)
    said = [texts[text][start:end] for (text, _), (start, end) in zip(pairs.tolist(), spans.tolist(), strict=True)]
    sentiment, tones = (tone.scores(texts), tone.scores(said)) if tone.is_trained else _by_words(texts, said, cut)
    return Read(sentiment, pairs, spans, tones, named[found])


def _by_words(
    texts: Sequence[str], said: Sequence[str], cut: Mapping[str, Sequence[Clause]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The tone of texts (the mean over their clauses) and of some of their clauses, each clause read once for both."""
    from crm.insight.sentiment import span_tones

    parts = [[part.text for part in cut[text]] for text in texts]
    read = list(dict.fromkeys([*(part for text in parts for part in text), *said]))
    tones = dict(zip(read, span_tones(read).tolist(), strict=True))
    means = [sum(tones[part] for part in text) / len(text) if text else 0.0 for text in parts]
    return np.array(means, dtype=float), np.array([tones[part] for part in said], dtype=float)


def how(stated: Stated) -> tuple[bool, str]:
    """Whether people's corrections decide the tone, and why, in words."""
    tone = tone_of(stated.texts, stated.tones)
    return tone.is_trained, tone.reason


@lru_cache(maxsize=KEPT)
def themes_of(themes: tuple[Theme, ...], ordinary: tuple[str, ...] = ()) -> ThemeModel:
    """The themes, ready to be found; the same ones are learned once."""
    from crm.insight.themes import fit

    return fit(themes, ordinary)


@lru_cache(maxsize=KEPT)
def tone_of(texts: tuple[str, ...], tones: tuple[str, ...]) -> SentimentModel:
    """How tones are read; the same corrections are learned from once."""
    from crm.insight.sentiment import corrected

    return corrected(texts, tones)


def proposed(texts: Sequence[str], names: Collection[str] = ()) -> list[Proposal]:
    """Themes that comments without one suggest, none of them a name; the same texts suggest the same."""
    from crm.insight.themes import propose

    return propose(texts, seed=0, names=names)


LEANS = {"complaint": -1.0, "compliment": 1.0}


def as_kept(found: Read, kinds: Sequence[str]) -> Read:
    """Where the words of a comment or clause say neither good nor bad, the tone of what it was kept as.

    A lexicon hears nothing in “my parcel came two weeks late”; that it is a complaint, a person knew.

    Parameters
    ----------
    found : what was read, without people's corrections
    kinds : what each of the n texts was kept as: “complaint” leans to negative, “compliment” to positive, others to nothing

    >>> as_kept(read(Stated(), ["It came two weeks late."] * 2), ["complaint", "question"]).sentiment.tolist()
    [-0.05, 0.0]
    """
    leans = np.array([LEANS.get(kind, 0.0) for kind in kinds]) * NEUTRAL

    def leaned(tones: NDArray[np.float64], leans: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where((np.abs(tones) < NEUTRAL) & (leans != 0), leans, tones)

    return found._replace(
        sentiment=leaned(found.sentiment, leans),
        tones=leaned(found.tones, leans[found.pairs[:, 0]]),
    )
