"""Visit a page without a browser: Streamlit's websocket, spoken with the protobufs of the installed package."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

websockets = pytest.importorskip("websockets", reason="websockets is not installed")


@dataclass
class Visit:
    """What came back: pages that were not found, and errors shown."""

    notes: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def visit(address: str, page: str, query: str = "") -> Visit:
    """Open a page as a new visitor and wait for the end of its script."""
    return asyncio.run(_visit(address, page, query))


async def _visit(address: str, page: str, query: str) -> Visit:
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    seen = Visit()
    socket = address.replace("http", "ws", 1) + "/_stcore/stream"
    async with websockets.connect(socket, subprotocols=["streamlit"], max_size=None, origin=address) as connection:
        request = BackMsg()
        request.rerun_script.page_name = page
        request.rerun_script.query_string = query
        await connection.send(request.SerializeToString())
        while True:
            message = ForwardMsg()
            message.ParseFromString(await asyncio.wait_for(connection.recv(), 60))
            kind = message.WhichOneof("type")
            if kind == "page_not_found":
                seen.notes.append(f"not found: {message.page_not_found.page_name}")
            elif kind == "delta" and message.delta.new_element.WhichOneof("type") == "exception":
                seen.errors.append(message.delta.new_element.exception.message)
            elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return seen
