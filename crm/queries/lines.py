"""Timeline lines in words: the names behind their keys, the stages a deal moved between, the fields that were changed."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any
from uuid import UUID

from crm.queries import custom_fields, history
from crm.queries.names import names
from crm.store.rules import key_of
from crm.store.session import Session

Line = dict[str, Any]
Rows = dict[UUID, dict[str, Any]]
DEALS = """
    with wanted as materialized (
        select unnest($keys::uuid[]) as deal_id
    )

    select
        deals.deal_id,
        deals.customer_id,
        deals.contact_id,
        deals.owner_id,
        deals.name,
        deals.amount,
        deals.lost_reason,
    from deals
    inner join wanted on wanted.deal_id = deals.deal_id
"""
CONTACTS = """
    with wanted as materialized (
        select unnest($keys::uuid[]) as contact_id
    )

    select
        contacts.contact_id,
        contacts.customer_id,
    from contacts
    inner join wanted on wanted.contact_id = contacts.contact_id
"""
CHANGES = """
    with
    wanted as materialized (
        select unnest($keys::uuid[]) as record_id
    ),

    touched as materialized (
        select changes.*
        from changes
        inner join wanted on wanted.record_id = changes.record_id
    )

    select
        touched.change_set_id,
        touched.table_name,
        touched.record_id,
        touched.operation,
        touched.before,
        touched.after,
        made.actor_name,
    from touched
    inner join change_sets as made on made.change_set_id = touched.change_set_id
    where touched.operation = 'update'
"""
# An anonymous survey has no responses: nobody's line says whether they answered it.
INVITATIONS = """
    with wanted as materialized (
        select unnest($keys::uuid[]) as survey_invitation_id
    )

    select
        invited.survey_invitation_id,
        surveys.name,
        response.answered_at,
    from survey_invitations as invited
    inner join wanted on wanted.survey_invitation_id = invited.survey_invitation_id
    inner join surveys on surveys.survey_id = invited.survey_id
    left join survey_responses as response on response.survey_invitation_id = invited.survey_invitation_id
"""
# What became of feedback: who answers a complaint by when, or when they were told.
DUTIES = """
    with
    wanted as materialized (
        select unnest($keys::uuid[]) as feedback_id
    ),

    told as (
        select
            tellings.feedback_id,
            min(tellings.told_at) as told_at,
        from tellings
        inner join wanted on wanted.feedback_id = tellings.feedback_id
        where tellings.archived_at is null
        group by tellings.feedback_id
    )

    select
        entry.feedback_id,
        entry.kind as feedback_kind,
        owners.name as owner_name,
        entry.due_on,
        told.told_at,
    from feedback as entry
    inner join wanted on wanted.feedback_id = entry.feedback_id
    left join employees as owners on owners.employee_id = entry.owner_id
    left join told on told.feedback_id = entry.feedback_id
    where entry.owner_id is not null or told.told_at is not null
"""
# The table is one of those with own fields.
OWN = """
    with wanted as materialized (
        select unnest($keys::uuid[]) as record_id
    )

    select
        wanted.record_id,
        {table}.own,
    from {table}
    inner join wanted on wanted.record_id = {table}.{key}
