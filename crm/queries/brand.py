"""The brand: what was measured and entered, with its source. The figures made of it are in the registry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from crm.store.session import Session

NOUNS = ("brand_readings",)
# Beside what says how known and how chosen we are: whether customers stay and would recommend us. A set, never one index.
SET = ("share_of_voice", "awareness", "referral_share", "price_realisation", "nps", "repeat_rate")


def readings(session: Session) -> list[dict[str, Any]]:
    """One row per reading that is not archived, the latest first: measure, days, value, n, where it is from."""
    return session.rows(
        """
        select
            brand_reading_id,
            measure,
            starts_on,
            ends_on,
            value_share,
            sample_count,
            taken_from,
            note,
            version,
        from brand_readings
        where archived_at is null
        order by ends_on desc, measure, starts_on desc, created_at desc, brand_reading_id desc
        """
    )


def latest(session: Session, until: date | None = None) -> dict[str, dict[str, Any]]:
    """One row per measure that was entered: its latest reading that is over (by `until`), as the figure has it."""
    rows = [row for row in readings(session) if row["ends_on"] <= (until or session.today)]
    return {row["measure"]: row for row in reversed(rows)}


def beside(session: Session, reading: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One row per reading of the same measure that another source gives for days that it shares with this one."""
    return [
        row
        for row in readings(session)
        if row["measure"] == reading["measure"]
        and row["taken_from"].casefold() != reading["taken_from"].casefold()
        and row["starts_on"] <= reading["ends_on"]
        and reading["starts_on"] <= row["ends_on"] <= session.today
    ]
