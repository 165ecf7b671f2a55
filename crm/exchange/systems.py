"""Which system a file was exported from, by its header: the name under which its ids are kept apart from other systems'."""

from __future__ import annotations

from collections.abc import Iterable

from crm.exchange.headers import normalised

# source → (in words, header rows of which each has all of these); the first that fits wins. A header that any spreadsheet
# may have tells nothing.
SYSTEMS: dict[str, tuple[str, tuple[tuple[str, ...], ...]]] = {
    "hubspot": (
        "HubSpot",
        (
            ("Record ID", "Contact owner"), ("Record ID", "Company owner"), ("Record ID", "Deal owner"),
            ("Record ID", "Lifecycle Stage"), ("Record ID", "Associated Company"), ("Record ID", "Deal Stage"),
        ),
    ),
    "salesforce": (
        "Salesforce",
        (
            ("ID", "ISDELETED", "SYSTEMMODSTAMP"), ("ID", "ACCOUNTID", "STAGENAME"), ("ID", "OWNERID", "NAME"),
            ("Opportunity Owner", "Opportunity Name"), ("Account Owner", "Account Name"),
        ),
    ),
    "pipedrive": (
        "Pipedrive",
        (("Person - Name",), ("Deal - Title",), ("Activity - Subject",), ("Person - Email (Work)",)),
    ),
    "mailchimp": ("Mailchimp", (("Email Address", "MEMBER_RATING"), ("LEID", "EUID"))),
    "google": (
        "Google Contacts",
        (("E-mail 1 - Value",), ("Phone 1 - Value",), ("Given Name", "Family Name", "Group Membership")),
    ),
    "outlook": (
        "Outlook",
        (
            ("E-mail Address", "Business Street"), ("E-mail Address", "E-mail 2 Address"),
            ("E-mail Address", "E-mail Display Name"),
        ),
    ),
    "thunderbird": ("Thunderbird", (("Display Name", "Primary Email"), ("Primary Email", "Screen Name"))),
}  # fmt: skip


def recognised(header: Iterable[str], layout: str = "") -> str | None:
    """The key of the system whose export has this header; address books in vCard are one of their own.

    >>> recognised(["Record ID", "Deal Name", "Deal Stage"]), recognised(["name", "email"])
    ('hubspot', None)
    """
    if layout == "vcard":
        return "vcard"
    names = {normalised(column) for column in header}
    for key, (_, rows) in SYSTEMS.items():
        if any(names.issuperset(map(normalised, row)) for row in rows):
            return key
    return None


def in_words(system: str | None) -> str | None:
    """What people call the system."""
    return "vCard" if system == "vcard" else SYSTEMS[system][0] if system in SYSTEMS else None
