"""What Harbor's people say that customers talk about: six themes with phrases and examples. Two more wait to be proposed.

Of the planted themes (feedback.THEMES), the app and the onboarding are left out: whoever looks for new themes finds them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm.demo.world import World, table

SINCE_DAYS = 150
EXAMPLES = 12


@dataclass(frozen=True)
class Planted:
    """A theme as people stated it: `shown` finds its examples among the first texts, `unlike` one that is not about it."""

    name: str
    note: str
    phrases: tuple[str, ...]
    shown: str
    excluded: tuple[str, ...] = ()
    unlike: str = ""


PLANTED = (
    Planted(
        "Delivery",
        "From our dock to their door, on the day we said.",
        ("delivery", "delivered", "parcel", "shipment", "shipping", "courier", "carrier"),
        r"late delivery|parcel sat|courier left|never turned up",
    ),
    Planted(
        "Price",
        "What it costs, and what they get for it.",
        ("price", "expensive", "cheaper", "discount", "hidden costs", "costs more"),
        r"too expensive|price went up|price is fair",
        unlike=r"included in the price",
    ),
    Planted(
        "Support",
        "How fast and how well the helpdesk answers.",
        ("support", "hotline", "helpdesk", "ticket"),
        r"support takes far|kept me on hold|ticket was closed|support answered",
        unlike=r"address that support replies",
    ),
    Planted(
        "Billing",
        "Invoices, reminders, credit notes.",
        ("invoice", "billing", "billed", "credit note", "charged twice", "payment reminder"),
        r"invoice was wrong|charged twice|credit note we",
        excluded=("I would like a credit note",),
    ),
    Planted(
        "Devices and labels",
        "Whether what we make lasts.",
        ("battery", "labels come off", "labels stick", "casing", "firmware", "stopped working", "build quality", "readings"),
        r"stopped working|battery|casing cracked|screen is unreadable|print (?:on|fades)|is solid and",
    ),
    Planted(
        "Our people",
        "The person they know, and how we keep in touch.",
        ("our contact", "technician", "your people"),
        r"knows our business|promised to come by|keeps promises|always calls back|talks more than|no stand-in",
    ),
)


def themes(world: World) -> pd.DataFrame:
    """One row per theme that was stated."""
    return table(
        {
            "theme_id": _ids(world),
            "corpus": "customers",
            "name": [planted.name for planted in PLANTED],
            "note": [planted.note for planted in PLANTED],
            "merged_into_id": None,
        },
        sourced=False,
    )


def theme_phrases(world: World) -> pd.DataFrame:
    """One row per phrase that means a theme or rules it out."""
    rows = [
        (key, phrase, is_excluded)
        for key, planted in zip(_ids(world), PLANTED, strict=True)
        for is_excluded, phrases in ((False, planted.phrases), (True, planted.excluded))
        for phrase in phrases
    ]
    keys, phrases, flags = zip(*rows, strict=True)
    return table(
        {
            "theme_phrase_id": world.ids("theme_phrases", _since(world, len(rows))),
            "theme_id": keys,
            "phrase": phrases,
            "is_excluded": flags,
        },
        sourced=False,
    )


def theme_marks(world: World, voices: pd.DataFrame) -> pd.DataFrame:
    """One row per comment that somebody pinned to a theme, or said not to be about it."""
    texts = voices["text"].fillna("")
    rows = [
        (key, comment, fits)
        for key, planted in zip(_ids(world), PLANTED, strict=True)
        for pattern, most, fits in ((planted.shown, EXAMPLES, True), (planted.unlike, 1, False))
        if pattern
        for comment in voices["feedback_id"][texts.str.contains(pattern, flags=re.IGNORECASE)].head(most)
    ]
    keys, comments, flags = zip(*rows, strict=True)
    return table(
        {
            "theme_mark_id": world.ids("theme_marks", _since(world, len(rows))),
            "theme_id": keys,
            "comment_id": comments,
            "fits": flags,
        },
        sourced=False,
    )


def _ids(world: World) -> list[str]:
    return world.ids("themes", _since(world, len(PLANTED)))


def _since(world: World, size: int) -> np.ndarray:
    """The day on which it was said."""
    return np.full(size, world.day - np.timedelta64(SINCE_DAYS, "D"))
