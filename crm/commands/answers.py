"""Take what a respondent sends by their link: find what is wrong with it, and keep it.

An answer that names its person can be changed until the survey closes; an anonymous one uses its link up, without a time and
without a history. Both are one transaction: a machine that stops in between loses neither, and nobody answers twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crm.commands import checks
from crm.commands.anonymous import FEWEST, unnamed
from crm.commands.checks import Saved
from crm.commands.links import Link
from crm.errors import Conflict
from crm.exchange.survey_page import SCALES as RANGES
from crm.exchange.survey_page import TEXT_MOST
from crm.queries.survey_sheets import SCALES, texts_of
from crm.store.changes import Change

NUMBER = re.compile(r"[0-9]{1,2}")
GIVEN = """
    select survey_answer_id, survey_question_id, feedback_id, rating, choices, text, archived_at
    from survey_answers
    where survey_response_id = $survey_response_id
"""
# At most one is used up at a time: whoever comes second finds it used.
USE_UP = "update survey_tokens set is_used = true where survey_token_id = $token and not is_used"
USED = "This link was used already."
RELEASE = """
    update survey_answers
    set is_released = true
    where survey_id = $survey_id and not is_released and survey_question_id in (
        select survey_question_id
        from survey_answers
        where survey_id = $survey_id and not is_released and archived_at is null
        group by survey_question_id
        having count(*) >= $fewest
    )
"""


def given_before(link: Link) -> dict[str, list[str]]:
    """What was answered with this link, as the form's fields."""
    found: dict[str, list[str]] = {}
    for row in _given(link).values():
        if row["archived_at"]:
            continue
        key = row["survey_question_id"]
        chosen = json.loads(row["choices"] or "[]") if row["rating"] is None else [row["rating"]]
        found[f"a-{key}"] = [str(value) for value in chosen]
        found[f"t-{key}"] = [row["text"] or ""]
    return found


