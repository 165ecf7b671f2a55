"""Files of other systems map by themselves: a table of expectations, one row a layout."""

from __future__ import annotations

import json

import pytest

from crm.errors import Refused
from crm.exchange.aliases import ALIASES, REQUIRED
from crm.exchange.headers import KINDS, match, normalised, required, suggest
from crm.exchange.reading import read
from tests.shared import shared_data

MAPPED = {
    ("maven_crm/accounts.csv", "customers"): {
        "name": "account", "sector": "sector", "founded_year": "year_established", "annual_revenue_amount": "revenue",
        "employee_count": "employees", "country": "office_location", "parent": "subsidiary_of",
    },
    ("maven_crm/products.csv", "products"): {"name": "product", "category": "series", "list_price_amount": "sales_price"},
    ("maven_crm/sales_teams.csv", "employees"): {"name": "sales_agent", "manager": "manager", "region": "regional_office"},
    ("maven_crm/sales_pipeline.csv", "deals"): {
        "external_id": "opportunity_id", "owner": "sales_agent", "product": "product", "customer": "account",
        "stage": "deal_stage", "opened_on": "engage_date", "closed_on": "close_date", "amount": "close_value",
    },
    ("online_retail/online_retail.parquet", "orders"): {
        "number": "InvoiceNo", "product_external_id": "StockCode", "description": "Description", "quantity": "Quantity",
        "ordered_at": "InvoiceDate", "unit_price": "UnitPrice", "customer_external_id": "CustomerID", "country": "Country",
    },
    ("febrl/dataset1.csv", "contacts"): {
        "external_id": "rec_id", "first_name": "given_name", "last_name": "surname", "city": "suburb",
        "street_number": "street_number", "street": "address_1", "address_line_2": "address_2",
        "postcode": "postcode", "state": "state", "born_on": "date_of_birth",
    },
}  # fmt: skip


@pytest.mark.parametrize(("name", "kind"), MAPPED)
def test_known_files_map_without_help(name: str, kind: str) -> None:
    found = match(kind, read(shared_data() / name).header)
    assert found.fields == MAPPED[name, kind]
    assert found.missing == ()


