"""A complaint is somebody's to answer by a day: on the form, in a call, from a file; and its customer is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from crm.commands.feedback import add_feedback, edit_feedback
from crm.commands.imports import import_file
from crm.commands.interactions import log_interaction
from crm.commands.loop import answer_feedback, mark_changed, start_action, tell
from crm.commands.settings import change_settings
from crm.errors import Conflict, Refused
from crm.queries import complaints, figures, lists, timeline
from crm.queries.periods import parse
from crm.store.session import Session
from crm.store.undo import undo

Make = Callable[..., Session]
MONDAY = datetime(2026, 3, 2, 10)


@pytest.fixture
def ann(make_session: Make) -> Session:
    """Ann, who owns Acme, on a Monday."""
    return make_session("member", "Ann", now=MONDAY)


@pytest.fixture
def acme(session: Session, ann: Session) -> UUID:
    with session.change("Add Acme") as change:
        return change.insert("customers", name="Acme", kind="company", lifecycle_stage="customer", owner_id=ann.actor.employee_id)


def row(session: Session, key: UUID) -> dict[str, Any]:
    found = session.row("select * from feedback where feedback_id = $key", key=key)
    assert found
    return found


def at(session: Session, now: datetime) -> Session:
    return Session(session.database, session.actor, now)


# Who answers it, and by when


def test_a_complaint_is_its_customers_owners_and_due_in_five_days(make_session: Make, ann: Session, acme: UUID) -> None:
    bob = make_session("member", "Bob", now=MONDAY)
    kept = row(bob, add_feedback(bob, kind="complaint", text="Late.", customer_id=acme).key)
    assert (kept["owner_id"], kept["due_on"]) == (ann.actor.employee_id, date(2026, 3, 7))


def test_what_is_said_of_nobody_or_of_an_unowned_customer_is_whose_who_took_it(ann: Session) -> None:
    assert row(ann, add_feedback(ann, kind="complaint", text="Late.").key)["owner_id"] == ann.actor.employee_id


def test_an_owner_who_left_answers_nothing(session: Session, make_session: Make, ann: Session, acme: UUID) -> None:
    with session.change("Ann leaves") as change:
        change.archive("employees", str(ann.actor.employee_id))
    bob = make_session("member", "Bob")
    assert row(bob, add_feedback(bob, kind="complaint", text="Late.", customer_id=acme).key)["owner_id"] == bob.actor.employee_id


def test_other_feedback_is_nobodys(ann: Session, acme: UUID) -> None:
    kept = row(ann, add_feedback(ann, kind="compliment", text="Good.", customer_id=acme).key)
    assert (kept["owner_id"], kept["due_on"]) == (None, None)


def test_the_days_follow_the_setting_and_what_the_form_says_goes_before(session: Session, ann: Session, acme: UUID) -> None:
    change_settings(session, complaint_due_days=2)
    ann = at(ann, MONDAY)
    assert row(ann, add_feedback(ann, kind="complaint", text="Late.", customer_id=acme).key)["due_on"] == date(2026, 3, 4)
    said = add_feedback(ann, kind="complaint", text="Late.", customer_id=acme, due_on="2026-04-01")
    assert row(ann, said.key)["due_on"] == date(2026, 4, 1)


def test_the_due_day_is_counted_in_the_companys_zone(session: Session, ann: Session, acme: UUID) -> None:
    change_settings(session, time_zone="Pacific/Auckland")
    late = at(ann, datetime(2026, 3, 2, 23))  # the third of March there
    assert row(late, add_feedback(late, kind="complaint", text="Late.", customer_id=acme).key)["due_on"] == date(2026, 3, 8)


# Said in a call


def test_what_they_said_in_a_call_is_kept_with_it_and_goes_with_it(ann: Session, acme: UUID) -> None:
    said = {"said": "The lid broke.", "said_kind": "complaint"}
    logged = log_interaction(ann, customer_id=acme, channel="call", note="Long talk", **said)
    kept = ann.row("select * from feedback")
    assert kept
    assert (kept["interaction_id"], kept["customer_id"], kept["channel"]) == (logged.key, acme, "call")
    assert (kept["text"], kept["owner_id"], kept["due_on"]) == ("The lid broke.", ann.actor.employee_id, date(2026, 3, 7))
    assert ann.value("select count(distinct change_set_id) from changes where change_set_id = $id", id=logged.change_set_id) == 1
    assert logged.change_set_id
    undo(ann, logged.change_set_id)
    assert ann.value("select count(*) from feedback") == 0


def test_a_wish_said_in_a_call_has_no_due_day_and_a_note_may_hold_only_what_they_said(ann: Session, acme: UUID) -> None:
    log_interaction(ann, customer_id=acme, channel="note", said="In blue, please.", said_kind="suggestion")
    assert ann.row("select kind, due_on from feedback") == {"kind": "suggestion", "due_on": None}


@pytest.mark.parametrize(
    ("said", "kind", "field"),
    [("It broke.", None, "said_kind"), (" ", "complaint", "said"), ("Nine of ten.", "survey_answer", "said_kind")],
)
def test_half_of_what_they_said_is_asked_for(ann: Session, acme: UUID, said: str, kind: str | None, field: str) -> None:
    with pytest.raises(Refused) as refused:
        log_interaction(ann, customer_id=acme, channel="call", said=said, said_kind=kind)
    assert refused.value.field == field
    assert ann.value("select count(*) from interactions") == 0


# Corrected, handed over


def test_feedback_is_corrected_and_a_second_editor_is_told(ann: Session, acme: UUID) -> None:
    key = add_feedback(ann, kind="compliment", text="Godo.", customer_id=acme).key
    seen = row(ann, key)["version"]
    edit_feedback(ann, key, version=seen, text="Good.")
    assert row(ann, key)["text"] == "Good."
    with pytest.raises(Conflict):
        edit_feedback(ann, key, version=seen, text="Better.")


def test_what_turns_out_to_be_a_complaint_gets_its_owner_and_day(ann: Session, acme: UUID) -> None:
    key = add_feedback(ann, kind="question", text="Why is it late?", customer_id=acme).key
    edit_feedback(ann, key, kind="complaint")
    assert row(ann, key)["owner_id"] == ann.actor.employee_id
    assert row(ann, key)["due_on"] == date(2026, 3, 7)


def test_an_edit_keeps_the_rules_of_a_rating(ann: Session, acme: UUID) -> None:
    key = add_feedback(ann, kind="survey_answer", rating=9, scale="nps_0_10", customer_id=acme).key
    with pytest.raises(Refused, match="between 1 and 5"):
        edit_feedback(ann, key, scale="csat_1_5")
    with pytest.raises(Refused, match="What did they say"):
        edit_feedback(ann, key, rating=None)
    edit_feedback(ann, key, rating=None, text="No number.")
    assert (row(ann, key)["rating"], row(ann, key)["scale"]) == (None, None)


def test_who_a_complaint_is_handed_to_may_put_it_off_others_not(make_session: Make, ann: Session, acme: UUID) -> None:
    bob, eve = make_session("member", "Bob"), make_session("member", "Eve")
    key = add_feedback(ann, kind="complaint", text="Late.", customer_id=acme, owner_id=bob.actor.employee_id).key
    edit_feedback(bob, key, due_on="2026-03-20")
    assert row(ann, key)["due_on"] == date(2026, 3, 20)
    with pytest.raises(Refused, match="Only the owner"):
        edit_feedback(eve, key, due_on="2026-03-30")


# Waiting, answered


def test_the_most_overdue_waits_first_and_what_is_answered_waits_no_more(ann: Session, acme: UUID) -> None:
    later = add_feedback(ann, kind="complaint", text="Late.", customer_id=acme).key
    sooner = add_feedback(ann, kind="complaint", text="Broken.", customer_id=acme, due_on="2026-02-01").key
    add_feedback(ann, kind="suggestion", text="In blue.", customer_id=acme)
    assert [one["feedback_id"] for one in complaints.waiting(ann, ann.actor.employee_id)] == [sooner, later]
    told = answer_feedback(ann, sooner, words="It is repaired.", channel="call")
    assert [one["feedback_id"] for one in complaints.waiting(ann)] == [later]
    assert told.change_set_id
    undo(ann, told.change_set_id)
    assert len(complaints.waiting(ann)) == 2


def test_old_complaints_from_a_file_without_a_day_wait_for_nobody(session: Session) -> None:
    import_file(session, "feedback", b"type,text,date\ncomplaint,Late,2019-01-01\n", "old.csv")
    assert session.value("select kind from feedback") == "complaint"
    assert complaints.waiting(session) == []


def test_an_answer_stands_on_the_timeline_by_name(session: Session, ann: Session, acme: UUID) -> None:
    with session.change("Add Bo") as change:
        bo = change.insert("contacts", name="Bo Li", first_name="Bo", customer_id=acme, consent="unknown")
    key = add_feedback(ann, kind="complaint", text="Late.", customer_id=acme, contact_id=bo).key
    answer_feedback(at(ann, MONDAY + timedelta(days=1)), key, words="Dear {name}, it is on its way.", channel="email")
    told, said = timeline.of_customer(at(ann, MONDAY + timedelta(days=2)), acme)
    assert (told["kind"], told["body"], told["contact_name"], told["direction"]) == (
        *("email", "Dear Bo, it is on its way."),
        *("Bo Li", "outbound"),
    )
    assert said["duty"]["told_at"] == MONDAY + timedelta(days=1)


def test_what_nobody_known_said_cannot_be_answered(ann: Session) -> None:
    key = add_feedback(ann, kind="complaint", text="Late.").key
    with pytest.raises(Refused, match="nobody we know"):
        answer_feedback(ann, key, words="Sorry.")


def test_a_member_answers_own_customers_and_own_complaints_alone(make_session: Make, ann: Session, acme: UUID) -> None:
    bob, eve = make_session("member", "Bob"), make_session("member", "Eve")
    key = add_feedback(ann, kind="complaint", text="Late.", customer_id=acme, owner_id=bob.actor.employee_id).key
    with pytest.raises(Refused, match="your own customers"):
        answer_feedback(eve, key, words="Sorry.")
    assert ann.value("select count(*) from interactions") == 0
    answer_feedback(bob, key, words="Sorry.")
    assert ann.value("select count(*) from tellings") == 1


def test_what_somebody_else_has_answered_is_not_answered_again(make_session: Make, ann: Session, acme: UUID) -> None:
    boss = make_session("manager", "Bea", now=MONDAY)
    key = add_feedback(ann, kind="complaint", text="Late.", customer_id=acme).key
    first = answer_feedback(boss, key, words="Sorry.")
    with pytest.raises(Conflict, match="told already, by somebody else"):
        answer_feedback(ann, key, words="Sorry again.")
    assert ann.value("select count(*) from interactions") == ann.value("select count(*) from tellings") == 1
    assert first.change_set_id
    undo(boss, first.change_set_id)
    assert answer_feedback(ann, key, words="Sorry.").people == 1


# Figures


def test_the_loop_is_closed_for_who_was_told_and_the_days_are_counted_to_the_first_telling(ann: Session, acme: UUID) -> None:
    keys = [add_feedback(ann, kind="complaint", text=f"Late {n}.", customer_id=acme).key for n in range(4)]
    for key, days in ((keys[0], 1), (keys[1], 4), (keys[2], 40)):
        answer_feedback(at(ann, MONDAY + timedelta(days=days)), key, words="Done.")
    action = start_action(ann, name="A second carrier").key
    mark_changed(ann, action)
    tell(at(ann, MONDAY + timedelta(days=9)), action, [keys[1]], words="It is changed.")
    later = at(ann, MONDAY + timedelta(days=60))
    march = parse("2026-03")
    found = figures.figures(later, march, date(2026, 3, 31), keys=["loop_closed", "days_to_told"])
    assert (found["loop_closed"]["value"], found["loop_closed"]["n"]) == (0.5, 4)
    assert (found["days_to_told"]["value"], found["days_to_told"]["n"]) == (2.5, 2)
    assert figures.figures(later, march, later.today, keys=["loop_closed"])["loop_closed"]["value"] == 0.75
    rows = figures.rows_behind(later, "loop_closed", march, later.today)
    assert list(rows["owner"]) == ["Ann"] * 4
    assert rows["told_at"].isna().tolist() == [True, False, False, False]
    assert figures.figures(later, parse("2026-05"), later.today, keys=["loop_closed"])["loop_closed"]["value"] is None


# In and out by file


def test_a_file_says_who_answers_a_complaint_by_when_and_the_list_says_it_again(session: Session, ann: Session) -> None:
    file = b"Type,Comment,Date,Assigned to,Due date\ncomplaint,Late again,2026-03-01,Ann,2026-03-09\n"
    result = import_file(session, "feedback", file, "complaints.csv")
    assert (result.created, result.rejected) == (1, 0)
    kept = session.row("select owner_id, due_on, employee_id from feedback")
    assert kept == {"owner_id": ann.actor.employee_id, "due_on": date(2026, 3, 9), "employee_id": None}
    (listed,) = [each for batch in lists.batches(session, "feedback") for each in batch.to_pylist()]
    assert (listed["Complaint owner"], listed["Due on"]) == ("Ann", date(2026, 3, 9))


def test_an_unknown_owner_of_a_complaint_rejects_its_row(session: Session) -> None:
    result = import_file(session, "feedback", b"type,text,complaint owner\ncomplaint,Late,Zoe\n", "complaints.csv")
    assert result.rejected == 1
    assert "Zoe" in result.rejected_rows[0].reason
