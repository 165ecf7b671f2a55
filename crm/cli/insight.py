"""Commands that say how the company is doing."""

from __future__ import annotations

import argparse

from crm.cli.command import Command, a_day, printed
from crm.queries import figures, periods, sources
from crm.store.session import Session


def figures_(session: Session, given: argparse.Namespace) -> str:
    """Every figure of a period, of the whole company or by group."""
    period = periods.parse(given.period, int(session.settings["first_month_of_year"]))
    found = figures.figures(session, period, given.as_of or session.today, by=given.by)
    return printed(given, found, figures.as_text(found))


COMMANDS = [
    Command("figures", figures_, "the figures of a period", [
        ("--period", {"required": True, "help": "2017, 2017-Q2, 2017-04 or START..END"}),
        ("--as-of", {"type": a_day, "help": "the day to look from (default: today)"}),
        ("--by", {"choices": sources.SPLITS}),
    ]),
]  # fmt: skip
