"""A survey in one language: which language a respondent gets, and the sheet that is drawn from the texts in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from crm.exchange.survey_page import Question, Sheet, Text
from crm.exchange.survey_words import FALLBACK, WORDS, said
from crm.exchange.survey_words import LANGUAGES as LANGUAGES
from crm.queries.survey_countries import LANGUAGE_OF
from crm.store.session import Session

Texts = Mapping[str, Mapping[str, Any]]
SCALES = {"nps": "nps_0_10", "csat": "csat_1_5", "ces": "ces_1_7", "rating": "stars_1_5"}


def sheet(session: Session, survey: Mapping[str, Any], questions: Sequence[Mapping[str, Any]], language: str) -> Sheet:
    """The survey in a language; a text that is missing there is in the survey's first one."""
    texts, first = texts_of(survey["texts"]), survey["language"]
    company = session.settings.get("company_name") or ""
    return Sheet(
        company=company,
        title=_text(texts, first, language, "title") or Text(survey["name"] or "", first),
        intro=_text(texts, first, language, "intro"),
        thanks=_text(texts, first, language, "thanks"),
        language=language,
        questions=tuple(_question(question, first, language, company) for question in questions),
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

    def words(key: str) -> Text:
        own = default(kind, language, key).replace("{company}", company)
        return _text(texts, first, language, key) or Text(own, language if language in WORDS else FALLBACK)

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


def _text(texts: Texts, first: str, language: str, key: str) -> Text:
    """A text in a language, else in the survey's first one."""
    for code in (language, first):
        if words := (texts.get(code) or {}).get(key):
            return Text(str(words), code)
    return Text("", language)


def _choices(texts: Texts, first: str, language: str) -> tuple[Text, ...]:
    """The choices in a language, each that is missing there in the first one: their places are what answers name."""
    own, base = ((texts.get(code) or {}).get("choices") or [] for code in (language, first))
    own = [*own, *[""] * len(base)]
    return tuple(Text(own[place], language) if own[place] else Text(words, first) for place, words in enumerate(base))
