"""Make surveys: what is asked, in which words and languages; open them for answers, and close them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crm.commands import checks
from crm.commands.checks import Saved, checked
from crm.errors import Refused
from crm.exchange.survey_words import LANGUAGES
from crm.queries import choices, surveys
from crm.queries.survey_sheets import texts_of
from crm.store.changes import Change
from crm.store.session import Session

MOST_QUESTIONS, MOST_CHOICES = 30, 30
TITLE, WORDS = checks.text(300, trimmed=True), checks.text(2_000, trimmed=True)
SURVEY_TEXTS = {"title": TITLE, "intro": WORDS, "thanks": WORDS}
QUESTION_TEXTS = {"question": checks.text(500, trimmed=True), "low": TITLE, "high": TITLE, "why": TITLE}


def add_survey(session: Session, *, questions: Sequence[Mapping[str, Any]], **fields: Any) -> Saved:
    """Keep a new survey as a draft: nobody can answer before it is opened."""
    values = checked({"language": "en", "is_anonymous": False, "link_days": 30, "texts": {}} | fields, _checks(), {"name"})
    asked = _checked_questions(questions, values["language"])
    with session.change(f"Add survey {values['name']}") as change:
        key = change.insert("surveys", owner_id=session.actor.employee_id, **values)
        for position, question in enumerate(asked):
            question.pop("survey_question_id", None)
            change.insert("survey_questions", survey_id=key, position=position, **question)
    return Saved.of(key, change)


def edit_survey(
    session: Session,
    survey_id: UUID,
    *,
    version: UUID | None = None,
    questions: Sequence[Mapping[str, Any]] | None = None,
    **fields: Any,
) -> Saved:
    """Change a survey; what was asked of people who have answered keeps its kind and its choices."""
    current = surveys.one(session, survey_id)
    values = checked(fields, _checks(), {"name"} & set(fields))
    if values.get("is_anonymous", current["is_anonymous"]) != current["is_anonymous"] and current["opened_at"]:
        raise Refused("Whether it is anonymous was promised when it was opened. Duplicate it to ask another way.", "is_anonymous")
    language = values.get("language", current["language"])
    asked = None if questions is None else _checked_questions(questions, language)
    with session.change(f"Edit survey {values.get('name') or current['name']}") as change:
        if values:
            change.update("surveys", survey_id, version=version, **values)
        if asked is not None:
            _write_questions(session, change, current, asked)
    return Saved.of(survey_id, change)


def duplicate_survey(session: Session, survey_id: UUID) -> Saved:
    """The same questions once more, as a draft."""
    current = surveys.one(session, survey_id)
    names = {row["name"].lower() for row in surveys.every(session)}
    copies = (f"{current['name']} ({number})" for number in range(2, 1_000))
    kept = ("is_anonymous", "language", "link_days")
    return add_survey(
        session,
        name=next(name for name in copies if name.lower() not in names),
        texts=texts_of(current["texts"]),
        questions=[row | {"texts": texts_of(row["texts"])} for row in surveys.questions(session, survey_id)],
        **{name: current[name] for name in kept},
    )


def open_survey(session: Session, survey_id: UUID) -> Saved:
    """Let people answer, also again after it was closed."""
    current = surveys.one(session, survey_id)
    if not surveys.questions(session, survey_id):
        raise Refused("A survey needs a question. Add one.", "questions")
    past = current["closes_on"] and current["closes_on"] < session.today
    with session.change(f"Open survey {current['name']}") as change:
        change.update(
            "surveys",
            survey_id,
            opened_at=current["opened_at"] or session.now,
            closed_at=None,
            closes_on=None if past else current["closes_on"],
        )
    return Saved.of(survey_id, change)


def close_survey(session: Session, survey_id: UUID) -> Saved:
    """Take no more answers, and no changes of those that are there."""
    current = surveys.one(session, survey_id)
    if current["state"] != surveys.OPEN:
        raise Refused("This survey is not open.", "survey_id")
    with session.change(f"Close survey {current['name']}") as change:
        change.update("surveys", survey_id, closed_at=session.now)
    return Saved.of(survey_id, change)


def archive_survey(session: Session, survey_id: UUID, *, version: UUID | None = None) -> Saved:
    """Put a survey aside with its results; its links take nothing any more."""
    current = surveys.one(session, survey_id)
    with session.change(f"Archive survey {current['name']}") as change:
        change.archive("surveys", survey_id, version=version)
    return Saved.of(survey_id, change)


def _checks() -> dict[str, checks.Check]:
    return {
        "name": checks.NAME,
        "is_anonymous": lambda value, _: bool(value),
        "language": checks.one_of(LANGUAGES),
        "texts": lambda value, _: json.dumps(_texts(value, SURVEY_TEXTS), ensure_ascii=False),
        "link_days": checks.whole(1, 365),
        "closes_on": checks.day,
    }


def _texts(value: Any, fields: Mapping[str, checks.Check]) -> dict[str, dict[str, Any]]:
    """Texts by language, each within its length; blank ones are left out."""
    found = {}
    for language, texts in texts_of(value).items():
        checks.one_of(LANGUAGES)(language, "Language")
        written = {key: text for key, text in texts.items() if key in fields and text and not checks.blank(text)}
        try:
            found[language] = checked(written, fields)
        except Refused as refused:
            raise Refused(f"{refused.message[:-1]} ({LANGUAGES[language]}).", refused.field) from None
    return found


def _checked_questions(questions: Sequence[Mapping[str, Any]], language: str) -> list[dict[str, Any]]:
    if not questions:
        raise Refused("A survey needs a question. Add one.", "questions")
    if len(questions) > MOST_QUESTIONS:
        raise Refused(f"A survey has at most {MOST_QUESTIONS} questions. Short ones are answered more.", "questions")
    return [_placed(given, place, language) for place, given in enumerate(questions, 1)]


def field_of(place: int, name: str) -> str:
    """The name of an input of a question, for the refusal that is about it; the first question's place is 1."""
    return f"questions.{place}.{name}"


def _placed(given: Mapping[str, Any], place: int, language: str) -> dict[str, Any]:
    """One question; a refusal says which one, and which of its inputs."""
    try:
        return _question(given, language)
    except Refused as refused:
        raise Refused(f"Question {place}: {refused.message}", field_of(place, refused.field or "kind")) from None


def _question(given: Mapping[str, Any], language: str) -> dict[str, Any]:
    kind = checks.one_of(choices.QUESTION_KINDS)(given.get("kind"), "kind")
    texts = _texts(given.get("texts"), QUESTION_TEXTS | ({"choices": _choices} if kind == "choice" else {}))
    if kind == "choice":
        first = texts.setdefault(language, {})
        first["choices"] = _different(first.get("choices", []))
    key = given.get("survey_question_id")
    return {
        "kind": kind,
        "is_required": bool(given.get("is_required")),
        "asks_why": bool(given.get("asks_why")) and kind != "text",
        "is_multiple": bool(given.get("is_multiple")) and kind == "choice",
        "texts": json.dumps(texts, ensure_ascii=False),
    } | ({"survey_question_id": checks.key(key, "Question")} if key else {})


def _choices(value: Any, _: str) -> list[str]:
    return [TITLE(words, "Choice") for words in value]


def _different(given: Sequence[str]) -> list[str]:
    """What there is to choose, in the survey's first language: without a gap or a double."""
    found = [words for words in given if words]
    if not 2 <= len(found) <= MOST_CHOICES:
        raise Refused(f"It needs 2 to {MOST_CHOICES} choices. Write one a line.", "choices")
    if len({words.lower() for words in found}) < len(found):
        raise Refused("Two of the choices are the same. Take one away.", "choices")
    return found


def _write_questions(session: Session, change: Change, survey: Mapping[str, Any], asked: list[dict[str, Any]]) -> None:
    """Bring the questions to those that are given; one that is left out is put aside with its answers."""
    there = {row["survey_question_id"]: row for row in surveys.questions(session, survey["survey_id"])}
    answered = _answered(session, survey["survey_id"])
    for position, question in enumerate(asked):
        key = question.pop("survey_question_id", None)
        if key not in there:
            change.insert("survey_questions", survey_id=survey["survey_id"], position=position, **question)
            continue
        if key in answered:
            _refuse_another(there[key], question, survey["language"], position + 1)
        change.update("survey_questions", key, position=position, **question)
        del there[key]
    for key in there:
        change.archive("survey_questions", key)


def _answered(session: Session, survey_id: UUID) -> set[UUID]:
    sql = "select distinct survey_question_id from survey_answers where survey_id = $survey_id"
    return {row["survey_question_id"] for row in session.rows(sql, survey_id=survey_id)}


def _refuse_another(row: Mapping[str, Any], question: Mapping[str, Any], language: str, place: int) -> None:
    """Words may be corrected; a question that means something else makes its answers wrong."""
    was, now = (len(texts_of(texts).get(language, {}).get("choices", [])) for texts in (row["texts"], question["texts"]))
    if row["kind"] != question["kind"] or now < was or row["is_multiple"] != question["is_multiple"]:
        words = f"Question {place} was answered: its kind and choices stay. Correct its words, or add another question."
        raise Refused(words, field_of(place, "kind"))
