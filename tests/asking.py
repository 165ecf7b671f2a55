"""Surveys for tests: one that is open, the people it was sent to, and what they answer by their links."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pandas as pd

from crm.commands.answers import answer, problems
from crm.commands.invitations import Invited, invite
from crm.commands.links import Link, follow
from crm.commands.surveys import add_survey, open_survey
from crm.queries import surveys
from crm.store.session import Session

NPS = {"kind": "nps", "asks_why": True, "is_required": True}
CHOICE = {"kind": "choice", "texts": {"en": {"question": "What matters?", "choices": ["Price", "Speed", "People"]}}}
TEXT = {"kind": "text"}


@dataclass
class Asked:
    """An open survey with its questions and the links that were made."""

    session: Session
    survey_id: UUID
    invited: Invited = field(default_factory=Invited)

    @property
    def questions(self) -> list[UUID]:
        """The keys of its questions, in order."""
        return [row["survey_question_id"] for row in surveys.questions(self.session, self.survey_id)]

    @property
    def tokens(self) -> list[str]:
        """The secret of each link."""
        return [link["url"].rsplit("/", 1)[-1] for link in self.invited.links]

    def link(self, place: int = 0) -> Link:
        """What the link leads to now."""
        return follow(self.session.database, self.tokens[place])

    def fields(self, *given: Any) -> dict[str, list[str]]:
        """A form's fields: for each question in order a rating, (rating, reason), a text, places of choices, or nothing."""
        found: dict[str, list[str]] = {}
        for key, value in zip(self.questions, given, strict=False):
            if isinstance(value, str):
                found[f"t-{key}"] = [value]
            elif isinstance(value, tuple):
                found[f"a-{key}"], found[f"t-{key}"] = [str(value[0])], [value[1]]
            elif value is not None:
                found[f"a-{key}"] = [str(one) for one in (value if isinstance(value, list) else [value])]
        return found

    def answers(self, place: int, *given: Any) -> Any:
        """Send these by one link, as the route does."""
        link, fields = self.link(place), self.fields(*given)
        assert link.state == "open" and not problems(link, fields)
        return answer(link, fields, "en")


def people(session: Session, number: int) -> list[UUID]:
    """New contacts, each a customer in person and of whoever adds them."""
    contacts = [session.new_key() for _ in range(number)]
    rows = pd.DataFrame({"contact_id": map(str, contacts), "customer_id": [str(session.new_key()) for _ in contacts]})
    rows = rows.assign(name=[f"Ann {place}" for place in range(number)])
    with session.change("Add people") as change:
        change.stage("people", rows)
        change.insert_from(
            "customers",
            "select customer_id, name, 'person' as kind, 'lead' as lifecycle_stage, $owner::uuid as owner_id from people",
            owner=session.actor.employee_id,
        )
        change.insert_from(
            "contacts",
            """
            select contact_id, customer_id, name, replace(lower(name), ' ', '') || '@example.org' as email, 'unknown' as consent
            from people
            """,
        )
    return contacts


def asked(session: Session, *questions: dict[str, Any], number: int = 3, **fields: Any) -> Asked:
    """An open survey of these questions, sent to so many new people."""
    key = add_survey(session, **{"name": "How was it?", "questions": questions or [NPS, CHOICE, TEXT]} | fields).key
    open_survey(session, key)
    invited = invite(session, key, people(session, number), base_url="https://crm.example") if number else Invited()
    return Asked(session, key, invited)
