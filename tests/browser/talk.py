"""Whether an open page has all it asked for: heard from the websocket between it and the app, which the picture lags behind."""

from __future__ import annotations

from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


class Talk:
    """What a page has asked for and not yet got. What it asks by itself, to show how far a job is, nobody waits for."""

    def __init__(self, page: Any) -> None:
        self._wanted: str | None = ""  # the fragment, or "" for the whole page; None when nothing is
        self._runs = False
        page.on("websocket", self._began)

    @property
    def is_over(self) -> bool:
        """Whether nothing is still to come."""
        return self._wanted is None and not self._runs

    def _began(self, socket: Any) -> None:
        self._wanted, self._runs = "", False
        socket.on("framesent", self._asked)
        socket.on("framereceived", self._answered)

    def _asked(self, sent: bytes) -> None:
        message = BackMsg.FromString(sent)
        if message.WhichOneof("type") == "rerun_script" and not message.rerun_script.is_auto_rerun:
            self._wanted = message.rerun_script.fragment_id

    def _answered(self, received: bytes) -> None:
        message = ForwardMsg.FromString(received)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._runs = True
            fragments = message.metadata.run.fragment_ids
            if not fragments or self._wanted in fragments:
                self._wanted = None
        elif kind == "script_finished":
            self._runs = message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN  # then the next one follows
