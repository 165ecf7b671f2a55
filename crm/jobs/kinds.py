"""What can be done in the background, one line a kind: its words, its work, when it is due by itself.

The work is a command that also runs directly: it takes the session and the job's arguments by name, and, if it has such
parameters, `report` (how far it is) and `calculate` (heavy mathematics, in a process apart).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from crm.commands import backups, duplicates, erasure, ideal, importing, outlooks, theme_runs, uploads, values
from crm.commands import jobs as asked
from crm.jobs import due
from crm.jobs.due import Due, past_of
from crm.queries import backups as backup_files
from crm.queries import integrity, jobs, theme_material, themes
from crm.store.session import Session


@dataclass(frozen=True)
class Kind:
    """A kind of job. `again`: begun anew when the app stopped in the middle, because doing it twice does no harm. `after`: the
    kind whose result it reads; it waits for that. `soon`: somebody waits to see what comes of what they entered, so that every
    few seconds it is looked whether it is due.
    """

    words: str
    work: Callable[..., Any]
    due: Due = due.never
    again: bool = True
    after: str = ""
    soon: bool = False


KINDS: dict[str, Kind] = {
    "import": Kind("Import a file", importing.import_upload, again=False),
    "check_import": Kind("Check a file before its import", importing.check_upload),
    "old_jobs": Kind("Forget jobs that ended long ago", asked.sweep, due=due.nightly(2)),
    "uploads": Kind("Remove uploads that nobody came back for", uploads.sweep, due=due.nightly(2)),
    "value": Kind(
        "Renew what customers are worth",
        values.store_values,
        due=due.either(due.nightly(), due.after_changes("orders", "deals", at_most_every=timedelta(hours=1))),
    ),
    "outlooks": Kind(
        "Look ahead at the goals",
        outlooks.store_outlooks,
        due=due.either(
            due.nightly(4),
            due.after_changes("goals", "deals", "orders", "feedback", "external_events", at_most_every=timedelta(hours=1)),
        ),
    ),
    "fit": Kind(
        "Renew how well customers fit the ideal profile",
        ideal.store_fits,
        due=due.either(
            due.nightly(4),
            due.after_changes("ideal_attributes", "customers", "customer_values", at_most_every=timedelta(hours=1)),
        ),
        after="value",
    ),
    "duplicates": Kind(
        "Look for duplicates",
        duplicates.find_duplicates,
        due=due.after_changes("contacts", "customers", at_most_every=timedelta(hours=1)),
    ),
    "themes": Kind(
        "Read comments for themes and tone",
        theme_runs.assign_themes,
        due=due.either(
            due.after_changes(*themes.MADE_FROM, at_most_every=timedelta(seconds=20)),
            due.when(theme_material.is_voice_waiting),
            due.when(themes.is_read_otherwise),
        ),
        soon=True,
    ),
    "theme_proposals": Kind(
        "Look for new themes",
        theme_runs.propose_themes,
        due=due.after_changes("comment_themes", "themes", "theme_dismissals", at_most_every=timedelta(hours=1)),
        after="themes",
    ),
    "backup": Kind("Back up the store", backups.back_up, due=due.when(backup_files.is_due)),
    "rewrite": Kind(
        "Rewrite the file without traces of who was erased, or spoke without a name",
        erasure.rewrite_later,
        due=due.either(due.when(erasure.is_rewrite_due), due.after_anonymous_days()),
    ),
    "check": Kind("Check the store", integrity.checked),
}


def due_now(session: Session, *, only_soon: bool = False) -> list[str]:
    """The kinds that are due by themselves and not under way."""
    busy = {job["kind"] for job in jobs.under_way(session)}
    looked_at = [name for name, kind in KINDS.items() if name not in busy and (kind.soon or not only_soon)]
    found = [name for name in looked_at if KINDS[name].due(session, past_of(session, name))]
    return [name for name in found if KINDS[name].after not in {*busy, *found}]