"""


def in_words(session: Session, lines: list[Line]) -> list[Line]:
    """The same lines with customer, contact, employee and deal by name, and words for what the view only has keys of."""
    deals = _by_key(session, DEALS, "deal_id", (_deal_of(line) for line in lines))
    people = _by_key(session, CONTACTS, "contact_id", (line["record_id"] for line in lines if line["table_name"] == "contacts"))
    stages = names(session, "stages", [line[side] for line in lines for side in ("from_stage_id", "to_stage_id")])
    changes = _changes(session, lines)
    own = _own(session, lines)
    invited = (line["record_id"] for line in lines if line["kind"] == "survey")
    asked = _by_key(session, INVITATIONS, "survey_invitation_id", invited)
    answers = duties(session, (line["record_id"] for line in lines if line["table_name"] == "feedback"))
    for line in lines:
        line["duty"] = answers.get(line["record_id"])
        line["own"] = own.get((line["table_name"], line["record_id"]), {})
        _place(line, deals, people)
        if line["kind"] == "deal":
            _move(line, deals.get(line["deal_id"], {}), stages)
        if line["kind"] == "survey":
            _ask(session, line, asked.get(line["record_id"], {}))
        if line["kind"] == "change":
            line |= changes.get((line["change_set_id"], line["record_id"]), {})
    return _named(session, lines)


def duties(session: Session, feedback_ids: Iterable[UUID]) -> Rows:
    """One row per piece of feedback with an owner or an answer, by its key: who answers it by when, when they were told."""
    return _by_key(session, DUTIES, "feedback_id", feedback_ids)


def _deal_of(line: Line) -> UUID | None:
    key: UUID | None = line["record_id"] if line["table_name"] == "deals" else line["deal_id"]
    return key


def _by_key(session: Session, sql: str, key: str, keys: Iterable[UUID | None]) -> Rows:
    wanted = sorted({str(one) for one in keys if one})
    return {row[key]: row for row in session.rows(sql, keys=wanted)} if wanted else {}


def _place(line: Line, deals: Rows, people: Rows) -> None:
    """Stage changes and field changes learn whose they are from their deal or record."""
    if line["table_name"] == "customers":
        line["customer_id"] = line["record_id"]
    if line["table_name"] == "contacts":
        line["contact_id"] = line["record_id"]
        line["customer_id"] = people.get(line["record_id"], {}).get("customer_id")
    if line["table_name"] in {"deals", "stage_changes"}:
        deal = deals.get(_deal_of(line) or UUID(int=0), {})
        line["deal_id"] = _deal_of(line)
        line["customer_id"], line["contact_id"] = deal.get("customer_id"), deal.get("contact_id")


def _move(line: Line, deal: dict[str, Any], stages: dict[UUID, str]) -> None:
    """“GTX Pro × 40: Proposal → Won”, with the amount, and why it was lost if it was."""
    path = " → ".join(stages[key] for key in (line["from_stage_id"], line["to_stage_id"]) if key in stages)
    line["title"] = f"{deal.get('name', '')}: {path}"
    line["amount"] = deal.get("amount")
    line["employee_id"] = deal.get("owner_id")


def _ask(session: Session, line: Line, asked: dict[str, Any]) -> None:
    """“Asked: After delivery”, and when it was answered."""
    line["title"] = f"Asked: {asked.get('name', '')}"
    line["body"] = f"Answered on {session.local(asked['answered_at']):%d %b %Y}" if asked.get("answered_at") else None


def _changes(session: Session, lines: list[Line]) -> dict[tuple[UUID, UUID], dict[str, Any]]:
    """For each field change: whose record, which fields from what to what, by whom."""
    shown = {(line["change_set_id"], line["record_id"]) for line in lines if line["kind"] == "change"}
    if not shown:
        return {}
    rows = session.rows(CHANGES, keys=sorted({str(key) for _, key in shown}))
    found: dict[tuple[UUID, UUID], dict[str, Any]] = {}
    for row in rows:
        place = (row["change_set_id"], row["record_id"])
        if place in shown:
            words = history.in_words(session, [row])
            texts = [f"{each['field']}: {each['before'] or '–'} → {each['after'] or '–'}" for each in words]
            found[place] = {"title": words[0]["name"], "body": "\n".join(texts), "actor_name": row["actor_name"]}
    return found


def _own(session: Session, lines: list[Line]) -> dict[tuple[str, UUID], dict[str, str]]:
    """For what happened and holds own fields: those that are filled in, by name, as people read them."""
    found: dict[tuple[str, UUID], dict[str, str]] = {}
    tables = {line["table_name"] for line in lines if line["kind"] != "change"}
    for table, fields in groupby(custom_fields.every(session, nouns=tables), lambda field: field.noun):
        known, keys = list(fields), [line["record_id"] for line in lines if line["table_name"] == table]
        rows = session.rows(OWN.format(table=table, key=key_of(table)), keys=keys)
        found |= {(table, row["record_id"]): custom_fields.filled(known, row["own"]) for row in rows}
    return found


def _named(session: Session, lines: list[Line]) -> list[Line]:
    for noun, table in (("customer", "customers"), ("contact", "contacts"), ("employee", "employees"), ("deal", "deals")):
        known = names(session, table, [line[f"{noun}_id"] for line in lines])
        for line in lines:
            line[f"{noun}_name"] = known.get(line[f"{noun}_id"])
    return lines
