"""A real Chromium on the real app; skipped, with the reason, where there is none."""

from __future__ import annotations

import shutil
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pytest

from tests.browser.talk import Talk
from tests.serving import app_on, crm

playwright_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
PATIENCE = 180.0  # a busy machine is no reason to fail
CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="package")
def browser() -> Iterator[object]:
    """One browser for all journeys, and gone after them: while it is there, no other event loop runs in this thread."""
    if not CHROMIUM:
        pytest.skip("no chromium on this machine (apt-get install chromium)")
    with playwright_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="package")
def demo_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app's first start: no file yet, so it makes the demo company."""
    with app_on(tmp_path_factory.mktemp("demo") / "crm.duckdb") as address:
        yield address


@pytest.fixture(scope="package")
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
    listen(opened)
    yield opened
    context.close()
    assert not outside, f"the page asked outside hosts: {outside[:3]}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
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


_talks: WeakKeyDictionary[Any, Talk] = WeakKeyDictionary()
QUIET = """() => {
    const app = document.querySelector("[data-testid=stApp]")?.dataset
    return app?.testScriptState === "notRunning" && app.testConnectionState === "CONNECTED"
        && !document.querySelector("[data-stale=true]")
}"""
DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def listen(page: Any) -> None:
    """Hear what this page and its app say to each other, which `settled` asks for; and be as patient with all of it."""
    page.set_default_timeout(PATIENCE * 1000)
    _talks[page] = Talk(page)


def settled(page: Any) -> None:
    """Wait until all that was asked for is answered, and drawn: what is read or clicked before may be of the page before."""
    end = time.monotonic() + PATIENCE
    while True:
        page.wait_for_timeout(20)  # what a click sends is sent, and heard
        page.wait_for_function(QUIET)
        page.evaluate(DRAWN)
        if _talks[page].is_over:
            return
        assert time.monotonic() < end, "the page was never done"


def press(page: Any, target: Any) -> None:
    """Click as a person does: on a page that stands still, and then look what came of it.

    With a click a page sends the values of all its inputs; before it has drawn what the last click has set, the old ones.
    """
    settled(page)
    target.click()
    settled(page)


def enter(page: Any, field: Any, text: str) -> None:
    """Type into a field and leave it, which sends what stands there: not together with the next click."""
    settled(page)
    field.fill(text)
    field.blur()
    settled(page)


@pytest.fixture
def pictures(request: pytest.FixtureRequest) -> Path:
    """Where pictures of pages go, to be looked at."""
    folder = Path(request.config.rootpath) / ".pytest_cache" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
