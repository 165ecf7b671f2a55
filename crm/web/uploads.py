"""Who may upload: a visitor to whom a page has offered it. Streamlit itself takes a file from anybody with a session."""

from __future__ import annotations

import re

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from crm.commands import uploads

UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)/")
WORDS = "Nothing was offered to be uploaded here. Open the page that takes the file."


class OfferedUploads:
    """Refuses an upload before its body is read, unless a page has admitted its visitor."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = UPLOAD.search(scope["path"]) if scope["type"] == "http" else None
        if asked and scope["method"] == "PUT" and not uploads.is_admitted(asked[1]):
            await JSONResponse({"error": WORDS, "field": "file"}, status_code=403)(scope, receive, send)
        else:
            await self.app(scope, receive, send)
