"""What would become of a file's rows: a dry run in the background while a person looks, so that it costs no click."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from crm.commands.imports import Plan
from crm.commands.jobs import ask, stop
from crm.errors import Refused
from crm.store.session import Session
from crm.ui import import_account, import_questions, progress
from crm.ui.import_draft import Draft
from crm.ui.session import current

CHECKED_BY_ITSELF = 100_000
OVERWRITE = "Replace the values that people changed here since the last import"


def draw(session: Session, draft: Draft, plan: Plan) -> None:
    """What would become of the rows: by itself for a file that takes a moment, else when asked for."""
    known = draft.checks.get(draft.fingerprint())
    if known is None and plan.records > CHECKED_BY_ITSELF:
        import_questions.choice(draft, "overwrite", OVERWRITE, "Otherwise they are kept, and listed.")
        label = "Check it first, writing nothing"
        st.button(label, key="import_check", icon=":material/fact_check:", on_click=lambda: _started(draft, plan))
        return
    if known is None:
        known = _ask(draft, plan)
    job = progress.draw(session, "check_import", job_id=known)
    if draft.overwrite or (job and job["result"].get("kept")):
        import_questions.choice(draft, "overwrite", OVERWRITE, "Otherwise they are kept, and listed here.")
    if job and job["state"] == "done":
        with st.container(border=True, key="import_checked"):
            st.markdown("**If you import it now** :gray[· checked, nothing is written yet]")
            import_account.draw(session, job["result"], "import_checked")


def _started(draft: Draft, plan: Plan) -> None:
    _ask(draft, plan)


def _ask(draft: Draft, plan: Plan) -> str:
    """Ask for a dry run; one for choices that no longer stand is stopped."""
    session = current()
    stop_checks(session, draft)
    job_id = str(ask(session, "check_import", **draft.arguments(plan)))
    draft.checks = {draft.fingerprint(): job_id}
    return job_id


def stop_checks(session: Session, draft: Draft) -> None:
    """End the dry runs of a draft: nobody waits for them any more."""
    for job_id in draft.checks.values():
        with suppress(Refused):  # it has ended already
            stop(session, job_id)
