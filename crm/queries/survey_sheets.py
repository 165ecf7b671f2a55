"""A survey in one language: which language a respondent gets, and the sheet that is drawn from the texts in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from crm.exchange.survey_page import Question, Sheet
from crm.exchange.survey_words import FALLBACK, WORDS, said
from crm.exchange.survey_words import LANGUAGES as LANGUAGES
from crm.queries.survey_countries import LANGUAGE_OF
from crm.store.session import Session

Texts = Mapping[str, Mapping[str, Any]]
SCALES = {"nps": "nps_0_10", "csat": "csat_1_5", "ces": "ces_1_7", "rating": "stars_1_5"}


def sheet(session: Session, survey: Mapping[str, Any], questions: Sequence[Mapping[str, Any]], language: str) -> Sheet:
    """The survey in a language; a text that is missing there is in the survey's first one."""
    texts = texts_of(survey["texts"])
    company = session.settings.get("company_name") or ""
    return Sheet(
        company=company,
        title=_text(texts, survey, language, "title") or survey["name"] or "",
        intro=_text(texts, survey, language, "intro"),
        thanks=_text(texts, survey, language, "thanks"),
        language=language,
        questions=tuple(_question(question, survey["language"], language, company) for question in questions),
        others=tuple((code, LANGUAGES.get(code, code)) for code in texts if code != language),
        is_anonymous=survey["is_anonymous"],
        closes=str(survey["closes_on"] or ""),
    )


def best(languages: Sequence[str], accepted: str, country: str | None = None) -> str:
    """Of a survey's languages (its first one first) the one to begin in: what the browser asks for, else the contact's country's.

    >>> best(["en", "de"], "fr;q=0.9, de-CH;q=0.8"), best(["en", "de"], "", "Germany"), best(["en", "de"], "pl")
    ('de', 'de', 'en')
    """
    for wanted in (*_asked_for(accepted), LANGUAGE_OF.get((country or "").strip().lower(), "")):
        if wanted in languages:
            return wanted
    return languages[0]


def _asked_for(accepted: str) -> list[str]:
    """The languages of an Accept-Language header, the most wanted first."""
    found = []
    for part in accepted[:500].split(","):
        code, _, weight = part.strip().partition(";q=")
        try:
            found.append((-float(weight or 1), code.split("-")[0].lower()))
        except ValueError:
            continue
    return [code for _, code in sorted(found, key=lambda pair: pair[0])]


def texts_of(texts: Any) -> dict[str, dict[str, Any]]:
    """Texts by language, as the store keeps them."""
    found: dict[str, dict[str, Any]] = json.loads(texts) if isinstance(texts, str) else dict(texts or {})
    return found


def default(kind: str, language: str, key: str) -> str:
    """What a question of a kind says where nobody wrote anything: `key` is question, low, high or why."""
    if key == "why":
        return said(language, "why")
    return WORDS.get(language, WORDS[FALLBACK]).get(kind if key == "question" else f"{kind}_{key}", "")


def _question(row: Mapping[str, Any], first: str, language: str, company: str) -> Question:
    texts, kind = texts_of(row["texts"]), row["kind"]

    def words(key: str) -> str:
        written = _text(texts, {"language": first}, language, key)
        return written or default(kind, language, key).replace("{company}", company)

    return Question(
        key=str(row["survey_question_id"]),
        kind=kind,
        text=words("question"),
        low=words("low"),
        high=words("high"),
        why=words("why") if row["asks_why"] else "",
        choices=_choices(texts, first, language),
        is_required=row["is_required"],
        is_multiple=row["is_multiple"],
    )


def _text(texts: Texts, survey: Mapping[str, Any], language: str, key: str) -> str:
    """A text in a language, else in the first one; the first one's words only where a question is the company's own."""
    here = (texts.get(language) or {}).get(key)
    return str(here or (texts.get(survey["language"]) or {}).get(key) or "")


def _choices(texts: Texts, first: str, language: str) -> tuple[str, ...]:
    """The choices in a language, each that is missing there in the first one: their places are what answers name."""
    own = (texts.get(language) or {}).get("choices") or []
    base = (texts.get(first) or {}).get("choices") or []
    return tuple((own[place] if place < len(own) else "") or words for place, words in enumerate(base))
