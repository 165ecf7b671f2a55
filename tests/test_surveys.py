"""Surveys: whom we ask, what becomes of an answer, and what a respondent may do."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from crm.commands import invitations
from crm.commands.answers import answer, given_before, problems
from crm.commands.checks import UNSTORABLE
from crm.commands.contacts import add_contact, archive_contact, edit_contact
from crm.commands.customers import add_customer
from crm.commands.history import undo_change
from crm.commands.invitations import Invited, invite, link_again
from crm.commands.links import follow, never_again
from crm.commands.settings import change_settings
from crm.commands.surveys import add_survey, archive_survey, close_survey, duplicate_survey, edit_survey, open_survey
from crm.errors import Refused
from crm.exchange.survey_page import TEXT_MOST
from crm.queries import figures, periods, surveys, timeline
from crm.queries.survey_scores import score_of
from crm.store.session import Session
from tests.asking import CHOICE, NPS, TEXT, asked, people
from tests.racing import at_once
from tests.shared import shared_data

BASE = "https://crm.example"
FEEDBACK = """
    select kind, text, rating, scale, channel, contact_id, survey_id, archived_at
    from feedback
    order by received_at, feedback_id
"""


def later(session: Session, days: int) -> Session:
    return Session(session.database, session.actor, session.now + timedelta(days=days))


def test_an_answer_is_feedback_of_its_person_with_its_scale(session: Session) -> None:
    survey = asked(session)
    survey.answers(0, (9, "They call back"), [1], "Nothing")
    rating, words = session.rows(FEEDBACK)
    person = survey.invited.links[0]["contact_id"]
    assert (rating["kind"], rating["rating"], rating["scale"]) == ("survey_answer", 9, "nps_0_10")
    assert rating["text"] == "They call back"
    assert (words["rating"], words["scale"], words["text"]) == (None, None, "Nothing")
    assert {row["contact_id"] for row in (rating, words)} == {person} and rating["survey_id"] == survey.survey_id


def test_answers_count_in_the_figure(session: Session) -> None:
    survey = asked(session, NPS, number=4)
    for place, rating in enumerate((10, 9, 3)):
        survey.answers(place, rating)
    day = session.today
    found = figures.figures(session, periods.containing("month", day), day, keys=["nps"])
    assert found["nps"]["n"] == 3
    result = surveys.results(session, survey.survey_id)[0]
    assert result["score"].value == pytest.approx(100 / 3) and result["n"] == 3


def test_an_answer_can_be_changed_until_the_survey_closes_and_counts_once(session: Session) -> None:
    survey = asked(session)
    survey.answers(0, (2, "Late"), [0], "More vans")
    survey.answers(0, (8, "Better now"), None, None)
    standing = [row for row in session.rows(FEEDBACK) if row["archived_at"] is None]
    assert [(row["rating"], row["text"]) for row in standing] == [(8, "Better now")]
    nps, choice, text = surveys.results(session, survey.survey_id)
    assert (nps["n"], choice["n"], text["n"]) == (1, 0, 0)
    assert given_before(survey.link())[f"a-{survey.questions[0]}"] == ["8"]
    survey.answers(0, (8, "Better now"), [2], "And again")
    assert surveys.results(session, survey.survey_id)[1]["counts"] == {"Price": 0, "Speed": 0, "People": 1}
    close_survey(session, survey.survey_id)
    assert survey.link().state == "closed"


def test_the_same_answer_twice_changes_nothing(session: Session) -> None:
    survey = asked(session, NPS)
    assert survey.answers(0, (9, "Good")).change_set_id
    assert survey.answers(0, (9, "Good")).change_set_id is None


@pytest.mark.parametrize(("given", "wrong"), [
    (("11",), "wrong"), (("-1",), "wrong"), (("9.5",), "wrong"), (("٩",), "wrong"), (("nine",), "wrong"), (("9" * 12,), "wrong"),
    (("8", "9"), "wrong"), (("",), "missing"), ((), "missing"),
])  # fmt: skip
def test_a_wrong_score_is_refused_at_its_question(session: Session, given: tuple[str, ...], wrong: str) -> None:
    survey = asked(session, NPS)
    (question,) = survey.questions
    assert problems(survey.link(), {f"a-{question}": list(given)}) == {str(question): wrong}


def test_other_bad_answers_have_their_words(session: Session) -> None:
    survey = asked(session, {"kind": "csat"}, CHOICE, {**TEXT, "is_required": True})
    _, choice, text = survey.questions
    link = survey.link()
    assert problems(link, survey.fields(3, [3], "x")) == {str(choice): "wrong"}
    assert problems(link, survey.fields(3, [0, 1], "x")) == {str(choice): "wrong"}
    assert problems(link, survey.fields(3, None, " \n")) == {str(text): "missing"}
    assert problems(link, survey.fields(3, None, "x" * (TEXT_MOST + 1))) == {str(text): "too_long"}
    assert problems(asked(session, TEXT, name="Empty", number=1).link(), {}) == {"": "nothing"}


def test_a_link_has_192_random_bits_and_only_its_hash_is_kept(session: Session) -> None:
    survey = asked(session, number=5)
    kept = session.rows("select * from survey_tokens")
    assert len({*survey.tokens}) == 5 and all(len(token) == 32 for token in survey.tokens)
    everything = repr([session.rows(f"select * from {table}") for table in ("survey_tokens", "changes", "change_sets")])
    assert not any(token in everything for token in survey.tokens)
    assert all(len(row["token_hash"]) == 64 for row in kept)


def test_links_that_lead_nowhere_say_so(session: Session) -> None:
    survey = asked(session, NPS, link_days=10)
    first = survey.tokens[0]
    assert follow(session.database, "forged").state == "unknown"
    assert follow(session.database, first[:-1]).state == "unknown"
    session.note("update survey_tokens set expires_on = current_date - 1")
    assert survey.link().state == "expired"
    session.note("update survey_tokens set expires_on = current_date + 1")
    again = link_again(session, [row["survey_invitation_id"] for row in session.rows("from survey_invitations")], base_url=BASE)
    assert survey.link().state == "newer"
    assert follow(session.database, again.links[0]["url"].rsplit("/", 1)[-1]).state == "open"
    archive_survey(session, survey.survey_id)
    assert survey.link().state == "unknown"


def test_a_draft_is_answered_by_nobody(session: Session) -> None:
    key = add_survey(session, name="Draft", questions=[NPS]).key
    with pytest.raises(Refused, match="not open yet"):
        invite(session, key, people(session, 1), base_url=BASE)


def test_who_cannot_be_asked_is_left_out_with_the_reason(session: Session) -> None:
    survey = asked(session, NPS, number=0)
    fine, withdrawn, gone, refusing, recent = people(session, 5)
    edit_contact(session, withdrawn, consent="withdrawn")
    archive_contact(session, gone)
    for person in (refusing, recent):
        made = invite(later(session, -60 if person == refusing else -1), survey.survey_id, [person], base_url=BASE)
        if person == refusing:
            never_again(follow(session.database, made.links[0]["url"].rsplit("/", 1)[-1]))
    invited = invite(session, survey.survey_id, [fine, withdrawn, gone, refusing, recent, fine], base_url=BASE)
    assert [link["contact_id"] for link in invited.links] == [fine]
    reasons = {row["contact_id"]: row["reason"] for row in invited.left_out}
    assert "withdrawn consent" in reasons[withdrawn] and "no longer in use" in reasons[gone]
    assert "not to be asked" in reasons[refusing] and "again from" in reasons[recent]


def test_the_same_survey_asks_again_after_the_cooldown_and_both_answers_stand(session: Session) -> None:
    survey = asked(session, NPS, number=1)
    survey.answers(0, 3)
    person = survey.invited.links[0]["contact_id"]
    assert not invite(later(session, 29), survey.survey_id, [person], base_url=BASE).links
    (link,) = invite(later(session, 30), survey.survey_id, [person], base_url=BASE).links
    found = follow(session.database, link["url"].rsplit("/", 1)[-1])
    answer(found, survey.fields(9), "en")
    assert sorted(row["rating"] for row in session.rows(FEEDBACK)) == [3, 9]


def test_the_cooldown_is_a_setting(session: Session) -> None:
    survey = asked(session, NPS, number=1)
    change_settings(session, survey_cooldown_days=0)
    again = Session(session.database, session.actor)
    assert invite(again, survey.survey_id, [survey.invited.links[0]["contact_id"]], base_url=BASE).links


def test_links_begin_with_the_public_address(session: Session) -> None:
    survey = asked(session, NPS, number=0)
    with pytest.raises(Refused, match="Public address"):
        invite(session, survey.survey_id, people(session, 1))
    change_settings(session, public_url="https://ask.example/")
    (link,) = invite(Session(session.database, session.actor), survey.survey_id, people(session, 1), base_url=BASE).links
    assert link["url"].startswith("https://ask.example/s/")
    for wrong in ("ask.example", "javascript:alert(1)", "https://ask.example?x=1"):
        with pytest.raises(Refused):
            change_settings(session, public_url=wrong)


@pytest.fixture
def ask_at_once(session: Session, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Invited | str]]:
    """What becomes of those who ask at the same moment: who was asked and who was left out, or the refusal."""

    def ask(survey_id: UUID, chosen: list[UUID]) -> Invited | str:
        try:
            return invite(Session(session.database, session.actor), survey_id, chosen, base_url=BASE)
        except Refused as refused:
            return refused.message

    def asked(survey_id: UUID, *chosen: list[UUID]) -> list[Invited | str]:
        return at_once(monkeypatch, invitations, "sort_out", *(partial(ask, survey_id, each) for each in chosen))

    return asked


@pytest.mark.parametrize("cooldown", [30, 0])
def test_of_two_who_ask_the_same_people_at_once_one_leaves_them_out(session: Session, ask_at_once: Any, cooldown: int) -> None:
    survey, chosen = asked(session, number=0).survey_id, people(session, 4)
    change_settings(session, survey_cooldown_days=cooldown)
    outcomes = ask_at_once(survey, chosen[:3], chosen[2:])
    assert sorted(link["contact_id"] for made in outcomes for link in made.links) == sorted(chosen), "each was asked once"
    left_out = [row for made in outcomes for row in made.left_out]
    assert [(row["contact_id"], row["reason"]) for row in left_out] == [(chosen[2], invitations.MEANWHILE)]
    assert session.value("select count(*) from survey_invitations") == session.value("select count(*) from survey_tokens") == 4


def test_two_who_ask_others_at_once_are_not_in_each_others_way(session: Session, ask_at_once: Any) -> None:
    survey, chosen = asked(session, number=0).survey_id, people(session, 4)
    one, other = ask_at_once(survey, chosen[:2], chosen[2:])
    assert (len(one.links), len(other.links)) == (2, 2) and not one.left_out + other.left_out


def test_an_anonymous_survey_goes_to_five_also_when_others_were_asked_meanwhile(session: Session, ask_at_once: Any) -> None:
    survey, chosen = asked(session, number=0, is_anonymous=True).survey_id, people(session, 6)
    made, refused = sorted(ask_at_once(survey, chosen[:5], chosen[1:]), key=lambda outcome: isinstance(outcome, str))
    assert len(made.links) == 5 and "at least 5 people" in refused
    assert session.value("select count(*) from survey_invitations") == 5


def test_an_invitation_is_undone_unless_it_was_answered(session: Session) -> None:
    survey = asked(session, NPS, number=2)
    undo_change(session, survey.invited.change_set_id or "")
    assert survey.link().state == "unknown" and not session.rows("from survey_invitations")
    answered = asked(session, NPS, number=2, name="Second")
    answered.answers(0, 9)
    with pytest.raises(Refused, match="undo those first"):
        undo_change(session, answered.invited.change_set_id or "")


def test_what_was_asked_and_answered_stands_on_the_timeline(session: Session) -> None:
    survey = asked(session, NPS, number=1)
    survey.answers(0, (9, "Quick"))
    lines = timeline.of_customer(session, survey.invited.links[0]["customer_id"])
    titles = {line["kind"]: line["title"] for line in lines}
    assert titles == {"survey": "Asked: How was it?", "feedback": "survey answer 9 of 10"}
    assert next(line for line in lines if line["kind"] == "survey")["body"].startswith("Answered on")


def test_the_history_names_the_respondent(session: Session) -> None:
    survey = asked(session, NPS)
    saved = survey.answers(1, 9)
    made = session.row("select * from change_sets where change_set_id = $key", key=saved.change_set_id)
    assert made and (made["actor_kind"], made["actor_name"], made["actor_id"]) == ("respondent", "Ann 1", None)


def test_a_respondent_writes_their_own_answers_and_nothing_else(session: Session) -> None:
    survey = asked(session, NPS, number=2)
    survey.answers(0, 9)
    other, mine = survey.link(0), survey.link(1)
    theirs = other.row["survey_response_id"]
    wanted: list[Callable[[Session], object]] = [
        lambda me: _write(me, "insert", "tags", name="x"),
        lambda me: _write(me, "insert", "feedback", kind="complaint", text="x", received_at=me.now),
        lambda me: _write(me, "insert", "feedback", kind="complaint", received_at=me.now, survey_response_id=theirs),
        lambda me: _write(me, "insert", "survey_responses", survey_id=survey.survey_id, language="en", answered_at=me.now,
                          survey_invitation_id=other.row["survey_invitation_id"]),
        lambda me: _write(me, "insert", "survey_answers", survey_id=survey.survey_id, survey_question_id=survey.questions[0],
                          survey_response_id=theirs, answered_on=me.today, rating=0, is_released=True),
        lambda me: _write(me, "update", "survey_responses", theirs, language="de"),
        lambda me: _write(me, "update", "contacts", mine.row["contact_id"], name="x"),
        lambda me: _write(me, "update", "surveys", survey.survey_id, name="x"),
        lambda me: _write(me, "insert", "survey_refusals", contact_id=other.row["contact_id"],
                          customer_id=other.row["customer_id"], refused_at=me.now),
        lambda me: undo_change(me, survey.invited.change_set_id or ""),
    ]  # fmt: skip
    for write in wanted:
        with pytest.raises(Refused):
            write(mine.session)
    assert not mine.session.may("member")


def _write(session: Session, operation: str, table: str, *keys: UUID, **fields: object) -> None:
    with session.change("Try") as change:
        getattr(change, operation)(table, *keys, **fields)


def test_a_member_asks_own_customers_only_and_makes_no_surveys(session: Session, make_session: Callable[..., Session]) -> None:
    mo, bo = make_session("member", "Mo"), make_session("manager", "Bo")
    survey = asked(session, NPS, number=0)
    mine, theirs = people(mo, 1)[0], people(bo, 2)[1]
    assert invite(mo, survey.survey_id, [mine], base_url=BASE).links
    with pytest.raises(Refused, match="own customers"):
        invite(mo, survey.survey_id, [theirs], base_url=BASE)
    with pytest.raises(Refused, match="Managers make surveys"):
        add_survey(mo, name="Mine", questions=[NPS])


def test_what_was_answered_keeps_its_meaning_and_words_may_be_corrected(session: Session) -> None:
    survey = asked(session)
    survey.answers(0, 9, [2])
    rows = surveys.questions(session, survey.survey_id)
    nps, choice, text = (dict(row) for row in rows)
    for other in (
        [{**nps, "kind": "csat"}, choice, text],
        [nps, {**choice, "texts": {"en": {"choices": ["Price", "Speed"]}}}, text],
    ):
        with pytest.raises(Refused, match="was answered"):
            edit_survey(session, survey.survey_id, questions=other)
    fewer = {"en": {"question": "What counts?", "choices": ["Price", "Speed", "Folks", "Other"]}}
    edit_survey(session, survey.survey_id, questions=[nps, {**choice, "texts": fewer}])
    assert [row["text"] for row in surveys.results(session, survey.survey_id)][1] == "What counts?"
    assert surveys.results(session, survey.survey_id)[1]["counts"]["Folks"] == 1


@pytest.mark.parametrize(("fields", "says"), [
    ({"questions": []}, "needs a question"),
    ({"questions": [{"kind": "magic"}]}, "not known"),
    ({"questions": [{"kind": "choice", "texts": {"en": {"choices": ["One"]}}}]}, "choices"),
    ({"questions": [{"kind": "choice", "texts": {"en": {"choices": ["One", "one"]}}}]}, "are the same"),
    ({"questions": [NPS, {"kind": "choice", "texts": {"en": {"choices": ["One", "x" * 301]}}}]}, "Question 2: Choice has 301"),
    ({"questions": [NPS, NPS, {"kind": "csat", "texts": {"en": {"low": "x" * 301}}}]}, "Question 3: Low has 301"),
    ({"questions": [NPS] * 31}, "at most 30"),
    ({"questions": [NPS], "name": " "}, "Name"),
    ({"questions": [NPS], "link_days": 0}, "between 1 and 365"),
    ({"questions": [NPS], "language": "xx"}, "Language"),
])  # fmt: skip
def test_a_survey_that_cannot_be_meant_is_refused(session: Session, fields: dict[str, object], says: str) -> None:
    with pytest.raises(Refused, match=says):
        add_survey(session, **{"name": "Survey"} | fields)  # type: ignore[arg-type]


def test_a_survey_is_duplicated_reopened_and_closed_by_its_day(session: Session) -> None:
    survey = asked(session, CHOICE, number=1, texts={"de": {"title": "Hallo"}})
    copy = duplicate_survey(session, survey.survey_id).key
    assert surveys.one(session, copy)["state"] == "draft" and len(surveys.questions(session, copy)) == 1
    edit_survey(session, survey.survey_id, closes_on=session.today - timedelta(days=1))
    assert survey.link().state == "closed"
    open_survey(session, survey.survey_id)
    assert survey.link().state == "open" and surveys.one(session, survey.survey_id)["closes_on"] is None


def test_rate_waiting_and_export_say_who(session: Session) -> None:
    survey = asked(session, number=4)
    survey.answers(0, (9, "=1+1"), [1])
    rate = surveys.rate(session, survey.survey_id)
    assert (rate["asked"], rate["answered"], rate["share"]) == (4, 1, 0.25) and rate["low"] < 0.25 < rate["high"]
    assert list(surveys.waiting(session, survey.survey_id)["contact"]) == ["Ann 1", "Ann 2", "Ann 3"]
    frame = surveys.answers(session, survey.survey_id)
    assert list(frame["contact"]) == ["Ann 0", "Ann 0"] and list(frame["choices"].dropna()) == ["Speed"]


def test_naughty_strings_are_kept_as_text(session: Session) -> None:
    strings = [text for text in json.loads((shared_data() / "naughty_strings.json").read_text()) if text.strip()][::5]
    parts = [strings[start : start + 20] for start in range(0, len(strings), 20)]
    survey = asked(session, *[TEXT] * 20, number=len(parts))
    for place, part in enumerate(parts):
        survey.answers(place, *part)
        kept = given_before(survey.link(place))
        shown = [kept[f"t-{key}"] for key in survey.questions[: len(part)]]
        assert shown == [[UNSTORABLE.sub("", text).strip()] for text in part]


def test_scores_are_those_of_the_figures() -> None:
    nps = score_of("nps", {0: 1, 6: 1, 7: 3, 9: 2, 10: 3})
    assert nps and nps.value == 30 and nps.low < 30 < nps.high
    only = score_of("nps", {10: 3})
    assert only and only.value == 100 and only.low < 80, "three promoters are no certainty"
    ces = score_of("ces", {7: 2, 5: 2})
    assert ces and ces.value == 6 and 1 <= ces.low < 6 < ces.high <= 7


def test_a_member_makes_no_new_links_for_the_customers_of_others(session: Session, make_session: Callable[..., Session]) -> None:
    """Whoever has a person's link can answer in their name."""
    survey, ann, bo = asked(session, number=1), make_session("member", "Ann"), make_session("member", "Bo")
    (invitation,) = session.rows("select survey_invitation_id, customer_id from survey_invitations")
    with session.change("Give to Bo") as change:
        change.update("customers", invitation["customer_id"], owner_id=bo.actor.employee_id)
    with pytest.raises(Refused, match="your own customers"):
        link_again(ann, [invitation["survey_invitation_id"]], base_url=BASE)
    assert survey.link().state == "open", "the old link goes on"
    assert len(link_again(bo, [invitation["survey_invitation_id"]], base_url=BASE).links) == 1


