"""The command line's way into the running app, which owns the file: a loopback route behind a token.

The token lies in a file beside the store that only its owner can read: whoever can read it could read the store itself.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crm import cli
from crm.store.session import file_of, store_url
from crm.web import surveys

TOKEN = secrets.token_urlsafe(32)
LOOPBACK = {"127.0.0.1", "::1"}


@contextmanager
def opened_door(port: int) -> Iterator[None]:
    """Leave the port and the token beside the store while the app runs."""
    store = file_of()
    file = cli.door_file(store) if store else None
    if file:
        _write_private(file, json.dumps({"port": port, "token": TOKEN, "process": os.getpid()}))
    try:
        yield
    finally:
        if file:
            file.unlink(missing_ok=True)


def _write_private(file: Path, text: str) -> None:
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)


async def command(request: Request) -> Response:
    """Run one command of the command line in this process."""
    if request.client is None or request.client.host not in LOOPBACK or not _has_token(request):
        return JSONResponse({"error": "not allowed"}, status_code=403)
    asked = await request.json()
    # Only this user can read the token, so the caller is this user.
    outcome = await run_in_threadpool(cli.execute, asked["arguments"], Path(asked["folder"]), cli.user_name(), store_url())
    return JSONResponse(asdict(outcome))


def _has_token(request: Request) -> bool:
    return secrets.compare_digest(request.headers.get("authorization", ""), f"Bearer {TOKEN}")


async def health(_: Request) -> Response:
    """Whether the app answers; nothing about the company."""
    return JSONResponse({"status": "ok"})


ROUTES = [Route("/command", command, methods=["POST"]), Route("/health", health), *surveys.ROUTES]
