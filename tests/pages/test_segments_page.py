"""Segments on the screen: built row by row and counted meanwhile, kept, used as a filter, and put together by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crm.commands.segments import edit_segment
from crm.queries.comparisons import BY_KIND
from crm.queries.subjects import FIXED
from crm.store.session import SYSTEM, Session, opened

Visit = Callable[..., AppTest]
Ask = Callable[..., Any]


def counted(app: AppTest) -> int:
    return int(app.metric[0].value.replace(",", ""))


def choose(app: AppTest, row: int, subject: str, comparison: str) -> None:
    app.selectbox(key=f"seg.{row}.subject").select(subject).run()
    app.selectbox(key=f"seg.{row}.{subject}.is").select(comparison).run()


@pytest.fixture
def everybody(demo_company: str, ask: Ask) -> int:
    return int(ask("select count(*) from customers where archived_at is null"))


def test_a_rule_is_built_counted_while_building_and_kept(everybody: int, visit: Visit, ask: Ask) -> None:
    app = visit("segments", open="new")
    assert counted(app) == everybody
    app.multiselect(key="seg.1.lifecycle_stage.several").select("lapsed").run()
    lapsed = counted(app)
    assert lapsed == ask("select count(*) from customers where lifecycle_stage = 'lapsed' and archived_at is null")
    app.button(key="seg_row_1").click().run()
    choose(app, 2, "spent_amount", "over")
    app.number_input(key="seg.2.spent_amount.number").set_value(5000.0).run()
    both = counted(app)
    assert 0 < both < lapsed
    assert any("Customers whose lifecycle is lapsed and who spent over 5,000" in text.value for text in app.markdown)
    app.text_input(key="seg.name").input("Gone with money")
    app.button(key="save_segment").click().run()
    assert not app.exception
    assert ask("select rule ->> '$.rules[1].value' from segments where name = 'Gone with money'") == "5000.0"
    assert counted(app) == both


def test_a_group_leaves_people_out(everybody: int, visit: Visit, ask: Ask) -> None:
    app = visit("segments", open="new")
    app.button(key="seg_add_none").click().run()
    app.multiselect(key="seg.2.lifecycle_stage.several").select("lead").run()
    assert counted(app) == ask("select count(*) from customers where lifecycle_stage <> 'lead' and archived_at is null")
    app.button(key="seg_drop_2").click().run()
    assert counted(app) == everybody


def test_a_refused_rule_says_which_row_and_keeps_what_was_typed(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("segments", open="new")
    app.text_input(key="seg.name").input("Half")
    app.button(key="save_segment").click().run()
    assert any("Row 1" in text.value for text in app.error)
    assert app.text_input(key="seg.name").value == "Half"
    assert ask("select count(*) from segments where name = 'Half'") == 0


def test_a_kept_rule_opens_as_it_was_and_is_changed(demo_company: str, visit: Visit, ask: Ask) -> None:
    key = ask("select segment_id from segments where name = 'Complained lately, and matter'")
    app = visit("segments", open=str(key))
    before = counted(app)
    assert app.multiselect(key="seg.1.feedback.parts.kind").value == ["complaint"]
    assert app.number_input(key="seg.1.feedback.parts.days").value == 60
    app.number_input(key="seg.1.feedback.parts.days").set_value(700).run()
    app.button(key="save_segment").click().run()
    assert counted(visit("segments", open=str(key))) > before


def test_an_undo_shows_the_rule_as_it_was_and_a_second_editor_is_told(demo_company: str, visit: Visit, ask: Ask) -> None:
    key = ask("select segment_id from segments where name = 'Our ideal'")
    app = visit("segments", open=str(key))
    before = counted(app)
    app.number_input(key="seg.2.employee_count.numbers.b").set_value(90.0).run()
    app.button(key="save_segment").click().run()
    assert counted(app) < before
    app.button(key="flash_undo").click().run()
    assert counted(app) == before
    edit_segment(Session(opened(), SYSTEM), key, note="Written by another")
    app.number_input(key="seg.2.employee_count.numbers.b").set_value(80.0).run()
    app.button(key="save_segment").click().run()
    assert "after you opened it" in app.error[0].value
    app.button(key="save_segment").click().run()
    assert not app.error
    assert ask("select rule ->> '$.rules[1].value[1]' from segments where segment_id = $key", key=key) == "80.0"


def test_a_member_is_not_offered_to_change_the_segment_of_another(demo_company: str, visit: Visit, ask: Ask) -> None:
    key = ask("select segment_id from segments where name = 'Our ideal'")
    for page in ({"open": str(key)}, {"open": str(ask("select segment_id from segments where kind = 'list'"))}, {}):
        app = visit("segments", **page)
        app.session_state["actor"] = ask("select employee_id from employees where role = 'member' order by name limit 1")
        app.run()
        keys = {button.key for button in app.button}
        assert not app.exception and not keys & {"save_segment", "take_off"}
        if not page:
            assert list(app.menu_button(key=f"more_{key}").options) == ["Duplicate", "Keep as a list"]


def test_every_subject_has_its_inputs(demo_company: str, visit: Visit) -> None:
    app = visit("segments", open="new")
    for subject in app.selectbox(key="seg.1.subject").options:
        assert " " in subject or subject[0].isupper()
    for key, one in FIXED.items():
        app.selectbox(key="seg.1.subject").select(key).run()
        assert not app.exception, key
        assert len(app.selectbox(key=f"seg.1.{key}.is").options) == len(BY_KIND[one.kind]) - 2 * (
            one.never_blank and "filled" in BY_KIND[one.kind]
        )


def test_a_segment_is_kept_as_a_list_duplicated_and_put_aside(demo_company: str, visit: Visit, ask: Ask) -> None:
    key = ask("select segment_id from segments where name = 'Our ideal'")
    app = visit("segments")
    for chosen in ("Keep as a list", "Duplicate", "Archive"):
        app.menu_button(key=f"more_{key}").click(chosen).run()
        assert not app.exception
    names = {row.value for row in app.markdown}
    assert not app.error and "**Our ideal \\(copy\\)**" in names and "**Our ideal**" not in names
    assert ask("select count(*) from segment_members inner join segments using (segment_id) where name like 'Our ideal,%'") == 45


def test_a_chip_keeps_customers_to_a_segment(demo_company: str, visit: Visit) -> None:
    app = visit("customers", segment="Summer user day")
    assert any("25 customers" in caption.value for caption in app.caption)
    app = visit("customers")
    app.session_state["segment"] = "Our ideal"
    app.run()
    assert any("45 customers" in caption.value for caption in app.caption)


def test_ticked_customers_are_put_on_a_list(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("customers")
    app.session_state["list"] = {"selection": {"rows": [0, 1, 2], "columns": [], "cells": []}}
    app.run()
    guests = ask("select segment_id from segments where kind = 'list'")
    app.selectbox(key="bulk_list").select("Summer user day")
    app.button(key="bulk_list_save").click().run()
    members = "select count(distinct customer_id) from segment_members where segment_id = $guests and archived_at is null"
    assert 25 < ask(members, guests=guests) <= 28


def test_customers_are_put_on_a_list_by_name_and_taken_off(demo_company: str, visit: Visit, ask: Ask) -> None:
    key = ask("select segment_id from segments where kind = 'list'")
    members = "select count(*) from segment_members where segment_id = $key and archived_at is null"
    app = visit("segments", open=str(key))
    app.session_state["members"] = {"selection": {"rows": [0, 1], "columns": [], "cells": []}}
    app.run()
    app.button(key="take_off").click().run()
    assert ask(members, key=key) == 23
    others = "select name from customers where customer_id not in (select customer_id from segment_members) order by name limit 1"
    name = ask(others)
    app.text_input(key="seg.put_on.find").input(name).run()
    app.button(key="seg.put_on.hit.0").click().run()
    assert ask(members, key=key) == 24


def test_every_list_takes_a_segment(demo_company: str, visit: Visit) -> None:
    for page in ("overview", "pipeline", "timeline", "customers"):
        app = visit(page, segment="Our ideal")
        assert not app.exception and not app.error


def test_a_segment_that_is_not_there_says_so(company: str, visit: Visit) -> None:
    for address in ("00000000-0000-0000-0000-000000000000", "nonsense"):
        app = visit("segments", open=address)
        assert any("not here" in text.value for text in app.markdown)
