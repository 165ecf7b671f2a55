"""The Pipeline page: deals are moved, won and lost in place, and every move can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crm.commands.settings import change_settings
from crm.store.session import SYSTEM, Session, command_line, opened
from crm.ui import keys

Ask = Callable[..., Any]
Visit = Callable[..., AppTest]
FIRST_CARD = """
    select deals.deal_id
    from deals
    inner join stages on stages.stage_id = deals.stage_id
    where stages.name = $stage and deals.archived_at is null
    order by deals.expected_close_on nulls last, deals.deal_id
    limit 1
"""
STAGE_OF = "select stages.name from deals inner join stages on stages.stage_id = deals.stage_id where deal_id = $deal"


def texts(app: AppTest) -> str:
    return "\n".join(one.value for one in [*app.markdown, *app.caption])


def test_one_click_moves_a_deal_on_and_one_more_takes_it_back(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("pipeline")
    deal = ask(FIRST_CARD, stage="New")
    app.button(key=f"step_{deal}").click().run()
    assert not app.exception
    assert ask(STAGE_OF, deal=deal) == "Qualified"
    app.button(key="flash_undo").click().run()
    assert ask(STAGE_OF, deal=deal) == "New"


def test_a_part_of_the_deals_is_not_held_against_the_goal_of_the_whole(demo_company: str, visit: Visit, ask: Ask) -> None:
    assert "missing to the goal" in texts(visit("pipeline"))
    change_settings(Session(opened(demo_company), command_line("tests")), member_reads="own")
    app = visit("pipeline")
    app.session_state[keys.ACTOR] = ask("select employee_id from employees where role = 'member' limit 1")
    app.run()
    assert not app.exception
    assert "missing to the goal" not in texts(app)
    assert "Pipeline coverage" not in [metric.label for metric in app.metric]


def test_winning_asks_for_amount_and_day_and_keeps_them(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("pipeline")
    deal = ask(FIRST_CARD, stage="Negotiation")
    app.button(key=f"step_{deal}").click().run()
    assert ask(STAGE_OF, deal=deal) == "Negotiation", "nothing is won before the dialog is saved"
    app.number_input(key="close_deal.amount").set_value(123.45)
    app.button(key="close_deal.save").click().run()
    assert ask(STAGE_OF, deal=deal) == "Won"
    assert float(ask("select amount from deals where deal_id = $deal", deal=deal)) == 123.45


def test_a_board_shows_what_lacks_a_date_in_a_line_of_its_own(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("pipeline")
    many = ask(
        """
        select count(*)
        from deals
        inner join stages on stages.stage_id = deals.stage_id
        where stages.outcome = 'open' and deals.expected_close_on is null and deals.archived_at is null
        """
    )
    pills = app.button_group(key="gap")
    assert any(option.startswith(f"Without expected close: {many} deals") for option in pills.options)
    pills.set_value("without_expected_close").run()
    assert not app.exception
    assert "no expected close" in texts(app)
    assert " late]" not in texts(app) and "due in" not in texts(app)


def test_a_stage_picked_alone_shows_its_own_cards_only(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("pipeline")
    stage = ask("select stage_id from stages where name = 'Proposal'")
    app.button_group(key="board_stage").set_value(str(stage)).run()
    moves = [one.key for one in app.button if one.key and one.key.startswith("step_")]
    assert moves
    assert all(ask(STAGE_OF, deal=key.removeprefix("step_")) == "Proposal" for key in moves)


def test_more_cards_come_on_demand(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("pipeline")
    before = len([one for one in app.button if one.key and one.key.startswith("step_")])
    stage = ask("select stage_id from stages where name = 'New'")
    app.button(key=f"more_{stage}").click().run()
    assert len([one for one in app.button if one.key and one.key.startswith("step_")]) > before


def test_a_second_pipeline_brings_a_picker(demo_company: str, visit: Visit) -> None:
    assert not [one for one in visit("pipeline").selectbox if one.key == "pipeline"]
    session = Session(opened(), SYSTEM)
    with session.change("Second pipeline") as change:
        second = change.insert("pipelines", name="Renewals", position=2)
        change.insert("stages", pipeline_id=second, name="Due", position=1, outcome="open")
    app = visit("pipeline", pipeline="Renewals")
    assert app.selectbox(key="pipeline").value == "Renewals"
    assert any("No deal is open here" in one.value for one in app.markdown)


def test_a_member_is_not_offered_to_move_the_deals_of_others(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("pipeline")
    member = ask(
        """
        select employees.employee_id
        from employees
        left join deals on deals.owner_id = employees.employee_id
        left join customers on customers.owner_id = employees.employee_id
        where employees.role = 'member'
        group by all
        order by count(deals.deal_id) + count(customers.customer_id) desc
        limit 1
        """
    )
    app.session_state["actor"] = member
    app.run()
    offered = [one.key.removeprefix("step_") for one in app.button if one.key and one.key.startswith("step_")]
    owners = {ask("select owner_id from deals where deal_id = $deal", deal=key) for key in offered}
    assert owners <= {member}
    assert len(offered) < 32


@pytest.mark.parametrize("sort", ["amount", "longest_in_stage"])
def test_the_board_can_be_sorted(demo_company: str, visit: Visit, sort: str) -> None:
    app = visit("pipeline")
    app.selectbox(key="board_sort").set_value(sort).run()
    assert not app.exception
