"""The Import tab as people meet it: upload, look, import; what the file cannot say is asked, everything can be taken back."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crm.commands import importing, uploads
from crm.commands.jobs import ask as ask_for
from crm.queries import jobs
from crm.store import session as door
from crm.store.session import SYSTEM, Session
from crm.ui import import_draft, keys
from tests.working import run_waiting

Visit = Callable[..., AppTest]
Ask = Callable[..., Any]
PEOPLE = b"name,email\nAda Byron,ada@byron.example\nBo Diddley,bo@diddley.example\n"
pytestmark = pytest.mark.usefixtures("empty_company")


def store() -> Session:
    return Session(door.opened(), SYSTEM)


def upload(app: AppTest, name: str, content: bytes) -> AppTest:
    app.file_uploader(key="import_file").set_value((name, content, "text/csv")).run()
    return checked(app)


def checked(app: AppTest) -> AppTest:
    """What was asked of the background is done, and the page drawn again."""
    assert not app.exception
    run_waiting(store())
    app.run()
    assert not app.exception
    return app


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    return checked(app)


def fates(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def told(app: AppTest) -> str:
    """All text, as a person reads it: without what keeps it from being markup."""
    parts = (*app.caption, *app.error, *app.warning, *app.markdown)
    return " ".join(element.value for element in parts).replace("\\", "").replace("\u2060", "")


def test_a_file_is_recognised_checked_and_imported_and_undone(visit: Visit, ask: Ask) -> None:
    app = upload(visit("data"), "people.csv", PEOPLE)
    assert "2 rows" in told(app)
    assert app.selectbox(key="import_kind").value == "contacts"
    assert app.button(key="import_start").label == "Import 2 contacts"
    assert fates(app)["Created"] == "2", "the dry run"
    assert ask("select count(*) from contacts") == 0
    press(app, "import_start")
    assert fates(app)["Created"] == "2"
    assert ask("select count(*) from contacts") == 2
    press(app, "import_undo")
    assert ask("select count(*) from contacts") == 0
    assert "Undone" in told(app)


def test_a_file_is_removed_once_it_is_imported_or_given_up(visit: Visit) -> None:
    app = upload(visit("data"), "people.csv", PEOPLE)
    token = app.session_state[import_draft.KEY].file
    assert uploads.path_of(store(), token).read_bytes() == PEOPLE
    press(app, "import_start")
    folder = Path(uploads._folder(store()))
    assert list(folder.iterdir()) == []
    press(app, "import_next")
    upload(app, "people.csv", PEOPLE)
    assert len(list(folder.iterdir())) == 1
    press(app, "import_drop")
    assert list(folder.iterdir()) == []


def test_who_may_not_import_is_not_offered_it(visit: Visit, ask: Ask) -> None:
    with store().change("Employ") as change:
        key = change.insert("employees", name="Mia", role="member")
    app = visit("data")
    app.session_state[keys.ACTOR] = key
    app.run()
    assert not app.exception
    assert not app.file_uploader


def test_an_ambiguous_day_is_asked_once_and_nothing_is_imported_before(visit: Visit, ask: Ask) -> None:
    text = "Order number,Customer name,Order date,Amount\n1,Konex,01-03-17,12\n2,Konex,02-03-17,17\n"
    app = upload(visit("data"), "orders.csv", text.encode())
    assert app.selectbox(key="import_kind").value == "orders"
    assert app.button(key="import_start").disabled
    question = app.radio(key="import_days")
    assert "01-03-17" in question.label.replace("\\", "")
    assert question.options == ["1 March 2017 (day first)", "3 January 2017 (month first)", "17 March 2001 (year first)"]
    question.set_value("dmy").run()
    checked(app)
    app.checkbox(key="import_create_missing").check().run()
    checked(app)
    press(app, "import_start")
    assert str(ask("select min(ordered_at)::date from orders")) == "2017-03-01"
    assert ask("select count(*) from customers") == 1


def test_a_file_of_comments_that_does_not_say_what_they_are_is_asked_once(visit: Visit, ask: Ask) -> None:
    text = "Comment,Date received\nIt came broken,2017-03-01\nNobody answers,2017-03-02\n"
    app = upload(visit("data"), "narratives.csv", text.encode())
    assert app.selectbox(key="import_kind").value == "feedback"
    question = app.radio(key="import_feedback_kind")
    assert question.label == "What are these comments?"
    assert (question.options[0], question.value) == ("Complaints", "suggestion")
    assert not app.button(key="import_start").disabled
    checked(question.set_value("complaint").run())
    assert app.radio(key="import_feedback_kind").value == "complaint"
    press(app, "import_start")
    assert ask("select count(*) from feedback where kind = 'complaint'") == 2
    again = upload(visit("data"), "later.csv", text.replace("2017", "2018").encode())
    assert again.radio(key="import_feedback_kind").value == "complaint"


def test_a_column_that_is_not_known_can_be_a_field_or_an_own_field_or_left_aside(visit: Visit, ask: Ask) -> None:
    text = "Name,Shoe size,Junk,Where\nKonex,44,x,Graz\nCondax,42,y,Wien\n"
    app = upload(visit("data"), "companies.csv", text.encode())
    columns = app.session_state[import_draft.PLAN][1].columns
    place = {column.header: f"import_column_{number}" for number, column in enumerate(columns)}
    assert app.selectbox(key=place["Shoe size"]).value == ""
    app.selectbox(key=place["Where"]).set_value("city").run()
    app.selectbox(key=place["Shoe size"]).set_value("own:Shoe size").run()
    checked(app)
    press(app, "import_start")
    assert ask("select string_agg(city, ',' order by name desc) from customers") == "Graz,Wien"
    assert ask("select name from custom_fields") == "Shoe size"
    assert ask("select kind from custom_fields") == "number"
    press(app, "import_next")
    upload(app, "companies.csv", text.encode())
    assert "As you chose the last time" in told(app)
    assert fates(app)["Unchanged"] == "2"


def test_a_column_that_looks_like_a_field_is_taken_for_it_as_the_page_shows(visit: Visit, ask: Ask) -> None:
    app = upload(visit("data"), "people.csv", b"Full name,E-mail,Stag\nAda Byron,ada@byron.example,gold\n")
    assert app.selectbox(key="import_column_2").value == "tags"
    assert not [note for note in app.caption if "not used" in note.value]
    press(app, "import_start")
    assert ask("select name from tags") == "gold"


def test_all_unknown_columns_are_kept_as_own_fields_with_one_click(visit: Visit, ask: Ask) -> None:
    app = upload(visit("data"), "companies.csv", b"Name,Shoe size,Mascot\nKonex,44,bear\n")
    assert "We have no field for Shoe size, Mascot" in told(app)
    press(app, "import_keep_unknown")
    press(app, "import_start")
    assert ask("select string_agg(name, ',' order by name) from custom_fields") == "Mascot,Shoe size"


def test_an_unknown_word_is_given_its_meaning(visit: Visit, ask: Ask) -> None:
    with store().change("A deal") as change:  # with deals there, unknown stages are not made by an import
        stage = ask("select stage_id from stages where name = 'New'")
        change.insert("deals", name="First", stage_id=stage)
    text = "Deal name,Deal stage,Amount\nA,Propsal,12\nB,Propsal,13\nC,Nonsense,14\n"
    app = upload(visit("data"), "deals.csv", text.encode())
    assert "2 stages of this file we do not know" in told(app).replace("**", "")
    assert fates(app)["Rejected"] == "3"
    app.selectbox(key="import_value_stage_0").set_value("Proposal").run()
    checked(app)
    assert fates(app)["Rejected"] == "1"
    press(app, "import_start")
    assert ask("select count(*) from deals inner join stages using (stage_id) where stages.name = 'Proposal'") == 2
    assert "1 row rejected" in told(app).replace("**", "")


def test_what_a_person_changed_since_the_last_import_is_kept_and_listed_unless_told_otherwise(visit: Visit, ask: Ask) -> None:
    first = b"Id,Name,City\n1,Konex,Graz\n2,Condax,Wien\n"
    app = press(upload(visit("data"), "companies.csv", first), "import_start")
    with store().change("Moved") as change:
        change.update("customers", ask("select customer_id from customers where name = 'Konex'"), city="Linz")
    press(app, "import_next")
    upload(app, "companies.csv", first.replace(b"Graz", b"Bern"))
    assert any("1 value kept" in expander.label for expander in app.expander)
    app.checkbox(key="import_overwrite").check().run()
    checked(app)
    assert fates(app)["Updated"] == "1"
    press(app, "import_start")
    assert ask("select city from customers where name = 'Konex'") == "Bern"


def test_rejected_rows_come_with_line_column_and_reason(visit: Visit) -> None:
    text = "name,email\nAda,ada@byron.example\nBo,not an address\n"
    app = press(upload(visit("data"), "people.csv", text.encode()), "import_start")
    job = jobs.last_done(store(), "import")
    assert job is not None
    rows = list(csv.reader(io.StringIO(importing.rejected_rows(store(), job["result"]["rejected_file"]).decode("utf-8-sig"))))
    assert rows[0][:3] == ["line", "column", "reason"]
    assert rows[1][:2] == ["3", "email"]
    assert "not an address" in rows[1]
    assert fates(app)["Rejected"] == "1"


def test_a_file_of_another_kind_says_what_is_missing_and_a_broken_one_says_why(visit: Visit) -> None:
    app = upload(visit("data"), "people.csv", PEOPLE)
    app.selectbox(key="import_kind").set_value("deals").run()
    checked(app)
    assert "Deals need a column for" in told(app)
    assert app.button(key="import_start").disabled
    press(app, "import_drop")
    upload(app, "notes.pdf", b"%PDF-1.4 nothing")
    assert "is a PDF" in told(app)


def test_a_wrongly_read_file_is_read_anew_as_told(visit: Visit) -> None:
    app = upload(visit("data"), "people.csv", "name,city\nJürgen,Köln\n".encode("cp1252"))
    app.selectbox(key="import_encoding").set_value("cp1250").run()
    checked(app)
    assert app.session_state[import_draft.PLAN][1].encoding == "cp1250"


def test_what_was_prepared_stays_when_a_person_looks_elsewhere(visit: Visit) -> None:
    app = upload(visit("data"), "people.csv", PEOPLE)
    app.switch_page("../../pages/history.py").run()
    app.switch_page("../../pages/data.py").run()
    assert not app.exception
    assert app.button(key="import_start").label == "Import 2 contacts"


def test_after_a_reload_the_import_on_its_way_is_found_again(visit: Visit, ask: Ask) -> None:
    app = upload(visit("data"), "people.csv", PEOPLE)
    app.button(key="import_start").click().run()
    again = visit("data")
    assert "Waiting" in str(again.main) or again.button(key="stop_import")
    checked(again)
    assert fates(again)["Created"] == "2"
    assert ask("select count(*) from contacts") == 2


def test_a_refused_import_loses_nothing_of_what_was_prepared(visit: Visit, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    app = upload(visit("data"), "people.csv", PEOPLE)
    app.button(key="import_start").click().run()
    job = jobs.latest(store(), "import")
    assert job is not None
    with store().change("Demote") as change:  # the rights count that a person has when it runs
        change.insert("employees", name="Other admin", role="admin")
        change.update("employees", job["asked_by_id"], role="member")
    run_waiting(store())
    with store().change("Promote") as change:
        change.update("employees", job["asked_by_id"], role="admin")
    app.run()
    assert not app.exception
    assert "Importing needs the role of manager" in told(app)
    press(app, "import_start")
    assert ask("select count(*) from contacts") == 2


def test_an_import_that_failed_after_the_page_was_left_can_be_taken_up_again(visit: Visit, ask: Ask) -> None:
    app = upload(visit("data"), "people.csv", PEOPLE)
    app.button(key="import_start").click().run()
    app.button(key="stop_import").click().run()
    again = visit("data")
    assert "people.csv is not imported" in told(again).replace("**", "")
    press(again, "import_again")
    assert again.button(key="import_start").label == "Import 2 contacts"
    press(again, "import_start")
    assert ask("select count(*) from contacts") == 2
    assert not any(button.key == "import_again" for button in visit("data").button)


def test_a_stopped_import_writes_nothing_and_can_be_begun_again(visit: Visit, ask: Ask) -> None:
    app = upload(visit("data"), "people.csv", PEOPLE)
    app.button(key="import_start").click().run()
    app.button(key="stop_import").click().run()
    checked(app)
    assert ask("select count(*) from contacts") == 0
    press(app, "import_start")
    assert ask("select count(*) from contacts") == 2


def test_a_job_that_names_a_file_of_the_machine_gets_nothing(visit: Visit) -> None:
    job_id = ask_for(store(), "import", file="../crm.duckdb", kind="contacts", name="x")
    run_waiting(store())
    job = jobs.one(store(), job_id)
    assert job is not None and job["state"] == "failed"
    assert "no longer here" in job["message"]


@pytest.mark.parametrize(("role", "tabs"), [("member", "Duplicates,Export"), ("manager", "Import,Duplicates,Export")])
def test_a_tab_is_offered_to_whoever_may_do_something_in_it(visit: Visit, role: str, tabs: str) -> None:
    with store().change("Employ") as change:
        key = change.insert("employees", name="Mia", role=role)
    app = visit("data")
    app.session_state[keys.ACTOR] = key
    app.run()
    assert not app.exception
    assert ",".join(tab.label for tab in app.tabs) == tabs


@pytest.mark.parametrize("tab", ["Import", "Duplicates", "Export", "Backup"])
def test_each_tab_has_its_address_and_draws_alone(visit: Visit, tab: str) -> None:
    app = visit("data", data_tab=tab)
    assert [shown.label for shown in app.tabs if shown.children] == [tab]
