"""What a survey's link leads to, and the way out that it offers: who comes by it acts as a respondent.

The store lets a respondent write what is theirs and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm.commands.checks import Saved
from crm.commands.invitations import hash_of
from crm.queries import surveys
from crm.queries.survey_sheets import texts_of
from crm.store.database import Database
from crm.store.session import Actor, Session

RESPONDENT = "respondent"
STRANGER = Actor(RESPONDENT, "Somebody with a link", RESPONDENT)
FIND = """
    select
        token.survey_token_id,
        token.survey_invitation_id,
        token.expires_on,
        token.is_used,
        token.archived_at,
        token.survey_id,
        invited.contact_id,
        invited.customer_id,
        contacts.name,
        contacts.country,
        response.survey_response_id,
    from survey_tokens as token
    left join survey_invitations as invited on invited.survey_invitation_id = token.survey_invitation_id
    left join contacts on contacts.contact_id = invited.contact_id
    left join survey_responses as response
        on response.survey_invitation_id = token.survey_invitation_id and response.archived_at is null
    where token.token_hash = $hash
"""


@dataclass(frozen=True)
class Link:
    """What a token leads to: whether it may be answered (“open”) or why not, and what was answered with it so far."""

    state: str
    session: Session
    row: Mapping[str, Any] = field(default_factory=dict)
    survey: Mapping[str, Any] = field(default_factory=dict)
    questions: Sequence[Mapping[str, Any]] = ()

    @property
    def languages(self) -> list[str]:
        """The survey's languages, the first one first."""
        first = self.survey["language"]
        return [first, *(code for code in texts_of(self.survey["texts"]) if code != first)]

    @property
    def is_answered(self) -> bool:
        """Whether something was sent by it."""
        return self.state == "used" or bool(self.row.get("survey_response_id"))


def follow(database: Database, token: str) -> Link:
    """Find what a link is for. What it says to a stranger is the same for a token that never was and one that was undone."""
    session = Session(database, STRANGER)
    row = session.row(FIND, hash=hash_of(token))
    if row is None:
        return Link("unknown", session)
    survey = session.row(
        f"select *, {surveys.STATE} as state from surveys where survey_id = $survey_id",  # noqa: S608 - a constant
        survey_id=row["survey_id"],
        today=session.today,
    )
    if survey is None or survey["archived_at"] or survey["state"] == surveys.DRAFT:
        return Link("unknown", session)
    actor = Actor(RESPONDENT, row["name"] or "Somebody", RESPONDENT, invitation_id=row["survey_invitation_id"])
    asked = surveys.questions(session, row["survey_id"])
    return Link(_state(session, row, survey), Session(database, actor), row, survey, asked)


def _state(session: Session, row: Mapping[str, Any], survey: Mapping[str, Any]) -> str:
    if row["archived_at"]:
        return "newer"
    if survey["state"] == surveys.CLOSED:
        return "closed"
    if row["is_used"] and row["survey_invitation_id"] is None:
        return "used"
    return "expired" if row["expires_on"] < session.today else "open"


def has_refused(link: Link) -> bool:
    """Whether the person behind a link wants no more surveys."""
    return bool(surveys.refused_on(link.session, [link.row["contact_id"]]))


def never_again(link: Link) -> Saved | None:
    """The person behind a link wants no more surveys; an anonymous link has nobody behind it."""
    contact_id = link.row.get("contact_id")
    if contact_id is None or has_refused(link):
        return None
    with link.session.change("No more surveys, please") as change:
        key = change.insert(
            "survey_refusals",
            contact_id=contact_id,
            customer_id=link.row["customer_id"],
            refused_at=link.session.now,
        )
    return Saved.of(key, change)