# Name, e-mail, phone and company of each layout that has them, and its id and owner.
LAYOUTS = {
    "google_contacts_new": ("contacts", {
        "first_name": "First Name", "last_name": "Last Name", "email": "E-mail 1 - Value", "phone": "Phone 1 - Value",
        "customer": "Organization Name", "title": "Organization Title", "postcode": "Address 1 - Postal Code",
    }),
    "google_contacts_old": ("contacts", {
        "name": "Name", "first_name": "Given Name", "last_name": "Family Name", "email": "E-mail 1 - Value",
        "phone": "Phone 1 - Value", "customer": "Organization 1 - Name",
    }),
    "outlook": ("contacts", {
        "first_name": "First Name", "last_name": "Last Name", "email": "E-mail Address", "phone": "Primary Phone",
        "customer": "Company", "title": "Job Title", "born_on": "Birthday",
    }),
    "thunderbird": ("contacts", {
        "name": "Display Name", "first_name": "First Name", "last_name": "Last Name", "email": "Primary Email",
        "phone": "Work Phone", "customer": "Organization",
    }),
    "hubspot_contacts": ("contacts", {
        "external_id": "Record ID", "first_name": "First Name", "last_name": "Last Name", "email": "Email",
        "phone": "Phone Number", "customer": "Associated Company", "owner": "Contact owner",
    }),
    "hubspot_companies": ("customers", {
        "external_id": "Record ID", "name": "Company name", "website": "Website URL", "owner": "Company owner",
    }),
    "hubspot_deals": ("deals", {
        "external_id": "Record ID", "name": "Deal Name", "stage": "Deal Stage", "amount": "Amount", "owner": "Deal owner",
        "customer_external_id": "Associated Company IDs",
    }),
    "pipedrive_import_sample": ("contacts", {
        "name": "Person - Name*", "first_name": "Person - First name", "last_name": "Person - Last name",
        "phone": "Person - Phone", "email": "Person - Email (Work)", "customer": "Organization - Name*",
    }),
    "mailchimp_audience": ("contacts", {
        "first_name": "First Name", "last_name": "Last Name", "email": "Email Address", "phone": "Phone Number",
    }),
    "salesforce_account_api": ("customers", {
        "external_id": "ID", "name": "NAME", "phone": "PHONE", "website": "WEBSITE", "sector": "INDUSTRY",
        "annual_revenue_amount": "ANNUALREVENUE", "employee_count": "NUMBEROFEMPLOYEES", "city": "BILLINGCITY",
    }),
    "salesforce_opportunity_api": ("deals", {
        "external_id": "ID", "name": "NAME", "stage": "STAGENAME", "amount": "AMOUNT", "closed_on": "CLOSEDATE",
        "customer_external_id": "ACCOUNTID",
    }),
    "salesforce_report_opportunity": ("deals", {
        "name": "Opportunity Name", "customer": "Account Name", "owner": "Opportunity Owner", "stage": "Stage",
        "closed_on": "Close Date",
    }),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_of_the_12_layouts_maps_what_it_has(layout: str) -> None:
    headers = json.loads((shared_data() / "import_layouts/headers_verbatim.json").read_text())
    assert set(headers) == set(LAYOUTS)
    kind, expected = LAYOUTS[layout]
    assert match(kind, headers[layout]["header"].split(",")).fields.items() >= expected.items()


REAL = {
    "address_books/all.csv": ("contacts", {"name", "first_name", "last_name", "email", "phone", "customer", "born_on"}),
    "address_books/email.csv": ("contacts", {"email"}),
    "address_books/gmail.csv": ("contacts", {"name", "email", "phone", "customer"}),
    "address_books/outlook.csv": ("contacts", {"email"}),
    "address_books/tb_plain.csv": ("contacts", {"name", "email", "phone", "customer"}),
    "salesforce_dataloader/accountData.csv": ("customers", {"external_id", "name", "phone", "website"}),
    "salesforce_dataloader/insertAccountCsv.csv": ("customers", {"external_id", "name", "phone", "website"}),
    "salesforce_dataloader/opportunityData.csv": ("deals", {"external_id", "name", "stage", "amount", "closed_on"}),
}


@pytest.mark.parametrize("name", REAL)
def test_real_exports_map(name: str) -> None:
    kind, fields = REAL[name]
    assert set(match(kind, read(shared_data() / "import_layouts" / name).header).fields) >= fields


def test_the_headers_that_a_person_would_write_map() -> None:
    header = ["External id", "First name", "Last name", "Street", "City", "Postcode", "State", "Birth date"]
    fields = match("contacts", header).fields
    assert list(fields) == ["external_id", "first_name", "last_name", "street", "postcode", "city", "state", "born_on"]


def test_every_field_maps_by_its_own_name() -> None:
    for kind, table in ALIASES.items():
        assert match(kind, table).fields == {field: field for field in table}


def test_columns_of_other_kinds_are_listed_as_not_used() -> None:
    found = match("contacts", ["Name", "Deal - Title", "Shoe size"])
    assert (found.unmapped, found.not_used) == (("Shoe size",), {"Deal - Title": ("deals",)})


def test_what_a_file_lacks_is_named() -> None:
    assert match("deals", ["Deal name", "Amount"]).missing == (("stage",),)


def test_a_birthday_in_three_columns_is_not_taken_for_one() -> None:
    assert "born_on" not in match("contacts", ["Birth Year", "Birth Month", "Birth Day"]).fields


@pytest.mark.parametrize(
    ("kind", "column", "field"),
    [("deals", "Amount (EUR)", "amount"), ("contacts", "Frist name", "first_name"), ("customers", "Compnay name", "name")],
)
def test_likeness_suggests_what_no_alias_knows(kind: str, column: str, field: str) -> None:
    assert suggest(kind, [column])[column][0] == field


def test_unlike_columns_get_no_suggestion() -> None:
    assert suggest("contacts", ["Shoe size", "Maiden name in video"]) == {}


def test_required_fields_are_fields() -> None:
    assert set(REQUIRED) == set(KINDS) == set(ALIASES)
    for kind in KINDS:
        assert all(field in ALIASES[kind] for group in required(kind) for field in group)


def test_no_two_fields_of_a_kind_share_an_alias_by_accident() -> None:
    # The e-mail display name of one layout may be wanted by two fields, but a field's own name never by another.
    for kind, table in ALIASES.items():
        own = {normalised(field) for field in table}
        for field, aliases in table.items():
            stolen = {normalised(alias) for alias in aliases} & (own - {normalised(field)})
            assert not stolen, (kind, field, stolen)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(Refused, match="There is no kind"):
        match("people", ["name"])
