"""The rule of a segment: conditions in groups, kept as JSON, asked as SQL.

Only the registry's own names become SQL text; all that a person entered goes beside it as named parameters. A condition that
is not complete yet is left out, so that a rule can be counted while it is built; one that asks about something that is no
longer known is true of nobody.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from crm.errors import Refused
from crm.queries.comparisons import BY_KIND, Comparison, entered, span
from crm.queries.subjects import JOINS, Part, Subject, known
from crm.store.session import Session

MATCHES = ("all", "any", "none")
DEEPEST = 2


@dataclass(frozen=True)
class Condition:
    """One row of a rule: what is asked about, how it is compared, with what."""

    subject: str
    comparison: str
    value: Any = None


@dataclass(frozen=True)
class Group:
    """Conditions of which all, any or none must hold; a group may stand in a group once."""

    match: str = "all"
    parts: tuple[Condition | Group, ...] = ()


def conditions(rule: Group) -> Iterator[Condition]:
    """Every condition of a rule, in order."""
    for part in rule.parts:
        if isinstance(part, Group):
            yield from conditions(part)
        else:
            yield part


def as_json(rule: Group) -> str:
    """A rule as it is kept.

    >>> as_json(Group("all", (Condition("region", "one_of", ["West"]),)))
    '{"match":"all","rules":[{"subject":"region","is":"one_of","value":["West"]}]}'
    """
    return json.dumps(_plain(rule), ensure_ascii=False, separators=(",", ":"), default=str)


def _plain(part: Condition | Group) -> dict[str, Any]:
    if isinstance(part, Group):
        return {"match": part.match, "rules": [_plain(each) for each in part.parts]}
    return {"subject": part.subject, "is": part.comparison, "value": part.value}


def parsed(text: str | Mapping[str, Any] | None) -> Group:
    """A rule out of JSON; refused where it is none.

    >>> parsed('{"match":"any","rules":[]}')
    Group(match='any', parts=())
    """
    try:
        found = json.loads(text) if isinstance(text, str) else text or {}
    except ValueError:
        raise Refused("This is not a rule: it is no JSON.", "rule") from None
    return _group(found, DEEPEST)


def _group(found: Any, deep: int) -> Group:
    if not isinstance(found, Mapping) or found.get("match", "all") not in MATCHES or not isinstance(found.get("rules", []), list):
        raise Refused(f"A group of a rule has a match ({', '.join(MATCHES)}) and a list of rules.", "rule")
    return Group(found.get("match", "all"), tuple(_part(each, deep - 1) for each in found.get("rules", [])))


def _part(found: Any, deep: int) -> Condition | Group:
    if isinstance(found, Mapping) and "rules" in found:
        if not deep:
            raise Refused("A group within a group cannot hold another group.", "rule")
        return _group(found, deep)
    if not isinstance(found, Mapping) or not isinstance(found.get("subject"), str) or not isinstance(found.get("is"), str):
        raise Refused("A condition of a rule names a subject and what it “is”.", "rule")
    return Condition(found["subject"], found["is"], found.get("value"))


@dataclass
class Asked:
    """A rule on its way to SQL: the parameters that it gives, and what it joins."""

    session: Session
    subjects: Mapping[str, Subject]
    prefix: str = "segment"
    values: dict[str, Any] = field(default_factory=dict)
    joins: set[str] = field(default_factory=set)

    def give(self, value: Any) -> str:
        """A value as a named parameter."""
        name = f"{self.prefix}_{len(self.values)}"
        self.values[name] = value
        return f"${name}"

    def sql(self, rule: Group) -> str:
        """SQL for the keys of the customers that fit."""
        where = self._of_group(rule) or "true"
        joined = " ".join(
            f"left join {JOINS[name]} as {name} on {name}.customer_id = customer.customer_id" for name in sorted(self.joins)
        )
        text = f"""
            select customer.customer_id
            from customers as customer
            {joined}
            where customer.archived_at is null and ({where})
        """  # noqa: S608 - the registry's own names; values are parameters
        return text.replace("{today}", self.give(self.session.today)) if "{today}" in text else text

    def _of_group(self, group: Group) -> str | None:
        """What is true of who fits a group; None where nothing in it is complete."""
        parts = [self._of_group(part) if isinstance(part, Group) else self._of_condition(part) for part in group.parts]
        complete = [part for part in parts if part is not None]
        if not complete:
            return None
        joined = (" and " if group.match == "all" else " or ").join(f"({part})" for part in complete)
        return f"not coalesce({joined}, false)" if group.match == "none" else joined

    def _of_condition(self, condition: Condition) -> str | None:
        found = resolved(self.subjects, condition)
        if found is None:
            return "false"
        subject, comparison, name = found
        if comparison.takes == "parts":
            held = self._record(subject, condition.value or {})
        else:
            given = entered(comparison.takes, subject.kind, condition.value)
            if given is None:
                return None
            held = self._label(subject, name, given) if subject.kind == "label" else self._compared(subject, name, given)
        if not BY_KIND[subject.kind][condition.comparison].denies:
            return held
        return f"not ({held})" if subject.many else f"not coalesce({held}, false)"  # whether there is a row is never unknown

    def _compared(self, subject: Subject, name: str, given: list[Any]) -> str:
        """A value against what was entered; of several rows a customer, whether there is one."""
        if subject.join:
            self.joins.add(subject.join)
        sql = BY_KIND[subject.kind][name].sql.replace("{x}", f"({subject.sql})")
        if subject.kind in ("day", "instant") and given:
            given = self._bounds(span(name, given, self.session.today), subject.kind == "instant")
        for hole, value in zip(("{a}", "{b}"), given, strict=False):
            sql = sql.replace(hole, self.give(value)) if hole in sql else sql
        return self._some(subject.many, sql) if subject.many else sql

    def _label(self, subject: Subject, name: str, given: list[Any]) -> str:
        """A tag or a list: of several either any one, or all of them."""
        if name == "filled":
            return self._some(subject.many, "true")
        keys = list(dict.fromkeys(given[0]))
        held = f"list_contains({self.give(keys)}::uuid[], {subject.sql})"
        having = f"count(distinct {subject.sql}) = {self.give(len(keys))}" if name == "all_of" else None
        return self._some(subject.many, held, having)

    def _record(self, subject: Subject, value: Mapping[str, Any]) -> str:
        """Whether there is a row such as the parts say, as often as they say."""
        held, having = ["true"], None
        for part in subject.parts:
            given = entered(part.takes, part.kind, value.get(part.key))
            if given is None:
                continue
            if part.key == "times":
                having = f"count(*) >= {self.give(int(given[0]))}"
            else:
                held += self._part(subject, part, given[0])
        return self._some(subject.many, " and ".join(held), having)

    def _part(self, subject: Subject, part: Part, given: Any) -> list[str]:
        if part.takes != "days":
            return [part.sql.replace("{a}", self.give(given))]
        first, until = self._bounds(span("within", [given], self.session.today), str(subject.when).endswith("_at"))
        within = f"entry.{subject.when} >= {self.give(first)} and entry.{subject.when} < {self.give(until)}"
        return [within, *([part.sql] if part.sql else [])]

    def _some(self, many: str | None, held: str, having: str | None = None) -> str:
        counted = f"group by entry.customer_id having {having}" if having else ""
        return f"""
            customer.customer_id in (
                select entry.customer_id
                from {many} as entry
                where entry.archived_at is null and entry.customer_id is not null and {held}
                {counted}
            )
        """  # noqa: S608 - the registry's own names

    def _bounds(self, days: tuple[date | None, date | None], as_instants: bool) -> list[Any]:
        """Days as what the column holds: instants begin where the company's day does."""
        return [self.session.start_of(day) if day and as_instants else day for day in days]


def resolved(subjects: Mapping[str, Subject], condition: Condition) -> tuple[Subject, Comparison, str] | None:
    """The subject of a condition, and the comparison that it is or denies, with its name; None where nobody knows them."""
    subject = subjects.get(condition.subject)
    comparison = BY_KIND[subject.kind].get(condition.comparison) if subject else None
    if subject is None or comparison is None:
        return None
    name = comparison.denies or condition.comparison
    return subject, replace(BY_KIND[subject.kind][name]), name


def asked(session: Session, rule: Group, prefix: str = "segment") -> tuple[str, dict[str, Any]]:
    """SQL for the keys of the customers that fit a rule, and its parameters, whose names begin with the prefix."""
    question = Asked(session, known(session), prefix)
    return question.sql(rule), question.values
