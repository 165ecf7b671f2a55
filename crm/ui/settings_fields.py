"""What the forms of Settings ask for."""

from __future__ import annotations

import calendar

from crm.queries import choices, custom_fields, employees, settings
from crm.store.session import Session
from crm.ui import own, words
from crm.ui.forms import Field

MEMBER_READS = {
    "all": "Everything",
    "team": "Their team's customers and nobody's",
    "own": "Their own customers and nobody's",
}
ROLE_WORDS = (
    "Members work with customers. Managers also assign, import and set team goals. Leaders also set company goals. "
    "Admins also manage employees and settings."
)
NOUNS = {noun: words.label(noun) for noun in custom_fields.NOUNS}
LEARNED = "Blank: learned from the deals that passed it, once 30 of them have closed."


def company() -> list[Field]:
    """Who we are, what we count in, when our days and years begin."""
    regions = {region: f"{region} (+{code})" for region, code in settings.phone_regions().items()}
    months = dict(enumerate(calendar.month_name[1:], 1))
    return [
        Field("company_name", "Company name", required=True),
        Field(
            "currency",
            "Currency",
            "choice",
            {code: code for code in settings.CURRENCIES},
            required=True,
            help="Set before the first amount; it stays afterwards.",
        ),
        Field(
            "time_zone",
            "Time zone",
            "choice",
            {zone: zone for zone in settings.time_zones()},
            required=True,
            help="In it days, periods and “overdue” are counted.",
        ),
        Field(
            "phone_region",
            "Phone region",
            "choice",
            regions,
            required=True,
            help="How phone numbers without a country are read.",
        ),
        Field(
            "first_month_of_year",
            "First month of the year",
            "choice",
            months,
            required=True,
            help="Where quarters and years begin.",
        ),
        Field("member_reads", "Members see", "choice", MEMBER_READS, required=True),
    ]


def quiet() -> list[Field]:
    """After how many days without a word a customer is quiet, where their own rhythm is not known."""
    return [Field(f"quiet_days_{stage}", words.label(stage), "number", required=True) for stage in choices.LIFECYCLE_STAGES]


def listening() -> list[Field]:
    """By when a complaint is answered, how often somebody may be asked, and where surveys are answered."""
    return [
        Field("complaint_due_days", "Complaints are answered within … days", "number", required=True),
        Field("survey_cooldown_days", "Nobody is sent a survey again within … days", "number", required=True),
        Field(
            "public_url",
            "Public address",
            options={None: "The one this page is seen under"},
            placeholder="https://crm.example.com",
            help="Where customers reach this app: links to surveys begin with it. Blank: the address that it is seen under.",
        ),
    ]


def backup() -> list[Field]:
    """When a backup is made by itself, where it goes, how many stay."""
    every = {"never": "Never", "day": "Every day", "week": "Every week"}
    return [
        Field("backup_every", "Make one", "choice", every, required=True),
        Field("backup_folder", "Folder", required=True, help="Beside the database, or a whole path: best on another disk."),
        Field("backup_keep", "Keep", "number", required=True, help="The newest so many; older ones are removed."),
    ]


def employee(session: Session) -> list[Field]:
    """Someone who works here."""
    teams = {row["team_id"]: row["name"] for row in employees.teams(session)}
    return [
        Field("name", "Name", required=True),
        Field("email", "E-mail", "email"),
        Field("role", "Role", "choice", choices.ROLES, required=True, default="member", help=ROLE_WORDS),
        Field("team_id", "Team", "choice", teams),
        Field("title", "Job title", more=True),
        Field("region", "Region", more=True),
        *own.fields(session, "employees"),
    ]


def team(session: Session) -> list[Field]:
    """Who works together, under whom."""
    people = {row["employee_id"]: row["name"] for row in employees.active(session)}
    return [
        Field("name", "Name", required=True),
        Field("manager_id", "Manager", "choice", people),
        Field("region", "Region"),
    ]


def product(session: Session) -> list[Field]:
    """What we sell."""
    return [
        Field("name", "Name", required=True),
        Field("list_price_amount", "List price", "money", help="Stands in for the amount of an open or lost deal without one."),
        Field("category", "Category"),
        *own.fields(session, "products"),
    ]


def pipeline() -> list[Field]:
    """A way in which deals go."""
    return [Field("name", "Name", required=True)]


def stage() -> list[Field]:
    """A step of a pipeline."""
    return [
        Field("name", "Name", required=True),
        Field("outcome", "A deal here is", "choice", choices.OUTCOMES, required=True, default="open"),
        Field("percent", "Chance to win in %", "number", help=LEARNED),
    ]


def custom_field(kind: str | None) -> list[Field]:
    """A field of the company's own; one to choose from asks what there is to choose."""
    offered = Field("choices", "Choices, one a line", "area", help="More can be added at any time.")
    return [
        Field("name", "Name", required=True, placeholder="Contract end"),
        Field("noun", "Of", "choice", NOUNS, required=True, default="customers", help="Stays: values stand under it."),
        Field("kind", "What it holds", "choice", own.KINDS, required=True, default="text", help="Stays: values stand under it."),
        *([offered] if kind in custom_fields.CHOSEN else []),
        *custom_field_kept()[1:],
    ]


def custom_field_kept() -> list[Field]:
    """What can be changed of one that is there."""
    return [
        Field("name", "Name", required=True),
        Field("is_required", "Required: a form cannot be saved without it", "flag"),
        Field("is_listed", "Shown in lists", "flag", help="A column of Customers, a line on a deal's card and beside a contact."),
    ]


def custom_choice() -> list[Field]:
    """One of the words that a choice field offers."""
    return [Field("name", "Name", required=True)]
