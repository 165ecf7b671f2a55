"""Ask people to answer a survey: each gets a link of their own, of which the store keeps only the hash.

Nobody is asked who said not to be, or who was asked a short while ago; who was left out is said with the reason. Sending by
e-mail will call the same function. The links of an anonymous survey are kept apart from who was asked, in random order, and never
for fewer than five people at a time.
"""

from __future__ import annotations

import hashlib
import random
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pandas as pd
from uuid_utils.compat import uuid7

from crm.commands.anonymous import FEWEST
from crm.errors import Conflict, Refused
from crm.queries import surveys
from crm.store.changes import Change
from crm.store.session import SYSTEM, Session

Person = dict[str, Any]
# Whom we may ask is read before it is written: of two who ask the same person at once, the second leaves them out.
NOBODY_SINCE = """
    select count(*) = 0
    from survey_invitations
    where
        archived_at is null
        and contact_id in (select unnest($people::uuid[]))
        and survey_invitation_id not in (select unnest($known::uuid[]))
"""
MEANWHILE = "was asked by somebody else at this very moment"


@dataclass(frozen=True)
class Invited:
    """Who got a link, who was left out and why, and the change set that can be undone."""

    links: list[Person] = field(default_factory=list)
    left_out: list[Person] = field(default_factory=list)
    change_set_id: UUID | None = None


def invite(session: Session, survey_id: UUID, contact_ids: Sequence[UUID], *, base_url: str | None = None) -> Invited:
    """Ask these contacts; the same survey may ask the same person again once the cooldown is over."""
    survey, base = _open(session, survey_id), address(session, base_url)
    known = _asked(session, contact_ids)
    people, left_out = sort_out(session, contact_ids, known)
    while True:
        try:
            links, change_set_id = _ask(session, survey, people, known)
        except Conflict:
            before, (people, left_out) = people, sort_out(session, contact_ids, known)
            if len(people) == len(before):
                raise
        else:
            return Invited([_link(person, base) for person in links], left_out, change_set_id)


def _ask(session: Session, survey: Person, people: Sequence[Person], known: Iterable[UUID]) -> tuple[list[Person], UUID | None]:
    """Give each a link; a Conflict where somebody asked one of them since."""
    if survey["is_anonymous"] and 0 < len(people) < FEWEST:
        raise Refused(f"An anonymous survey goes to at least {FEWEST} people at a time. Choose more.", "contact_ids")
    links = [person | {"survey_invitation_id": uuid7(), "token": new_token()} for person in people]
    with session.change(f"Ask {_count(links)}: {survey['name']}") as change:
        if links:
            of = [person["contact_id"] for person in links]
            change.provided(NOBODY_SINCE, f"One of them {MEANWHILE}.", people=of, known=list(known))
            _write(session, change, survey, links)
    return links, change.change_set_id if change.counts else None


def link_again(session: Session, invitation_ids: Sequence[UUID], *, base_url: str | None = None) -> Invited:
    """A new link for who was asked already: to remind them, or where it was lost. The old one leads to a word about the new."""
    people, left_out = _to_remind(session, invitation_ids)
    if not people:
        return Invited([], left_out)
    surveys_of = {person["survey_id"] for person in people}
    if len(surveys_of) > 1:
        raise Refused("These people were asked by several surveys. Take one survey at a time.", "invitation_ids")
    survey, base = _open(session, surveys_of.pop()), address(session, base_url)
    if survey["is_anonymous"]:
        raise Refused("Who has not answered an anonymous survey is known to nobody. Send the links that you have once more.")
    links = [person | {"token": new_token()} for person in people]
    with session.change(f"New links for {_count(links)}: {survey['name']}") as change:
        change.update_from(
            "survey_tokens",
            """
            select survey_token_id, $now::timestamp as archived_at
            from survey_tokens
            where survey_invitation_id in (select unnest($invitations::uuid[])) and archived_at is null
            """,
            now=session.now,
            invitations=[person["survey_invitation_id"] for person in links],
        )
        _write_tokens(session, change, survey, links)
    return Invited([_link(person, base) for person in links], left_out, change.change_set_id)


def sort_out(
    session: Session, contact_ids: Sequence[UUID], known: Mapping[UUID, Person] | None = None
) -> tuple[list[Person], list[Person]]:
    """Whom of these people we may ask today, and whom not, with the reason; who was asked since `known` was read is left out."""
    found = {row["contact_id"]: row for row in _people(session, list(dict.fromkeys(contact_ids)))}
    so_far = _asked(session, list(found))
    since = set() if known is None else {row["contact_id"] for key, row in so_far.items() if key not in known}
    last = {row["contact_id"]: row["invited_at"] for row in so_far.values()}
    refused = surveys.refused_on(session, list(found))
    asked: list[Person] = []
    left_out: list[Person] = []
    for key in dict.fromkeys(UUID(str(key)) for key in contact_ids):
        person = found.get(key)
        why = MEANWHILE if key in since else _why_not(session, person, refused.get(key), last.get(key))
        if why:
            left_out.append({"contact_id": key, "name": person["name"] if person else "Somebody", "reason": why})
        elif person:
            asked.append({name: person[name] for name in ("contact_id", "customer_id", "name", "email", "customer")})
    return asked, left_out


def address(session: Session, base_url: str | None) -> str:
    """Where the app is reached from outside: as it is set, else as it is seen here."""
    base = (session.settings.get("public_url") or base_url or "").rstrip("/")
    if urlsplit(base).scheme not in ("http", "https"):
        raise Refused("Under which address do people reach this app? Fill in “Public address” in Settings.", "public_url")
    return base


