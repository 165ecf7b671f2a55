"""A segment's rule as a sentence: “Customers in West with no interaction for 60 days and spent over 10,000”."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from crm.errors import Refused
from crm.queries.comparisons import BY_KIND, entered
from crm.queries.conditions import Condition, Group, conditions, resolved
from crm.queries.subjects import MANY, Subject, known
from crm.store.session import Session

EVERYBODY = "All customers"
# After the first, one of the second reads on: “in West who spent …”.
SHORT, LONG = ("in ", "of ", "from ", "owned by ", "tagged "), ("with ", "who ", "whose ", "never ")
NOBODY_KNOWS = "with something that is no longer known"


def sentence(session: Session, rule: Group) -> str:
    """A rule in words, what is left out at the end; a row that is not complete yet is not said."""
    return Speaker(session, known(session)).sentence(rule)


def problems(session: Session, rule: Group) -> list[str]:
    """One sentence for each thing that a rule names and that was put aside or is no longer known."""
    speaker = Speaker(session, known(session))
    found = [problem for condition in conditions(rule) for problem in speaker.problems(condition)]
    return list(dict.fromkeys(found))


@dataclass
class Speaker:
    """Says conditions in words; looks names up once."""

    session: Session
    subjects: Mapping[str, Subject]

    def __post_init__(self) -> None:
        self._names: dict[int, Mapping[str, str]] = {}

    def sentence(self, rule: Group) -> str:
        """The whole rule."""
        if rule.match == "none":
            rule = Group("all", (rule,))
        said = self._of_group(rule)
        return f"Customers {said}" if said else EVERYBODY

    def _of_group(self, group: Group) -> str:
        left_out = [part for part in group.parts if isinstance(part, Group) and part.match == "none"]
        kept = [self._of_part(part) for part in group.parts if part not in left_out]
        outs = [f"not those {said}" for part in left_out if (said := listed([*map(self._of_part, part.parts)], "or"))]
        said = listed([words for words in kept if words], "or" if group.match == "any" else "and")
        joint = "or" if group.match == "any" else "but"
        return f" {joint} ".join(filter(None, [said, " and ".join(outs)])) if said else " and ".join(outs)

    def _of_part(self, part: Condition | Group) -> str:
        if isinstance(part, Condition):
            return self.condition(part)
        said = self._of_group(part)
        several = len([each for each in part.parts if self._of_part(each)]) > 1
        return f"{'either' if part.match == 'any' else 'both'} {said}" if several and said else said

    def condition(self, condition: Condition) -> str:
        """One condition, as it follows “Customers”; nothing while it is not complete."""
        found = resolved(self.subjects, condition)
        if found is None:
            return NOBODY_KNOWS
        subject, comparison, name = found
        denied = bool(BY_KIND[subject.kind][condition.comparison].denies)
        if subject.kind == "record":
            return self._record(subject, condition.value or {}, denied)
        try:
            given = entered(comparison.takes, subject.kind, condition.value)
        except Refused:
            return ""
        if given is None:
            return ""
        values = self._values(subject, name, comparison.takes, given)
        said = self._said(subject, condition.comparison, name, values, denied)
        if subject.many in MANY:
            noun = MANY[subject.many]
            said = f"with {'no ' + noun[1] if denied else noun[0]} {self._said(subject, name, name, values, False)}"
        return said + (" (this field is archived)" if subject.is_archived else "")

    def _said(self, subject: Subject, asked: str, name: str, values: list[str], denied: bool) -> str:
        """The phrase of a comparison: the subject's own where it has one."""
        if name == "filled":
            return (subject.without or f"with no {subject.noun}") if denied else f"with {article(subject.noun)}"
        if subject.kind == "flag":
            return str(subject.without if denied else subject.says)
        words = BY_KIND[subject.kind][asked].said
        for hole, value in zip(("{a}", "{b}"), values, strict=False):
            words = words.replace(hole, value)
        if subject.says and subject.kind in ("choice", "key", "label"):
            return ("not " if denied else "") + subject.says.replace("{}", values[0])
        if subject.says and subject.kind in ("number", "money"):
            said = words.removeprefix("is ").removeprefix("exactly ")
            one = said in ("1", "at least 1", "at most 1")
            return (subject.says.removesuffix("s") if one else subject.says).replace("{}", said)
        return f"whose {subject.noun} {words}"

    def _values(self, subject: Subject, name: str, takes: str, given: list[Any]) -> list[str]:
        if takes == "several":
            joint = "and" if name == "all_of" else "or"
            return [listed(self._named(subject.options, given[0]), joint)]
        return [self._value(takes, each) for each in given]

    def _value(self, takes: str, value: Any) -> str:
        if takes == "days":
            return "1 day" if value == 1 else f"{value:,} days"
        if takes == "text":
            return f"“{value}”"
        return number(value) if isinstance(value, float | Decimal | int) else day(value)

    def _named(self, options: Any, values: Sequence[Any]) -> list[str]:
        names = self._names.setdefault(id(options), options(self.session) if options else {})
        return [names.get(str(value), str(value) if not _is_key(value) else "something no longer there") for value in values]

    def _record(self, subject: Subject, value: Mapping[str, Any], denied: bool) -> str:
        """“with no interaction by call for 60 days”, “with at least 3 orders of Pump in the last 90 days”."""
        tails = []
        times = 1
        for part in subject.parts:
            try:
                given = entered(part.takes, part.kind, value.get(part.key))
            except Refused:
                continue
            if given is None:
                continue
            if part.key == "times":
                times = int(given[0])
            else:
                said = part.said.replace(" in the last ", " for ") if denied else part.said
                several = part.takes == "several"
                words = listed(self._named(part.options, given[0]), "or") if several else self._value(part.takes, given[0])
                tails.append(said.replace("{a}", words))
        one, bare = MANY[str(subject.many)]
        many = bare if bare == "feedback" else f"{bare}s"
        count = f"{'fewer than' if denied else 'at least'} {times:,} {many}" if times > 1 else f"no {bare}" if denied else one
        return f"with {count}{''.join(tails)}"

    def problems(self, condition: Condition) -> list[str]:
        """What a person should know about a condition that names something put aside."""
        found = resolved(self.subjects, condition)
        if found is None:
            return ["A row asks about something that is no longer known: nobody fits it."]
        subject, comparison, _ = found
        said = [f"The own field “{subject.label}” is archived: it is no longer filled in."] if subject.is_archived else []
        if comparison.takes == "several" and subject.options:
            keys = [str(key) for key in condition.value or []]
            said += [*self._lost(subject, keys), *self._put_aside(subject, keys)]
        return said

    def _lost(self, subject: Subject, keys: list[str]) -> list[str]:
        names = self._names.setdefault(id(subject.options), subject.options(self.session) if subject.options else {})
        lost = [key for key in keys if _is_key(key) and key not in names]
        return [f"{subject.label}: {len(lost)} of the chosen are no longer there."] if lost else []

    def _put_aside(self, subject: Subject, keys: list[str]) -> list[str]:
        """Archived tags and lists keep whom they had, but nobody can be given them any more."""
        table, key = {"tag": ("tags", "tag_id"), "list": ("segments", "segment_id")}.get(subject.key, (None, None))
        if not table or not keys:
            return []
        rows = self.session.rows(
            f"select name from {table} where archived_at is not null and list_contains($keys, {key}::varchar) order by name",  # noqa: S608 - names above
            keys=keys,
        )
        return [f"The {subject.noun} “{row['name']}” is archived: nobody can be given it any more." for row in rows]


