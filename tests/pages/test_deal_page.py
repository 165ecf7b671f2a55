"""The Deal page: worth, track, who moved its close; edited, planned for and talked about in one place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from streamlit.testing.v1 import AppTest

from crm.commands.deals import add_deal, edit_deal, move_deal
from crm.store.session import SYSTEM, Session, opened

Ask = Callable[..., Any]
Visit = Callable[..., AppTest]
OPEN_DEAL = """
    select deals.deal_id
    from deals
    inner join stages on stages.stage_id = deals.stage_id
    where stages.name = 'Proposal' and deals.archived_at is null and deals.expected_close_on is not null
    order by deals.deal_id
    limit 1
"""
STAGE = "select stage_id from stages where name = $name"


def company() -> Session:
    return Session(opened(), SYSTEM)


def texts(app: AppTest) -> str:
    return "\n".join(one.value for one in [*app.markdown, *app.caption])


def test_the_page_says_what_it_is_worth_and_where_it_stands(demo_company: str, visit: Visit, ask: Ask) -> None:
    deal = ask(OPEN_DEAL)
    app = visit("deal", deal=str(deal))
    labels = [one.label for one in app.metric]
    assert labels[1:] == ["To win", "Expected close", "In Proposal"]
    assert app.metric[1].value == "50 %"
    assert "New · " in texts(app) and "Negotiation" in texts(app), "the track names every stage, passed or to come"


def test_an_unknown_deal_leads_back_to_the_pipeline(demo_company: str, visit: Visit) -> None:
    for wanted in ("nonsense", "01900000-0000-7000-8000-000000000999"):
        app = visit("deal", deal=wanted)
        assert any("This deal is not here" in one.value for one in app.markdown)


def test_how_often_and_how_far_the_expected_close_moved(demo_company: str, visit: Visit, ask: Ask) -> None:
    deal, session = ask(OPEN_DEAL), company()
    day = ask("select expected_close_on from deals where deal_id = $deal", deal=deal)
    for later in (10, 40):
        edit_deal(session, deal, expected_close_on=day + timedelta(days=later))
    app = visit("deal", deal=str(deal))
    assert "Expected close moved 2 times, 40 days later in all" in [one.label for one in app.expander]


def test_an_edit_is_refused_when_another_was_faster_and_says_who(demo_company: str, visit: Visit, ask: Ask) -> None:
    deal = ask(OPEN_DEAL)
    app = visit("deal", deal=str(deal))
    app.button(key="edit").click().run()
    edit_deal(company(), deal, amount=777)
    app.number_input(key="edit_deal.amount").set_value(999.0)
    app.button(key="edit_deal.save").click().run()
    assert "System changed amount of this deal" in app.session_state["problem"][1]
    assert ask("select amount from deals where deal_id = $deal", deal=deal) == 777


def test_a_note_written_here_belongs_to_the_deal(demo_company: str, visit: Visit, ask: Ask) -> None:
    deal = ask(OPEN_DEAL)
    app = visit("deal", deal=str(deal))
    app.text_area(key=f"entry_{deal}.note").set_value("They want *two* more")
    app.button(key=f"entry_{deal}.save_note").click().run()
    assert ask("select count(*) from interactions where deal_id = $deal and note = 'They want *two* more'", deal=deal) == 1
    assert "They want *two* more" in [one.value for one in visit("deal", deal=str(deal)).text]


def test_a_task_planned_here_hangs_on_the_deal_and_is_ticked_here(demo_company: str, visit: Visit, ask: Ask) -> None:
    deal = ask(OPEN_DEAL)
    app = visit("deal", deal=str(deal))
    app.button(key="deal_task").click().run()
    app.text_input(key="add_deal_task.title").set_value("Send the offer")
    app.button(key="add_deal_task.save").click().run()
    task = ask("select task_id from tasks where deal_id = $deal and title = 'Send the offer'", deal=deal)
    app = visit("deal", deal=str(deal))
    app.checkbox(key=f"task_{task}").check().run()
    assert ask("select done_at is not null from tasks where task_id = $task", task=task)


def test_a_deal_without_customer_says_what_is_missing(demo_company: str, visit: Visit, ask: Ask) -> None:
    deal = add_deal(company(), name="Tender", stage_id=ask(STAGE, name="New")).key
    app = visit("deal", deal=str(deal))
    assert "This deal has no customer yet" in texts(app)
    assert not app.text_area


def test_a_lost_deal_shows_why_and_can_be_reopened_but_not_stepped_on(demo_company: str, visit: Visit, ask: Ask) -> None:
    deal = ask(OPEN_DEAL)
    move_deal(company(), deal, ask(STAGE, name="Lost"), lost_reason="They built it themselves")
    app = visit("deal", deal=str(deal))
    assert "They built it themselves" in texts(app)
    assert not [one for one in app.button if one.key == f"step_{deal}"]
    assert app.get("menu_button")


def test_an_archived_deal_is_gone_and_undo_brings_it_back(demo_company: str, visit: Visit, ask: Ask) -> None:
    deal = ask(OPEN_DEAL)
    app = visit("deal", deal=str(deal))
    app.button(key="archive").click().run()
    assert "This deal is not here" in texts(app)
    app.button(key="flash_undo").click().run()
    assert "This deal is not here" not in texts(app)
