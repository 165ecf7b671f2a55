"""Commands that say how the company is doing."""

from __future__ import annotations

import argparse

from crm.cli.command import Command, a_day, printed
from crm.commands import theme_runs
from crm.commands import themes as theme_commands
from crm.queries import figures, forecasts, outlooks, periods, segments, sources, theme_report, values
from crm.store.session import Session


def figures_(session: Session, given: argparse.Namespace) -> str:
    """Every figure of a period, of the whole company or by group."""
    period = periods.parse(given.period, int(session.settings["first_month_of_year"]))
    found = figures.figures(session, period, given.as_of or session.today, by=given.by)
    return printed(given, found, figures.as_text(found))


def value_(session: Session, given: argparse.Namespace) -> str:
    """What each customer is worth as of a day, computed now from what was bought by then."""
    found = values.at(session, given.as_of or session.today)
    return printed(given, found, values.as_text(found))


def goals_(session: Session, given: argparse.Namespace) -> str:
    """Each goal as of a day: attainment, pace and outlook, computed now from what was known then."""
    found = outlooks.of_goals(session, given.as_of or session.today)
    return printed(given, found, "\n".join(outlooks.as_line(each) for each in found) or "There is no goal yet.")


def forecast_(session: Session, given: argparse.Namespace) -> str:
    """How a figure goes on, month by month, from its finished months."""
    found = forecasts.ahead(session, given.figure, given.horizon, given.as_of or session.today, given.season)
    return printed(given, found, forecasts.as_text(found))


def segments_(session: Session, given: argparse.Namespace) -> str:
    """Every segment with what it is in words and how many customers are in it now."""
    found = [
        {
            "segment_id": row["segment_id"],
            "name": row["name"],
            "kind": row["kind"],
            "sentence": segments.words(session, row),
            "count": segments.count_of(session, row["segment_id"]),
            "owner": row["owner_name"],
            "note": row["note"],
        }
        for row in segments.every(session)
    ]
    lines = [f"{row['count']:>9,}  {row['name']}: {row['sentence']}" for row in found]
    return printed(given, found, "\n".join(lines) or "There is no segment yet.")


def _worked(session: Session, given: argparse.Namespace) -> str:
    if given.what == "assign":
        assigned = theme_runs.assign_themes(session, corpus=given.corpus)
        return printed(given, assigned.as_json(), assigned.summary())
    proposed, found = theme_runs.propose_themes(session, corpus=given.corpus), theme_report.proposals(session, given.corpus)
    lines = [proposed.summary(), *map(theme_report.proposal_line, found)]
    return printed(given, proposed.as_json() | {"themes": found}, "\n".join(lines))


def themes_(session: Session, given: argparse.Namespace) -> str:
    """What customers talk about in a period, as the Feedback page shows it; or read comments again, or look for new themes."""
    if given.what:
        return _worked(session, given)
    period = theme_report.period(session, given.period)
    report = theme_report.report(session, period, given.corpus or "customers")
    return printed(given, report, theme_report.as_text(report))


COMMANDS = [
    Command("figures", figures_, "the figures of a period", [
        ("--period", {"required": True, "help": "2017, 2017-Q2, 2017-04 or START..END"}),
        ("--as-of", {"type": a_day, "help": "the day to look from (default: today)"}),
        ("--by", {"help": f"{', '.join(sources.SPLITS)}, or an own field that is a choice or a yes or no"}),
    ]),
    Command("value", value_, "what each customer will bring in the next 12 months, and why", [
        ("--as-of", {"type": a_day, "help": "the day to look from (default: today)"}),
    ]),
    Command("goals", goals_, "each goal with attainment, pace and outlook", [
        ("--as-of", {"type": a_day, "help": "the day to look from (default: today)"}),
    ]),
    Command("forecast", forecast_, "how a figure goes on, from its finished months", [
        ("figure", {"help": "a figure by its key, like won_amount"}),
        ("--horizon", {"type": int, "default": 6, "help": "how many months ahead, 1 to 36 (default: 6)"}),
        ("--as-of", {"type": a_day, "help": "the day to look from (default: today)"}),
        ("--season", {"type": int, "default": 12, "help": "months of a season, 1 for none (default: 12)"}),
    ]),
    Command("themes", themes_, "what customers talk about; assign: read comments again; propose: look for new themes", [
        ("what", {"nargs": "?", "choices": ["assign", "propose"], "help": "what to do (default: print the themes)"}),
        ("--period", {"help": "2017, 2017-Q2, 2017-04 or START..END (default: this quarter)"}),
        ("--corpus", {"choices": theme_commands.CORPORA, "help": "whose comments (default: customers; to do something: all)"}),
    ]),
    Command("segments", segments_, "the saved segments: what each is in words, how many are in it"),
]  # fmt: skip