def test_who_asked_not_to_be_asked_is_not_reminded_either(session: Session) -> None:
    survey = asked(session, NPS, number=2)
    refusing, waiting = survey.invited.links
    never_again(survey.link())
    again = link_again(session, surveys.waiting(session, survey.survey_id)["survey_invitation_id"].tolist(), base_url=BASE)
    assert [link["contact_id"] for link in again.links] == [waiting["contact_id"]]
    assert [row["contact_id"] for row in again.left_out] == [refusing["contact_id"]]
    assert "not to be asked again" in again.left_out[0]["reason"]
    assert survey.link().state == "open", "what they have may still be answered"


@pytest.mark.parametrize("cooldown", [30, 0])
@pytest.mark.parametrize("is_refused", [True, False])
def test_who_moved_to_another_customer_takes_along_that_they_were_asked_and_refused(
    session: Session, make_session: Callable[..., Session], cooldown: int, is_refused: bool
) -> None:
    """Also for a member who sees only the customer to which they moved."""
    survey, mo, ida = asked(session, NPS, number=0), make_session("member", "Mo"), make_session("member", "Ida")
    of_mo, of_ida = (add_customer(who, name=who.actor.name, owner_id=who.actor.employee_id).key for who in (mo, ida))
    person = add_contact(ida, name="Ann", customer_id=of_ida).key
    made = invite(ida, survey.survey_id, [person], base_url=BASE)
    if is_refused:
        never_again(follow(session.database, made.links[0]["url"].rsplit("/", 1)[-1]))
    edit_contact(session, person, customer_id=of_mo)
    change_settings(session, member_reads="own", survey_cooldown_days=cooldown)
    narrowed = Session(session.database, mo.actor)
    invited = invite(narrowed, survey.survey_id, [person], base_url=BASE)
    reasons = [row["reason"] for row in invited.left_out]
    if is_refused:
        assert "not to be asked again" in reasons[0]
    elif cooldown:
        assert "again from" in reasons[0]
    else:
        assert len(invited.links) == 1, "nothing speaks against it"


def test_new_lines_count_once_as_they_do_where_they_are_typed(session: Session) -> None:
    survey = asked(session, TEXT)
    key = survey.questions[0]
    assert not problems(survey.link(), {f"t-{key}": ["x" + "\r\n" * (TEXT_MOST - 2) + "x"]})
    assert problems(survey.link(), {f"t-{key}": ["x" + "\r\n" * TEXT_MOST]}) == {str(key): "too_long"}
