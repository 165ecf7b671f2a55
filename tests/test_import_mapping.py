"""What a person says of a file's columns, words and days: taken at its word, refused by its key, remembered for the next."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crm.cli import execute
from crm.commands import imports
from crm.commands.imports import Mapping, Own, Unknown
from crm.errors import Refused
from crm.store.session import Session
from crm.store.undo import undo
from tests.importing import fates, imported, picture
from tests.shared import shared_data


def test_a_column_becomes_what_the_person_says_and_the_others_map_by_themselves(session: Session) -> None:
    mapping = Mapping(columns={"Chief": "owner", "City": None})
    imported(session, "employees", "name\nBo\n")
    result = imported(session, "customers", "Name,Chief,City,Sector\nAcme,Bo,Bonn,steel\n", mapping=mapping)
    assert session.row("select city, sector, owner_id is not null as owned from customers") == {
        "city": None,
        "sector": "steel",
        "owned": True,
    }
    assert "Columns not used: City." in result.notes


def test_a_chosen_column_takes_the_field_from_the_one_that_an_alias_knows(session: Session) -> None:
    imported(session, "customers", "Name,Trade name\nAcme Holding SE,Acme\n", mapping=Mapping(columns={"Trade name": "name"}))
    assert session.value("select name from customers") == "Acme"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ('{"columns": ', "is not JSON"),
        ('["columns"]', "is a list, where an object"),
        ('{"colums": {}}', "has a key “colums”: use columns, values, day_order"),
        ('{"columns": {"Nmae": "name"}}', r"“columns”, “Nmae”: .* has no such column \(did you mean “Name”\?\)"),
        ('{"columns": {"Name": "nmae"}}', r"“columns”, “Name”: customers have no field “nmae” \(did you mean “name”\?\)"),
        ('{"columns": {"Name": "name", "City": "name"}}', "“columns”, “City”: “Name” is “name” already"),
        ('{"columns": {"Name": 3}}', "“columns”, “Name”: name a field"),
        ('{"columns": {"Name": {"own": "Size", "type": "shoe"}}}', "“columns”, “Name”: there is no type “shoe”"),
        ('{"values": {"ownr": {"a": "b"}}}', "“values”, “ownr”: customers have no field “ownr”"),
        ('{"values": {"owner": {"a": 1}}}', "“values”, “owner”, “a” is a number"),
        ('{"day_order": "european"}', "“day_order” is “european”: use dmy, mdy or ymd"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused_by_its_key(session: Session, tmp_path: Path, given: str, words: str) -> None:
    before = picture(session)
    with pytest.raises(Refused, match=words) as refused:
        imported(session, "customers", "Name,City\nAcme,Bonn\n", mapping=Mapping.from_json(given, "map.json"))
    assert refused.value.field == "map"
    assert picture(session) == before


def test_a_mapping_is_the_same_after_its_file() -> None:
    mapping = Mapping({"A": "name", "B": None, "C": Own("Size", "number")}, {"owner": {"x": None}}, "dmy")
    assert Mapping.from_json(json.dumps(mapping.as_json())) == mapping


def test_a_field_takes_one_column_also_on_the_page() -> None:
    mapping = Mapping({"A": "name"}).with_column("B", "name").with_value("owner", "JS", "").with_day_order("dmy")
    assert (mapping.columns, mapping.values, mapping.day_order) == ({"A": None, "B": "name"}, {"owner": {"JS": None}}, "dmy")


# --- remembered for the header row

DEALS = "Deal,Chief,Stage,Close date\n"
WORDS = {"owner": {"JS": "Jo Smith", "?": None}, "stage": {"Done": "Won"}}
CHOICE = Mapping(columns={"Chief": "owner"}, values=WORDS, day_order="dmy")
ROWS = "A,JS,Done,01-03-17\nB,?,Done,02-03-17\n"


def test_what_was_said_of_a_header_row_counts_the_next_time(session: Session) -> None:
    imported(session, "employees", "name\nJo Smith\n")
    imported(session, "deals", "Deal,Stage\nZ,New\n")
    assert fates(imported(session, "deals", DEALS + ROWS, mapping=CHOICE)) == (2, 0, 0, 0, 0)
    again = imported(session, "deals", DEALS + "C,js,done,03-03-17\n")
    assert fates(again) == (1, 0, 0, 0, 0)
    assert "The columns are used as the last time for this header row." in again.notes
    row = session.row("select closed_on, owner_id is not null as owned from deals where name = 'C'")
    assert row == {"closed_on": date(2017, 3, 3), "owned": True}


def test_a_mapping_is_remembered_once_and_forgotten_with_the_import_that_brought_it(session: Session) -> None:
    imported(session, "employees", "name\nJo Smith\n")
    imported(session, "deals", "Deal,Stage\nZ,New\n")
    before = picture(session)
    first = imported(session, "deals", DEALS + ROWS, mapping=CHOICE)
    imported(session, "deals", DEALS + ROWS, mapping=CHOICE)
    assert session.value("select count(*) from import_mappings") == 1
    undo(session, first.change_set_id or "")
    assert picture(session) == before


def test_the_mapping_that_needs_no_help_is_not_remembered(session: Session) -> None:
    plan = imports.plan(session, "customers", b"name,city\nAcme,Bonn\n")
    imports.import_file(session, "customers", b"name,city\nAcme,Bonn\n", mapping=plan.mapping)
    assert session.value("select count(*) from import_mappings") == 0


def test_a_dry_run_remembers_nothing(session: Session) -> None:
    imported(session, "customers", "name,Ort\nAcme,Bonn\n", mapping=Mapping({"Ort": "city"}), dry_run=True)
    assert session.value("select count(*) from import_mappings") == 0


# --- days

AMBIGUOUS = "Deal,Stage,Close date\nA,Won,01-03-17\n"


@pytest.mark.parametrize(("order", "day"), [("dmy", date(2017, 3, 1)), ("mdy", date(2017, 1, 3)), ("ymd", date(2001, 3, 17))])
def test_days_that_can_be_read_in_two_ways_are_read_as_the_person_says(session: Session, order: str, day: date) -> None:
    imported(session, "deals", AMBIGUOUS, mapping=Mapping(day_order=order))
    assert session.value("select closed_on from deals") == day


def test_a_column_that_proves_its_order_keeps_it(session: Session) -> None:
    rows = "A,Won,01-03-17\nB,Won,31-03-17\n"
    imported(session, "deals", f"Deal,Stage,Close date\n{rows}", mapping=Mapping(day_order="mdy"))
    assert [row["closed_on"].month for row in session.rows("select closed_on from deals")] == [3, 3]


def test_untold_the_file_is_refused_with_the_question(session: Session) -> None:
    with pytest.raises(Refused, match="“01-03-17” in column “Close date” can be read day first or month first"):
        imported(session, "deals", AMBIGUOUS)


# --- the plan of a file

MESSY = (
    "Deal Nmae;Account;stge;Close date;Rep;Shoe size;Task name\n"
    "A;Nobody;Wom;01-03-17;Jo Smyth;4;x\nB;Acme;Won;02-03-17;;5;y\nC;Acme;Won;03-03-17;Jo Smith;;\n"
)


@pytest.fixture
def planned(session: Session) -> imports.Plan:
    imported(session, "employees", "name\nJo Smith\n")
    imported(session, "customers", "name\nAcme\n")
    imported(session, "deals", "Deal,Stage,Close date\nZ,Won,2017-01-01\n")
    return imports.plan(session, "deals", MESSY.encode("cp1252"), "deals.csv")


def test_a_plan_says_what_was_found_out(planned: imports.Plan) -> None:
    assert (planned.layout, planned.separator, planned.records, planned.source) == ("csv", ";", 3, "deals")
    assert [(column.header, column.target) for column in planned.columns] == [
        ("Deal Nmae", "name"),
        ("Account", "customer"),
        ("stge", "stage"),
        ("Close date", "closed_on"),
        ("Rep", "owner"),
        ("Shoe size", None),
        ("Task name", None),
    ]
    assert [column.reason for column in planned.columns][::6] == ["looks like name", "belongs to tasks"]
    assert planned.columns[5].samples == ("4", "5")
    assert planned.preview[0][0] == "A"


def test_a_plan_asks_what_only_a_person_can_say(planned: imports.Plan) -> None:
    [day] = planned.days
    assert (day.header, day.cell, day.readings["dmy"], day.readings["mdy"]) == (
        "Close date",
        "01-03-17",
        date(2017, 3, 1),
        date(2017, 1, 3),
    )
    asked = {question.field: question.values for question in planned.unknown}
    assert asked == {
        "customer": (Unknown("Nobody", 1),),
        "owner": (Unknown("Jo Smyth", 1, "Jo Smith"),),
        "stage": (Unknown("Wom", 1),),
    }
    assert not planned.is_ready


def test_the_answers_close_the_questions_and_the_import_does_as_planned(session: Session, planned: imports.Plan) -> None:
    mapping = planned.mapping.with_day_order("dmy").with_value("owner", "Jo Smyth", "Jo Smith").with_value("stage", "Wom", "Won")
    mapping = mapping.with_value("customer", "Nobody", None).with_column("Shoe size", Own("Shoe size"))
    answered = imports.plan(session, "deals", MESSY.encode(), "deals.csv", mapping=mapping)
    assert (answered.days, answered.unknown, answered.is_ready) == ((), (), True)
    result = imports.import_file(session, "deals", MESSY.encode(), "deals.csv", mapping=mapping)
    assert fates(result) == (3, 0, 0, 0, 0)


def test_what_was_detected_can_be_changed(session: Session) -> None:
    content = "name;city\nSzőke, and sons;Győr\n".encode("cp1250")
    plan = imports.plan(session, "customers", content, encoding="cp1250", separator=";")
    assert (plan.encoding, plan.separator, plan.preview) == ("cp1250", ";", (("Szőke, and sons", "Győr"),))
    with pytest.raises(Refused, match="no encoding") as refused:
        imports.plan(session, "customers", content, encoding="klingon")
    assert refused.value.field == "encoding"


SYSTEMS = {
    "google_contacts_new": "google", "google_contacts_old": "google", "outlook": "outlook", "thunderbird": "thunderbird",
    "hubspot_contacts": "hubspot", "hubspot_companies": "hubspot", "hubspot_deals": "hubspot",
    "pipedrive_import_sample": "pipedrive", "mailchimp_audience": "mailchimp", "salesforce_account_api": "salesforce",
    "salesforce_opportunity_api": "salesforce", "salesforce_report_opportunity": "salesforce",
}  # fmt: skip


@pytest.mark.parametrize("layout", SYSTEMS)
def test_ids_come_from_the_system_whose_export_it_is(session: Session, layout: str) -> None:
    headers = json.loads((shared_data() / "import_layouts/headers_verbatim.json").read_text())
    kind = "deals" if "deal" in layout or "opportunity" in layout else "contacts"
    plan = imports.plan(session, kind, (headers[layout]["header"] + "\n").encode(), "export.csv")
    assert plan.source == SYSTEMS[layout]


def test_the_command_line_says_it_the_same_way(session: Session, tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("Deal,Phase,Close date,Size\nA,Done,01-03-17,7\nB,Done,soon,8\n")
    choice = {"columns": {"Phase": "stage", "Size": {"own": "Size"}}, "values": {"stage": {"Done": "Won"}}, "day_order": "dmy"}
    (tmp_path / "map.json").write_text(json.dumps(choice))
    url = f"duckdb:///{tmp_path / 'crm.duckdb'}"

    def run(*arguments: str) -> tuple[int, Any]:
        outcome = execute([*arguments, "--json"], tmp_path, "tester", url)
        return outcome.status, json.loads(outcome.output)

    status, result = run("import", "deals", "deals.csv", "--map", "map.json", "--rejected", "back.csv")
    assert (status, result["created"], result["rejected"]) == (0, 1, 1)
    assert (tmp_path / "back.csv").read_text("utf-8-sig").splitlines()[1].startswith("3,Close date,“soon” is not a date")
    status, result = run("import", "deals", "deals.csv", "--map", "none.json")
    assert (status, result["field"]) == (1, "map")


SAID = "text,date\nIt came broken,2017-01-01\nNobody answers,2017-01-02\n"


def kinds(session: Session) -> list[str]:
    return [row["kind"] for row in session.rows("select kind from feedback order by received_at")]


def test_what_comments_are_is_said_once_where_their_file_does_not_say_it(session: Session) -> None:
    planned = imports.plan(session, "feedback", SAID.encode())
    assert planned.is_kind_open
    imported(session, "feedback", SAID)
    assert kinds(session) == ["suggestion"] * 2
    said = planned.mapping.with_blank("kind", "complaint")
    assert fates(imported(session, "feedback", SAID, mapping=said)) == (0, 2, 0, 0, 0)
    assert kinds(session) == ["complaint"] * 2
    later = imported(session, "feedback", SAID.replace("2017", "2018"))
    assert "The columns are used as the last time for this header row." in later.notes
    assert kinds(session) == ["complaint"] * 4
    assert said.with_blank("kind", None) == planned.mapping


def test_what_comments_are_said_to_be_does_not_undo_what_somebody_corrected(session: Session) -> None:
    said = Mapping(values={"kind": {"": "complaint"}})
    imported(session, "feedback", SAID, mapping=said)
    first = session.row("select feedback_id from feedback order by received_at limit 1")
    with session.change("Correct it") as change:
        change.update("feedback", first["feedback_id"], kind="question")
    assert imported(session, "feedback", SAID, mapping=said).kept == 1
    assert kinds(session) == ["question", "complaint"]


def test_a_kind_in_the_file_goes_before_what_is_said_of_all_and_a_rating_after_it(session: Session) -> None:
    text = "text,kind,rating,date\nOdd,question,1,2017-01-01\nBad,,2,2017-01-02\n"
    assert not imports.plan(session, "feedback", text.encode()).is_kind_open
    imported(session, "feedback", text, mapping=Mapping(values={"kind": {"": "Complaint"}}))
    assert kinds(session) == ["question", "complaint"]


def test_a_kind_of_feedback_that_there_is_not_is_refused(session: Session) -> None:
    with pytest.raises(Refused, match=r"no feedback of the kind “rant”\. There are complaint, suggestion"):
        imported(session, "feedback", SAID, mapping=Mapping(values={"kind": {"": "rant"}}))
    assert not session.value("select count(*) from feedback")
