"""Backup: make one now, see that they are made, take one away, look whether everything in the store is right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from crm.commands.backups import megabytes, take
from crm.commands.jobs import ask
from crm.queries import backups
from crm.queries.backups import Kept
from crm.store.session import Session
from crm.ui import cards, flash, progress, words
from crm.ui.places import SETTINGS
from crm.ui.session import current

EVERY = {"never": "never by itself", "day": "every day", "week": "every week"}
SHOWN = 12
LARGEST = 400_000_000  # bytes that are still handed through the browser


def draw(session: Session) -> None:
    """Backups on the left, the check on the right; for admins, because a backup holds everything."""
    if not session.may("admin"):
        st.caption("Backups hold everything: they need the role of admin. Ask one of them.")
        return
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _backups(session)
    with right:
        _check(session)
        _restore()


def _backups(session: Session) -> None:
    kept = backups.made(session)
    with st.container(border=True, key="backups"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader("Backups", anchor=False)
            _button("Back up now", "backup", "Backing up", ":material/backup:", primary=True)
        progress.draw(session, "backup")
        st.caption(_schedule(session))
        st.page_link(SETTINGS, label="Change when, where and how many", icon=":material/settings:")
        for backup in kept[:SHOWN]:
            _line(session, backup)
        if not kept:
            cards.empty("backup", "There is no backup yet.", key="no_backup")


def _schedule(session: Session) -> str:
    settings = session.settings
    when = EVERY.get(settings.get("backup_every") or "never", "never by itself")
    if when == EVERY["never"]:
        return "A backup is made only when somebody asks for it."
    many = words.count(int(settings.get("backup_keep") or 7), "backup")
    kept = f"The newest {many} stay in {words.plain(backups.folder(session))}."
    return f"Made {when} while people work, read back and compared. {kept}"


def _line(session: Session, backup: Kept) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        with st.container(gap=None, width="content"):
            st.markdown(f"**{session.local(backup.made_at):%a %d %b %Y, %H:%M}**")
            said = f"{words.days_ago(session.local(backup.made_at), session.today)} · {megabytes(backup.bytes)}"
            st.caption(f"{said} · {words.plain(backup.file.name)}")
        if backup.bytes <= LARGEST:
            st.download_button(
                "Download",
                data=_reader(session, backup.file),
                file_name=backup.file.name,
                mime="application/vnd.duckdb",
                key=f"download_{backup.file.name}",
                type="tertiary",
                on_click="ignore",
                icon=":material/download:",
            )


def _reader(session: Session, file: Path) -> Any:
    """Read when the button is pressed, and written down."""

    return lambda: take(Session(session.database, session.actor), file)


def _check(session: Session) -> None:
    with st.container(border=True, key="check"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader("Is everything right?", anchor=False)
            _button("Check now", "check", "Checking", ":material/fact_check:")
        job = progress.draw(session, "check")
        if job and job["state"] == "done":
            _result(session, job)
        else:
            st.caption(
                "Asks of every row whether what it refers to is there, whether it stands once, whether its history explains "
                "it, whether deals stand where their stage changes took them, and more. Nothing is changed."
            )


def _result(session: Session, job: dict[str, Any]) -> None:
    found = job["result"]
    when = f"{session.local(job['finished_at']):%d %b %Y, %H:%M}"
    asked = f"{found['checks']:,} checks over {found['rows']:,} rows"
    if found["ok"]:
        st.success(f"Everything is in order: {asked}.", icon=":material/check_circle:")
    else:
        st.error(f"{words.count(found['wrong'], 'thing')} wrong: {asked}.", icon=":material/error:")
        for each in found["findings"][:SHOWN]:
            st.markdown(f"**{words.label(each['check'])}** {words.plain(each['words'])}")
        if found["wrong"] > SHOWN:
            st.caption(f"and {found['wrong'] - SHOWN:,} more: python -m crm check")
    st.caption(f"Looked at on {when}.")


def _restore() -> None:
    with st.container(border=True, key="restore"):
        st.subheader("Go back to a backup", anchor=False)
        st.caption(
            "Stop the app, run this, start the app again. The backup is read to its last row before anything is replaced; "
            "the replaced file is kept beside it, and people who were erased since stay erased."
        )
        st.code("python -m crm restore FILE", language=None)


def _button(label: str, kind: str, done: str, icon: str, *, primary: bool = False) -> None:
    st.button(label, key=f"now_{kind}", icon=icon, type="primary" if primary else "secondary", on_click=_ask, args=(kind, done))


def _ask(kind: str, done: str) -> None:
    flash.attempt("flash", lambda: ask(current(), kind), done)
