"""The pipeline: what stands in each stage, what is late by the stage's own habits, and what is missing to the goal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from crm.commands.deals import add_deal, archive_deal, edit_deal, move_deal
from crm.commands.history import undo_change
from crm.commands.interactions import log_interaction
from crm.errors import Conflict, Refused
from crm.queries import deals, figures, pipeline, stages
from crm.queries.periods import Period
from crm.store.session import Session
from tests.small import LOST, NEGOTIATION, NEW, PROPOSAL, QUALIFIED, WON, way_of

NOW = datetime(2026, 11, 20, 12)
TODAY = NOW.date()


@pytest.fixture
def noon(session: Session) -> Session:
    """The command line, at noon of 20 November 2026."""
    return Session(session.database, session.actor, NOW)


def at(session: Session, day: date) -> Session:
    """The same person at noon of another day."""
    return Session(session.database, session.actor, datetime(day.year, day.month, day.day, 12))


def sales(session: Session) -> UUID:
    found: UUID = stages.pipelines(session)[0]["pipeline_id"]
    return found


def customer(session: Session, name: str = "Acme", **fields: Any) -> UUID:
    with session.change("Add") as change:
        return change.insert("customers", name=name, kind="company", lifecycle_stage="lead", **fields)


def stays(session: Session, stage: UUID, then: UUID, days: list[int]) -> None:
    """Past deals that stayed so many days in a stage."""
    with session.change("The past") as change:
        for number in days:
            deal_id = change.insert("deals", name="Past", stage_id=WON, opened_on=date(2026, 1, 1), closed_on=date(2026, 6, 1))
            entered = datetime(2026, 1, 1, 12)
            change.insert("stage_changes", deal_id=deal_id, to_stage_id=stage, changed_at=entered)
            left = entered + timedelta(days=number)
            change.insert("stage_changes", deal_id=deal_id, from_stage_id=stage, to_stage_id=then, changed_at=left)


def column(session: Session, stage: UUID, **asked: Any) -> dict[str, Any]:
    seen = pipeline.board(session, sales(session), **asked)
    return next(row for row in seen.stages if row["stage_id"] == stage)


def test_a_stage_counts_its_open_deals_with_their_amount_and_their_chance(noon: Session) -> None:
    for amount in (1000, 3000):
        add_deal(noon, name="Pumps", stage_id=PROPOSAL, amount=amount)
    add_deal(noon, name="Sold", stage_id=WON, amount=9000)
    row = column(noon, PROPOSAL)
    assert (row["deal_count"], row["amount"]) == (2, Decimal("4000.00"))
    assert row["weighted_amount"] == pytest.approx(4000 * 0.5)
    names = [stage["name"] for stage in pipeline.board(noon, sales(noon)).stages]
    assert names == ["New", "Qualified", "Proposal", "Negotiation"]


def test_a_deal_without_amount_counts_with_its_products_list_price_and_is_marked(noon: Session) -> None:
    with noon.change("Product") as change:
        pump = change.insert("products", name="Pump", list_price_amount=400)
    deal = add_deal(noon, name="Pumps", stage_id=NEW, product_id=pump).key
    assert column(noon, NEW)["amount"] == Decimal("400.00")
    assert pipeline.cards(noon, [deal])[deal]["is_estimated"]
    assert deals.one(noon, deal)["potential_amount"] == Decimal("400.00")  # type: ignore[index]


def test_a_column_shows_its_first_cards_only_in_the_order_that_is_asked_for(noon: Session) -> None:
    keys = [
        add_deal(noon, name=f"Deal {day}", stage_id=NEW, amount=day, expected_close_on=TODAY + timedelta(days=day)).key
        for day in (3, 1, 2)
    ]
    assert column(noon, NEW, most=2)["deal_ids"] == [keys[1], keys[2]]
    assert column(noon, NEW, most=2, sort="amount")["deal_ids"] == [keys[0], keys[2]]
    assert column(noon, NEW, most=2)["deal_count"] == 3


def test_the_deal_that_stands_longest_comes_first_when_that_is_asked_for(noon: Session) -> None:
    later = add_deal(noon, name="Later", stage_id=NEW).key
    earlier = add_deal(at(noon, TODAY - timedelta(days=9)), name="Earlier", stage_id=NEW).key
    assert column(noon, NEW, sort="longest_in_stage")["deal_ids"] == [earlier, later]


def test_deals_without_customer_or_expected_close_and_late_ones_have_their_line(noon: Session) -> None:
    acme = customer(noon)
    add_deal(noon, name="Nobody's", stage_id=NEW, amount=5, expected_close_on=TODAY)
    undated = add_deal(noon, name="Some day", stage_id=NEW, amount=7, customer_id=acme).key
    add_deal(noon, name="Late", stage_id=NEW, amount=11, customer_id=acme, expected_close_on=TODAY - timedelta(days=1))
    gaps = pipeline.board(noon, sales(noon)).gaps
    assert gaps["without_customer"] == {"count": 1, "amount": 5}
    assert gaps["without_expected_close"] == {"count": 1, "amount": 7}
    assert gaps["past_expected_close"] == {"count": 1, "amount": 11}
    only = pipeline.board(noon, sales(noon), only="without_expected_close")
    assert only.stages[0]["deal_ids"] == [undated] and only.stages[0]["deal_count"] == 1
    assert only.gaps == gaps


def test_each_pipeline_has_its_own_board(noon: Session) -> None:
    with noon.change("Second pipeline") as change:
        second = change.insert("pipelines", name="Renewals", position=2)
        stage = change.insert("stages", pipeline_id=second, name="Due", position=1, outcome="open", probability_share=0.9)
    deal = add_deal(noon, name="Renewal", stage_id=stage, amount=10).key
    assert [row["deal_ids"] for row in pipeline.board(noon, second).stages] == [[deal]]
    assert column(noon, NEW)["deal_count"] == 0


def test_an_owner_sees_their_own_deals(noon: Session, make_session: Callable[..., Session]) -> None:
    mo = make_session("member", name="Mo")
    mine = add_deal(noon, name="Mine", stage_id=NEW, owner_id=mo.actor.employee_id).key
    add_deal(noon, name="Another's", stage_id=NEW)
    assert column(noon, NEW, owner=mo.actor.employee_id)["deal_ids"] == [mine]


def test_days_in_stage_count_from_the_move_into_it_and_silence_from_the_last_talk(noon: Session) -> None:
    acme = customer(noon)
    deal = add_deal(at(noon, TODAY - timedelta(days=30)), name="Pumps", stage_id=NEW, customer_id=acme).key
    move_deal(at(noon, TODAY - timedelta(days=12)), deal, QUALIFIED)
    log_interaction(at(noon, TODAY - timedelta(days=5)), customer_id=acme, channel="call")
    card = pipeline.cards(noon, [deal])[deal]
    assert (card["days_in_stage"], card["days_silent"]) == (12, 5)


def test_silence_ends_also_with_an_interaction_about_the_deal_alone(noon: Session) -> None:
    deal = add_deal(noon, name="Tender", stage_id=NEW).key
    assert pipeline.cards(noon, [deal])[deal]["days_silent"] is None
    with noon.change("Log") as change:
        change.insert("interactions", deal_id=deal, channel="call", occurred_at=NOW - timedelta(days=2))
    assert pipeline.cards(noon, [deal])[deal]["days_silent"] == 2


def test_a_deal_that_never_moved_stands_in_its_stage_since_it_was_opened(noon: Session) -> None:
    with noon.change("Import") as change:
        deal = change.insert("deals", name="Imported", stage_id=PROPOSAL, opened_on=TODAY - timedelta(days=40))
    assert pipeline.cards(noon, [deal])[deal]["days_in_stage"] == 40
    here = next(row for row in deals.track(noon, deal) if row["is_now"])
    assert (here["name"], here["days"]) == ("Proposal", 40)


def test_what_is_usual_in_a_stage_is_learned_from_its_own_past_stays(noon: Session) -> None:
    stays(noon, NEW, QUALIFIED, [2, 4, 6, 8, 10])
    stays(noon, PROPOSAL, NEGOTIATION, [30, 30, 30, 30, 30, 30])
    found = pipeline.usual(noon)
    assert (found[NEW]["median_days"], found[NEW]["usual_days"], found[NEW]["stay_count"]) == (6, 8, 5)
    assert found[PROPOSAL]["usual_days"] == 30


def test_few_past_stays_are_too_few_to_say_what_is_usual(noon: Session) -> None:
    stays(noon, NEW, QUALIFIED, [2, 4, 6, 8])
    assert NEW not in pipeline.usual(noon)


def test_a_second_stay_counts_from_the_second_entry(noon: Session) -> None:
    with noon.change("There and back") as change:
        deal = change.insert("deals", name="Back", stage_id=QUALIFIED, opened_on=date(2026, 1, 1))
        way = [(None, NEW, 1), (NEW, QUALIFIED, 5), (QUALIFIED, NEW, 7), (NEW, QUALIFIED, 10)]
        for before, after, day in way:
            moved_at = datetime(2026, 1, day, 12)
            change.insert("stage_changes", deal_id=deal, from_stage_id=before, to_stage_id=after, changed_at=moved_at)
    stays_in_new = noon.rows("select stay_count, median_days from stage_paces() where stage_id = $stage", stage=NEW)
    assert stays_in_new == [{"stay_count": 2, "median_days": 3.5}], "four days, then three"
    assert [row["days"] for row in deals.track(noon, deal)][:1] == [7]


def test_coverage_holds_what_could_close_in_time_against_what_is_missing(noon: Session) -> None:
    quarter = Period(date(2026, 10, 1), date(2026, 12, 31), "quarter")
    with noon.change("Goal") as change:
        change.insert("goals", figure="won_amount", scope="company", starts_on=quarter.start, ends_on=quarter.end, target=10_000)
    add_deal(noon, name="Won", stage_id=WON, amount=4000)
    add_deal(noon, name="Lost", stage_id=LOST, amount=4000, lost_reason="price")
    add_deal(noon, name="In time", stage_id=NEW, amount=9000, expected_close_on=date(2026, 12, 1))
    add_deal(noon, name="Too late", stage_id=NEW, amount=5000, expected_close_on=date(2027, 1, 1))
    found = pipeline.needed(noon, quarter)
    assert found["missing_amount"] == 6000
    assert found["enough"] == pytest.approx(2), "half of the value that was decided was won"
    covered = figures.figures(noon, quarter, TODAY, keys=["pipeline_coverage"])["pipeline_coverage"]
    assert covered["value"] == pytest.approx(1.5)


def test_without_a_goal_nothing_is_said_to_be_missing(noon: Session) -> None:
    assert pipeline.needed(noon, Period(TODAY, TODAY)) == {"missing_amount": None, "enough": None}


def test_losing_needs_a_reason_and_a_new_one_joins_the_list(noon: Session) -> None:
    first, second = (add_deal(noon, name=name, stage_id=NEW).key for name in ("One", "Two"))
    with pytest.raises(Refused, match="Why was it lost"):
        move_deal(noon, first, LOST)
    move_deal(noon, first, LOST, lost_reason="They built it themselves")
    assert deals.lost_reasons(noon) == ["They built it themselves"]
    move_deal(noon, second, LOST, lost_reason="They built it themselves", closed_on=TODAY)
    assert deals.one(noon, second)["closed_on"] == TODAY  # type: ignore[index]


def test_winning_may_say_the_amount_and_the_day_and_history_follows_that_day(noon: Session) -> None:
    deal = add_deal(at(noon, TODAY - timedelta(days=20)), name="Pumps", stage_id=NEGOTIATION, amount=100).key
    signed_on = TODAY - timedelta(days=3)
    move_deal(noon, deal, WON, amount="120.50", closed_on=signed_on)
    row = deals.one(noon, deal)
    assert row and (row["amount"], row["closed_on"], row["cycle_days"]) == (Decimal("120.50"), signed_on, 17)
    assert way_of(noon, deal)[-1][1].date() == signed_on


@pytest.mark.parametrize(("days", "words"), [(1, "in the future"), (-10, "before the deal was opened")])
def test_a_deal_closes_on_a_day_between_its_opening_and_today(noon: Session, days: int, words: str) -> None:
    deal = add_deal(noon, name="Pumps", stage_id=NEW).key
    with pytest.raises(Refused, match=words) as refused:
        move_deal(noon, deal, WON, closed_on=TODAY + timedelta(days=days))
    assert refused.value.field == "closed_on"


def test_reopening_clears_how_a_deal_had_ended(noon: Session) -> None:
    deal = add_deal(noon, name="Pumps", stage_id=NEW).key
    move_deal(noon, deal, LOST, lost_reason="price")
    move_deal(noon, deal, PROPOSAL)
    row = deals.one(noon, deal)
    assert row and (row["outcome"], row["closed_on"], row["lost_reason"]) == ("open", None, None)


def test_a_move_can_be_undone_and_takes_its_stage_change_with_it(noon: Session) -> None:
    deal = add_deal(noon, name="Pumps", stage_id=NEW).key
    moved = move_deal(noon, deal, PROPOSAL)
    assert moved.change_set_id
    undo_change(noon, moved.change_set_id)
    assert deals.one(noon, deal)["stage_id"] == NEW  # type: ignore[index]
    assert [stage for stage, _ in way_of(noon, deal)] == ["New"]


def test_who_moves_a_deal_that_another_moved_is_told(noon: Session) -> None:
    deal = add_deal(noon, name="Pumps", stage_id=NEW).key
    seen = deals.one(noon, deal)["version"]  # type: ignore[index]
    move_deal(noon, deal, QUALIFIED)
    with pytest.raises(Conflict, match="tester changed stage"):
        move_deal(noon, deal, PROPOSAL, version=seen)


def test_every_move_of_the_expected_close_is_kept_but_what_was_undone_does_not_count(noon: Session) -> None:
    deal = add_deal(noon, name="Pumps", stage_id=NEW).key
    edit_deal(noon, deal, expected_close_on=TODAY)
    for days in (10, 40):
        edit_deal(noon, deal, expected_close_on=TODAY + timedelta(days=days))
    slip = edit_deal(noon, deal, expected_close_on=TODAY + timedelta(days=400))
    assert slip.change_set_id
    undo_change(noon, slip.change_set_id)
    edit_deal(noon, deal, amount=5, expected_close_on=TODAY + timedelta(days=40))
    moves = deals.close_moves(noon, deal)
    assert [(row["before_on"], row["days"]) for row in moves] == [(TODAY, 10), (TODAY + timedelta(days=10), 30)]
    assert moves[0]["actor_name"] == "tester"


def test_the_track_tells_the_days_in_each_stage_and_what_is_still_to_come(noon: Session) -> None:
    deal = add_deal(at(noon, TODAY - timedelta(days=30)), name="Pumps", stage_id=NEW).key
    move_deal(at(noon, TODAY - timedelta(days=20)), deal, PROPOSAL)
    track = [(row["name"], row["days"], row["is_now"]) for row in deals.track(noon, deal)]
    assert track == [("New", 10, False), ("Qualified", None, False), ("Proposal", 20, True), ("Negotiation", None, False)]
    move_deal(noon, deal, WON)
    assert [(row["name"], row["is_now"]) for row in deals.track(noon, deal)][-1] == ("Won", True)


def test_an_archived_deal_is_on_no_board(noon: Session) -> None:
    deal = add_deal(noon, name="Pumps", stage_id=NEW).key
    archive_deal(noon, deal)
    assert column(noon, NEW)["deal_count"] == 0


def test_a_member_cannot_move_the_deal_of_another(noon: Session, make_session: Callable[..., Session]) -> None:
    mo, ann = make_session("member", name="Mo"), make_session("member", name="Ann")
    acme = customer(noon, owner_id=ann.actor.employee_id)
    deal = add_deal(noon, name="Ann's", stage_id=NEW, customer_id=acme, owner_id=ann.actor.employee_id).key
    with pytest.raises(Refused, match="Ask the owner or a manager"):
        move_deal(mo, deal, QUALIFIED)