def new_token() -> str:
    """A link's secret: 192 random bits, which say nothing."""
    return secrets.token_urlsafe(24)


def hash_of(token: str) -> str:
    """What the store keeps of a token. It is random and long, so that a plain hash cannot be guessed back.

    >>> len(hash_of("abc"))
    64
    """
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _open(session: Session, survey_id: UUID | str) -> Person:
    survey = surveys.one(session, survey_id)
    if survey["state"] != surveys.OPEN:
        state = "not open yet" if survey["state"] == surveys.DRAFT else "closed"
        raise Refused(f"“{survey['name']}” is {state}. Open it first.", "survey_id")
    return survey


def _people(session: Session, contact_ids: Sequence[UUID]) -> list[Person]:
    return session.rows(
        """
        select
            contacts.contact_id,
            contacts.customer_id,
            contacts.name,
            contacts.email,
            contacts.consent,
            customers.name as customer,
            coalesce(contacts.archived_at, customers.archived_at) as archived_at,
        from contacts
        inner join customers on customers.customer_id = contacts.customer_id
        where contacts.contact_id in (select unnest($contact_ids::uuid[]))
        """,
        contact_ids=contact_ids,
    )


def _asked(session: Session, contact_ids: Sequence[UUID]) -> dict[UUID, Person]:
    """When these people were asked, by invitation, the latest last: also at a customer whom the session does not see."""
    rows = Session(session.database, SYSTEM).rows(
        """
        select survey_invitation_id, contact_id, invited_at
        from survey_invitations
        where archived_at is null and contact_id in (select unnest($contact_ids::uuid[]))
        order by invited_at, survey_invitation_id
        """,
        contact_ids=list(contact_ids),
    )
    return {row["survey_invitation_id"]: row for row in rows}


def _why_not(session: Session, person: Person | None, refused_at: Any, invited_at: Any) -> str:
    """Why a person is not asked now; blank where they are."""
    if person is None or person["archived_at"]:
        return "is no longer in use"
    if person["consent"] == "withdrawn":
        return "has withdrawn consent"
    if refused_at:
        return _refusal(session, refused_at)
    cooldown = int(session.settings.get("survey_cooldown_days") or 0)
    if invited_at:
        again = session.local(invited_at).date() + timedelta(days=cooldown)
        if session.today < again:
            return f"was asked on {session.local(invited_at):%d %b %Y}; again from {again:%d %b %Y}"
    return ""


def _refusal(session: Session, refused_at: Any) -> str:
    return f"asked on {session.local(refused_at):%d %b %Y} not to be asked again"


def _to_remind(session: Session, invitation_ids: Sequence[UUID]) -> tuple[list[Person], list[Person]]:
    """Whom of those who were asked we may write to once more, and who asked since not to be."""
    people = _invited(session, invitation_ids)
    refused = surveys.refused_on(session, [person["contact_id"] for person in people])
    left_out = [
        {"contact_id": key, "name": person["name"], "reason": _refusal(session, refused[key])}
        for person in people
        if (key := person["contact_id"]) in refused
    ]
    return [person for person in people if person["contact_id"] not in refused], left_out


def _invited(session: Session, invitation_ids: Sequence[UUID]) -> list[Person]:
    return session.rows(
        """
        select
            invited.survey_invitation_id,
            invited.survey_id,
            invited.contact_id,
            invited.customer_id,
            contacts.name,
            contacts.email,
            customers.name as customer,
        from survey_invitations as invited
        inner join contacts on contacts.contact_id = invited.contact_id
        left join customers on customers.customer_id = invited.customer_id
        where
            invited.survey_invitation_id in (select unnest($keys::uuid[]))
            and invited.archived_at is null
            and contacts.consent <> 'withdrawn'
            and contacts.archived_at is null
        order by contacts.name, invited.survey_invitation_id
        """,
        keys=list(invitation_ids),
    )


def _write(session: Session, change: Change, survey: Person, links: Sequence[Person]) -> None:
    columns = ("survey_invitation_id", "contact_id", "customer_id")
    change.stage("invited", pd.DataFrame({name: [str(person[name]) for person in links] for name in columns}))
    change.insert_from(
        "survey_invitations",
        "select *, $survey_id as survey_id, $now as invited_at from invited",
        survey_id=survey["survey_id"],
        now=session.now,
    )
    _write_tokens(session, change, survey, links)


def _write_tokens(session: Session, change: Change, survey: Person, links: Sequence[Person]) -> None:
    rows = [
        {
            "survey_token_id": str(uuid4()),
            "survey_invitation_id": None if survey["is_anonymous"] else str(person["survey_invitation_id"]),
            "token_hash": hash_of(person["token"]),
        }
        for person in links
    ]
    if survey["is_anonymous"]:
        random.SystemRandom().shuffle(rows)
    change.stage("links", pd.DataFrame(rows, dtype="string"))
    change.insert_from(
        "survey_tokens",
        "select *, $survey_id as survey_id, $expires_on as expires_on, false as is_used from links",
        survey_id=survey["survey_id"],
        expires_on=session.today + timedelta(days=survey["link_days"]),
    )


def _link(person: Person, base: str) -> Person:
    kept = {name: person[name] for name in ("contact_id", "customer_id", "name", "email", "customer")}
    return kept | {"url": f"{base}/s/{person['token']}"}


def _count(people: Sequence[Any]) -> str:
    return f"{len(people):,} {'person' if len(people) == 1 else 'people'}"
