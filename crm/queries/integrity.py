"""Is what stands in the store right? Every check asked, and what is wrong in words with the ids of the rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from crm.queries.integrity_history import of_history, of_nouns
from crm.queries.integrity_rules import of_rows
from crm.store import catalogue
from crm.store.rules import noun
from crm.store.session import Session

SHOWN = 100


@dataclass(frozen=True)
class Finding:
    """Something wrong: by which check, in which table, of which row, in words."""

    check: str
    table: str
    key: str | None
    words: str


@dataclass(frozen=True)
class Checked:
    """What was asked, how much is wrong, and the first findings of each check."""

    checks: int
    rows: int
    wrong: int
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        """The result for a program."""
        found = [asdict(each) for each in self.findings]
        return {"ok": not self.wrong, "checks": self.checks, "rows": self.rows, "wrong": self.wrong, "findings": found}

    def summary(self) -> str:
        """The result for a person: what is wrong line by line, after how much it is."""
        asked = f"{self.checks} checks over {self.rows:,} rows"
        if not self.wrong:
            return f"Everything is in order: {asked}."
        hidden = self.wrong - len(self.findings)
        more = [f"… and {hidden:,} more."] if hidden else []
        head = f"{self.wrong:,} thing{' is' if self.wrong == 1 else 's are'} wrong ({asked}):"
        return "\n".join([head, *(f"{each.check}: {each.words}" for each in self.findings), *more])


def checked(session: Session, report: Callable[[float | None, str], None] = lambda share, words: None) -> Checked:
    """Everything that is wrong in the store."""
    session.require("admin", "Checking the store")
    rows = sum(catalogue.count(session.database).values())
    unreadable = catalogue.unreadable(session.database)
    if unreadable:
        lost = [Finding("damage", name, None, f"{name} cannot be read: {why}") for name, why in unreadable.items()]
        return Checked(1, rows, len(lost), tuple(lost))
    columns = catalogue.columns(session.database)
    asked = [*of_rows(columns), *of_history(columns), *of_nouns()]
    wrong, findings = 0, list[Finding]()
    for number, question in enumerate(asked):
        report(number / len(asked), f"{question.name.capitalize()} of {question.table.replace('_', ' ')}")
        found = session.rows(f"select *, count(*) over () as number from ({question.sql}) limit {SHOWN}", **question.values)  # noqa: S608
        wrong += found[0]["number"] if found else 0
        findings += [Finding(question.name, question.table, _text(row["key"]), _said(question.table, row)) for row in found]
    return Checked(len(asked) + 1, rows, wrong, tuple(findings))


def _text(key: Any) -> str | None:
    return None if key is None else str(key)


def _said(table: str, row: dict[str, Any]) -> str:
    whom = noun(table).replace("_", " ")
    return f"{whom} {row['key']} {row['words']}" if row["key"] is not None else f"{table.replace('_', ' ')}: {row['words']}"
