"""Address books of phones and mail programs: every card is a row, in words that the header aliases know."""

from __future__ import annotations

import re

import pytest

from crm.errors import Refused
from crm.exchange.headers import match
from crm.exchange.reading import read
from tests.shared import shared_data

# One row a file: what the first card must hold.
FILES = {
    "John_Doe_ANDROID.vcf": {"Email": "john.doe@company.com"},
    "John_Doe_BLACK_BERRY.vcf": {"Name": "John Doe", "Phone": "+96123456789", "Company": "Acme Solutions"},
    "John_Doe_EVOLUTION.vcf": {"Email": "john.doe@ibm.com", "Country": "United States of America", "Birthday": "1980-03-22"},
    "John_Doe_GMAIL.vcf": {"Name": "Mr. John Richter, James Doe Sr.", "Middle Name": "Richter, James"},
    "John_Doe_IPHONE.vcf": {"Phone 3": "905-777-1234", "Fax": "905-888-1234", "Pager": "905-111-1234"},
    "John_Doe_LOTUS_NOTES.vcf": {"Email": "john.doe@ibm.com", "Email 2": "billy_bob@gmail.com"},
    "John_Doe_MAC_ADDRESS_BOOK.vcf": {"Phone": "905-777-1234", "Street 2": "Street4\nBuilding 6\nFloor 8"},
    "John_Doe_MS_OUTLOOK.vcf": {"First Name": "John", "Birthday": "1980-03-22", "Department": "Accounting"},
    "fullcontact.vcf": {"Email 3": "school@example.com", "Company 2": "Organization2"},
    "gmail-list.vcf": {"Name": "Arnold Smith", "Email": "asmithk@gmail.com"},
    "gmail-single.vcf": {"Phone Type 2": "GRAND_CENTRAL", "Website": "http://TheProfile.com"},
    "gmail-single2.vcf": {"Email 5": "customcategory@example.com", "Phone 8": "5555551121"},
    "issue114.vcf": {"Name": "Dummy, Dummy", "Phone": "+49 1234 56789", "City": "Bad Homburg"},
    "outlook-2003.vcf": {"Company": "Company, The", "Note": "This is the note field!!\r\nSecond line\r\n\r\nThird line is empty"},
    "outlook-2007.vcf": {"First Name": "Michael", "Email": "mike.angstadt@gmail.com"},
    "rfc2426-example.vcf": {"Street": "6544 Battleford Drive", "Email 2": "fdawson@earthlink.net"},
    "rfc6350-example.vcf": {"Phone": "+1-418-656-9254;ext=102", "Birthday without year": "--0203"},
    "thunderbird-MoreFunctionsForAddressBook-extension.vcf": {
        "Department": "TheDepartment",
        "Email 5": "additional-email3@company.com",
    },
}


def cards(content: bytes | object) -> list[dict[str, str]]:
    reading = read(content)  # type: ignore[arg-type]
    found = [row for batch in reading.batches() for row in batch.frame.to_dict("records")]
    assert len(found) == reading.records
    return [{name: text for name, text in row.items() if text} for row in found]


@pytest.mark.parametrize("name", FILES)
def test_real_files_are_read_in_full(name: str) -> None:
    path = shared_data() / "vcard/ez-vcard" / name
    found = cards(path)
    assert len(found) == len(re.findall(rb"(?im)^begin:vcard", path.read_bytes()))
    assert found[0].items() >= FILES[name].items()


def test_no_file_is_forgotten() -> None:
    assert {path.name for path in (shared_data() / "vcard/ez-vcard").glob("*.vcf")} == set(FILES)


def test_photos_are_left_out_and_said() -> None:
    reading = read(shared_data() / "vcard/ez-vcard/John_Doe_IPHONE.vcf")
    assert reading.notes == ("1 photo(s) left out.",)


def test_android_lines_without_folding_are_one_value() -> None:
    third = cards(shared_data() / "vcard/ez-vcard/John_Doe_ANDROID.vcf")[3]
    assert third["Name"].split() == ["Ñ"] * 11
    assert set(third["Note"]) == {"Ñ", " "}


def card(*lines: str, version: str = "3.0") -> bytes:
    return "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""]).encode()


def test_the_preferred_email_comes_first() -> None:
    [found] = cards(card("FN:Ada", "EMAIL:old@x.org", "EMAIL;TYPE=PREF:ada@x.org"))
    assert (found["Email"], found["Email 2"]) == ("ada@x.org", "old@x.org")


def test_folded_lines_groups_and_escapes() -> None:
    [found] = cards(card("FN:Ada Love", " lace", "item1.TEL:1", "item1.X-ABLabel:Desk", "NOTE:a\\, b\\nc"))
    assert found == {"Name": "Ada Lovelace", "Phone": "1", "Phone Type": "Desk", "Note": "a, b\nc"}


def test_a_charset_of_its_own() -> None:
    [found] = cards(card("FN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:J=F6rg", version="2.1"))
    assert found["Name"] == "Jörg"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_whole_files_in_other_encodings(encoding: str) -> None:
    [found] = cards(card("FN:Jörg Müller").decode().encode(encoding))
    assert found["Name"] == "Jörg Müller"


def test_a_card_that_does_not_end_is_refused_by_line() -> None:
    with pytest.raises(Refused, match="begins on line 5 has no end"):
        read(card("FN:Ada") + b"BEGIN:VCARD\r\nFN:Bo\r\n")


def test_a_line_that_is_no_property_is_told() -> None:
    assert "line 4: “nonsense”" in read(card("FN:Ada", "nonsense")).notes[0]


def test_its_columns_map_without_help() -> None:
    file = shared_data() / "vcard/ez-vcard/John_Doe_EVOLUTION.vcf"
    fields = match("contacts", read(file).header).fields
    assert fields.items() >= {"name": "Name", "email": "Email", "phone": "Phone", "customer": "Company", "city": "City"}.items()
    assert fields.items() >= {"external_id": "External id", "born_on": "Birthday", "title": "Job Title"}.items()
