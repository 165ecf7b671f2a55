"""Names for what people write about: things, as somebody would put them on a list, told by the little words around them.

Without a grammar: “the night shift” names something, “we shift it” does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import islice

from crm.insight.words import EMPTY

# what customers of any company say whatever they speak of
SMALL_TALK = frozenset(
    re.findall(
        r"\w+",
        "can cannot could just really very get got getting like make "
        "made want would thank thanks please hi hello know think going need use used using one also still even ever "
        "much many lot thing things good great nice bad better best back new old odd big small little long bit kind sure "
        "day days week weeks month months year years today yesterday tomorrow morning evening hour hours minute minutes "
        "second seconds ago time times since now soon later already again always never often half two three four five "
        "six seven eight nine ten monday tuesday wednesday thursday friday saturday sunday january february march april "
        "june july august september october november december say says said tell told ask asked talk talked look looked "
        "looks looking see seen saw come comes came go goes went take takes took taken try tried trying find found give "
        "gave given let put run ran happen happens happened mean means seem seems word happy love loved lovely beautiful "
        "brilliant perfect perfectly highly absolutely extremely recommend nervous glad sorry hope quite rather pretty "
        "somebody someone anybody anyone nobody everybody everyone bigger biggest smaller smallest older oldest newer "
        "newest longer longest easier immediately specific following true clear regards dear sir madam xxxx",
    )
)
BEFORE_DEEDS = (
    "i|we|you|they|he|she|who|to|not|can|could|will|would|shall|should|must|may|might|did|didn't|don't|doesn't|can't|won't|"
    "wouldn't|couldn't|i'm|i've|we've|has|have|had|been|being|be|please|just"
)
AFTER_DEEDS = frozenset(
    re.findall(r"\w+", "a an the this these those our your my his her its their each every us me them him it")
)
IS_AFTER_DOER = re.compile(rf"(?<![\w'])(?:{BEFORE_DEEDS}) \Z")
WORD_AFTER = re.compile(r" (\w[\w']*)")
LOOK_BACK = 12  # characters: longer than any of those words
MOST = 200  # places looked at
DEED = 0.35  # of them, from which on it is rather something done
GOES_ON = 0.75  # of them, from which on the words that follow belong to the name


def can_name(word: str) -> bool:
    """Whether a folded word can be part of a name.

    >>> [can_name(word) for word in ("late", "oldest", "is", "monday")]
    [True, False, False, False]
    """
    return len(word) > 2 and word not in _idle()


@cache
def _idle() -> frozenset[str]:
    """Words that name nothing."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return SMALL_TALK | EMPTY | frozenset(ENGLISH_STOP_WORDS)


def names_something(term: str, plain: Sequence[str]) -> bool:
    """Whether words stand where the name of a thing stands, and are not cut off in the middle of one.

    Parameters
    ----------
    term : one word or more, folded
    plain : folded texts that may say it

    >>> said = ["the photo next to each item settles every argument", "a yearly plan saves us money", "they read the yearly plan"]
    >>> [names_something(term, said) for term in ("photo", "item settles", "plan saves", "yearly plan", "read")]
    [True, False, False, True, False]
    >>> names_something("start page", ["a start page leaflet in Polish", "the start page leaflet"])
    False
    """
    form = re.compile(rf"(?<!\w){re.escape(term)}(?!\w)")
    said = ((text, found.start(), found.end()) for text in plain if term in text for found in form.finditer(text))
    places = list(islice(said, MOST))
    after = [found.group(1) if (found := WORD_AFTER.match(text, end)) else "" for text, _, end in places]
    done = sum(
        word in AFTER_DEEDS or bool(IS_AFTER_DOER.search(text[max(start - LOOK_BACK, 0) : start]))
        for (text, start, _), word in zip(places, after, strict=True)
    )
    goes_on = sum(map(can_name, after))
    return bool(places) and done <= DEED * len(places) and goes_on < GOES_ON * len(places)
