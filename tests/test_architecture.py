"""Who may know whom. Read this test to learn the house."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAY_KNOW = {
    "app": {"crm.ui", "crm.web", "crm.jobs", "pages"},
    "pages": {"crm.ui", "crm.charts", "crm.queries", "crm.commands"},
    "crm.ui": {"crm.charts", "crm.commands", "crm.queries", "crm.store.session"},
    "crm.web": {"crm.cli", "crm.jobs", "crm.commands", "crm.queries", "crm.store.session"},
    "crm.cli": {"crm.jobs", "crm.commands", "crm.queries", "crm.store.session"},
    "crm.__main__": {"crm.cli"},
    "crm.jobs": {"crm.commands", "crm.queries", "crm.insight", "crm.store.session"},
    "crm.commands": {"crm.queries", "crm.insight", "crm.exchange", "crm.demo", "crm.store"},
    "crm.queries": {"crm.insight", "crm.exchange", "crm.store"},
    "crm.store": set(),
    "crm.insight": set(),
    "crm.exchange": set(),
    "crm.charts": set(),
    "crm.demo": set(),
    "crm.errors": set(),
}
ONLY_IN = {
    "duckdb": ("crm.store",),
    "streamlit": ("app", "pages", "crm.ui"),
    "plotly": ("crm.charts",),
}
EVERYONE = "crm.errors"
SOURCES = sorted([ROOT / "app.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "crm").rglob("*.py")])


def module_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def part_of(module: str) -> str:
    return max((part for part in MAY_KNOW if module == part or module.startswith(f"{part}.")), key=len, default="")


def imports_of(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{name.name}" for name in node.names} | {node.module}
    return found


def id_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("file", SOURCES, ids=id_of)
def test_a_module_knows_only_whom_it_may_know(file: Path) -> None:
    module = module_of(file)
    if module == "crm":
        return
    part = part_of(module)
    known = {name for name in imports_of(file) if name.startswith(("crm.", "pages."))}
    allowed = MAY_KNOW[part] | {part, EVERYONE}
    strangers = {
        name
        for name in known
        if not any(name == right or name.startswith(f"{right}.") or right.startswith(f"{name}.") for right in allowed)
    }
    assert not strangers, f"{module} may not know {sorted(strangers)}"


@pytest.mark.parametrize("file", SOURCES, ids=id_of)
def test_streamlit_plotly_and_duckdb_each_live_in_one_place(file: Path) -> None:
    module = module_of(file)
    for library, homes in ONLY_IN.items():
        if any(name == library or name.startswith(f"{library}.") for name in imports_of(file)):
            assert part_of(module) in homes, f"{module} imports {library}"


def test_every_part_of_the_house_has_its_rule() -> None:
    assert all(part_of(module_of(file)) for file in SOURCES if module_of(file) != "crm")


def test_nothing_else_lies_at_the_top_level() -> None:
    known = {"app.py", "pages", "crm", "data", "tests", "requirements.txt", "README.md", "pyproject.toml"}
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert found - {"__pycache__"} <= known  # which starting the app may leave
