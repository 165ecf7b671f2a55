"""A value that somebody changed since the last import stays and is listed; rejected rows are given back as they came."""

from __future__ import annotations

import csv
import io
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from crm.commands.custom_fields import define_field
from crm.commands.imports import Mapping, Own, import_file, rejected_csv, rejected_folder
from crm.errors import Refused
from crm.queries import custom_fields
from crm.store.database import Database
from crm.store.migrate import migrate
from crm.store.session import Session, command_line
from crm.store.undo import undo
from tests.importing import fates, imported, picture

CUSTOMERS = "external id,name,city,sector\n"


def edit(session: Session, table: str = "customers", **fields: Any) -> UUID:
    """What a person does in a form."""
    key = table.removesuffix("s") + "_id"
    with session.change("Edit") as change:
        change.update(table, session.value(f"select {key} from {table}"), **fields)
    return change.change_set_id


def city(session: Session) -> str | None:
    found: str | None = session.value("select city from customers")
    return found


def test_what_a_person_changed_since_the_import_stays_and_is_listed(session: Session) -> None:
    imported(session, "customers", CUSTOMERS + "1,Acme,Bonn,steel\n")
    edit(session, city="Berlin")
    result = imported(session, "customers", CUSTOMERS + "1,Acme,Rome,glass\n")
    assert fates(result) == (0, 1, 0, 0, 0)
    assert session.row("select city, sector from customers") == {"city": "Berlin", "sector": "glass"}
    assert result.kept == 1
    assert [str(value) for value in result.kept_values] == ["line 2, city: “Berlin” stays, the file says “Rome”"]
    assert "1 values that somebody changed since the last import stay" in result.summary()
    again = imported(session, "customers", CUSTOMERS + "1,Acme,Rome,glass\n")
    assert (fates(again), again.kept, again.change_set_id) == ((0, 0, 1, 0, 0), 1, None)


def test_it_is_overwritten_when_asked_for_and_is_the_imports_again(session: Session) -> None:
    imported(session, "customers", CUSTOMERS + "1,Acme,Bonn,steel\n")
    edit(session, city="Berlin")
    assert imported(session, "customers", CUSTOMERS + "1,Acme,Rome,steel\n", overwrite=True).kept == 0
    assert city(session) == "Rome"
    assert imported(session, "customers", CUSTOMERS + "1,Acme,Oslo,steel\n").kept == 0
    assert city(session) == "Oslo"


def test_a_value_that_a_person_emptied_stays_empty_and_one_that_the_file_empties_stays(session: Session) -> None:
    imported(session, "customers", CUSTOMERS + "1,Acme,Bonn,steel\n")
    edit(session, city=None, sector="glass")
    assert imported(session, "customers", CUSTOMERS + "1,Acme,Bonn,\\N\n").kept == 2
    assert session.row("select city, sector from customers") == {"city": None, "sector": "glass"}


def test_what_no_import_brought_is_the_files_to_write(session: Session) -> None:
    with session.change("Add") as change:
        change.insert("customers", name="Acme", kind="company", lifecycle_stage="lead", city="Bonn")
    edit(session, city="Berlin")
    assert imported(session, "customers", "name,city\nAcme,Rome\n").kept == 0
    assert city(session) == "Rome"


def test_a_change_that_was_undone_is_nobodys(session: Session) -> None:
    imported(session, "customers", CUSTOMERS + "1,Acme,Bonn,steel\n")
    undo(session, edit(session, city="Berlin"))
    assert imported(session, "customers", CUSTOMERS + "1,Acme,Rome,steel\n").kept == 0


def test_a_form_that_saves_what_was_there_keeps_nothing(session: Session) -> None:
    imported(session, "customers", CUSTOMERS + "1,Acme,Bonn,steel\n")
    edit(session, city="Bonn", sector="glass")
    imported(session, "customers", CUSTOMERS + "1,Acme,Rome,steel\n")
    assert session.row("select city, sector from customers") == {"city": "Rome", "sector": "glass"}


def test_a_deal_that_a_person_moved_is_not_moved_back(session: Session) -> None:
    imported(session, "deals", "external id,stage,open date,owner\na,Proposal,2017-01-01,\nb,Discovery,2017-01-01,\n")
    with session.change("Move") as change:
        there = session.value("select stage_id from stages where name = 'Discovery'")
        change.update("deals", session.value("select deal_id from deals where external_id = 'a'"), stage_id=there)
    result = imported(session, "deals", "external id,stage,open date\na,Proposal,2017-01-01\n")
    assert fates(result) == (0, 0, 1, 0, 0)
    assert [str(value) for value in result.kept_values] == ["line 2, stage: “Discovery” stays, the file says “Proposal”"]
    assert session.value("select count(*) from stage_changes") == 2


# --- own fields

SIZED = Mapping(columns={"Size": Own("Size", "number"), "Tier": Own("Tier", "choice"), "Since": Own("Since", "date")})
OWN = "external id,name,Size,Tier,Since\n"


def values(session: Session) -> dict[str, Any]:
    own = session.value("select own from customers")
    return {field.name: custom_fields.as_text(field, custom_fields.value(field, own)) for field in custom_fields.every(session)}


def test_columns_that_nothing_knows_are_kept_in_own_fields_made_on_the_way(session: Session) -> None:
    before = picture(session)
    result = imported(session, "customers", OWN + "1,Acme,7,Gold,31.12.2017\n", mapping=SIZED)
    assert result.records["own fields"] == {"created": 3}
    assert values(session) == {"Size": "7", "Tier": "Gold", "Since": "31 Dec 2017"}
    assert result.change_set_id
    undo(session, result.change_set_id)
    assert picture(session) == before


