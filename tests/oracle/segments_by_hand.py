"""Who fits a rule, found customer by customer in Python: the other way to know what a segment's SQL finds."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm.queries.conditions import Condition, Group
from crm.store.session import Session

Row = dict[str, Any]
CHILDREN = ("contacts", "deals", "orders", "interactions", "feedback", "tasks", "traits", "customer_tags", "segment_members")
SCALES = {"nps_0_10": (0, 10), "csat_1_5": (1, 5), "ces_1_7": (1, 7), "stars_1_5": (1, 5)}
COUNTS = {
    "contact_count": "contacts",
    "interaction_count": "interactions",
    "order_count": "orders",
}
WORTH = ("value_amount", "expected_purchases", "recency_score", "frequency_score", "amount_score")
OPPOSITES = {"lacks": "contains", "is_not": "is", "none_of": "one_of", "blank": "filled", "no": "yes", "did_not": "did"}


class ByHand:
    """The company as plain rows; `fits(rule)` gives the keys of those who fit."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.today = session.today
        self.employees = {row["employee_id"]: row for row in session.rows("from employees")}
        self.outcomes = {row["stage_id"]: row["outcome"] for row in session.rows("from stages")}
        self.customers = {row["customer_id"]: row for row in session.rows("from customers")}
        self.quiet = {row["customer_id"] for row in session.rows("from quiet_customers($day)", day=self.today)}
        self.worth = {row["customer_id"]: row for row in session.rows("from customer_values")}
        self.fit_shares = {row["customer_id"]: row["fit_share"] for row in session.rows("from customer_fits")}
        self.rows: dict[str, dict[UUID, list[Row]]] = {}
        for table in CHILDREN:
            self.rows[table] = defaultdict(list)
            for row in session.rows(f"from {table}"):
                if row["archived_at"] is None and row["customer_id"]:
                    self.rows[table][row["customer_id"]].append(row)

    def fits(self, rule: Group) -> set[UUID]:
        active = (row for row in self.customers.values() if row["archived_at"] is None)
        return {row["customer_id"] for row in active if self._group(rule, row)}

    def samples(self, subject: str) -> list[Any]:
        """What customers really have of a subject, for rules that find some and not all."""
        if subject.startswith("contact_") and subject != "contact_count":
            people = [one for rows in self.rows["contacts"].values() for one in rows]
            found = [one[subject.removeprefix("contact_")] for one in people]
        else:
            found = [self._value(subject, row) for row in self.customers.values()]
        known = [self._day(value) if isinstance(value, date) else value for value in found if value is not None and value != ""]
        return sorted(set(known), key=str)

    def _group(self, group: Group, row: Row) -> bool:
        results = [self._group(part, row) if isinstance(part, Group) else self._holds(part, row) for part in group.parts]
        if not results:
            return True
        return {"all": all, "any": any, "none": lambda each: not any(each)}[group.match](results)

    def _holds(self, asked: Condition, row: Row) -> bool:
        name = asked.comparison
        if asked.subject in ("tag", "list"):
            return self._label(asked, row)
        if name in OPPOSITES:
            return not self._holds(Condition(asked.subject, OPPOSITES[name], asked.value), row)
        if asked.subject in RECORDS:
            return self._record(asked, row)
        if asked.subject.startswith("contact_") and asked.subject != "contact_count":
            column = asked.subject.removeprefix("contact_")
            return any(self._compare(asked, one[column]) for one in self.rows["contacts"][row["customer_id"]])
        return self._compare(asked, self._value(asked.subject, row))

    def _label(self, asked: Condition, row: Row) -> bool:
        table, column = {"tag": ("customer_tags", "tag_id"), "list": ("segment_members", "segment_id")}[asked.subject]
        borne = {str(one[column]) for one in self.rows[table][row["customer_id"]]}
        wanted = set(asked.value or [])
        return {
            "any_of": bool(borne & wanted),
            "all_of": wanted <= borne,
            "none_of": not borne & wanted,
            "filled": bool(borne),
            "blank": not borne,
        }[asked.comparison]

    def _record(self, asked: Condition, row: Row) -> bool:
        table, when = RECORDS[asked.subject]
        value: Mapping[str, Any] = asked.value or {}
        fitting = [one for one in self.rows[table][row["customer_id"]] if self._is_such(one, value, when)]
        return len(fitting) >= value.get("times", 1)

    def _is_such(self, one: Row, value: Mapping[str, Any], when: str) -> bool:
        words = ("channel", "direction", "campaign", "kind", "scale", "state")
        if any(name in value and one[name] not in value[name] for name in words):
            return False
        keys = {"product": "product_id", "employee": "employee_id", "stage": "stage_id"}
        if any(name in value and str(one[column]) not in value[name] for name, column in keys.items()):
            return False
        if "outcome" in value and self.outcomes[one["stage_id"]] not in value["outcome"]:
            return False
        number = one.get("rating", one.get("amount"))
        if "least" in value and (number is None or number < Decimal(str(value["least"]))):
            return False
        if "most" in value and (number is None or number > Decimal(str(value["most"]))):
            return False
        if "text" in value and plain(value["text"]) not in plain(one["text"] or ""):
            return False
        if "days" in value:
            is_over = when != "closed_on" or self.outcomes[one["stage_id"]] != "open"
            return is_over and self._compare(Condition("", "within", value["days"]), one[when])
        return True

    def _value(self, subject: str, row: Row) -> Any:
        key = row["customer_id"]
        owner = self.employees.get(row["owner_id"])
        deals = [(self.outcomes[one["stage_id"]], one) for one in self.rows["deals"][key]]
        if subject in COUNTS:
            return len(self.rows[COUNTS[subject]][key])
        if subject == "fit_share":
            return self.fit_shares.get(key)
        if subject in WORTH:
            return self.worth.get(key, {}).get(subject)
        if subject.endswith("_rating"):
            return self._latest_rating(key, subject.removesuffix("_rating"))
        ways: dict[str, Callable[[], Any]] = {
            "owner": lambda: row["owner_id"],
            "team": lambda: owner and owner["team_id"],
            "parent": lambda: row["parent_id"] and self.customers[row["parent_id"]]["name"],
            "quiet": lambda: key in self.quiet,
            "last_interaction_at": lambda: newest(self.rows["interactions"][key], "occurred_at"),
            "last_two_way_at": lambda: newest(
                [one for one in self.rows["interactions"][key] if one["channel"] in ("call", "email", "meeting", "visit")],
                "occurred_at",
            ),
            "last_channel": lambda: max(
                ((one["occurred_at"], one["channel"]) for one in self.rows["interactions"][key]), default=(None, None)
            )[1],
            "spent_amount": lambda: sum((one["amount"] for one in self.rows["orders"][key]), Decimal(0)),
            "first_order_at": lambda: min((one["ordered_at"] for one in self.rows["orders"][key]), default=None),
            "last_order_at": lambda: newest(self.rows["orders"][key], "ordered_at"),
            "first_bought_on": lambda: self._first_bought(key, deals),
            "open_count": lambda: len([1 for outcome, _ in deals if outcome == "open"]),
            "won_count": lambda: len([1 for outcome, _ in deals if outcome == "won"]),
            "lost_count": lambda: len([1 for outcome, _ in deals if outcome == "lost"]),
            "open_amount": lambda: sum((one["amount"] or 0 for outcome, one in deals if outcome == "open"), Decimal(0)),
            "won_amount": lambda: sum((one["amount"] or 0 for outcome, one in deals if outcome == "won"), Decimal(0)),
            "last_won_on": lambda: newest([one for outcome, one in deals if outcome == "won"], "closed_on"),
            "last_feedback_at": lambda: newest(self.rows["feedback"][key], "received_at"),
            "open_task_count": lambda: len([1 for one in self.rows["tasks"][key] if one["done_at"] is None]),
            "next_due_on": lambda: min(
                (one["due_on"] for one in self.rows["tasks"][key] if one["done_at"] is None and one["due_on"]), default=None
            ),
        }
        return ways[subject]() if subject in ways else row[subject]

    def _first_bought(self, key: UUID, deals: list[tuple[str, Row]]) -> date | None:
        days = [one["closed_on"] for outcome, one in deals if outcome == "won" and one["closed_on"]]
        days += [self._day(one["ordered_at"]) for one in self.rows["orders"][key]]
        return min(days, default=None)

    def _latest_rating(self, key: UUID, name: str) -> int | None:
        scale = next(scale for scale in SCALES if scale.startswith(name))
        low, high = SCALES[scale]
        given = [
            (one["received_at"], str(one["feedback_id"]), one["rating"])
            for one in self.rows["feedback"][key]
            if one["scale"] == scale and one["rating"] is not None and low <= one["rating"] <= high
        ]
        return max(given)[2] if given else None

    def _day(self, moment: Any) -> date:
        return self.session.local(moment).date() if isinstance(moment, datetime) else moment

    def _compare(self, asked: Condition, x: Any) -> bool:
        name, value = asked.comparison, asked.value
        if name == "yes":
            return bool(x)
        if x is None or (isinstance(x, str) and not x.strip() and name == "filled"):
            return False
        if name == "filled":
            return True
        if name == "one_of":
            return str(x) in value
        if isinstance(x, date) or name in ("within", "ago", "ahead"):
            return self._compare_day(name, value, self._day(x))
        if isinstance(x, str):
            held = {"contains": lambda a, b: b in a, "is": lambda a, b: a == b, "begins": lambda a, b: a.startswith(b)}
            return held[name](plain(x), plain(value))
        return compare_number(name, Decimal(str(x)), value)

    def _compare_day(self, name: str, value: Any, day: date) -> bool:
        ago = (self.today - day).days
        if name in ("within", "ago", "ahead"):
            return {"within": 0 <= ago <= value, "ago": ago > value, "ahead": 0 <= -ago <= value}[name]
        days = [date.fromisoformat(each) for each in (value if isinstance(value, list) else [value])]
        if name == "between":
            return days[0] <= day <= days[1]
        return day >= days[0] if name == "since" else day <= days[0]


RECORDS = {
    "interaction": ("interactions", "occurred_at"),
    "order": ("orders", "ordered_at"),
    "deal": ("deals", "closed_on"),
    "feedback": ("feedback", "received_at"),
    "trait": ("traits", "observed_on"),
}


def compare_number(name: str, x: Decimal, value: Any) -> bool:
    """A number against one, or two."""
    if name == "between":
        return Decimal(str(value[0])) <= x <= Decimal(str(value[1]))
    limit = Decimal(str(value))
    return {"over": x > limit, "under": x < limit, "at_least": x >= limit, "at_most": x <= limit, "is": x == limit}[name]


def newest(rows: list[Row], column: str) -> Any:
    """The latest moment of rows that have one."""
    return max((row[column] for row in rows if row[column] is not None), default=None)


def plain(text: str) -> str:
    """Without case and accents."""
    return "".join(sign for sign in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(sign))
