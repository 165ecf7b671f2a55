"""Every page of the app, once: its file, its name, its place in the sidebar. Nothing outside this list can be opened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

PAGES = Path(__file__).resolve().parents[2] / "pages"
_DETAILS: dict[Path, dict[str, Any]] = {}


def _page(name: str, title: str, icon: str, words: str, *, hidden: bool = False, default: bool = False) -> Path:
    """Note a page; its file is what links go by. The page itself can be made only inside a run."""
    file = PAGES / f"{name}.py"
    _DETAILS[file] = {
        "title": title,
        "icon": f":material/{icon}:",
        "url_path": name,
        "help": words,
        "visibility": "hidden" if hidden else "visible",
        "default": default,
    }
    return file


def navigation() -> dict[str, list[st.Page]]:
    """The pages by their group in the sidebar, made for this run."""
    return {group: [st.Page(file, **_DETAILS[file]) for file in files] for group, files in PLACES.items()}


TODAY = _page("today", "Today", "today", "What should I do now?", default=True)
OVERVIEW = _page("overview", "Overview", "monitoring", "How are we doing, and why?")
GOALS = _page("goals", "Goals", "flag", "Where do we want to be, and will we get there?")
VALUE = _page("value", "Value", "payments", "Who is worth what, who is slipping away, whom do we want?")
FEEDBACK = _page("feedback", "Feedback", "forum", "What are they telling us, what is it worth, what do we do?")
TIMELINE = _page("timeline", "Timeline", "timeline", "What happened, with all customers.")
CUSTOMERS = _page("customers", "Customers", "groups", "Find customers, and see which ones matter now.")
SEGMENTS = _page("segments", "Segments", "filter_list", "Groups of customers, by a rule or a list.", hidden=True)
PIPELINE = _page("pipeline", "Pipeline", "view_kanban", "Which deals need me?")
DEAL = _page("deal", "Deal", "handshake", "What is it worth, where does it stand, what next?", hidden=True)
PROFILE = _page("profile", "Profile", "person", "Who they are, what they want, what happened, what is next.", hidden=True)
ERASE = _page("erase", "Erase a person", "person_remove", "What would go, what would stay, and the proof.", hidden=True)
ADD = _page("add", "Add", "add_circle", "Enter a customer, contact, interaction, deal, order, feedback or task.")
DATA = _page("data", "Data", "database", "Bring files in, take everything out, keep it safe.")
HISTORY = _page("history", "History", "history", "Who changed what and when; undo anything.")
SETTINGS = _page("settings", "Settings", "settings", "Company, employees, teams, pipelines and stages, products.")

PLACES = {
    "": [TODAY],
    "Work": [CUSTOMERS, PIPELINE, TIMELINE, ADD, PROFILE, DEAL, SEGMENTS, ERASE],
    "Insight": [OVERVIEW, GOALS, VALUE, FEEDBACK],
    "Company": [DATA, HISTORY, SETTINGS],
}
