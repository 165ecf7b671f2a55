"""What holds for the whole company, as a form asks for it; and the words that a setting may hold."""

from __future__ import annotations

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from crm.store.session import Session

NUMBERS = ("first_month_of_year", "quiet_days_", "backup_keep", "complaint_due_days", "survey_cooldown_days")
# ISO 4217: the currencies in use.
CODES = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP
    CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR
    ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT
    MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD
    SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND
    VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
CURRENCIES = tuple(CODES.split())
CONTINENTS = (
    *("Africa/", "America/", "Antarctica/", "Arctic/", "Asia/", "Atlantic/"),
    *("Australia/", "Europe/", "Indian/", "Pacific/"),
)
# A region that speaks for the whole world has no country to read a number by.
NO_COUNTRY = "001"


def company(session: Session) -> dict[str, Any]:
    """One row: every setting by its name, and under `version` the version of each, which an edit must name."""
    rows = session.rows("select name, value, version from settings where archived_at is null")
    values = {row["name"]: _typed(row["name"], row["value"]) for row in rows}
    return values | {"version": {row["name"]: row["version"] for row in rows}}


@cache
def time_zones() -> tuple[str, ...]:
    """One entry per time zone that bears the name of a place, and UTC."""
    return ("UTC", *sorted(name for name in available_timezones() if name.startswith(CONTINENTS)))


@cache
def phone_regions() -> dict[str, int]:
    """One entry per country, by its two letters: the number that calls it from abroad."""
    codes = {region: code for code, regions in COUNTRY_CODE_TO_REGION_CODE.items() for region in regions}
    return {region: codes[region] for region in sorted(codes) if region != NO_COUNTRY}


def _typed(name: str, value: str | None) -> str | int | None:
    return int(value) if value and name.startswith(NUMBERS) else value
