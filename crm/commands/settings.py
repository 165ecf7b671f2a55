"""Change what holds for the whole company: its name, currency, clock, year, and what counts as quiet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import available_timezones

from crm.commands import checks
from crm.commands.checks import Saved, checked
from crm.errors import Refused
from crm.queries import backups, choices, settings, usage
from crm.store.session import Session


def _currency(value: Any, name: str) -> str:
    code = str(value).strip().upper()
    if code not in settings.CURRENCIES:
        raise Refused(f"{name} “{code[:40]}” is not a currency of ISO 4217. Write its three letters, like EUR.", name)
    return code


def _time_zone(value: Any, name: str) -> str:
    if value not in available_timezones():
        raise Refused(f"{name} “{str(value)[:40]}” is not known. Write it like Europe/Berlin.", name)
    return str(value)


def _phone_region(value: Any, name: str) -> str:
    region = str(value).strip().upper()
    if region not in settings.phone_regions():
        raise Refused(f"{name} “{region[:40]}” is not a country. Write its two letters, like DE.", name)
    return region


def _address(value: Any, name: str) -> str:
    address = str(value).strip().rstrip("/")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or " " in address:
        raise Refused(f"{name} “{address[:40]}” is not an address. Write it like https://crm.example.com.", name)
    return str(checks.LINE(address, name))


CHECKS: dict[str, checks.Check] = {
    "company_name": checks.NAME,
    "currency": _currency,
    "time_zone": _time_zone,
    "phone_region": _phone_region,
    "first_month_of_year": checks.whole(1, 12),
    "member_reads": checks.one_of(choices.MEMBER_READS),
    "backup_every": checks.one_of(backups.EVERY),
    "backup_folder": checks.text(300, least=1, trimmed=True),
    "backup_keep": checks.whole(1, 365),
    "complaint_due_days": checks.whole(1, 365),
    "public_url": _address,
    "survey_cooldown_days": checks.whole(0, 3650),
    **{f"quiet_days_{stage}": checks.whole(1, 3650) for stage in choices.LIFECYCLE_STAGES},
}

MAY_BE_BLANK = {"public_url"}


def change_settings(session: Session, *, version: Mapping[str, UUID] | None = None, **values: Any) -> Saved:
    """Change some settings, all or none; `version` holds, by name, the version of each that was read."""
    session.require("admin", "Changing settings")
    found = checked(values, CHECKS, values.keys() - MAY_BE_BLANK)
    wanted = {name: None if value is None else str(value) for name, value in found.items()}
    rows = {row["name"]: row for row in session.rows("select setting_id, name, value from settings where archived_at is null")}
    changed = {name: value for name, value in wanted.items() if rows[name]["value"] != value}
    if "currency" in changed:
        _refuse_another_currency(session, rows["currency"]["value"])
    with session.change(f"Change settings: {', '.join(map(checks.words, changed))}") as change:
        for name, value in changed.items():
            change.update("settings", rows[name]["setting_id"], version=(version or {}).get(name), value=value)
    return Saved.of(rows[next(iter(wanted))]["setting_id"], change)


def _refuse_another_currency(session: Session, currency: str) -> None:
    """An amount means something in one currency only: there is no rate by which the company's past could be turned."""
    found = usage.amounts(session)
    if found:
        raise Refused(
            f"The currency stays {currency}: amounts in it stand in {usage.in_words(found)}, and another would change what "
            "they say. It is set before the first amount is entered.",
            "currency",
        )
