"""The import that a person is preparing: the file and every choice so far, kept while they look at other pages."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from crm.commands import importing, uploads
from crm.commands.imports import Mapping, Plan
from crm.errors import CrmError, Refused
from crm.store.session import Session

KEY = "import_draft"
PLAN = "import_plan"
# What a plan looks words up in; an import by others meanwhile changes what is unknown.
READ = ("custom_fields", "employees", "stages", "products", "customers", "teams", "objectives")


@dataclass
class Draft:
    """`file` is the token of the upload; a choice that is None is left to the reader."""

    file: str
    name: str
    size: int
    kind: str | None = None
    encoding: str | None = None
    separator: str | None = None
    sheet: str | None = None
    mapping: Mapping | None = None
    overwrite: bool = False
    create_missing: bool = False
    job_id: str | None = None
    checks: dict[str, str] = field(default_factory=dict)

    @property
    def layout(self) -> dict[str, str | None]:
        """How the file is read."""
        return {"encoding": self.encoding, "separator": self.separator, "sheet": self.sheet}

    def choices(self, mapping: Mapping | None) -> dict[str, Any]:
        """Everything that stands about it, in plain values."""
        return {
            "file": self.file,
            "name": self.name,
            "kind": self.kind,
            "mapping": json.dumps(mapping.as_json()) if mapping else None,
            "overwrite": self.overwrite,
            "create_missing": self.create_missing,
            **self.layout,
        }

    def arguments(self, plan: Plan) -> dict[str, Any]:
        """What a job is asked to import: as the plan on the page says, also where nobody changed what it took a column for."""
        is_told = self.mapping is not None or any(column.target and column.confidence < 1 for column in plan.columns)
        return self.choices(plan.mapping if is_told else None)

    def fingerprint(self) -> str:
        """What an answer about this draft belongs to: another choice, another answer."""
        return json.dumps(self.choices(self.mapping), sort_keys=True)


def current_draft() -> Draft | None:
    """What is being prepared, if anything is."""
    return st.session_state.get(KEY)


def begin(session: Session, name: str, content: bytes | memoryview) -> Draft:
    """Start with an upload; what was prepared before is given up."""
    drop(session)
    draft = Draft(uploads.keep(session, content), name, len(content))
    st.session_state[KEY] = draft
    return draft


def resume(job: dict[str, Any]) -> Draft:
    """The import that a person asked for before they reloaded the page, from its job."""
    given = dict(job["arguments"])
    text = given.pop("mapping", None)
    draft = Draft(**given, size=0, mapping=Mapping.from_json(text) if text else None, job_id=str(job["job_id"]))
    st.session_state[KEY] = draft
    return draft


def drop(session: Session) -> None:
    """Give up what is being prepared; a file whose import is on its way stays for it."""
    draft = st.session_state.pop(KEY, None)
    st.session_state.pop(PLAN, None)
    if draft and not draft.job_id:
        uploads.forget(session, draft.file)


def plan(session: Session, draft: Draft) -> Plan:
    """What the import would use and has to ask, computed anew only when a choice changed; raises what refuses the file."""
    known = st.session_state.get(PLAN)
    if known is None or known[0] != _wanted(session, draft):
        with st.spinner("Reading the file"):
            found = _planned(session, draft)
        known = st.session_state[PLAN] = (_wanted(session, draft), found)
    if isinstance(known[1], CrmError):
        raise known[1]
    plan: Plan = known[1]
    return plan


def _wanted(session: Session, draft: Draft) -> Any:
    return draft.fingerprint(), session.versions(READ)


def _planned(session: Session, draft: Draft) -> Plan | CrmError:
    try:
        if draft.kind is None:
            draft.kind = importing.kinds_of(session, draft.file, draft.name, **draft.layout)[0]
        return importing.plan_of(session, draft.file, draft.kind, draft.name, draft.mapping, **draft.layout)
    except Refused as refused:
        return refused
