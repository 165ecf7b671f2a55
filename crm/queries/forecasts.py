"""How a figure goes on, from its own months: what `python -m crm forecast` prints."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import dropwhile
from typing import Any

from crm.errors import Refused
from crm.insight.forecast import forecast
from crm.queries.figures import figure_of, series
from crm.queries.outlook_questions import NOTHING
from crm.queries.outlooks import FARTHEST, FEWEST_MONTHS, LOOK_BACK, TOO_LITTLE
from crm.queries.periods import containing
from crm.store.session import Session


def ahead(session: Session, key: str, horizon: int, as_of: date, season: int = 12) -> dict[str, Any]:
    """How a figure goes on: one entry per month after the last finished one, with the mean and three intervals."""
    figure = figure_of(key)
    if not 1 <= horizon <= FARTHEST:
        raise Refused(f"A forecast looks 1 to {FARTHEST} months ahead.", "horizon")
    if not 1 <= season <= FARTHEST:
        raise Refused(f"A season has 1 to {FARTHEST} months.", "season")
    running = containing("month", as_of + timedelta(days=1))
    months = [running.shifted(-steps) for steps in range(2 * LOOK_BACK, 0, -1)]
    known = series(session, key, months, as_of)
    began = dropwhile(lambda pair: not pair[1], zip(months, known, strict=True))
    history = [(month, float(value)) for month, value in began if value is not None]
    found = {"figure": key, "unit": figure.unit, "as_of": as_of.isoformat(), "n": len(history), "months": []}
    if len(history) < FEWEST_MONTHS:
        return found | {"reason": TOO_LITTLE if history else NOTHING}
    made = forecast([value for _, value in history], horizon, season)
    bounds = {share: made.interval(share) for share in (0.5, 0.8, 0.95)}
    ahead_ = [
        {"month": running.shifted(step).label, "mean": float(made.mean[step])}
        | {f"interval_{round(share * 100)}": [float(low[step]), float(high[step])] for share, (low, high) in bounds.items()}
        for step in range(horizon)
    ]
    return found | {"last": {"month": history[-1][0].label, "value": history[-1][1]}, "months": ahead_}


def as_text(found: dict[str, Any]) -> str:
    """A forecast as lines for a terminal."""
    if "reason" in found:
        return str(found["reason"])
    return "\n".join(
        f"{month['month']}  {month['mean']:>14,.2f}  80 %: {month['interval_80'][0]:,.2f} to {month['interval_80'][1]:,.2f}"
        for month in found["months"]
    )
