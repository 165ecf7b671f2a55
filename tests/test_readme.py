"""The README says what is true: its commands are commands, its picture and its links are there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from crm.cli import parser
from crm.commands.imports import KINDS
from tests.serving import ROOT

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [line.split("python -m crm ", 1)[1] for line in TEXT.splitlines() if line.startswith("python -m crm ")]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_of_the_readme_is_understood(command: str) -> None:
    assert parser().parse_args(shlex.split(command)).run


def test_what_a_file_names_was_brought_in_before_it() -> None:
    """Deals name customers, employees and products: who follows the block from top to bottom has none rejected."""
    kinds = [shlex.split(command)[1] for command in COMMANDS if command.startswith("import ") and "--dry-run" not in command]
    assert {"customers", "employees", "products"} <= set(kinds[: kinds.index("deals")])


def test_the_two_commands_install_and_start_from_nothing() -> None:
    start, test = re.findall(r"^python3 -m venv .*$", TEXT, re.MULTILINE)
    assert start.endswith(".venv/bin/streamlit run app.py")
    assert ".venv/bin/python -m pytest" in test
    for name in re.findall(r"-r (\S+)", start + test):
        assert (ROOT / name).is_file()


def test_the_kinds_that_the_readme_names_are_those_that_can_be_imported() -> None:
    named = re.search(r"^Kinds: (.*)\.$", TEXT, re.MULTILINE)
    assert named and sorted(named[1].split(", ")) == sorted(KINDS)


def test_every_link_and_picture_is_there() -> None:
    for file in (ROOT / "README.md", ROOT / "crm" / "README.md"):
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", file.read_text(encoding="utf-8")):
            assert (file.parent / target).exists(), f"{file.name} names {target}"


def test_ci_runs_the_test_command_of_the_readme_word_for_word() -> None:
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "README.md" in text and "eval" in text and "pip install" not in text


def test_every_part_of_the_house_stands_on_its_map() -> None:
    plan = (ROOT / "crm" / "README.md").read_text(encoding="utf-8")
    parts = [path for path in Path(ROOT / "crm").iterdir() if path.is_dir() and not path.name.startswith("_")]
    assert all(f"`{part.name}/`" in plan for part in parts)
