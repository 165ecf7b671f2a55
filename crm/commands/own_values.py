"""What is typed into a field of the company's own, or read from a file, becomes the value that the store keeps.

Values are JSON: a text, a number, true or false, a day as `2026-05-01`, the id of a choice or a list of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from crm.commands import checks
from crm.errors import Refused
from crm.queries import custom_fields
from crm.queries.custom_fields import PREFIX, Choice, CustomField
from crm.store.session import Session

YES, NO = ("yes", "y", "true", "1", "x", "on"), ("no", "n", "false", "0", "off")
SPACES = re.compile(r"[\s\u00a0\u202f'’_]")
THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+")
SEPARATORS = re.compile(r"[;\n|]")
LARGEST = 1e15
LINK_LENGTH = 2_000


def checked_with_own(
    session: Session,
    noun: str,
    given: Mapping[str, Any],
    known: Mapping[str, checks.Check],
    required: Collection[str] = (),
) -> dict[str, Any]:
    """A noun's fields run through their checks, its own fields among them: those become one patch, `own`."""
    own = {name: value for name, value in given.items() if name.startswith(PREFIX)}
    values = checks.checked({name: value for name, value in given.items() if name not in own}, known, required)
    patch = checked_own(session, noun, own) if own else {}
    return values | ({"own": json.dumps(patch)} if patch else {})


def checked_own(session: Session, noun: str, given: Mapping[str, Any], *, is_new: bool = False) -> dict[str, Any]:
    """The patch of `own` that these values make, by the field's id; None takes a value out.

    `given` names fields by `own_<id>` or the id alone. A required field cannot be blank where it is asked for; with `is_new`
    it is asked for everywhere. A quick action that asks for nothing is not stopped by what it could not ask.
    """
    fields = {field.key: field for field in custom_fields.of_noun(session, noun)}
    typed = {name.removeprefix(PREFIX): value for name, value in given.items()}
    unknown = sorted(set(typed) - set(fields))
    if unknown:
        raise Refused("This own field is no longer there. Open the form again.", f"{PREFIX}{unknown[0]}")
    patch = {key: value_of(fields[key], value) for key, value in typed.items()}
    for key, field in fields.items():
        if field.is_required and (key in patch or is_new) and patch.get(key) is None:
            raise Refused(f"{field.name} is missing. Fill it in.", field.argument)
    return patch


def value_of(field: CustomField, value: Any) -> Any:
    """One value as the store keeps it, None for a blank; refused in words where it does not fit."""
    if checks.blank(value) or value in ([], ()):
        return None
    try:
        return VALUES[field.kind](value, field)
    except Refused as error:
        raise Refused(error.message, field.argument) from None


def _text(value: Any, field: CustomField) -> str:
    text: str = checks.LINE(value, field.name)
    return text


def _long_text(value: Any, field: CustomField) -> str:
    text: str = checks.NOTE(value, field.name)
    return text


def _number(value: Any, field: CustomField) -> int | float:
    number = float(_decimal(value, field, "a number. Write digits, like 1250.5"))
    if abs(number) >= LARGEST:
        raise Refused(f"{field.name} is too large to be kept exactly. Write it in a larger unit.")
    return int(number) if number == int(number) else number


def _money(value: Any, field: CustomField) -> int | float:
    amount = checks.money(least=None)(_decimal(value, field, "an amount. Write digits, like 1250.00"), field.name)
    return int(amount) if amount == int(amount) else float(amount)


def _decimal(value: Any, field: CustomField, wanted: str) -> Decimal:
    try:
        number = Decimal(_digits(value) if isinstance(value, str) else str(value))
    except InvalidOperation:
        number = Decimal("nan")
    if isinstance(value, bool) or not number.is_finite():
        raise Refused(f"{field.name} “{str(value)[:40]}” is not {wanted}.")
    return number


def _digits(text: str) -> str:
    """A number as it is written here and there, with a point before its decimals.

    >>> _digits("1 250,5"), _digits("1,250.5"), _digits("1.250,50"), _digits("1,250")
    ('1250.5', '1250.5', '1250.50', '1250')
    """
    bare = SPACES.sub("", text)
    if THOUSANDS.fullmatch(bare) or bare.rfind(",") < bare.rfind("."):
        return bare.replace(",", "")
    return bare.replace(".", "").replace(",", ".") if "," in bare else bare


def _date(value: Any, field: CustomField) -> str:
    found: date = checks.day(value.strip() if isinstance(value, str) else value, field.name)
    return found.isoformat()


def _yes_no(value: Any, field: CustomField) -> bool:
    word = str(value).strip().casefold()
    if word not in (*YES, *NO):
        raise Refused(f"{field.name} “{str(value)[:40]}” is neither yes nor no. Write one of them.")
    return word in YES


def _choice(value: Any, field: CustomField) -> str:
    word = " ".join(str(value).split())
    for choice in field.choices:
        if word == choice.key or word.casefold() == choice.name.casefold():
            return choice.key
    raise Refused(f"{field.name} “{word[:40]}” is not offered. Choose one of {_offered(field.choices)}.")


def _choices(value: Any, field: CustomField) -> list[str] | None:
    """Several, in the order in which they are offered; a text names them between semicolons or commas."""
    words = value if isinstance(value, Collection) and not isinstance(value, str) else _split(str(value))
    chosen = {_choice(word, field) for word in words if not checks.blank(word)}
    return [choice.key for choice in field.choices if choice.key in chosen] or None


def _split(text: str) -> list[str]:
    return SEPARATORS.split(text) if SEPARATORS.search(text) else text.split(",")


def _offered(choices: Collection[Choice]) -> str:
    names = [choice.name for choice in choices if not choice.is_archived]
    return ", ".join(names[:12]) + (" …" if len(names) > 12 else "")


def _link(value: Any, field: CustomField) -> str:
    """An address of the web; one without http gets https."""
    text: str = checks.text(LINK_LENGTH, trimmed=True)(value, field.name)
    address = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(address)
        is_address = parts.scheme in ("http", "https") and "." in (parts.hostname or "") and not re.search(r"\s", text)
    except ValueError:
        is_address = False
    if not is_address:
        raise Refused(f"{field.name} “{text[:40]}” is not a web address. Write it like https://example.com/page.")
    return address


VALUES: dict[str, Callable[[Any, CustomField], Any]] = {
    "text": _text,
    "long_text": _long_text,
    "number": _number,
    "money": _money,
    "date": _date,
    "yes_no": _yes_no,
    "choice": _choice,
    "choices": _choices,
    "link": _link,
}