def test_own_fields_are_found_by_their_name_and_blank_cells_leave_them(session: Session) -> None:
    imported(session, "customers", OWN + "1,Acme,7,Gold,2017-12-31\n", mapping=SIZED)
    assert fates(imported(session, "customers", "external id,name,size,tier\n1,Acme,8,\n")) == (0, 1, 0, 0, 0)
    assert values(session) == {"Size": "8", "Tier": "Gold", "Since": "31 Dec 2017"}
    assert fates(imported(session, "customers", "external id,name,tier\n1,Acme,\\N\n")) == (0, 1, 0, 0, 0)
    assert values(session) == {"Size": "8", "Tier": None, "Since": "31 Dec 2017"}


def test_a_cell_that_does_not_fit_its_own_field_rejects_its_row(session: Session) -> None:
    imported(session, "customers", OWN + "1,Acme,7,Gold,2017-12-31\n", mapping=SIZED)
    result = imported(session, "customers", OWN + "2,Beta,many,Gold,\n3,Gamma,7,Lead,\n")
    assert fates(result) == (0, 0, 0, 0, 2)
    assert [(row.line, row.column) for row in result.rejected_rows] == [(2, "Size"), (3, "Tier")]


def test_an_own_value_that_a_person_changed_stays(session: Session) -> None:
    imported(session, "customers", OWN + "1,Acme,7,Gold,2017-12-31\n", mapping=SIZED)
    size = next(field for field in custom_fields.every(session) if field.name == "Size")
    edit(session, own=f'{{"{size.key}": 9}}')
    result = imported(session, "customers", OWN + "1,Acme,8,Gold,2018-01-01\n")
    assert [str(value) for value in result.kept_values] == ["line 2, Size: “9” stays, the file says “8”"]
    assert values(session) == {"Size": "9", "Tier": "Gold", "Since": "1 Jan 2018"}


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["yes", "No"], "yes_no"),
        (["2017-01-02", "2017-12-31"], "date"),
        (["12", "-3.5"], "number"),
        (["007", "12"], "text"),
        (["https://a.example/x", "https://b.example"], "link"),
        (["x" * 301, "y"], "long_text"),
        (["red", "12"], "text"),
    ],
)
def test_a_new_own_field_is_of_the_narrowest_kind_that_fits(session: Session, cells: list[str], kind: str) -> None:
    rows = "".join(f"{number},{cell}\n" for number, cell in enumerate(cells))
    imported(session, "customers", "name,Extra\n" + rows, mapping=Mapping({"Extra": Own("Extra")}))
    assert session.value("select kind from custom_fields") == kind


def test_an_own_field_that_everybody_needs_rejects_a_new_record_without_it(session: Session) -> None:
    define_field(session, noun="customers", name="Tier", kind="choice", choices=["Gold"], is_required=True)
    result = imported(session, "customers", "name,tier\nAcme,\nBeta,gold\n")
    assert fates(result) == (1, 0, 0, 0, 1)


def test_only_an_admin_adds_own_fields(make_session: Any) -> None:
    with pytest.raises(Refused, match="Adding the own field “Size” needs the role of admin"):
        imported(make_session("manager"), "customers", OWN + "1,Acme,7,Gold,\n", mapping=SIZED)


# --- rejected rows


@pytest.fixture
def filed(tmp_path: Path) -> Iterator[Session]:
    """A company in a file."""
    database = Database(f"duckdb:///{tmp_path / 'crm.duckdb'}")
    migrate(database)
    yield Session(database, command_line("tester"))
    database.close()


BAD = 'name,founded,extra\nAcme,1999,a\n"Be\nta",soon,"=1+1"\nGamma,2000,b,c\n,later,d\n'


def rejected_cells(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_rejected_rows_are_given_back_as_they_came(session: Session) -> None:
    result = imported(session, "customers", BAD)
    assert fates(result) == (1, 0, 0, 0, 3)
    header, *rows = rejected_cells(rejected_csv(result))
    assert header == ["line", "column", "reason", "name", "founded", "extra"]
    assert [(row[0], row[1], *row[3:]) for row in rows] == [
        ("3", "founded", "Be\nta", "soon", "=1+1"),
        ("5", "", "Gamma", "2000", "b", "c"),
        ("6", "founded", "", "later", "d"),
    ]


def test_what_was_put_right_can_be_imported_from_the_same_file(session: Session) -> None:
    result = imported(session, "customers", "name,founded\nAcme,1999\nBeta,soon\n")
    again = rejected_csv(result).replace(b"Beta,soon", b"Beta,2001")
    assert fates(import_file(session, "customers", again, "again.csv")) == (1, 0, 0, 0, 0)
    assert session.value("select founded_year from customers where name = 'Beta'") == 2001


def test_they_lie_beside_the_store_where_only_its_owner_reads_them(filed: Session) -> None:
    old = import_file(filed, "customers", BAD.encode()).rejected_file
    assert old is not None
    assert old.parent == rejected_folder(filed.database)
    assert (stat.S_IMODE(old.stat().st_mode), stat.S_IMODE(old.parent.stat().st_mode)) == (0o600, 0o700)
    long_ago = time.time() - 31 * 86_400
    os.utime(old, (long_ago, long_ago))
    new = import_file(filed, "customers", BAD.encode(), dry_run=True)
    assert new.rejected_file is not None
    assert [file.name for file in old.parent.iterdir()] == [new.rejected_file.name]
    assert rejected_cells(rejected_csv(new))[1][3] == "Be\nta"
    assert new.rejected_file.stat().st_mtime < time.time() - 28 * 86_400  # a dry run's goes after a day


def test_a_good_file_leaves_nothing_there(filed: Session) -> None:
    assert import_file(filed, "customers", b"name\nAcme\n").rejected_file is None
    folder = rejected_folder(filed.database)
    assert folder is not None
    assert not folder.exists()