def problems(link: Link, given: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """What is wrong with what was sent, by question: a word for which the page has a sentence."""
    found = {str(row["survey_question_id"]): _problem(row, given, link.survey["language"]) for row in link.questions}
    wrong = {key: word for key, word in found.items() if word}
    if not wrong and not any(_values(row, given) for row in link.questions):
        return {"": "nothing"}
    return wrong


def answer(link: Link, given: Mapping[str, Sequence[str]], language: str) -> Saved | None:
    """Keep answers in which `problems` finds nothing; None where an anonymous link was used by somebody faster."""
    values = {row["survey_question_id"]: _values(row, given) for row in link.questions}
    if link.survey["is_anonymous"]:
        return _answer_unnamed(link, values)
    return _answer_named(link, values, language)


def _problem(question: Mapping[str, Any], given: Mapping[str, Sequence[str]], language: str) -> str:
    key, kind = question["survey_question_id"], question["kind"]
    chosen = [value for value in given.get(f"a-{key}", ()) if value]
    written = _written(key, given)
    if len(written) > TEXT_MOST:
        return "too_long"
    if kind == "text":
        return "missing" if question["is_required"] and checks.blank(written) else ""
    if not chosen:
        return "missing" if question["is_required"] else ""
    least, most = RANGES.get(kind) or (0, len(texts_of(question["texts"])[language]["choices"]) - 1)
    fits = all(NUMBER.fullmatch(value) and least <= int(value) <= most for value in chosen)
    return "" if fits and (len(chosen) == 1 or question["is_multiple"]) else "wrong"


def _values(question: Mapping[str, Any], given: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The columns of one answer; empty where the question was left out."""
    key, kind = question["survey_question_id"], question["kind"]
    chosen = sorted({int(value) for value in given.get(f"a-{key}", ()) if NUMBER.fullmatch(value)})
    asks_text = kind == "text" or question["asks_why"]
    written = _written(key, given) if asks_text else ""
    text = None if checks.blank(written) else checks.NOTE(written, "Text").strip() or None
    rating = chosen[0] if chosen and kind in RANGES else None
    choices = json.dumps(chosen) if chosen and kind == "choice" else None
    values = {"rating": rating, "choices": choices, "text": text}
    return values if any(value is not None for value in values.values()) else {}


def _written(key: UUID, given: Mapping[str, Sequence[str]]) -> str:
    """The words of an answer; a new line counts once, as it does where they are typed."""
    return "".join(given.get(f"t-{key}", ())).replace("\r\n", "\n")


def _given(link: Link) -> dict[UUID, dict[str, Any]]:
    response = link.row.get("survey_response_id")
    rows = link.session.rows(GIVEN, survey_response_id=response) if response else []
    return {row["survey_question_id"]: row for row in rows}


def _answer_unnamed(link: Link, values: Mapping[UUID, dict[str, Any]]) -> Saved | None:
    """Keep each answer by itself, if the link is still there to be used up."""
    survey_id, quiet = link.survey["survey_id"], unnamed(link.session)
    try:
        with quiet.change("An anonymous answer") as change:
            change.provided(USE_UP, USED, token=link.row["survey_token_id"])
            for key, answered in values.items():
                if answered:
                    change.insert(
                        "survey_answers",
                        survey_id=survey_id,
                        survey_question_id=key,
                        answered_on=quiet.today,
                        is_released=False,
                        **answered,
                    )
    except Conflict:
        return None
    link.session.note(RELEASE, survey_id=survey_id, fewest=FEWEST)
    link.session.note("update data_versions set version = version + 1 where noun = 'survey_answers'")
    return Saved(survey_id, None)


def _answer_named(link: Link, values: Mapping[UUID, dict[str, Any]], language: str) -> Saved:
    session, before = link.session, _given(link)
    response = link.row["survey_response_id"]
    with session.change(f"Answer {link.survey['name']}") as change:
        if response is None:
            response = _respond(link, change, language)
        for question in link.questions:
            key = question["survey_question_id"]
            _write(link, change, response, question, values[key], before.get(key))
    return Saved.of(response, change)


def _respond(link: Link, change: Change, language: str) -> UUID:
    return change.insert(
        "survey_responses",
        survey_id=link.survey["survey_id"],
        survey_invitation_id=link.row["survey_invitation_id"],
        customer_id=link.row["customer_id"],
        contact_id=link.row["contact_id"],
        language=language,
        answered_at=link.session.now,
    )


def _write(
    link: Link,
    change: Change,
    response: UUID,
    question: Mapping[str, Any],
    values: dict[str, Any],
    before: Mapping[str, Any] | None,
) -> None:
    """One answer and the feedback that it is: added, changed, put aside where it was emptied, or brought back."""
    feedback = _write_feedback(link, change, response, question, values, before)
    blank = {"rating": None, "choices": None, "text": None}
    if before is None and values:
        change.insert(
            "survey_answers",
            survey_id=link.survey["survey_id"],
            survey_question_id=question["survey_question_id"],
            survey_response_id=response,
            feedback_id=feedback,
            answered_on=link.session.today,
            is_released=True,
            **values,
        )
    elif before is not None:
        aside = None if values else (before["archived_at"] or link.session.now)
        change.update("survey_answers", before["survey_answer_id"], archived_at=aside, feedback_id=feedback, **(values or blank))


def _write_feedback(
    link: Link,
    change: Change,
    response: UUID,
    question: Mapping[str, Any],
    values: dict[str, Any],
    before: Mapping[str, Any] | None,
) -> UUID | None:
    """What figures, themes and the timeline read: the rating on its scale and the words; None while there was neither."""
    said = {"rating": values.get("rating"), "text": values.get("text")}
    said["scale"] = SCALES.get(question["kind"]) if said["rating"] is not None else None
    key: UUID | None = before["feedback_id"] if before else None
    is_blank = said["rating"] is None and said["text"] is None
    if key is None and not is_blank:
        return change.insert(
            "feedback",
            kind="survey_answer",
            channel="survey",
            customer_id=link.row["customer_id"],
            contact_id=link.row["contact_id"],
            survey_id=link.survey["survey_id"],
            survey_response_id=response,
            received_at=link.session.now,
            **said,
        )
    if key is not None:
        change.update("feedback", key, archived_at=link.session.now if is_blank else None, **said)
    return key
