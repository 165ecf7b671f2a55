"""What each noun's form asks: the required first, the rest behind “More”; the same list for adding and for editing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from crm.queries import choices, employees, products, stages
from crm.store.session import Session
from crm.ui import own
from crm.ui.forms import Field

Fields = list[Field]


def people(session: Session) -> dict[Any, str]:
    return {row["employee_id"]: row["name"] for row in employees.active(session)}


def _products(session: Session) -> dict[Any, str]:
    return {row["product_id"]: row["name"] for row in products.active(session)}


def _stages(session: Session) -> dict[Any, str]:
    found = [row for row in stages.active(session) if row["outcome"] == "open"]  # a deal ends by a move, which asks why
    several = len({row["pipeline_id"] for row in found}) > 1
    return {row["stage_id"]: f"{row['pipeline_name']}: {row['name']}" if several else row["name"] for row in found}


CUSTOMER = Field("customer_id", "Customer", "customer")
CONTACT = Field("contact_id", "Contact", "contact", more=True)
SAID_HELP = "Kept as feedback; a complaint gets an owner and a due day."
SAID = [
    Field("said_kind", "They said …", "pills", choices.SAID_KINDS, help=SAID_HELP),
    Field("said", "In their words", "said", placeholder="“…”"),
]


def customer(session: Session) -> Fields:
    """Who they are and who cares for them."""
    return [
        Field("name", "Name", "live", required=True),
        Field("lifecycle_stage", "Lifecycle", "choice", choices.LIFECYCLE_STAGES, required=True, default="lead"),
        Field("owner_id", "Owner", "choice", people(session), default=session.actor.employee_id),
        Field("sector", "Sector", more=True),
        Field("region", "Region", more=True),
        Field("country", "Country", more=True),
        Field("city", "City", more=True),
        Field("website", "Website", "url", more=True),
        Field("phone", "Phone", "phone", more=True),
        Field("employee_count", "Employees", "number", more=True),
        Field("annual_revenue_amount", "Their yearly revenue", "money", more=True),
        Field("founded_year", "Founded in", "number", more=True),
        Field("cadence_days", "Stay in touch every … days", "number", more=True),
        Field("note", "Note", "area", more=True),
        *own.fields(session, "customers"),
    ]


def contact(session: Session) -> Fields:
    """A person; without a customer, a customer who is a person."""
    return [
        Field("name", "Name", "live", required=True),
        Field("email", "E-mail", "email"),
        Field("phone", "Phone", "phone"),
        Field("customer_id", "Customer", "customer", help="Leave blank for a customer who is a person."),
        Field("title", "Job title", more=True),
        Field("street", "Street", more=True),
        Field("postcode", "Postcode", more=True),
        Field("city", "City", more=True),
        Field("state", "State", more=True),
        Field("country", "Country", more=True),
        Field("born_on", "Birthday", "day", more=True),
        Field("consent", "Consent to newsletters", "choice", choices.CONSENTS, more=True, default="unknown"),
        Field("note", "Note", "area", more=True),
        *own.fields(session, "contacts"),
    ]


def interaction(session: Session) -> Fields:
    """What happened between us."""
    return [
        replace(CUSTOMER, help="Blank only where a campaign went to many."),
        Field("channel", "Kind", "choice", choices.CHANNELS, required=True, default="call"),
        Field("note", "What was said", "area"),
        Field("subject", "Subject", more=True),
        CONTACT,
        Field("deal_id", "Deal", "deal", more=True),
        Field("occurred_at", "When", "moment", more=True, help="Blank: now."),
        Field("duration_minutes", "Minutes", "number", more=True),
        Field("direction", "Direction", "choice", choices.DIRECTIONS, more=True),
        Field("campaign", "Campaign", more=True),
        *own.fields(session, "interactions"),
    ]


def logged(session: Session) -> Fields:
    """The same where it is entered: with what they said in it, which is kept as feedback."""
    asked = interaction(session)
    after = [field.name for field in asked].index("note") + 1
    return [*asked[:after], *SAID, *asked[after:]]


def deal(session: Session) -> Fields:
    """One possible sale."""
    return [
        Field("name", "Name", required=True),
        CUSTOMER,
        Field("amount", "Amount", "money"),
        Field("stage_id", "Stage", "choice", _stages(session), required=True),
        Field("expected_close_on", "Expected close", "day"),
        Field("owner_id", "Owner", "choice", people(session), default=session.actor.employee_id),
        Field("product_id", "Product", "choice", _products(session), more=True),
        CONTACT,
        Field("opened_on", "Opened", "day", more=True, help="Blank: today."),
        Field("note", "Note", "area", more=True),
        *own.fields(session, "deals"),
    ]


def order(session: Session) -> Fields:
    """A purchase that happened."""
    return [
        replace(CUSTOMER, required=True),
        Field("ordered_at", "When", "moment", help="Blank: now."),
        Field("amount", "Amount", "money", required=True, help="A return is negative."),
        Field("number", "Order number", more=True),
        Field("product_id", "Product", "choice", _products(session), more=True),
        CONTACT,
        Field("deal_id", "Deal", "deal", more=True),
        Field("channel", "Sales channel", more=True),
        Field("item_count", "Items", "number", more=True),
        Field("note", "Note", "area", more=True),
        *own.fields(session, "orders"),
    ]


def feedback(session: Session) -> Fields:
    """Anything a customer tells us."""
    return [
        CUSTOMER,
        Field("kind", "Kind", "choice", choices.FEEDBACK_KINDS, required=True, default="complaint"),
        Field("text", "In their words", "area"),
        Field("due_on", "Answer due", "day", help=f"Blank: {session.settings['complaint_due_days']} days after it came."),
        Field("owner_id", "Who answers a complaint", "choice", people(session), help="Blank: the customer's owner."),
        Field("scale", "Scale of the rating", "choice", list(choices.SCALES), more=True),
        Field("rating", "Rating", "number", more=True),
        CONTACT,
        Field("product_id", "Product", "choice", _products(session), more=True),
        Field("received_at", "When", "moment", more=True, help="Blank: now."),
        Field("channel", "How it reached us", more=True),
        *own.fields(session, "feedback"),
    ]


def task(session: Session) -> Fields:
    """Something to do."""
    return [
        Field("title", "Title", required=True),
        Field("due_on", "Due", "day", default=session.today),
        Field("owner_id", "Who", "choice", people(session), default=session.actor.employee_id),
        CUSTOMER,
        CONTACT,
        Field("deal_id", "Deal", "deal", more=True),
        Field("repeat_every", "Repeat", "choice", choices.REPEATS, more=True),
        Field("note", "Note", "area", more=True),
        *own.fields(session, "tasks"),
    ]


def trait(session: Session) -> Fields:
    """What a customer wants, needs, likes, dislikes, values or aspires to, and how we know."""
    return [
        Field("kind", "Kind", "choice", choices.TRAIT_KINDS, required=True, default="need"),
        Field("text", "In a few words", required=True),
        Field("promised_on", "Promised by", "day"),
        Field("evidence", "How do we know?", "area", placeholder="“…”, in the call of 12 October"),
    ]


KINDS: dict[str, Callable[[Session], Fields]] = {
    "contact": contact,
    "customer": customer,
    "interaction": logged,
    "deal": deal,
    "order": order,
    "feedback": feedback,
    "task": task,
}
