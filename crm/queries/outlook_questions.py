"""What is asked of an outlook, and what comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from crm.insight import outlook
from crm.insight.outlook import Effect, Needed, Outlook, Window
from crm.queries import events
from crm.queries.periods import Period
from crm.queries.registry import Figure
from crm.store.session import Session

NOTHING = "Nothing has come in yet, so nothing can be said of what will."

Calculate = Callable[..., Any]


@dataclass(frozen=True)
class Asked:
    """Which figure, of whom (`scope_key` of a team or an employee), over which period, known on which day."""

    figure: Figure
    scope: str
    scope_key: str | None
    period: Period
    as_of: date


@dataclass(frozen=True)
class Looked:
    """The outlook, or in `reason` why there is none; `done` is what the figure was by then."""

    outlook: Outlook | None
    done: float | None
    drivers: dict[str, float]
    reason: str | None = None

    def probability(self, target: float, figure: Figure) -> float | None:
        """The chance that a target is reached; None where none can be said."""
        if self.outlook is None or (figure.flow and target <= 0):
            return None
        return self.outlook.probability(target)

    def needed(self, target: float) -> Needed | None:
        """What an even chance of a target takes."""
        return outlook.needed(target, self.done or 0.0, self.outlook.quantile(0.5), self.drivers) if self.outlook else None


def directly(function: Callable[..., Any], *arguments: Any) -> Any:
    """Calculate in this process."""
    return function(*arguments)


def window_of(session: Session, asked: Asked) -> Window:
    """The period as it is looked at from the day, with the events that were declared for the figure."""
    period, day = asked.period, asked.as_of
    declared = events.effects(session, asked.figure.key, day, period.end) if day >= session.today else []
    effects = tuple(Effect(row["starts_on"], row["ends_on"], row["effect_share"]) for row in declared)
    return Window(day, period.start, period.end, effects)