def listed(words: Sequence[str], joint: str) -> str:
    """Phrases in a row; what reads on without a joint does.

    >>> listed(["in West", "with no call for 60 days", "who spent over 10"], "and")
    'in West with no call for 60 days and spent over 10'
    >>> listed(["A", "B", "C"], "or")
    'A, B or C'
    """
    said = [phrase for phrase in words if phrase]
    if not said:
        return ""
    text = said[0]
    for place, phrase in enumerate(said[1:], 2):
        if place == 2 and joint == "and" and text.startswith(SHORT) and phrase.startswith(LONG):
            text += f" {phrase}"
            continue
        bare = phrase.removeprefix("who ") if place > 2 or text.startswith("who ") else phrase
        text += f" {joint} {bare}" if place == len(said) else f", {bare}"
    return text


def number(value: float | Decimal) -> str:
    """A number as people write it.

    >>> number(10000.0), number(Decimal("12.50")), number(0.5)
    ('10,000', '12.50', '0.5')
    """
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.2f}" if isinstance(value, Decimal) else f"{value:,}"


def day(value: date) -> str:
    """A day as people write it."""
    return f"{value.day} {value:%b %Y}"


def article(noun: str) -> str:
    """A noun with its article.

    >>> article("owner"), article("region")
    ('an owner', 'a region')
    """
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def _is_key(value: Any) -> bool:
    return len(str(value)) == 36 and str(value).count("-") == 4
