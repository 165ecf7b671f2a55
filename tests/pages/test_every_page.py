"""Every page opens, with something to show and with nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.serving import ROOT

NAMES = sorted(file.stem for file in (ROOT / "pages").glob("*.py"))


@pytest.mark.parametrize("name", NAMES)
def test_every_page_opens_on_the_demo_and_on_an_empty_company(name: str, company: str, visit: Callable[..., AppTest]) -> None:
    app = visit(name)
    assert app.title or app.markdown


@pytest.mark.parametrize("name", NAMES)
def test_a_page_stays_about_as_long_as_a_screen(name: str) -> None:
    lines = (ROOT / "pages" / f"{name}.py").read_text(encoding="utf-8").count("\n")
    assert lines <= 150
