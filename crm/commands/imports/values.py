"""Cells of text into typed values, a whole column at a time. A cell that does not fit rejects its row with the reason.

Names and texts are kept exactly as given, formulas, tags and surrounding spaces included: what they may do is decided where
they are shown or exported. Keys, addresses and words by which people group are trimmed, because they are compared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from email_validator import EmailNotValidError, validate_email

from crm.commands.imports import currency, dates, fields, numbers
from crm.commands.imports.fields import CHOICES, FIELDS
from crm.commands.imports.incoming import Cast, Incoming, quoted
from crm.errors import Refused

# What most addresses look like; only the others are shown to the library, which takes 50 µs each.
PLAIN_EMAIL = r"^[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}$"
UNUSUAL_EMAIL = r"(?i)--|^[^@]{65}|\.(test|invalid|local|localhost|onion|arpa)$"
SPREADSHEET_KEY = r"^[0-9]([.,][0-9]+)?[eE]\+[0-9]+$"
LONGEST = 200
NOT_LETTERS = r"[^\p{L}\p{N}]"


def convert(incoming: Incoming) -> None:
    """Make `typed` from `texts`, and a fault for every cell that does not fit."""
    currency.prepare(incoming)
    casts = {name: _cast(incoming, name, FIELDS[incoming.kind][name]) for name in incoming.fields}
    kept = ", ".join(f"case when {cast.fits} then {name}::{cast.kept} end as {name}" for name, cast in casts.items())
    values = ", ".join(f"{cast.value} as {name}" for name, cast in casts.items())
    zone = {"zone": incoming.session.settings["time_zone"]} if "$zone" in values else {}
    incoming.run(
        f"create or replace temp table typed as select row_no, line, {kept} from (select row_no, line, {values} from texts)",  # noqa: S608
        **zone,
    )
    currency.settle(incoming)
    for name in _misfits(incoming, list(casts)):
        incoming.reject(
            name,
            f"""
            select row_no, {casts[name].reason} as reason
            from texts
            where {name} is not null and row_no in (select row_no from typed where {name} is null)
            """,  # noqa: S608 - names come from fields.py
        )


def _misfits(incoming: Incoming, names: list[str]) -> list[str]:
    """The fields where a cell did not become a value."""
    counts = ", ".join(f"count({name})" for name in names)
    given, fitting = (incoming.rows(f"select {counts} from {table}")[0] for table in ("texts", "typed"))  # noqa: S608
    return [name for name, before, after in zip(names, given, fitting, strict=True) if before != after]


def _cast(incoming: Incoming, name: str, kind: str) -> Cast:
    if kind in CHOICES:
        return _choice(name, kind)
    if kind in numbers.FORMS:
        return numbers.cast(incoming, name, kind)
    return CASTS[kind](incoming, name)


def _text(_: Incoming, name: str) -> Cast:
    return Cast(name)


def _name(_: Incoming, name: str) -> Cast:
    return Cast(name, f"'has ' || length({name}) || ' characters: shorten it to {LONGEST}'", f"length({name}) <= {LONGEST}")


def _short(incoming: Incoming, name: str) -> Cast:
    return replace(_name(incoming, name), value=f"trim({name})")


def _key(incoming: Incoming, name: str) -> Cast:
    """A key is compared, so it is trimmed; one that a spreadsheet has rounded would merge what is not the same."""
    rounded = incoming.rows(
        f"select line, {name} from texts where regexp_matches(trim({name}), $pattern) order by line limit 1",  # noqa: S608
        pattern=SPREADSHEET_KEY,
    )
    if rounded:
        line, value = rounded[0]
        raise Refused(
            f"“{value}” in column “{incoming.header(name)}”, line {line}, is an id that a spreadsheet has rounded: different "
            "records would become one. Export the file again, and do not save it with a spreadsheet program.",
            name,
        )
    return _short(incoming, name)


def _email(incoming: Incoming, name: str) -> Cast:
    """Unusual addresses are checked one by one, each only once."""
    unusual = incoming.rows(
        f"""
        select distinct trim({name})
        from texts
        where {name} is not null
        and (not regexp_matches(trim({name}), $plain) or regexp_matches({name}, $unusual) or length({name}) > 200)
        """,  # noqa: S608 - names come from fields.py
        plain=PLAIN_EMAIL,
        unusual=UNUSUAL_EMAIL,
    )
    faults = {address: reason for (address,) in unusual if (reason := _email_fault(address))}
    incoming.run("create or replace temp table bad_emails (address varchar, reason varchar)")
    for address, reason in faults.items():
        incoming.run("insert into bad_emails values ($address, $reason)", address=address, reason=reason)
    why = f"(select any_value(bad_emails.reason) from bad_emails where bad_emails.address = trim({name}))"  # noqa: S608
    return Cast(
        f"trim({name})",
        f"{quoted(name)} || ' is not an e-mail address: ' || {why}",
        f"{name} not in (select address from bad_emails)",  # noqa: S608 - names come from fields.py
    )


def _email_fault(address: str) -> str | None:
    try:
        validate_email(address, check_deliverability=False)
    except EmailNotValidError as error:
        return str(error)
    return None


def _phone(_: Incoming, name: str) -> Cast:
    """Numbers come as people write them; only what cannot be one is rejected, so that no row is lost to a habit."""
    digits = f"length(regexp_replace({name}, '[^0-9]', '', 'g'))"
    return Cast(
        f"trim({name})", f"{quoted(name)} || ' is not a phone number'", f"{digits} between 3 and 40 and length({name}) <= 100"
    )


def _choice(name: str, kind: str) -> Cast:
    known = CHOICES[kind]
    whens = " ".join(f"when '{word}' then '{value}'" for word, value in known.items())
    words = ", ".join(dict.fromkeys(value.replace("_", " ") for value in known.values()))
    return Cast(
        f"case regexp_replace(lower({name}), '{NOT_LETTERS}', '', 'g') {whens} end",
        f"{quoted(name)} || ' is not one of {words}'",
    )


CASTS: dict[str, Callable[[Incoming, str], Cast]] = {
    fields.NAME: _name,
    fields.SHORT: _short,
    fields.TEXT: _text,
    fields.KEY: _key,
    fields.EMAIL: _email,
    fields.PHONE: _phone,
    fields.DAY: dates.day,
    fields.INSTANT: dates.instant,
}
