"""Declare what happens outside the company and moves its figures: when, which of them, and by how much we expect."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from crm.commands import checks
from crm.commands.checks import Saved, checked
from crm.errors import Refused
from crm.queries import events
from crm.queries.figures import figure_of
from crm.store.session import Session

LEAST, MOST = -1.0, 10.0  # nothing is left of it; eleven times as much


def effect(value: Any, name: str) -> float:
    """A share of the figure, more or less.

    >>> effect("-0.15", "Expected effect")
    -0.15
    """
    try:
        share = float(value)
    except (TypeError, ValueError):
        raise Refused(f"{name} “{str(value)[:40]}” is not a number. Write -0.15 for 15 % less.", name) from None
    if not (math.isfinite(share) and LEAST <= share <= MOST):
        raise Refused(f"{name} lies between {LEAST:.0%} (nothing is left) and {MOST:.0%}. Correct it.", name)
    return share


def figures_of(value: Any, name: str) -> str | None:
    """The keys of figures as JSON, in their order and each once; none is blank.

    >>> figures_of(["orders", "won_amount", "orders"], "Figures")
    '["orders", "won_amount"]'
    """
    given = value.split(",") if isinstance(value, str) else value
    keys = [figure_of(str(key).strip()).key for key in given]
    return json.dumps(list(dict.fromkeys(keys))) if keys else None


CHECKS: dict[str, checks.Check] = {
    "name": checks.NAME,
    "starts_on": checks.day,
    "ends_on": checks.day,
    "figures": figures_of,
    "effect_share": effect,
    "note": checks.NOTE,
}


def add_event(session: Session, **fields: Any) -> Saved:
    """Declare an event; without a last day it is over on its first."""
    values = checked(fields, CHECKS, {"name", "starts_on"})
    values["ends_on"] = _ends(values.get("ends_on"), values["starts_on"])
    with session.change(f"Add external event {values['name']}") as change:
        key = change.insert("external_events", **values)
    return Saved.of(key, change)


def edit_event(session: Session, external_event_id: UUID, *, version: UUID | None = None, **fields: Any) -> Saved:
    """Change what an event is, when, or what we expect of it."""
    values = checked(fields, CHECKS, {"name", "starts_on"} & set(fields))
    values |= _days(events.one(session, external_event_id), values)
    with session.change("Edit an external event") as change:
        change.update("external_events", external_event_id, version=version, **values)
    return Saved.of(external_event_id, change)


def archive_event(session: Session, external_event_id: UUID, *, version: UUID | None = None) -> Saved:
    """Put an event aside: no chart and no outlook knows it any more."""
    with session.change("Archive an external event") as change:
        change.archive("external_events", external_event_id, version=version)
    return Saved.of(external_event_id, change)


def _days(row: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, date]:
    """The days after an edit, where it names one of them; a last day that is made blank is the first."""
    if not {"starts_on", "ends_on"} & set(values):
        return {}
    starts_on = values.get("starts_on", row["starts_on"])
    return {"starts_on": starts_on, "ends_on": _ends(values.get("ends_on", row["ends_on"]), starts_on)}


def _ends(ends_on: date | None, starts_on: date) -> date:
    if ends_on and ends_on < starts_on:
        raise Refused("The last day lies before the first. Write the earlier day first.", "ends_on")
    return ends_on or starts_on
