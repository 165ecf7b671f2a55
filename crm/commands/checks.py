"""Check what a person typed before it is written: each refusal names the field, what is wrong, and what to do.

A command lists its fields with their checks; `checked` runs them all. Values come out in the one spelling that the store
keeps: e-mail lower-cased in its domain, phone numbers in E.164, money to the cent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from crm.errors import Refused
from crm.store.changes import Change

Check = Callable[[Any, str], Any]
NAME_LENGTH, TEXT_LENGTH = 200, 20_000
# All that a text column cannot hold; whatever else people write is kept as they wrote it.
UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
LARGEST = Decimal(10) ** 12


@dataclass(frozen=True)
class Saved:
    """What was written: the key of the row, and the change set that can be undone; none where nothing differed."""

    key: UUID
    change_set_id: UUID | None

    @classmethod
    def of(cls, row: UUID | str, change: Change) -> Saved:
        """The row and the change set that was just applied."""
        return cls(key(row, "Row"), change.change_set_id if change.counts else None)


def checked(values: Mapping[str, Any], checks: Mapping[str, Check], required: Collection[str] = ()) -> dict[str, Any]:
    """Run each given field through its check; refuse a required one that is blank, and a field that nobody knows."""
    unknown = set(values) - set(checks)
    if unknown:
        raise Refused(f"There is no field {', '.join(sorted(unknown))}.", sorted(unknown)[0])
    found = {name: None if blank(value) else _checked(name, value, checks[name]) for name, value in values.items()}
    for name in required:
        if (name in values and found[name] is None) or name not in values:
            raise Refused(f"{words(name)} is missing. Fill it in.", name)
    return found


def _checked(name: str, value: Any, check: Check) -> Any:
    try:
        return check(value, words(name))
    except Refused as error:
        raise Refused(error.message, name) from None


def blank(value: Any) -> bool:
    """Whether nothing was typed."""
    return value is None or (isinstance(value, str) and not value.strip())


def words(name: str) -> str:
    """A field's name as people read it.

    >>> words("expected_close_on"), words("annual_revenue_amount")
    ('Expected close', 'Annual revenue')
    """
    bare = re.sub(r"_(on|at|id|amount|share)$", "", name)
    return bare.replace("email", "e-mail").replace("_", " ").capitalize()


def text(most: int = TEXT_LENGTH, least: int = 0, *, trimmed: bool = False) -> Check:
    """Free text of at most so many characters, as it was written; only what cannot be stored is dropped."""

    def check(value: Any, name: str) -> str:
        clean = UNSTORABLE.sub("", str(value))
        clean = clean.strip() if trimmed else clean
        if len(clean) > most:
            raise Refused(f"{name} has {len(clean):,} characters; {most:,} is the most. Shorten it.", name)
        if len(clean.strip()) < least:
            raise Refused(f"{name} is missing. Fill it in.", name)
        return clean

    return check


NAME = text(NAME_LENGTH, least=1)
LINE = text(300, trimmed=True)
NOTE = text()


def one_of(options: Collection[str]) -> Check:
    """One of a list of words."""

    def check(value: Any, name: str) -> str:
        if value not in options:
            raise Refused(f"{name} “{str(value)[:40]}” is not known. Choose one of {', '.join(options)}.", name)
        return str(value)

    return check


def email(value: Any, name: str) -> str:
    """An address that mail could be sent to; whether anyone reads it is not asked."""
    try:
        return validate_email(str(value).strip(), check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise Refused(f"{name} is not an address: {str(error).rstrip('.')}. Correct it or leave it blank.", name) from None


def phone(region: str) -> Check:
    """A number that could be dialled, in its international spelling; `region` reads numbers without a country."""

    def check(value: Any, name: str) -> str:
        try:
            number = phonenumbers.parse(str(value), region)
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_possible_number(number):
            raise Refused(f"{name} is not a phone number. Write it with its country, like +44 20 7946 0958.", name)
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    return check


def money(least: Decimal | None = Decimal(0)) -> Check:
    """An amount to the cent; negative only where a return makes sense."""

    def check(value: Any, name: str) -> Decimal:
        try:
            amount = Decimal(str(value)).quantize(Decimal("0.01"))
        except InvalidOperation:
            raise Refused(f"{name} “{str(value)[:40]}” is not an amount. Write digits, like 1250.00.", name) from None
        if not amount.is_finite() or abs(amount) >= LARGEST:
            raise Refused(f"{name} is too large to be an amount.", name)
        if least is not None and amount < least:
            raise Refused(f"{name} cannot be less than {least}. Correct it.", name)
        return amount

    return check


def whole(least: int, most: int) -> Check:
    """A whole number in a range."""

    def check(value: Any, name: str) -> int:
        try:
            number = int(value)
        except (TypeError, ValueError):
            raise Refused(f"{name} “{str(value)[:40]}” is not a whole number.", name) from None
        if not least <= number <= most:
            raise Refused(f"{name} must be between {least:,} and {most:,}.", name)
        return number

    return check


def day(value: Any, name: str) -> date:
    """A day of this life: 1900 to 2200."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            raise Refused(f"{name} “{value[:40]}” is not a day. Write it like 2026-11-22.", name) from None
    found: date = value.date() if isinstance(value, datetime) else value
    if not 1900 <= found.year <= 2200:
        raise Refused(f"{name} must lie between 1900 and 2200.", name)
    return found


def instant(value: Any, name: str) -> datetime:
    """A moment, in UTC; one that names its own zone is brought there."""
    if not isinstance(value, datetime):
        raise Refused(f"{name} needs a day and a time.", name)
    day(value, name)
    return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value


def key(value: Any, name: str) -> UUID:
    """The key of a row; whether the row is there, the store checks."""
    try:
        return value if isinstance(value, UUID) else UUID(str(value))
    except ValueError:
        raise Refused(f"{name} is not a key.", name) from None
