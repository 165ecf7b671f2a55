"""`streamlit run app.py` starts the company's CRM: the pages, and the routes beside them. No logic here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from crm.jobs.runner import running
from crm.ui import warm
from crm.ui.problems import show_problem
from crm.web.door import ROUTES, opened_door
from crm.web.headers import SafeHeaders
from crm.web.uploads import OfferedUploads


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Open the store and load what pages need before the first visitor waits for it."""
    warm.start()
    with opened_door(st.get_option("server.port")), running():
        yield


app = st.App(
    Path(__file__).parent / "crm/ui/shell.py",
    lifespan=lifespan,
    routes=ROUTES,
    middleware=[Middleware(SafeHeaders), Middleware(OfferedUploads)],
    on_script_error=show_problem,
)
