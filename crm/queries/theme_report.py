"""Themes with all their figures, as the Feedback page shows them: for a terminal or a program."""

from __future__ import annotations

from typing import Any

from crm.queries import emerging, periods, standings, theme_changes, theme_proposals, theme_worth, themes
from crm.queries.periods import Period
from crm.store.session import Session

Row = dict[str, Any]


def period(session: Session, text: str | None) -> Period:
    """The period that is asked for; this quarter unless said."""
    first = int(session.settings["first_month_of_year"])
    return periods.parse(text, first) if text else periods.containing("quarter", session.today, first)


def report(session: Session, period: Period, corpus: str = "customers") -> Row:
    """Everything that `python -m crm themes --json` prints: all comments, one entry per theme, what emerges and changed."""
    money, impact = theme_worth.money(session, period, corpus=corpus), theme_worth.impact(session, period, corpus=corpus)
    trend, arising = standings.trend(session, period, corpus=corpus), emerging.emerging(session, corpus=corpus)
    stated = {row["theme_id"]: row for row in themes.every(session, corpus)}
    evidence = {row["theme_id"]: row for row in arising}
    return {
        "corpus": corpus,
        "period": period.label,
        "state": themes.state(session, corpus),
        "summary": standings.summary(session, period, corpus=corpus),
        "scores": impact[None],
        "themes": [
            row
            | {
                "note": stated[row["theme_id"]]["note"],
                "phrases": [
                    each["phrase"] for each in themes.one(session, row["theme_id"])["phrases"] if not each["is_excluded"]
                ],
                "trend": trend.get(row["theme_id"], []),
                "impact": impact.get(row["theme_id"], {}),
                "money": money.get(row["theme_id"]),
                "emerging": evidence.get(row["theme_id"]),
            }
            for row in standings.standings(session, period, corpus=corpus)
        ],
        "unassigned": evidence.get(None),
        "spotted": theme_changes.spotted(session, period, corpus=corpus),
        "proposals": proposals(session, corpus),
    }


def as_text(found: Row) -> str:
    """The same as lines for a terminal."""
    summary = found["summary"]
    if not summary["comments"]:
        return f"No comments of {found['corpus']} in {found['period']}."
    lines = [
        f"{summary['comments']:,} comments in {found['period']}, {summary['unassigned_share']:.0%} without a theme, "
        f"net sentiment {_signed(summary['net_sentiment'])}."
    ]
    if found["state"]["is_outdated"]:
        lines.append("Comments or themes changed since they were last read: python -m crm themes assign")
    lines += [theme_line(row) for row in found["themes"]]
    lines += [
        f"Emerging: {row['name']}, {evidence_in_words(row['emerging'])}" for row in found["themes"] if _emerges(row["emerging"])
    ]
    lines += [proposal_line(row) for row in found["proposals"]]
    return "\n".join(lines)


def _emerges(evidence: Row | None) -> bool:
    return bool(evidence and evidence["is_emerging"])


def theme_line(row: Row) -> str:
    """A theme in a line: how often, in which tone, what it does to the NPS, and the money behind it."""
    nps, money = row["impact"].get("nps"), row["money"]
    parts = [f"{row['mentions']:>7,}  {row['share'] or 0:>4.0%}  tone {_signed(row['net_sentiment']):>5}  {row['name']}"]
    if nps:
        parts.append(f"NPS {nps['effect']:+.1f} ({nps['low']:+.1f} to {nps['high']:+.1f})")
    if money:
        parts.append(f"{money['customers']:,} customers, revenue {money['revenue']:,.0f}, open deals {money['open_amount']:,.0f}")
    return ", ".join(parts)


def evidence_in_words(row: Row) -> str:
    """What was counted and what was expected.

    >>> evidence_in_words({"count": 17, "expected": 6.2, "low": 4.0, "high": 9.0})
    '17 in the last 7 days, 4 to 9 were expected'
    """
    if row["expected"] is None:
        return f"{row['count']:,} in the last 7 days"
    return f"{row['count']:,} in the last 7 days, {row['low']:,.0f} to {row['high']:,.0f} were expected"


def proposals(session: Session, corpus: str | None) -> list[Row]:
    """One row per proposed theme: name, phrases, how many comments."""
    corpora = [corpus] if corpus else ["customers", "employees"]
    rows = [row for each in corpora for row in theme_proposals.proposals(session, each)]
    return [{name: row[name] for name in ("name", "phrases", "comment_count")} for row in rows]


def proposal_line(row: Row) -> str:
    """A proposed theme in a line.

    >>> proposal_line({"name": "Slow app", "phrases": ["slow", "loading"], "comment_count": 40})
    'Proposed: Slow app (slow, loading), 40 comments'
    """
    return f"Proposed: {row['name']} ({', '.join(row['phrases'])}), {row['comment_count']:,} comments"


def _signed(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:+.0f}"
