"""The pages behind a survey's link, drawn in the respondent's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crm.exchange import survey_page
from crm.exchange.survey_page import NEVER as NEVER
from crm.exchange.survey_page import SHOW as SHOW
from crm.exchange.survey_page import Given, Sheet
from crm.exchange.survey_style import POLICY as POLICY
from crm.exchange.survey_words import FALLBACK, WORDS
from crm.queries.survey_sheets import best, sheet
from crm.store.session import Session

Survey = Mapping[str, Any]


def form(
    session: Session,
    survey: Survey,
    questions: Sequence[Mapping[str, Any]],
    language: str,
    given: Given | None = None,
    problems: Mapping[str, str] | None = None,
) -> str:
    """The survey, with what was given before and what was wrong with it."""
    return survey_page.form(sheet(session, survey, questions, language), given, problems)


def preview(session: Session, survey: Survey, questions: Sequence[Mapping[str, Any]], language: str) -> str:
    """The survey as it will look, to be shown beside its texts."""
    return survey_page.preview(sheet(session, survey, questions, language))


def thanks(session: Session, survey: Survey, language: str) -> str:
    """What comes after sending."""
    return survey_page.thanks(sheet(session, survey, (), language))


def never(session: Session, survey: Survey, language: str, given: Given | None = None, *, is_done: bool = False) -> str:
    """Whether to stop asking, or that we will; what was typed before goes along."""
    return survey_page.never(sheet(session, survey, (), language), given or {}, is_done=is_done)


def language_of(accepted: str) -> str:
    """The language of a page that is of no survey."""
    return best([FALLBACK, *(code for code in WORDS if code != FALLBACK)], accepted)


def notice(language: str, key: str) -> str:
    """One sentence, where there is no survey to show: nothing about the company either."""
    return survey_page.notice(Sheet("", "", "", "", language), key)
