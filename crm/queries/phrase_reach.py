"""What a phrase would bring to a theme, asked before it is pinned.

A pinned phrase always decides. So a broad one (“my account”) brings comments that mean something else: phrases chosen without
looking find themes worse than examples alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crm.insight.phrases import Phrase, phrases
from crm.insight.themes import READ, Theme, ThemeModel
from crm.insight.words import folded
from crm.queries import themes
from crm.store.session import Session

NOUNS = themes.NOUNS
LETTERS = re.compile(r"\w+")
Row = dict[str, Any]


def reach(session: Session, theme_id: UUID | str, given: Sequence[str]) -> list[Row]:
    """One row per phrase: how many of all `comments` are `saying` it, the theme's whole corpus, whatever their day.

    Of these, how many are `having` the theme already, how many would be `losing` it if the phrase were forbidden, and how many
    are pinned as examples: of this theme (`examples`), and of others but not of this one (`strangers`).
    """
    theme = themes.one(session, theme_id)
    asked = {phrase: found.phrases[0] for phrase in given if (found := phrases(phrase)).phrases}
    likely = _likely(session, theme, asked.values())
    plain = [folded(text) for text in likely["text"]]
    comments = session.value("select count(*) from comments where corpus = $corpus", corpus=theme["corpus"])
    return [
        {"phrase": name, "comments": comments, **_counted(theme, phrase, likely[_saying(phrase, plain)])}
        for name, phrase in asked.items()
    ]


def _saying(phrase: Phrase, plain: Sequence[str]) -> NDArray[np.bool_]:
    return np.fromiter(map(phrase.is_in, plain), dtype=bool, count=len(plain))


def _counted(theme: Row, phrase: Phrase, saying: pd.DataFrame) -> Row:
    found = saying.loc[saying["is_found"], "text"]
    return {
        "saying": len(saying),
        "having": int(saying["has_theme"].sum()),
        "losing": int((~_without(theme, phrase).by_phrase(found.tolist())).sum()),
        "examples": int(saying["is_example"].sum()),
        "strangers": int(saying["is_stranger"].sum()),
    }


def _without(theme: Row, phrase: Phrase) -> ThemeModel:
    """The theme by its phrases alone, this one forbidden: a comment that says it keeps a theme by nothing else."""
    meant, ruled_out = ([row["phrase"] for row in theme["phrases"] if row["is_excluded"] is flag] for flag in (False, True))
    return ThemeModel((Theme(theme["name"], phrases=meant, excluded=[*ruled_out, phrase.plain]),))


def _likely(session: Session, theme: Row, asked: Iterable[Phrase]) -> pd.DataFrame:
    """One row per comment that may say one of the phrases: the few that are looked at closely."""
    return session.frame(
        """
        with
        finds as (
            select
                comment_id,
                found_by
            from theme_finds
            where theme_id = $theme
        ),

        pinned as (
            select
                marks.comment_id,
                bool_or(marks.theme_id = $theme) as is_example
            from theme_marks as marks
            inner join themes on themes.theme_id = marks.theme_id and themes.archived_at is null
            where marks.archived_at is null and marks.fits
            group by marks.comment_id
        )

        select
            left(comments.text, $most) as text,
            finds.comment_id is not null as has_theme,
            coalesce(finds.found_by <> 'person', false) as is_found,
            coalesce(pinned.is_example, false) as is_example,
            coalesce(not pinned.is_example, false) as is_stranger
        from comments
        left join finds on finds.comment_id = comments.comment_id
        left join pinned on pinned.comment_id = comments.comment_id
        where
            comments.corpus = $corpus
            and (
                regexp_matches(search_key(comments.text), $stretches)
                or (strlen(comments.text) > length(comments.text) and regexp_matches(comments.text, $further))
            )
        """,
        theme=theme["theme_id"],
        corpus=theme["corpus"],
        most=READ,
        stretches="|".join(map(stretch, asked)),
        further=f"[{folded_further()}]",
    )


def stretch(phrase: Phrase) -> str:
    """The longest run of letters in a phrase, as search_key has it.

    >>> from crm.insight.phrases import phrases
    >>> [stretch(phrase) for phrase in phrases("C++ (new)", "が遅れ").phrases]
    ['new', '遅れ']
    """
    runs = LETTERS.findall(unicodedata.normalize("NFD", phrase.plain))
    return unicodedata.normalize("NFC", max(runs, key=len, default=""))


@cache
def folded_further() -> str:
    """The signs that a phrase finds as other letters, while search_key leaves them: texts with one of them are all looked at.

    >>> [sign in folded_further() for sign in "ß™ｅéеが遅…"]
    [True, True, True, False, False, False, False, False]
    """
    signs = map(chr, chain(range(0x80, 0xD800), range(0xE000, 0x30000)))
    differing = (
        (sign, further, plain)
        for sign in signs
        if (further := unicodedata.normalize("NFKD", sign.casefold())) != (plain := unicodedata.normalize("NFD", sign.lower()))
    )
    return "".join(sign for sign, further, plain in differing if LETTERS.findall(further) != LETTERS.findall(plain))
