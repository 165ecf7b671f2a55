"""Uploaded files: private, named by a token, gone when they are done with."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crm.commands import uploads
from crm.commands.jobs import ask
from crm.errors import Refused
from crm.exchange.kinds import likely
from crm.store import session as door
from crm.store.session import Session, command_line
from tests.shared import shared_data

KINDS = {
    "google_contacts_new": "contacts",
    "google_contacts_old": "contacts",
    "outlook": "contacts",
    "thunderbird": "contacts",
    "hubspot_contacts": "contacts",
    "hubspot_companies": "customers",
    "hubspot_deals": "deals",
    "pipedrive_import_sample": "contacts",
    "mailchimp_audience": "contacts",
    "salesforce_account_api": "customers",
    "salesforce_opportunity_api": "deals",
    "salesforce_report_opportunity": "deals",
}


@pytest.fixture
def filed(tmp_path: Path) -> Iterator[Session]:
    """A session on a store in a file."""
    url = f"duckdb:///{tmp_path / 'crm.duckdb'}"
    yield Session(door.opened(url), command_line("tester"))
    door.close(url)


def test_an_upload_is_kept_for_its_owner_only_and_removed_when_done_with(filed: Session) -> None:
    token = uploads.keep(filed, b"name\nKonex\n")
    path = uploads.path_of(filed, token)
    assert path.read_bytes() == b"name\nKonex\n"
    assert path.stat().st_mode & 0o077 == 0 == path.parent.stat().st_mode & 0o077
    uploads.forget(filed, token)
    with pytest.raises(Refused, match="Upload it again"):
        uploads.path_of(filed, token)


@pytest.mark.parametrize("token", ["", "..", "../crm.duckdb", "/etc/passwd", "f" * 31, "F" * 32])
def test_nothing_but_an_upload_is_read_by_a_token(filed: Session, token: str) -> None:
    with pytest.raises(Refused):
        uploads.path_of(filed, token)


def test_uploads_that_nobody_came_back_for_are_removed_after_a_day_unless_a_job_needs_them(filed: Session) -> None:
    young, old, needed = (uploads.keep(filed, b"x") for _ in range(3))
    for token in (old, needed):
        yesterday = time.time() - uploads.KEPT_SECONDS - 60
        os.utime(uploads.path_of(filed, token), (yesterday, yesterday))
    ask(filed, "import", file=needed)
    assert uploads.sweep(filed) == {"removed": 1}
    assert uploads.path_of(filed, young) and uploads.path_of(filed, needed)
    with pytest.raises(Refused):
        uploads.path_of(filed, old)


def test_only_who_may_import_may_leave_a_file(make_session: Callable[..., Session]) -> None:
    member = make_session("member")
    with pytest.raises(Refused, match="role of manager"):
        uploads.keep(member, b"x")
    with pytest.raises(Refused, match="role of manager"):
        uploads.admit(member, "a visitor")
    assert not uploads.is_admitted("a visitor")
    uploads.admit(make_session("manager"), "another")
    assert uploads.is_admitted("another")


def test_what_the_rows_of_other_systems_are_is_guessed_from_their_headers() -> None:
    layouts = json.loads((shared_data() / "import_layouts" / "headers_verbatim.json").read_text())
    guessed = {name: likely(layout["header"].split(","), "export.csv")[0] for name, layout in layouts.items()}
    assert guessed == KINDS


@pytest.mark.parametrize(
    ("header", "name", "kind"),
    [
        ("account,sector,year_established,revenue,employees,office_location,subsidiary_of", "accounts.csv", "customers"),
        ("product,series,sales_price", "products.csv", "products"),
        ("sales_agent,manager,regional_office", "sales_teams.csv", "employees"),
        ("opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value", "x.csv", "deals"),
        ("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country", "retail.parquet", "orders"),
        ("rec_id,given_name,surname,street_number,address_1,suburb,postcode", "dataset1.csv", "contacts"),
        ("name,email", "people.csv", "contacts"),
        ("name,city", "companies.csv", "customers"),
    ],
)
def test_what_the_rows_of_a_file_are_is_guessed(header: str, name: str, kind: str) -> None:
    assert likely(header.split(","), name)[0] == kind
