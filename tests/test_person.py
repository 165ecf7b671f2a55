"""All we hold on a person as one file: nothing left out, readable, and text stays text."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from crm import cli
from crm.commands.contacts import add_contact, edit_contact
from crm.commands.erasure import export_person
from crm.commands.theme_runs import assign_themes
from crm.commands.themes import add_theme
from crm.errors import Refused
from crm.queries.person import held
from crm.store import session as door
from crm.store.session import Session
from tests.listening import tell
from tests.planting import MARK, plant
from tests.shared import shared_data


@pytest.mark.parametrize("kind", ["person", "company"])
def test_every_row_that_hangs_on_a_person_is_in_it(session: Session, kind: str) -> None:
    planted = plant(session, kind)
    said = json.loads(export_person(session, planted.contact_id, "json"))
    keys = {value for rows in said["tables"].values() for row in rows for value in row.values()}
    assert {str(key) for _, key in planted.rows} <= keys
    assert set(said["tables"]) >= {table for table, _ in planted.rows}


def test_every_text_of_theirs_is_on_the_page(session: Session) -> None:
    planted = plant(session, "person")
    page = html.unescape(export_person(session, planted.contact_id).decode())
    texts = {
        value
        for rows in held(session, planted.contact_id).tables.values()
        for row in rows
        for name, value in row.items()
        if isinstance(value, str) and value.startswith(MARK) and name != "own"
    }
    assert len(texts) > 20 and all(text in page for text in texts)


def test_what_was_read_from_their_comments_is_in_it(session: Session) -> None:
    key = add_contact(session, name="Ann Quist").key
    theirs, _ = tell(session, ["The parcel came late."], contact_id=key) + tell(session, ["The parcel was wet."])
    add_theme(session, name="Delivery", phrases=["parcel"])
    assign_themes(session)
    tables = held(session, key).tables
    for table in ("comment_readings", "comment_themes"):
        assert [row["comment_id"] for row in tables[table]] == [theirs]
    assert "Delivery" in export_person(session, key).decode()


def test_the_history_says_who_changed_what(session: Session) -> None:
    key = add_contact(session, name="Ann Quist", consent="given").key
    edit_contact(session, key, name="Ann Berg", consent="withdrawn")
    told = [(line["by"], line["field"], line["before"], line["after"]) for line in held(session, key).history]
    assert ("tester", "name", "Ann Quist", "Ann Berg") in told
    assert ("tester", "consent", "given", "withdrawn") in told


def test_the_page_runs_nothing_and_loads_nothing(session: Session) -> None:
    names = json.loads((shared_data() / "naughty_strings.json").read_text(encoding="utf-8"))
    with session.change("Add") as change:
        harbour = change.insert("customers", name="Harbour", kind="company", lifecycle_stage="lead")
        key = change.insert("contacts", name="<b>Ann</b>", customer_id=harbour, consent="unknown", note="\n".join(names))
    page = export_person(session, key).decode()
    tags = set(re.findall(r"</?([a-z0-9]+)", page))
    assert tags == {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "span", "dl", "dt", "dd"}
    assert "default-src 'none'" in page and "&lt;b&gt;Ann&lt;/b&gt;" in page
    assert all(name in html.unescape(page) for name in names if "<" in name and "&" not in name)


def test_mentions_in_texts_of_others_are_counted_and_not_printed(session: Session) -> None:
    key = add_contact(session, name="Ann Quist").key
    with session.change("Log") as change:
        change.insert("interactions", channel="note", occurred_at=session.now, note="Bo told Ann Quist a secret")
    page = export_person(session, key).decode()
    assert "Named in 1 of notes" in page and "secret" not in page


def test_managers_take_it_out_and_it_is_written_down(session: Session, make_session: Callable[..., Session]) -> None:
    key = add_contact(session, name="Ann Quist").key
    with pytest.raises(Refused, match="needs the role of manager"):
        export_person(make_session("member"), key)
    export_person(make_session("manager"), key)
    assert session.value("select what from exports") == "all we hold on a person"


def test_a_person_goes_by_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"duckdb:///{tmp_path / 'crm.duckdb'}"
    session = Session(door.opened(url), door.command_line("tester"))
    key = str(add_contact(session, name="Ann Quist", email="ann@quist.example").key)
    with session.change("Log") as change:
        change.insert("interactions", channel="note", occurred_at=session.now, note="Ann Quist came")
    monkeypatch.chdir(tmp_path)

    def crm(*arguments: str) -> tuple[int, str]:
        status = cli.main(["--db", url, *arguments])
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    assert crm("person", key, "ann.html")[0] == 0 and "Ann Quist" in (tmp_path / "ann.html").read_text()
    assert "its name should end with .html or .json" in crm("person", key, "ann.txt")[1]
    status, said = crm("erase", key)
    assert status == 0 and "nothing is erased yet" in said and "sure   Note of interaction" in said
    assert session.value("select count(*) from contacts") == 1
    status, said = crm("erase", key, "--confirm")
    assert status == 0 and ": 0 found." in said and "Quist" not in said
    assert session.value("select note from interactions") == "█████ came"
    assert crm("erasures")[1].count("0 found") == 1
    assert crm("erasures", "--search", "Ann Quist") == (0, "0 found in any text column of any table.\n")
    assert crm("person", key, "ann.html")[0] == 1
    assert crm("erase", "nonsense")[1].startswith("“nonsense” is no id")
    door.close(url)
