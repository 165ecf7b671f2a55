"""Make the first visitor wait for nothing: import, open and ask once, then take it all out of the garbage collector's way.

Streamlit collects garbage after every run; with everything loaded that costs 60–130 ms under the interpreter's lock.
Freezing what lives as long as the process brings it to a few.
"""

from __future__ import annotations

import gc
import importlib

from crm.commands import demo, employees
from crm.store.session import SYSTEM, Session, is_new, opened

SLOW_IMPORTS = ("pyarrow", "plotly.graph_objects", "streamlit.elements.plotly_chart", "streamlit.elements.arrow")


def start() -> None:
    """Open the company (the demo on the very first start), and load what every page needs."""
    first = is_new()
    session = Session(opened(), SYSTEM)
    if first:
        demo.make_demo(session)
    employees.ensure_first_admin(session)
    for name in SLOW_IMPORTS:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
