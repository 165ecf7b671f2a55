"""The Export and Backup tabs, and the Export button of the lists."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from streamlit.testing.v1 import AppTest

from crm.commands import backups
from crm.store import session as door
from crm.store.session import SYSTEM, Session
from crm.ui import taking
from tests.working import run_waiting

Visit = Callable[..., AppTest]
Ask = Callable[..., object]


def tab(visit: Visit, name: str) -> AppTest:
    return visit("data", data_tab=name)


def texts(app: AppTest) -> str:
    shown = [*app.markdown, *app.caption, *app.success, *app.error, *app.subheader]
    return "\n".join(str(element.value) for element in shown)


def test_the_export_tab_opens_on_any_company(company: str, visit: Visit) -> None:
    app = tab(visit, "Export")
    assert not app.exception
    assert {"A list", "Everything", "What was taken"} <= {each.value for each in app.subheader}


def test_vcards_are_offered_of_contacts_only(demo_company: str, visit: Visit) -> None:
    app = tab(visit, "Export")
    assert app.button_group(key="export_layout_2").options == ["CSV", "Excel"]
    app.selectbox(key="export_kind").set_value("contacts").run()
    assert app.button_group(key="export_layout_3").options == ["CSV", "Excel", "vCard"]


def test_a_backup_is_made_by_one_click_and_stands_there(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = tab(visit, "Backup")
    assert "There is no backup yet" in texts(app)
    app.button(key="now_backup").click().run()
    run_waiting(Session(door.opened(), SYSTEM))
    app = tab(visit, "Backup")
    assert "There is no backup yet" not in texts(app)
    assert ask("select count(*) from exports where what = 'backup'") == 1


def test_the_check_says_what_is_wrong(demo_company: str, visit: Visit) -> None:
    door.opened().cursor().execute(
        "update customers set lifecycle_stage = '*guest*' where name = (select min(name) from customers)"
    )
    app = tab(visit, "Backup")
    app.button(key="now_check").click().run()
    run_waiting(Session(door.opened(), SYSTEM))
    said = texts(tab(visit, "Backup"))
    assert "1 thing wrong" in said and r"\*guest\*" in said


def test_who_is_no_admin_sees_no_backups(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = tab(visit, "Export")
    member = ask("select employee_id from employees where role = 'member' limit 1")
    app.selectbox(key="actor").set_value(member).run()
    assert "needs the role of admin" in texts(app)
    assert "What was taken" not in {each.value for each in app.subheader}


def test_a_backup_to_take_away_must_be_one_of_the_folder(demo_company: str, tmp_path: object) -> None:
    session = Session(door.opened(), SYSTEM, datetime(2026, 3, 4))
    made = backups.back_up(session).backup.file
    assert backups.take(session, made) == made.read_bytes()
    with pytest.raises(Exception, match="no longer there"):
        backups.take(session, made.with_name("other.duckdb"))


@pytest.mark.parametrize("page", ["customers", "timeline", "pipeline", "today"])
def test_a_list_can_be_taken_from_its_page(demo_company: str, visit: Visit, page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    offered: dict[str, taking.Rows] = {}
    monkeypatch.setattr(taking, "offer", lambda key, what, rows, **_: offered.update({what: rows}))
    visit(page)
    session = Session(door.opened(), SYSTEM)
    (what, rows), *_ = offered.items()
    content = taking._file(session, what, rows, "csv").decode("utf-8-sig")
    assert content.count("\n") > 5 and content.startswith('"')
