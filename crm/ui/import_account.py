"""What an import did, or would do: every row's fate, what was kept, what was rejected and why, and the way back."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from crm.commands import importing
from crm.commands.history import undo_change, undone_in_words
from crm.queries import history, jobs
from crm.store.session import Session
from crm.ui import flash, words
from crm.ui.session import current

FATES = ("created", "updated", "unchanged", "skipped", "rejected")
NOTES = 6


def draw(session: Session, account: dict[str, Any], key: str) -> None:
    """The account in full."""
    with st.grid(5, min_column_width=110, key=f"{key}_fates"):
        for fate in FATES:
            st.metric(fate.capitalize(), f"{account[fate]:,}")
    st.caption(words.plain(_sum(account)))
    for note in account["notes"][:NOTES]:
        st.caption(f":material/info: {words.plain(note)}")
    if len(account["notes"]) > NOTES:
        with st.expander(f"{len(account['notes']) - NOTES:,} more notes", key=f"{key}_notes"):
            for note in account["notes"][NOTES:]:
                st.caption(words.plain(note))
    _kept(account, key)
    _rejected(session, account, key)


def _sum(account: dict[str, Any]) -> str:
    """The rows add up, and what was written beside them."""
    written = [
        f"{words.count(number, noun.removesuffix('s'))} {done}"
        for noun, counts in account["records"].items()
        for done, number in counts.items()
    ]
    rows = f"{words.count(account['rows'], 'row')} in {account['file']}, every one accounted for."
    return f"{rows} Records: {', '.join(written)}." if written else rows


def _kept(account: dict[str, Any], key: str) -> None:
    """Values that people changed since the last import stay theirs."""
    if not account.get("kept"):
        return
    label = words.count(account["kept"], "value")
    with st.expander(f"{label} kept as people changed them here", icon=":material/shield:", key=f"{key}_kept"):
        _table(account["kept_values"], f"{key}_kept_rows", "Values that were kept")


def _rejected(session: Session, account: dict[str, Any], key: str) -> None:
    """The rejected rows: the first ones here, all of them as a file to correct and bring again."""
    if not account["rejected"]:
        return
    file = account.get("rejected_file")
    with st.container(border=True, key=f"{key}_rejected"):
        many = words.count(account["rejected"], "row")
        st.markdown(f"**{many} rejected.** Download, correct and import only what was rejected.")
        if file:
            _table(importing.first_rejected(session, file), f"{key}_rejected_rows", "Rejected rows")
            st.download_button(
                "Download the rejected rows",
                data=partial(importing.rejected_rows, session, file),
                file_name=f"rejected rows of {account['file'].rsplit('.', 1)[0]}.csv",
                mime="text/csv",
                key=f"{key}_download",
                icon=":material/download:",
                on_click="ignore",
            )


def _table(rows: list[dict[str, Any]], key: str, alt: str) -> None:
    if rows:
        frame = pd.DataFrame(rows).astype(str)
        st.dataframe(frame.rename(columns=words.label), key=key, hide_index=True, alt=alt)


def undo_button(session: Session, account: dict[str, Any], key: str) -> None:
    """One click takes the whole import back."""
    change_set = history.one(session, account["change_set_id"]) if account.get("change_set_id") else None
    if change_set is None:
        return
    if change_set["undone_by"]:
        st.badge("Undone", color="gray")
    else:
        st.button("Undo", key=key, icon=":material/undo:", on_click=_undo, args=(change_set["change_set_id"],))


def _undo(change_set_id: Any) -> None:
    flash.attempt("flash", lambda: undo_change(current(), change_set_id), undone_in_words)


def earlier(session: Session, but: str | None = None) -> None:
    """The last imports, each with its way back."""
    done = [job for job in jobs.all_of(session, kind="import", state="done", limit=6) if str(job["job_id"]) != but]
    if not done:
        return
    st.subheader("Earlier imports", anchor=False)
    for job in done[:5]:
        account = job["result"]
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"import_{job['job_id']}"):
            with st.container(gap=None):
                st.markdown(f"**{words.plain(job['arguments']['name'])}** · {_in_short(job)}")
                st.caption(f"{words.plain(job['asked_by'])} · {session.local(job['finished_at']):%d %b %Y, %H:%M}")
            if account.get("rejected_file"):
                _again(session, job)
            undo_button(session, account, f"undo_{job['job_id']}")


def _in_short(job: dict[str, Any]) -> str:
    """“85 customers: 80 created, 5 rejected”; what was never counted says itself how it ended."""
    account = job["result"]
    if "rows" not in account:
        return words.plain(job["message"])
    fates = [f"{account[fate]:,} {fate}" for fate in FATES if account[fate]]
    return f"{words.count(account['rows'], account['kind'].removesuffix('s'))}: {', '.join(fates)}"


def _again(session: Session, job: dict[str, Any]) -> None:
    st.download_button(
        "Rejected rows",
        data=partial(importing.rejected_rows, session, job["result"]["rejected_file"]),
        file_name="rejected rows.csv",
        mime="text/csv",
        key=f"rejected_{job['job_id']}",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )
