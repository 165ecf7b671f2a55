"""Files that people upload: kept privately beside the store until their import is done, and removed after.

A job names one by a token, never by a path, so that nothing but an upload can be read through it. Who may upload at all is
known by visitor: a page that offers it admits the visitor, and the web's door refuses everybody else.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from pathlib import Path

from uuid_utils.compat import uuid4

from crm.errors import Refused
from crm.queries import jobs
from crm.store.session import Session

TOKEN = re.compile(r"[0-9a-f]{32}")
KEPT_SECONDS = 24 * 3600
GONE = "The uploaded file is no longer here: uploads are kept for a day. Upload it again."
_admitted: dict[str, float] = {}


def admit(session: Session, visitor: str, role: str = "manager") -> None:
    """Let a visitor upload: asked by a page that offers it to whoever may."""
    session.require(role, "Uploading")
    now = time.monotonic()
    for other in [known for known, since in _admitted.items() if now - since > KEPT_SECONDS]:
        del _admitted[other]
    _admitted[visitor] = now


def is_admitted(visitor: str) -> bool:
    """Whether a page has offered this visitor to upload."""
    return visitor in _admitted


def keep(session: Session, content: bytes | memoryview) -> str:
    """Keep an upload for its import; returns the token by which a job may ask for it."""
    session.require("manager", "Importing")
    token: str = uuid4().hex
    with os.fdopen(os.open(_folder(session) / token, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
    return token


def path_of(session: Session, token: str) -> Path:
    """Where an upload lies."""
    if not is_kept(session, token):
        raise Refused(GONE, "file")
    return _folder(session) / token


def is_kept(session: Session, token: str) -> bool:
    """Whether an upload is still there."""
    return bool(TOKEN.fullmatch(token)) and (_folder(session) / token).is_file()


def forget(session: Session, token: str) -> None:
    """Remove an upload."""
    if TOKEN.fullmatch(token):
        (_folder(session) / token).unlink(missing_ok=True)


def sweep(session: Session) -> dict[str, int]:
    """Remove uploads that nobody came back for; those that a job still needs stay."""
    needed = {job["arguments"].get("file") for job in jobs.under_way(session)}
    old = [
        path
        for path in _folder(session).iterdir()
        if path.name not in needed and time.time() - path.stat().st_mtime > KEPT_SECONDS
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return {"removed": len(old)}


def _folder(session: Session) -> Path:
    """Beside the store's file, for its owner only; where there is no such file, a folder of this user's for this store."""
    file = session.database.address.file
    if file:
        folder = file.with_name(f"{file.name}.uploads")
    else:
        folder = Path(tempfile.gettempdir()) / f"crm-uploads-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise Refused(f"{folder} belongs to somebody else: uploads cannot be kept there.")
    return folder
