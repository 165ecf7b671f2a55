"""Files brought in through the page: Maven's four, undone again; and one that has to be asked about."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import press, settled
from tests.shared import shared_data

pytestmark = pytest.mark.browser
MAVEN = [("products.csv", 7), ("sales_teams.csv", 35), ("accounts.csv", 85), ("sales_pipeline.csv", 8_800)]
MESSY = """Auftrag;Customer name;Order date;Amount;Lieferweg
1;Konex;01-03-17;12,50;Post
2;Konex;02-03-17;17;Abholung
3;;03-03-17;abc;Post
"""


def upload(page: Any, file: Path) -> None:
    with page.expect_file_chooser() as chooser:
        press(page, page.locator(".st-key-import_file button").first)
    chooser.value.set_files(file)
    page.locator(".st-key-import_head").wait_for()
    settled(page)


def bring(page: Any) -> None:
    """Press Import and wait for the account."""
    press(page, page.locator(".st-key-import_start").get_by_role("button"))
    page.locator(".st-key-import_done").wait_for()
    settled(page)


def fate(page: Any, box: str, name: str) -> int:
    metrics = page.locator(f".st-key-{box}_fates").get_by_test_id("stMetric").filter(has_text=name)
    return int(metrics.first.get_by_test_id("stMetricValue").inner_text().replace(",", ""))


def test_mavens_four_files_are_imported_by_upload_and_one_click_each_and_one_is_undone(empty_app: str, page: Any) -> None:
    page.goto(f"{empty_app}/data")
    settled(page)
    for name, rows in MAVEN:
        upload(page, shared_data() / "maven_crm" / name)
        bring(page)
        assert fate(page, "import_result", "Created") == rows
        assert fate(page, "import_result", "Rejected") == 0
        press(page, page.locator(".st-key-import_next").get_by_role("button"))
        page.locator(".st-key-import_file").wait_for()
    latest = page.locator("[class*=st-key-import_]").filter(has_text="sales_pipeline.csv").first
    press(page, latest.get_by_role("button", name="Undo").first)
    page.get_by_text("Undone. History keeps both.").wait_for()
    page.goto(f"{empty_app}/pipeline")
    settled(page)
    assert page.get_by_text("GTX Plus Basic").count() == 0


def test_a_messy_file_is_asked_about_and_its_rejected_rows_come_back_as_a_file(empty_app: str, page: Any, tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(MESSY, encoding="cp1252")
    page.goto(f"{empty_app}/data")
    settled(page)
    upload(page, tmp_path / "orders.csv")
    start = page.locator(".st-key-import_start").get_by_role("button")
    assert start.is_disabled()
    press(page, page.get_by_text("1 March 2017 (day first)"))
    page.get_by_text("We have no field for").wait_for()
    press(page, page.locator(".st-key-import_keep_unknown").get_by_role("button"))
    missing = page.get_by_text("Create those that are missing")
    if missing.count():
        press(page, missing)
    page.locator(".st-key-import_checked_fates").wait_for()
    settled(page)
    assert fate(page, "import_checked", "Rejected") == 1
    bring(page)
    assert fate(page, "import_result", "Created") == 2
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the rejected rows").click()
    rows = list(csv.reader(Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()))
    assert rows[1][0] == "4"
    assert rows[1][1] == "Amount"


def test_a_phone_shows_every_step_without_scrolling_sideways(empty_app: str, page: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{empty_app}/data")
    settled(page)
    upload(page, shared_data() / "maven_crm" / "products.csv")
    press(page, page.locator(".st-key-import_columns").get_by_text("Columns:"))
    width = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert width <= 390
