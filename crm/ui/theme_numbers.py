"""What each number about a theme says: its words, its formula, the rows behind it. A list and a card open to the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from crm.queries import theme_rows
from crm.store.session import Session
from crm.ui import cards, theme_head, words
from crm.ui.session import current
from crm.ui.theme_head import Asked

Row = dict[str, Any]
SHOWN = 200
MEASURES = {"nps": "NPS", "csat": "CSAT", "ces": "CES"}
NOT_A_CAUSE = (
    "A description, not a cause: whoever speaks of a theme may be unhappy for another reason. A comment may speak of several "
    "themes, so impacts do not add up."
)
AGAINST = "Changes are against {}, up to the same point of it."
OVERLAP = "A customer who speaks of two themes stands behind both: the amounts of themes do not add up."


@dataclass(frozen=True)
class Number:
    """A number's heading, what it says, how it is made, and which rows stand behind it."""

    title: str
    says: str
    formula: str
    rows: Callable[..., pd.DataFrame]


def impact_on(measure: str) -> Number:
    """The impact of a theme on one of the scores."""
    name = MEASURES[measure]
    says = (
        f"How much higher or lower {name} is with the answers that speak of this theme than it would be without them; the range "
        f"is where the true value lies, 95 times of 100. {NOT_A_CAUSE}"
    )
    formula = f"{name} of all answers − {name} of the answers that do not speak of the theme"
    return Number(f"{name} impact", says, formula, partial(theme_rows.said, measure=measure))


NUMBERS = {
    "mentions": Number(
        "Mentions",
        "Comments of the period that speak of this theme. A comment counts for every theme that fits it.",
        "comments with a phrase of the theme, or a clause like its examples, or pinned by a person",
        theme_rows.said,
    ),
    "share": Number(
        "Share",
        "How many of all comments of the period speak of this theme. Shares of themes overlap, so they do not add up to 100 %.",
        "comments that speak of the theme / all comments",
        theme_rows.said,
    ),
    "change": Number(
        "Change in points",
        "How many points more or fewer of the comments speak of this theme than in the other period. The true change lies in the "
        "range, 95 times of 100; where 0 is in it, the change may be chance. The rows are those of the first period.",
        "(share − share in the other period) × 100",
        theme_rows.said,
    ),
    "net_sentiment": Number(
        "Net sentiment",
        "The tone of what is said about this theme, clause by clause: 100 if all of it is positive, −100 if all of it is "
        "negative. It is read from the words, never from a rating.",
        "(positive − negative) / mentions × 100",
        theme_rows.said,
    ),
    "customers": Number(
        "Customers", "Customers who spoke of this theme in the period.", "distinct customers of its comments", theme_rows.speakers
    ),
    "revenue": Number(
        "Revenue",
        f"What these customers bought in the last twelve months. {OVERLAP}",
        "sum of purchases of the last 12 months, returns negative",
        theme_rows.speakers,
    ),
    "value": Number(
        "Value",
        f"What these customers will bring in the next twelve months, as the page Value computes it. {OVERLAP}",
        "sum of lifetime value of the next 12 months",
        theme_rows.speakers,
    ),
    "open_amount": Number(
        "Open deals", f"What is open with these customers. {OVERLAP}", "sum of amounts of open deals", theme_rows.speakers
    ),
}
SUMMARIES = {
    "comments": Number(
        "Comments", "What customers said in words in the period.", "comments received in the period", theme_rows.said
    ),
    "unassigned": Number(
        "Without a theme",
        "Comments that no theme fits. Many of them mean that a theme is missing: read them, or have themes proposed.",
        "comments without any theme / all comments",
        theme_rows.said,
    ),
    "net_sentiment": Number(
        "Net sentiment",
        "The tone of all comments: 100 if all are positive, −100 if all are negative. It is read from the words, never from a "
        "rating.",
        "(positive − negative) / comments × 100",
        theme_rows.said,
    ),
}


def of(name: str) -> Number:
    """The number of a column, also of an impact (“nps_impact”)."""
    measure = name.removesuffix("_impact")
    return impact_on(measure) if measure in MEASURES else NUMBERS[name]


def card(
    name: str, number: Number, shown: str, n: int, asked: Asked, theme: Any = None, *, read: str | None = None, **look: Any
) -> None:
    """One number; its n opens what it says and the rows, `read` names the quotes that it links to, `look` is the metric's."""
    with st.container(border=True, height="stretch", gap="small", key=f"card_{name}"):
        st.metric(number.title, shown, **look)
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            if st.button(f"n = {n:,}", key=f"define_{name}", type="tertiary", icon=":material/info:", help="Definition and rows"):
                explain(number, shown, n, asked, theme)
            if read:
                theme_head.link("Read", read, "read")


def explain(number: Number, shown: str, n: int, asked: Asked, theme: Any = None, of_theme: str = "") -> None:
    """Open a number: what it says, how it is made, the rows behind it."""
    session = current()
    rows = number.rows(session, asked.period, *_of(theme), limit=SHOWN, **asked.filters)
    title = f"{number.title}: {of_theme}" if of_theme else number.title
    cards.explained(
        title, shown, number.says, number.formula, n, rows, "theme_number", partial(_everything, number, asked, theme)
    )


def _everything(number: Number, asked: Asked, theme: Any, session: Session) -> pd.DataFrame:
    return number.rows(session, asked.period, *_of(theme), **asked.filters)


def _of(theme: Any) -> tuple[Any, ...]:
    return (theme,) if theme else ()


def net(value: float | None) -> str:
    """Net sentiment as people read it.

    >>> net(-0.342), net(0.1), net(0.0), net(None)
    ('−34', '+10', '0', '–')
    """
    return words.NOTHING if value is None else signed(value * 100, 0)


def percent(share: float | None) -> float | None:
    """A share as a number of a table.

    >>> percent(0.25), percent(None)
    (25.0, None)
    """
    return None if share is None else share * 100


def points(value: float | None) -> str | None:
    """A change of a share in points; None where there is nothing to compare.

    >>> points(0.034), points(-0.002), points(None)
    ('+3.4 points', '−0.2 points', None)
    """
    return None if value is None else f"{signed(value * 100)} points"


def signed(value: float, digits: int = 1) -> str:
    """A number with its sign.

    >>> signed(3.21), signed(-3.2), signed(0.01), signed(-12.6, 0)
    ('+3.2', '−3.2', '0', '−13')
    """
    text = f"{abs(value):.{digits}f}"
    if not float(text):
        return "0"
    return f"{'−' if value < 0 else '+'}{text}"


def effect(found: Row | None, measure: str) -> str:
    """What a theme does to a score, with the range.

    >>> effect({"effect": -3.21, "low": -5.1, "high": -1.36, "n": 40}, "nps"), effect(None, "nps")
    ('−3.2 (−5.1 to −1.4)', 'too few to say')
    """
    if not found or found["effect"] is None:
        return "too few to say"
    low, value, high = (in_score(found[name], measure) for name in ("low", "effect", "high"))
    return f"{value} ({low} to {high})"


def in_score(value: float, measure: str) -> str:
    """A difference in a score: of CSAT in points of its share, of CES in its own steps.

    >>> in_score(-3.2, "nps"), in_score(-0.034, "csat"), in_score(-0.128, "ces")
    ('−3.2', '−3.4', '−0.13')
    """
    return signed(value * 100) if measure == "csat" else signed(value, 2 if measure == "ces" else 1)
