"""What kind of rows a file holds, guessed from its header and name; a person may say otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterable

from crm.exchange.aliases import ALIASES
from crm.exchange.headers import Match, match

# Words of file names, and columns that hardly any other kind has.
NAMES = {
    "customers": "customer|account|compan|organi[sz]ation|client",
    "contacts": "contact|people|person|lead|address|subscriber|member",
    "employees": "employee|team|staff|agent|user|rep",
    "products": "product|item|article|price",
    "deals": "deal|pipeline|opportunit",
    "orders": "order|invoice|transaction|purchase|retail|sales",
    "interactions": "interaction|activit|call|meeting|engagement|log",
    "feedback": "feedback|review|survey|complaint|nps|rating",
    "goals": "goal|target|quota|budget",
    "tasks": "task|todo|to-do",
}
NAMED, TELLING, MISSING = 2.0, 1.5, 3.0
MARKS: dict[str, set[str]] = {
    "customers": {"sector", "employee_count", "annual_revenue_amount", "founded_year", "parent"},
    "contacts": {"first_name", "last_name", "email", "born_on", "consent"},
    "employees": {"manager", "role", "team"},
    "products": {"list_price_amount", "category"},
    "deals": {"stage", "expected_close_on", "closed_on", "pipeline"},
    "orders": {"ordered_at", "number", "item_count", "quantity", "unit_price"},
    "interactions": {"channel", "occurred_at", "direction", "duration_minutes"},
    "feedback": {"text", "rating", "scale", "received_at"},
    "goals": {"target", "figure", "starts_on", "period"},
    "tasks": {"due_on", "done_at", "repeat_every"},
}


def likely(header: Iterable[str], name: str) -> list[str]:
    """All kinds, the likeliest first: by how many columns they know, above all those that hardly any other has.

    >>> likely(["account", "sector", "revenue"], "accounts.csv")[0]
    'customers'
    """
    header = tuple(header)
    scores = {kind: _score(match(kind, header), name) for kind in ALIASES}
    return sorted(scores, key=lambda kind: -scores[kind])


def _score(found: Match, name: str) -> float:
    fields = set(found.fields)
    named = NAMED if re.search(NAMES[found.kind], name, re.IGNORECASE) else 0.0
    return len(fields) + TELLING * len(fields & MARKS[found.kind]) + named - MISSING * len(found.missing)
