"""A real Chromium on the real app; skipped, with the reason, where there is none."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.serving import app_on, crm

playwright_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """One browser for all journeys."""
    if not CHROMIUM:
        pytest.skip("no chromium on this machine (apt-get install chromium)")
    with playwright_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def demo_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app's first start: no file yet, so it makes the demo company."""
    with app_on(tmp_path_factory.mktemp("demo") / "crm.duckdb") as address:
        yield address


@pytest.fixture(scope="session")
def empty_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app on an empty company: any command of the command line starts one."""
    file = tmp_path_factory.mktemp("empty") / "crm.duckdb"
    assert crm("history", db=file).returncode == 0
    with app_on(file) as address:
        yield address


@pytest.fixture
def page(browser: object) -> Iterator[object]:
    """A new visitor; whatever it asks an outside host for fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})  # type: ignore[attr-defined]
    outside: list[str] = []
    context.on("request", lambda request: outside.append(request.url) if _is_outside(request.url) else None)
    opened = context.new_page()
    yield opened
    context.close()
    assert not outside, f"the page asked outside hosts: {outside[:3]}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A journey that fails says what stood on its page, and keeps a picture of it."""
    report = yield
    page = getattr(item, "funcargs", {}).get("page")
    if report.failed and call.when == "call" and page is not None and not page.is_closed():
        picture = Path(item.config.rootpath) / ".pytest_cache" / "pictures" / f"{item.name}.png"
        page.screenshot(path=picture, full_page=True)
        report.sections.append((f"The page, also in {picture}", f"{page.url}\n{page.locator('body').inner_text()}"))
        logs = item.funcargs["tmp_path"].glob("*.log") if "tmp_path" in item.funcargs else ()  # type: ignore[attr-defined]
        report.sections += [("What the app said", log.read_text()[-4000:]) for log in logs]
    return report


def _is_outside(address: str) -> bool:
    return not address.startswith(("http://127.0.0.1", "http://localhost", "ws://127.0.0.1", "ws://localhost", "data:", "blob:"))


def settled(page: object) -> None:
    """Wait until the script of the page has run to its end."""
    page.wait_for_selector('[data-test-script-state="notRunning"]', timeout=60_000)  # type: ignore[attr-defined]
    page.wait_for_timeout(250)  # type: ignore[attr-defined]


@pytest.fixture
def pictures(request: pytest.FixtureRequest) -> Path:
    """Where pictures of pages go, to be looked at."""
    folder = Path(request.config.rootpath) / ".pytest_cache" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
