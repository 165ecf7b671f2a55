"""eNPS: would our own people recommend working here? A score a quarter from at least five answers, and the words beside it."""

from __future__ import annotations

from math import sqrt
from typing import Any

from crm.queries.periods import Period, containing
from crm.store.session import Session

NOUNS = ("enps_answers", "employees")
WORDS = (
    "Would you recommend working here, from 0 to 10? The share of 9–10 less the share of 0–6. Each employee answers once a "
    "quarter, without a name. Answers come to light at least five together, so that no score tells what one person said."
)
FORMULA = "100 × (share of 9–10 − share of 0–6), shown answers of the quarter"


def quarter(session: Session) -> Period:
    """The quarter that runs."""
    return containing("quarter", session.today, int(session.settings["first_month_of_year"]))


def has_answered(session: Session) -> bool:
    """Whether the person who asks has answered in the quarter that runs; nobody can ask it of another."""
    return bool(
        session.value(
            "select has_answered from enps_asked where employee_id = $me and starts_on = $quarter and has_answered",
            me=session.actor.employee_id,
            quarter=quarter(session).start,
        )
    )


def quarters(session: Session) -> list[dict[str, Any]]:
    """One row per quarter with answers, the latest first: how many came, how many are shown, score and its 95 % interval."""
    rows = session.rows(
        """
        select
            starts_on,
            count(*) as answers,
            count(*) filter (where is_released) as n,
            count(*) filter (where is_released and rating >= 9) as promoters,
            count(*) filter (where is_released and rating <= 6) as detractors,
        from enps_answers
        where archived_at is null
        group by starts_on
        order by starts_on desc
        """
    )
    first = int(session.settings["first_month_of_year"])
    return [row | {"label": containing("quarter", row["starts_on"], first).label, **scored(row)} for row in rows]


def scored(row: dict[str, Any]) -> dict[str, float | None]:
    """The score of some counts with the interval of the normal approximation; nothing without answers.

    >>> {key: round(value) for key, value in scored({"n": 100, "promoters": 50, "detractors": 20}).items()}
    {'score': 30, 'low': 15, 'high': 45}
    """
    n = row["n"]
    if not n:
        return {"score": None, "low": None, "high": None}
    up, down = row["promoters"] / n, row["detractors"] / n
    error = 1.96 * 100 * sqrt(max(up + down - (up - down) ** 2, 0) / n)
    score = 100 * (up - down)
    return {"score": score, "low": max(score - error, -100.0), "high": min(score + error, 100.0)}


def distribution(session: Session, starts_on: Any) -> list[dict[str, Any]]:
    """One row per rating from 0 to 10: how many of the shown answers of a quarter gave it."""
    return session.rows(
        """
        select
            ratings.rating,
            count(answers.rating) as answers,
        from range(0, 11) as ratings (rating)
        left join enps_answers as answers
            on answers.rating = ratings.rating
            and answers.starts_on = $quarter
            and answers.is_released
            and answers.archived_at is null
        group by ratings.rating
        order by ratings.rating
        """,
        quarter=starts_on,
    )


def reasons(session: Session, starts_on: Any) -> list[str]:
    """The shown answers' words, in the order of their random keys, and never beside their ratings."""
    rows = session.rows(
        """
        select text
        from enps_answers
        where starts_on = $quarter and is_released and archived_at is null and text is not null
        order by enps_answer_id
        """,
        quarter=starts_on,
    )
    return [row["text"] for row in rows]
