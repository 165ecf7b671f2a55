"""A run within a dialog: a browser runs the dialog alone, a test the whole page, which would close it."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from crm.ui import keys


def run(app: AppTest) -> AppTest:
    """Run what was just set or chosen in the open dialog; also what a page does when a job has ended."""
    app.session_state[keys.ASKED] = app.session_state[keys.DIALOG]
    return app.run()
