"""Import: choose a file, look at what was understood, import. What the file cannot say is asked; nothing else is.

The file is checked by a dry run while a person looks, so that the account is there before the decision, and costs no click.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.commands import uploads
from crm.commands.imports import Plan
from crm.commands.jobs import ask
from crm.errors import CrmError
from crm.queries import jobs
from crm.store.session import Session
from crm.ui import (
    flash,
    import_account,
    import_check,
    import_columns,
    import_draft,
    import_head,
    import_questions,
    progress,
    uploader,
    words,
)
from crm.ui.import_draft import Draft
from crm.ui.places import CUSTOMERS, GOALS, PIPELINE, SETTINGS, TIMELINE, TODAY
from crm.ui.session import current

SEEN_ON = {
    "customers": CUSTOMERS,
    "contacts": CUSTOMERS,
    "deals": PIPELINE,
    "orders": TIMELINE,
    "interactions": TIMELINE,
    "feedback": TIMELINE,
    "goals": GOALS,
    "tasks": TODAY,
    "employees": SETTINGS,
    "products": SETTINGS,
}


def draw(session: Session) -> None:
    """Where the import stands: choosing a file, preparing it, on its way, or done."""
    draft = import_draft.current_draft()
    if draft is None:
        mine = [job for job in jobs.under_way(session, "import") if job["asked_by_id"] == session.actor.employee_id]
        draft = import_draft.resume(mine[-1]) if mine else None
    if draft is None:
        _choose(session)
        import_account.earlier(session)
    elif draft.job_id is None:
        _prepare(session, draft)
    else:
        _follow(session, draft)


def _choose(session: Session) -> None:
    """The one thing to do: bring a file."""
    uploaded = uploader.draw(
        session,
        "A file with customers, contacts, deals, orders or anything else: CSV, Excel, vCard or Parquet",
        key="import_file",
    )
    st.caption(
        "You see what would become of each row before anything is written, and every import can be undone. "
        f"A file larger than {uploader.limit()} goes by the command line: `python -m crm import customers FILE.csv`"
    )
    _begun(session)
    if uploaded:
        import_draft.begin(session, uploaded.name, uploaded.getbuffer())
        st.rerun()


def _begun(session: Session) -> None:
    """An import of one's own that came to nothing, after which the page was left: its file and choices are still there."""
    last = jobs.latest(session, "import", asked_by_id=session.actor.employee_id)
    if last is None or last["state"] not in {"failed", "stopped"} or not uploads.is_kept(session, last["arguments"]["file"]):
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="import_begun"):
        with st.container(gap=None):
            st.markdown(f":material/history: **{words.plain(last['arguments']['name'])}** is not imported")
            st.caption(words.plain(last["message"]))
        st.button("Take it up again", key="import_again", on_click=_take_up, args=(last,))


def _take_up(job: dict[str, Any]) -> None:
    import_draft.resume(job).job_id = None


def _prepare(session: Session, draft: Draft) -> None:
    """What was understood of the file, what is asked, what would become of its rows; and the one button."""
    try:
        plan = import_draft.plan(session, draft)
    except CrmError as refused:
        import_head.head(draft, None, _drop)
        st.error(words.plain(refused.message), icon=":material/error:")
        return
    import_head.head(draft, plan, _drop)
    for note in plan.notes:
        st.caption(f":material/info: {words.plain(note)}")
    if plan.missing:
        st.warning(words.plain(_missing(plan)), icon=":material/help:")
    import_columns.draw(session, draft, plan)
    import_head.preview(plan)
    import_questions.draw(draft, plan)
    flash.problem("import")
    _buttons(plan)
    if plan.is_ready:
        import_check.draw(session, draft, plan)


def _missing(plan: Plan) -> str:
    named = {field.key: field.words.lower() for field in plan.fields}
    wanted = [" or ".join(named.get(key, key.replace("_", " ")) for key in group) for group in plan.missing]
    needed = f"{words.label(plan.kind)} need a column for {' and one for '.join(wanted)}."
    return f"{needed} Choose it below, or say that these rows are something else."


def _buttons(plan: Plan) -> None:
    st.button(
        f"Import {words.count(plan.records, plan.kind.removesuffix('s'))}",
        key="import_start",
        type="primary",
        icon=":material/upload:",
        disabled=not plan.is_ready,
        on_click=_start,
        args=(plan,),
        help=None if plan.is_ready else "Answer what is asked above first.",
    )


def _start(plan: Plan) -> None:
    session, draft = current(), import_draft.current_draft()
    if draft is None:
        return
    import_check.stop_checks(session, draft)
    draft.job_id = str(ask(session, "import", **draft.arguments(plan)))


def _drop() -> None:
    session, draft = current(), import_draft.current_draft()
    if draft:
        import_check.stop_checks(session, draft)
    import_draft.drop(session)


def _follow(session: Session, draft: Draft) -> None:
    """The import on its way; then what it did, or, where it was refused, everything as it was prepared."""
    job = progress.draw(session, "import", job_id=draft.job_id)
    if job and jobs.is_under_way(job):
        st.caption("You can go on working; forms that are saved while it writes wait a moment for it.")
    elif job and job["state"] == "done":
        _done(session, job)
    else:
        if job and job["state"] == "stopped":
            st.caption(words.plain(job["message"]))
        draft.job_id = None
        _prepare(session, draft)


def _look(kind: str) -> None:
    """The way to what has come."""
    st.page_link(SEEN_ON[kind], label=f"See the {kind}", icon=":material/arrow_forward:")


def _done(session: Session, job: dict[str, Any]) -> None:
    with st.container(border=True, key="import_done"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f":material/check_circle: **{words.plain(job['arguments']['name'])}** is imported")
            with st.container(horizontal=True, width="content", vertical_alignment="center"):
                _look(job["arguments"]["kind"])
                import_account.undo_button(session, job["result"], "import_undo")
                st.button("Import another file", key="import_next", type="primary", on_click=_drop)
        if "rows" in job["result"]:
            import_account.draw(session, job["result"], "import_result")
    import_account.earlier(session, but=str(job["job_id"]))
