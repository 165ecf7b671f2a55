"""Export: a list as a file for people, or everything as Parquet to keep or to leave with; and what has been taken so far."""

from __future__ import annotations

import io
import tempfile
import zipfile
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st

from crm.commands.exports import MEDIA, export_everything, stream_list
from crm.queries import exports, lists, segments
from crm.store.session import Session
from crm.ui import tables, words

LAYOUTS = {"csv": "CSV", "excel": "Excel", "vcard": "vCard"}
SUFFIXES = {"csv": ".csv", "excel": ".xlsx", "vcard": ".vcf"}
EVERYONE = "All customers"
LARGEST = 400_000_000  # bytes of a store that is still handed through the browser
DEFUSED = (
    "A cell that a spreadsheet program could run as a formula gets an apostrophe before it. Numbers and phone numbers stay as "
    "they are. Raw leaves everything as it is: for programs."
)
BACK = "What you change in the list comes back by Import: the column “CRM id” says which row is meant."


def draw(session: Session) -> None:
    """A list, everything, and who took what."""
    left, right = st.columns(2, gap="medium")
    with left:
        _list(session)
    with right:
        _everything(session)
    if session.may("leader"):
        _taken(session)


def _list(session: Session) -> None:
    with st.container(border=True, height="stretch", key="export_list"):
        st.subheader("A list", anchor=False)
        st.caption(BACK)
        kind = st.selectbox("Of", lists.KINDS, format_func=words.label, key="export_kind")
        known = {row["name"]: row["segment_id"] for row in segments.every(session)}
        named = st.selectbox("Whose", [EVERYONE, *known], key="export_segment") if known else EVERYONE
        offered = [layout for layout in LAYOUTS if layout != "vcard" or kind == "contacts"]
        layout = st.segmented_control(
            "As", offered, default="csv", required=True, format_func=LAYOUTS.__getitem__, key=f"export_layout_{len(offered)}"
        )
        raw = st.toggle("Raw", key="export_raw", help=DEFUSED, disabled=layout == "vcard")
        seen, _ = segments.kept_to(session, {"segment": known.get(named)})
        number = lists.count(seen, kind)
        st.download_button(
            f"Download {words.count(number, kind.removesuffix('s'))}",
            data=partial(_file, session, kind, layout, raw, known.get(named)),
            file_name=f"{kind} {session.today:%Y-%m-%d}{SUFFIXES[layout]}",
            mime=MEDIA[layout],
            key=f"export_download_{kind}_{layout}",
            on_click="ignore",
            type="primary",
            icon=":material/download:",
            disabled=not number,
        )


def _file(session: Session, kind: str, layout: str, raw: bool, segment: object) -> bytes:
    """Runs beside the page when the button is pressed."""
    stream = io.BytesIO()
    asking = Session(session.database, session.actor)
    stream_list(asking, kind, stream, layout, raw=raw and layout != "vcard", segment=str(segment) if segment else None)
    return stream.getvalue()


def _everything(session: Session) -> None:
    with st.container(border=True, height="stretch", key="export_everything"):
        st.subheader("Everything", anchor=False)
        st.caption(
            "One Parquet file a table, with all ids, dates and the whole history, and a manifest that proves it whole. "
            "Any data tool reads it, and so does an empty CRM."
        )
        if not session.may("admin"):
            st.caption("Taking everything needs the role of admin: ask one of them.")
            return
        if _is_large(session):
            st.caption("This store is large: take it on the computer that the app runs on, while it runs.")
        else:
            st.download_button(
                "Download everything",
                data=partial(_archive, session),
                file_name=f"everything {session.today:%Y-%m-%d}.zip",
                mime="application/zip",
                key="export_all",
                on_click="ignore",
                icon=":material/download:",
            )
        st.code("python -m crm export all FOLDER", language=None)
        st.caption("Unpacked, it fills an empty store:")
        st.code("python -m crm --db duckdb:////path/to/new.duckdb import all FOLDER", language=None, wrap_lines=True)


def _is_large(session: Session) -> bool:
    file = session.database.address.file
    return file is not None and file.stat().st_size > LARGEST


def _archive(session: Session) -> bytes:
    """Runs beside the page when the button is pressed. Parquet is compressed already."""
    packed = io.BytesIO()
    with tempfile.TemporaryDirectory(prefix="crm_") as scratch, zipfile.ZipFile(packed, "w") as archive:
        folder = Path(scratch) / "everything"
        export_everything(Session(session.database, session.actor), folder)
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)
    return packed.getvalue()


def _taken(session: Session) -> None:
    rows = exports.latest(session)
    with st.container(border=True, key="export_log"):
        st.subheader("What was taken", anchor=False)
        if not rows:
            st.caption("Nothing has left the house yet. Whoever takes a list, everything or a backup will stand here.")
            return
        frame = pd.DataFrame(rows)[["made_at", "actor_name", "what", "layout", "row_count", "is_raw"]]
        frame["made_at"] = [session.local(made).replace(tzinfo=None) for made in frame["made_at"]]
        frame.columns = pd.Index(["when_at", "who", "what", "as", "rows", "raw"])
        frame["what"] = frame["what"].map(words.label)
        frame["as"] = frame["as"].map(lambda name: LAYOUTS.get(name, words.label(name)))
        tables.draw(frame, key="exports", alt="What was exported, by whom")
