"""Surveys: which there are, who was asked and who answered, what the answers add up to.

Of an anonymous survey only released answers are ever read: they come to light five or more at a time.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pandas as pd

from crm.errors import Refused
from crm.insight.intervals import wilson
from crm.queries.choices import SCALES
from crm.queries.survey_scores import Score, score_of
from crm.queries.survey_sheets import SCALES as SCALE_OF
from crm.queries.survey_sheets import sheet
from crm.store.session import Session

# What an answer about surveys depends on.
NOUNS = ("surveys", "survey_questions", "survey_invitations", "survey_tokens", "survey_responses", "survey_answers")
DRAFT, OPEN, CLOSED = "draft", "open", "closed"
# Its state in a word, on the company's day.
STATE = """
    case
        when surveys.opened_at is null then 'draft'
        when surveys.closed_at is not null or surveys.closes_on < $today then 'closed'
        else 'open'
    end"""
# Of a named survey each response counts, of an anonymous one each used link.
COUNTED = """
    asked as (
        select survey_id, count(*) as asked
        from survey_invitations
        where archived_at is null
        group by survey_id
    ),

    answered as (
        select survey_id, count(*) as answered
        from survey_responses
        where archived_at is null
        group by survey_id
        union all
        select survey_id, count(*) as answered
        from survey_tokens
        where survey_invitation_id is null and is_used
        group by survey_id
    )"""


def every(session: Session) -> list[dict[str, Any]]:
    """One row per survey in use, the latest first: its state, how many were asked and how many answered."""
    return session.rows(
        f"""
        with {COUNTED}

        select
            surveys.survey_id,
            surveys.name,
            surveys.is_anonymous,
            {STATE} as state,
            surveys.opened_at,
            surveys.closes_on,
            surveys.version,
            coalesce(asked.asked, 0) as asked,
            coalesce(answered.answered, 0) as answered,
        from surveys
        left join asked on asked.survey_id = surveys.survey_id
        left join answered on answered.survey_id = surveys.survey_id
        where surveys.archived_at is null
        order by state = 'closed', coalesce(surveys.opened_at, surveys.created_at) desc, surveys.survey_id
        """,  # noqa: S608 - constants above
        today=session.today,
    )


def one(session: Session, survey_id: UUID | str) -> dict[str, Any]:
    """One survey, with its state; refused where it is gone."""
    row = session.row(
        f"select *, {STATE} as state from surveys where survey_id = $survey_id and archived_at is null",  # noqa: S608
        survey_id=survey_id,
        today=session.today,
    )
    if row is None:
        raise Refused("This survey is no longer there. Look for it in History.", "survey_id")
    return row


def questions(session: Session, survey_id: UUID | str) -> list[dict[str, Any]]:
    """One row per question of a survey, in order."""
    return session.rows(
        """
        select
            survey_question_id,
            position,
            kind,
            is_required,
            asks_why,
            is_multiple,
            texts,
            version,
        from survey_questions
        where survey_id = $survey_id and archived_at is null
        order by position, survey_question_id
        """,
        survey_id=survey_id,
    )


def sendable(session: Session) -> list[dict[str, Any]]:
    """One row per survey that can be handed out today and names who answers: those to ask again with."""
    return [row for row in every(session) if row["state"] == OPEN and not row["is_anonymous"]]


def rate(session: Session, survey_id: UUID | str) -> dict[str, Any]:
    """One row: how many were asked, how many answered, the share and the range in which it lies."""
    found = next((row for row in every(session) if str(row["survey_id"]) == str(survey_id)), {"asked": 0, "answered": 0})
    hits = min(found["answered"], found["asked"])
    low, high = wilson(hits, found["asked"])
    share = hits / found["asked"] if found["asked"] else None
    return {"asked": found["asked"], "answered": found["answered"], "share": share, "low": low, "high": high}


def waiting(session: Session, survey_id: UUID | str) -> pd.DataFrame:
    """One row per person who was asked and has not answered, the longest waiting first; nobody of an anonymous survey."""
    return session.frame(
        """
        select
            invited.survey_invitation_id,
            invited.contact_id,
            invited.customer_id,
            contacts.name as contact,
            contacts.email as "e-mail",
            customers.name as customer,
            invited.invited_at,
        from survey_invitations as invited
        inner join surveys on surveys.survey_id = invited.survey_id
        inner join contacts on contacts.contact_id = invited.contact_id
        left join customers on customers.customer_id = invited.customer_id
        left join survey_responses as response
            on response.survey_invitation_id = invited.survey_invitation_id
            and response.archived_at is null
        where
            invited.survey_id = $survey_id
            and invited.archived_at is null
            and response.survey_response_id is null
            and not surveys.is_anonymous
        order by invited.invited_at, invited.survey_invitation_id
        """,
        survey_id=survey_id,
    )


def people_of(session: Session, customer_ids: Sequence[UUID] | None) -> list[UUID]:
    """One key per contact of some customers; of all, where none are named."""
    rows = session.rows(
        """
        select contact_id
        from contacts
        where archived_at is null and ($customer_ids::uuid[] is null or customer_id in (select unnest($customer_ids::uuid[])))
        order by name, contact_id
        """,
        customer_ids=None if customer_ids is None else list(customer_ids),
    )
    return [row["contact_id"] for row in rows]


def results(session: Session, survey_id: UUID | str) -> list[dict[str, Any]]:
    """One row per question: its words, how often each answer was given, the score, how many held back as too few."""
    survey, asked = one(session, survey_id), questions(session, survey_id)
    shown = sheet(session, survey, asked, survey["language"])
    given = _given(session, survey_id)
    return [
        _result(row, words.text, words.choices, given.get(row["survey_question_id"], []))
        for row, words in zip(asked, shown.questions, strict=True)
    ]


def _given(session: Session, survey_id: UUID | str) -> dict[UUID, list[dict[str, Any]]]:
    """The answers by question that may be seen."""
    rows = session.rows(
        """
        select
            survey_question_id,
            rating,
            choices,
            count(*) as number,
            count(text) as texts,
            bool_and(is_released) as is_released,
        from survey_answers
        where survey_id = $survey_id and archived_at is null
        group by survey_question_id, rating, choices, is_released
        """,
        survey_id=survey_id,
    )
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["survey_question_id"], []).append(row)
    return found


def _result(question: dict[str, Any], text: str, choices: Sequence[str], given: list[dict[str, Any]]) -> dict[str, Any]:
    seen = [row for row in given if row["is_released"]]
    n = sum(row["number"] for row in seen)
    counts: dict[str, int] = {}
    score: Score | None = None
    scale = SCALE_OF.get(question["kind"])
    if scale:
        least, most = SCALES[scale]
        ratings = {row["rating"]: 0 for row in seen}
        for row in seen:
            ratings[row["rating"]] += row["number"]
        counts = {str(value): ratings.get(value, 0) for value in range(least, most + 1)}
        score = score_of(question["kind"], {int(value): number for value, number in counts.items()})
        n = sum(counts.values())
    elif question["kind"] == "choice":
        counts = dict.fromkeys(choices, 0)
        for row in seen:
            for place in json.loads(row["choices"] or "[]"):
                counts[choices[place]] += row["number"]
    return {
        "survey_question_id": question["survey_question_id"],
        "kind": question["kind"],
        "text": text,
        "n": n,
        "counts": counts,
        "score": score,
        "texts": sum(row["texts"] for row in seen),
        "held_back": sum(row["number"] for row in given if not row["is_released"]),
    }


def answers(session: Session, survey_id: UUID | str) -> pd.DataFrame:
    """One row per answer that may be seen: the question, what was given, and, where the survey names who answers, who."""
    survey, asked = one(session, survey_id), questions(session, survey_id)
    shown = sheet(session, survey, asked, survey["language"])
    found = session.frame(
        """
        select
            answer.survey_question_id,
            response.customer_id,
            contacts.name as contact,
            customers.name as customer,
            answer.answered_on,
            answer.rating,
            answer.choices,
            answer.text,
        from survey_answers as answer
        left join survey_responses as response on response.survey_response_id = answer.survey_response_id
        left join contacts on contacts.contact_id = response.contact_id
        left join customers on customers.customer_id = response.customer_id
        inner join survey_questions as question on question.survey_question_id = answer.survey_question_id
        where
            answer.survey_id = $survey_id
            and answer.archived_at is null
            and answer.is_released
            and question.archived_at is null
        order by answer.answered_on desc, question.position, answer.survey_answer_id
        """,
        survey_id=survey_id,
    )
    words = {row["survey_question_id"]: each for row, each in zip(asked, shown.questions, strict=True)}
    keys = [UUID(str(key)) for key in found["survey_question_id"]]
    found.insert(0, "question", [words[key].text for key in keys])
    found["choices"] = [_chosen(words[key].choices, given) for key, given in zip(keys, found["choices"], strict=True)]
    return found.drop(columns=["customer_id", "contact", "customer"]) if survey["is_anonymous"] else found


def _chosen(choices: Sequence[str], given: Any) -> str | None:
    return ", ".join(choices[place] for place in json.loads(given)) if isinstance(given, str) else None


def refused_on(session: Session, contact_ids: Sequence[UUID]) -> dict[UUID, Any]:
    """When each of these people asked not to be asked again, by their key."""
    rows = session.rows(
        """
        select contact_id, max(refused_at) as refused_at
        from survey_refusals
        where archived_at is null and contact_id in (select unnest($contact_ids::uuid[]))
        group by contact_id
        """,
        contact_ids=list(contact_ids),
    )
    return {row["contact_id"]: row["refused_at"] for row in rows}
