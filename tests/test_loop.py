"""The loop: what customers raise is somebody's to change, is changed, is told to each by name, is asked again, and measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from scipy import stats

from crm.commands import loop as act
from crm.commands.findings import add_finding, archive_finding, make_action, make_theme
from crm.commands.focus_groups import add_focus_group
from crm.commands.focus_sessions import add_quote
from crm.commands.ideas import act_on_idea, answer_idea, share_idea
from crm.commands.invitations import invite
from crm.commands.merges import merge
from crm.commands.panels import add_participant
from crm.commands.surveys import add_survey, open_survey
from crm.commands.themes import merge_themes
from crm.errors import Conflict, Refused
from crm.insight.before_after import before_after, paired
from crm.queries import complaints, loop, loop_effect, timeline
from crm.queries.panels import participants
from crm.store.session import Session
from crm.store.undo import undo
from tests.listening import tell
from tests.racing import at_once

Make = Callable[..., Session]
NOON = datetime(2026, 6, 1, 12)


@pytest.fixture
def leader(make_session: Make) -> Session:
    return make_session("manager", "Mira", now=NOON)


class Town:
    """A theme and people who speak of it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        with session.change("Town") as change:
            self.theme = change.insert("themes", corpus="customers", name="Delivery")
        self.people: dict[str, tuple[UUID, UUID]] = {}

    def person(self, name: str, owner: UUID | None = None) -> tuple[UUID, UUID]:
        """A company with one contact, who is called like it."""
        if name not in self.people:
            with self.session.change(f"Add {name}") as change:
                who = {"name": f"{name} Ltd", "kind": "company", "lifecycle_stage": "customer", "owner_id": owner}
                company = change.insert("customers", **who)
                human = {"name": f"{name} Li", "first_name": name, "email": f"{name}@x.example", "consent": "given"}
                contact = change.insert("contacts", customer_id=company, **human)
            self.people[name] = company, contact
        return self.people[name]

    def says(self, name: str, text: str = "Late again.", *, days: int = 1, pinned: bool = True, **fields: Any) -> UUID:
        """They say it, so many days before the first of June; found by a phrase, unless it is not about the theme."""
        company, contact = self.person(name)
        said = {"customer_id": str(company), "contact_id": str(contact), "received_at": NOON - timedelta(days=days)}
        (key,) = tell(self.session, [text], **said | fields)
        if pinned:
            self.session.note("insert into comment_themes values ($key, $theme, 0, 4, -0.5, 'phrase')", key=key, theme=self.theme)
        return key

    def rates(self, names: Sequence[str], ratings: Sequence[int], *, days: int) -> None:
        """They say on the scale of NPS whether they would recommend us."""
        for name, rating in zip(names, ratings, strict=True):
            company, contact = self.person(name)
            with self.session.change("Answer") as change:
                change.insert(
                    "feedback",
                    kind="survey_answer",
                    rating=rating,
                    scale="nps_0_10",
                    customer_id=company,
                    contact_id=contact,
                    received_at=NOON - timedelta(days=days),
                )


@pytest.fixture
def town(session: Session) -> Town:
    return Town(session)


def started(session: Session, town: Town, **fields: Any) -> UUID:
    return act.start_action(session, theme_id=town.theme, name="A second carrier", **fields).key


def state(session: Session, town: Town) -> str:
    return loop.states_of(session, [town.theme])[town.theme]


def later(session: Session, days: int) -> Session:
    return Session(session.database, session.actor, NOON + timedelta(days=days))


# The way round


def test_a_theme_goes_the_whole_way_in_words(leader: Session, town: Town) -> None:
    for name in ("Bo", "Cy"):
        town.says(name)
    assert state(leader, town) == "nobody yet"
    action = started(leader, town, due_on="2026-06-20")
    assert state(leader, town) == "owned"
    act.mark_changed(leader, action, note="It comes the same day")
    assert state(leader, town) == "changed"
    first = next(row for row in loop.raised_by(leader, action) if row["contact_name"] == "Bo Li")
    act.tell(leader, action, first["feedback_ids"], words="Dear {name}, it comes the same day.")
    assert state(leader, town) == "told 1 of 2"
    act.tell(leader, action, words="Dear {name}, it comes the same day.")
    assert state(leader, town) == "told 2 of 2"


def test_everybody_who_raised_it_is_there_once_with_all_they_said(leader: Session, town: Town) -> None:
    old, new = town.says("Bo", "Late.", days=9), town.says("Bo", "Late once more.", days=2)
    town.says("Cy", pinned=False)
    tell(town.session, ["Late, says nobody."], received_at=NOON)
    town.says("Di", "Always on time, thank you.", kind="compliment")
    (row,) = loop.raised_by(leader, started(leader, town))
    assert (row["feedback_ids"], row["text"], row["customer_name"]) == ([new, old], "Late once more.", "Bo Ltd")


def test_a_customer_who_is_a_person_is_told_as_that_person(leader: Session, session: Session, town: Town) -> None:
    with session.change("Add Pat") as change:
        pat = change.insert("customers", name="Pat Mo", kind="person", lifecycle_stage="customer")
        contact = change.insert("contacts", name="Pat Mo", first_name="Pat", customer_id=pat, consent="given")
    town.people["Pat"] = pat, contact
    town.says("Pat", contact_id=None)
    town.says("Pat")
    (row,) = loop.raised_by(leader, started(leader, town))
    assert (row["contact_id"], len(row["feedback_ids"])) == (contact, 2)


def test_only_what_was_said_before_the_change_and_since_the_last_one_is_told(leader: Session, town: Town) -> None:
    town.says("Old", days=400)
    town.says("First", days=30)
    one = started(leader, town)
    act.mark_changed(leader, one, on=NOON.date() - timedelta(days=20))
    town.says("Second", days=10)
    two = started(leader, town)
    act.mark_changed(leader, two)
    town.says("Tomorrow", days=-1)
    assert [row["contact_name"] for row in loop.raised_by(leader, one)] == ["First Li"]
    assert [row["contact_name"] for row in loop.raised_by(leader, two)] == ["Second Li"]


def test_who_raises_an_action_is_who_mentions_its_theme(leader: Session, session: Session, town: Town) -> None:
    """The loop reads what fits a theme in its own, leaner way: the two must never part."""
    found, unfit, pinned = town.says("Bo"), town.says("Cy"), town.says("Di", pinned=False)
    with session.change("Mark") as change:
        change.insert("theme_marks", theme_id=town.theme, comment_id=unfit, fits=False)
        change.insert("theme_marks", theme_id=town.theme, comment_id=pinned, fits=True)
    started(leader, town)
    mentions = {row["comment_id"] for row in session.rows("select comment_id from theme_mentions")}
    assert mentions == {found, pinned}
    assert {row["feedback_id"] for row in session.rows("select feedback_id from action_feedback(null::uuid)")} == mentions
    companies = [company for company, _ in town.people.values()]
    by_customer = [row for key in companies for row in session.rows("from action_feedback($key)", key=key)]
    assert {row["feedback_id"] for row in by_customer} == mentions


def test_a_theme_that_is_merged_brings_its_actions_along(leader: Session, session: Session, town: Town) -> None:
    town.says("Bo")
    action = started(leader, town)
    with session.change("Add") as change:
        winner = change.insert("themes", corpus="customers", name="Shipping")
    merge_themes(leader, winner, town.theme)
    assert loop.states_of(leader, [winner]) == {winner: "owned"}
    assert [row["action_id"] for row in loop.actions_of(leader, winner)] == [action]
    assert len(loop.raised_by(leader, action)) == 1


# Telling


def test_all_are_told_in_one_change_that_can_be_undone(leader: Session, town: Town) -> None:
    for name in ("Bo", "Cy", "Di"):
        town.says(name)
        town.says(name, days=3)
    action = started(leader, town)
    act.mark_changed(leader, action)
    told = act.tell(leader, action, words="Dear {name}, it is changed.", channel="email")
    assert told.people == 3
    talks = leader.rows("select note, channel, direction, employee_id, subject from interactions order by note")
    assert [row["note"] for row in talks] == [f"Dear {name}, it is changed." for name in ("Bo", "Cy", "Di")]
    assert {row["subject"] for row in talks} == {"Told what changed: A second carrier"}
    assert {row["employee_id"] for row in talks} == {leader.actor.employee_id}
    assert leader.value("select count(*) from tellings where interaction_id is not null") == 6
    assert told.change_set_id
    undo(leader, told.change_set_id)
    assert leader.value("select count(*) from interactions") == leader.value("select count(*) from tellings") == 0
    assert state(leader, town) == "changed"


def test_nobody_is_told_of_what_is_not_changed_or_told_twice(leader: Session, town: Town) -> None:
    town.says("Bo")
    action = started(leader, town)
    with pytest.raises(Refused, match="Say first that it is changed"):
        act.tell(leader, action, words="Soon.")
    act.mark_changed(leader, action)
    act.tell(leader, action, words="Done.")
    with pytest.raises(Refused, match="nobody left"):
        act.tell(leader, action, words="Done.")
    with pytest.raises(Refused, match="already"):
        act.mark_changed(leader, action)


def test_of_two_who_tell_the_same_people_at_once_one_is_told_so(
    leader: Session, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.says("Bo")
    action = started(leader, town)
    act.mark_changed(leader, action)

    def say() -> str:
        try:
            return f"{act.tell(later(leader, 0), action, words='Done.').people} told"
        except Conflict as conflict:
            return conflict.message

    assert sorted(at_once(monkeypatch, loop, "speakers", say, say)) == ["1 told", act.MEANWHILE]
    assert leader.value("select count(*) from interactions") == 1


@pytest.mark.parametrize("words", ["", "   ", "x" * 20_001, "{name}" * 3_000])
def test_words_that_say_nothing_or_too_much_are_refused(leader: Session, town: Town, words: str) -> None:
    town.says("Bo" * 10)
    action = started(leader, town)
    act.mark_changed(leader, action)
    with pytest.raises(Refused):
        act.tell(leader, action, words=words)
    assert leader.value("select count(*) from interactions") == 0


def test_words_are_kept_as_written_whatever_signs_are_in_them(leader: Session, town: Town) -> None:
    town.says("Bo")
    action = started(leader, town)
    act.mark_changed(leader, action)
    act.tell(leader, action, words="{0} {name!r} {} %s <b>{name}</b> '; drop table x; --")
    assert leader.value("select note from interactions") == "{0} {name!r} {} %s <b>Bo</b> '; drop table x; --"


def test_a_member_tells_the_own_customers_and_the_rest_wait_for_their_owners(make_session: Make, town: Town) -> None:
    ann, bob = make_session("member", "Ann", now=NOON), make_session("member", "Bob", now=NOON)
    town.person("Mine", ann.actor.employee_id)
    town.person("Theirs", bob.actor.employee_id)
    town.says("Mine")
    town.says("Theirs")
    action = started(ann, town)
    act.mark_changed(ann, action)
    assert act.tell(ann, action, words="Done.").people == 1
    (waiting,) = [row for row in loop.raised_by(ann, action) if not row["told_at"]]
    assert (waiting["owner_name"], waiting["may_tell"]) == ("Bob", False)
    with pytest.raises(Refused, match="your own customers"):
        act.tell(ann, action, waiting["feedback_ids"], words="Done.")
    assert act.tell(bob, action, words="Done.").people == 1


def test_a_member_starts_what_is_theirs_and_leaves_others_actions_alone(make_session: Make, town: Town) -> None:
    ann, bob = make_session("member", "Ann", now=NOON), make_session("member", "Bob", now=NOON)
    action = started(ann, town)
    for forbidden in (
        lambda: act.mark_changed(bob, action),
        lambda: act.edit_action(bob, action, name="Mine"),
        lambda: act.archive_action(bob, action),
        lambda: started(bob, town, owner_id=ann.actor.employee_id),
    ):
        with pytest.raises(Refused, match="actions that you own"):
            forbidden()


def test_an_action_of_no_theme_is_told_to_whom_one_names(leader: Session, town: Town) -> None:
    said = town.says("Bo", pinned=False)
    action = act.start_action(leader, name="From the focus group").key
    act.mark_changed(leader, action)
    assert loop.raised_by(leader, action) == []
    act.tell(leader, action, [said], words="Done.")
    assert [row["contact_name"] for row in loop.raised_by(leader, action)] == ["Bo Li"]
    found = loop.action(leader, action)
    assert found
    assert found["state"] == "told 1 of 1"


# What is born from a finding or an idea


def found(session: Session, town: Town, *names: str) -> tuple[UUID, UUID]:
    """A focus group in which each of them said something, and a finding that stands on it."""
    group = add_focus_group(session, name="Delivery days", size=4).key
    quotes = []
    for name in names:
        _, contact = town.person(name)
        add_participant(session, group, contact_id=contact)
        who = next(row["focus_participant_id"] for row in participants(session, group) if row["contact_id"] == contact)
        quotes.append(add_quote(session, group, text=f"{name} wants to know the hour.", focus_participant_id=who).key)
    quotes.append(add_quote(session, group, text="Somebody nodded.").key)
    return group, add_finding(session, group, text="They want to know the hour.", quotes=quotes).key


def test_who_carries_a_finding_is_told_what_came_of_it(leader: Session, town: Town) -> None:
    group, finding = found(leader, town, "Bo", "Cy")
    add_quote(leader, group, text="Nice boxes.")
    town.says("Di")
    action = make_action(leader, finding, name="Say the hour").key
    row = loop.action(leader, action)
    assert row and (row["focus_group_name"], row["origin_text"]) == ("Delivery days", "They want to know the hour.")
    assert {row["contact_name"] for row in loop.raised_by(leader, action)} == {"Bo Li", "Cy Li"}
    act.mark_changed(leader, action)
    told = act.tell(leader, action, words="Dear {name}, we say the hour now.")
    assert told.people == 2
    row = loop.action(leader, action)
    assert row and (row["state"], row["told_count"]) == ("told 2 of 2", 2)
    company, _ = town.people["Bo"]
    (said,) = complaints.of_customer(leader, company)
    assert (said["action_name"], said["told_at"]) == ("Say the hour", NOON)


def test_an_action_of_a_theme_that_a_finding_became_tells_both(leader: Session, session: Session, town: Town) -> None:
    _, finding = found(leader, town, "Bo")
    theme = make_theme(leader, finding, name="The hour").key
    said = town.says("Di", pinned=False)
    session.note("insert into comment_themes values ($key, $theme, 0, 4, -0.5, 'phrase')", key=said, theme=theme)
    action = make_action(leader, finding, name="Say the hour").key
    assert {row["contact_name"] for row in loop.raised_by(leader, action)} == {"Bo Li", "Di Li"}


def test_who_stands_behind_a_finding_stays_when_it_is_put_aside_and_goes_with_its_undo(leader: Session, town: Town) -> None:
    _, finding = found(leader, town, "Bo")
    made = make_action(leader, finding, name="Say the hour")
    archive_finding(leader, finding)
    assert len(loop.raised_by(leader, made.key)) == 1
    assert made.change_set_id
    undo(leader, made.change_set_id)
    assert loop.action(leader, made.key) is None


@pytest.mark.parametrize("is_anonymous", [False, True])
def test_an_idea_is_told_by_its_answer(make_session: Make, town: Town, is_anonymous: bool) -> None:
    team = [make_session("member", name, now=NOON) for name in ("Ann", "Bob", "Cem", "Dee")]
    boss = make_session("leader", "Lea", now=NOON)
    idea = share_idea(team[0], kind="idea", text="Call them back", is_anonymous=is_anonymous).key
    action = act_on_idea(boss, idea, name="We call back").key
    row = loop.action(boss, action)
    assert row and (row["author_name"], row["raised_count"]) == (None if is_anonymous else "Ann", 1)
    act.mark_changed(boss, action, note="Within the hour")
    row = loop.action(boss, action)
    assert row and row["state"] == "changed"
    answer_idea(boss, idea, state="done", answer="We call back within the hour.")
    row = loop.action(boss, action)
    assert row and (row["state"], row["idea_answered_on"]) == ("told 1 of 1", NOON.date())


def test_an_action_is_corrected_and_put_aside(leader: Session, town: Town) -> None:
    action = started(leader, town)
    act.edit_action(leader, action, name="A third carrier", due_on="2026-07-01")
    assert [row["name"] for row in loop.of_owner(leader, leader.actor.employee_id)] == ["A third carrier"]
    with pytest.raises(Refused, match="lies in the future"):
        act.mark_changed(leader, action, on=date(2026, 6, 2))
    act.archive_action(leader, action)
    assert state(leader, town) == "nobody yet"
    assert loop.of_owner(leader) == []


def test_what_was_put_aside_is_neither_changed_nor_told_until_it_is_back(leader: Session, town: Town) -> None:
    said = town.says("Bo")
    action = started(leader, town)
    act.mark_changed(leader, action)
    put_aside = act.archive_action(leader, action)
    again: list[Callable[[], object]] = [
        lambda: act.tell(leader, action, words="Done."),
        lambda: act.tell(leader, action, [said], words="Done."),
        lambda: act.mark_changed(leader, action),
        lambda: act.edit_action(leader, action, name="Another"),
        lambda: act.ask_again(leader, action, survey(leader)),
        lambda: act.archive_action(leader, action),
    ]
    for change in again:
        with pytest.raises(Refused, match=r"put aside\. History brings it back"):
            change()
    undo(leader, put_aside.change_set_id)
    assert act.tell(leader, action, words="Done.").people == 1


# Asked again, and did it help


def asked(session: Session, town: Town) -> UUID:
    """An action of which everyone who raised it was told, ten days after it was changed."""
    action = started(session, town)
    act.mark_changed(session, action)
    act.tell(later(session, 10), action, words="Done.")
    return action


def survey(session: Session) -> UUID:
    texts = {"en": {"title": "Is it better?"}}
    question = {"kind": "nps", "texts": {"en": {"question": "Would you recommend us?"}}}
    key = add_survey(session, name="Is it better?", language="en", texts=texts, questions=[question]).key
    open_survey(session, key)
    return key


def test_those_who_were_told_are_asked_again_with_links_of_their_own(leader: Session, town: Town) -> None:
    town.says("Bo")
    action = asked(leader, town)
    town.says("Cy", days=2)
    again = later(leader, 20)
    invited = act.ask_again(again, action, survey(again), base_url="https://crm.example")
    assert [link["name"] for link in invited.links] == ["Bo Li"]
    assert invited.links[0]["url"].startswith("https://crm.example/s/")
    assert state(later(leader, 21), town) == "asked again"
    assert state(later(leader, 60), town) == "too few to say"
    assert invited.change_set_id
    undo(again, invited.change_set_id)
    assert state(again, town) == "told 1 of 2"


def test_nobody_is_asked_again_before_anybody_was_told(leader: Session, town: Town) -> None:
    town.says("Bo")
    action = started(leader, town)
    act.mark_changed(leader, action)
    with pytest.raises(Refused, match="Tell those who raised it first"):
        act.ask_again(leader, action, survey(leader), base_url="https://crm.example")


NAMES = [f"P{number}" for number in range(8)]


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ([3, 4, 5, 6, 7, 8, 2, 6], [9, 9, 10, 9, 8, 9, 10, 9], "helped"),
        ([9, 9, 10, 9, 8, 9, 10, 9], [3, 4, 5, 6, 7, 8, 2, 6], "got worse"),
        ([3, 9, 7, 6, 9, 8, 2, 9], [4, 9, 8, 6, 9, 7, 9, 3], "no clear change"),
        ([3] * 8, [9] * 8, "helped"),
    ],
)
def test_whether_it_helped_is_read_from_those_who_were_told(
    leader: Session, town: Town, before: list[int], after: list[int], verdict: str
) -> None:
    for name in NAMES:
        town.says(name)
    town.rates(NAMES, before, days=40)
    town.rates(NAMES, [5] * 8, days=500)  # too long ago
    action = asked(leader, town)
    town.rates(NAMES, after, days=-30)
    (found,) = loop_effect.effect(later(leader, 40), action)
    score = _nps(before), _nps(after)
    assert found.told
    assert (found.told.before, found.told.after, found.told.difference) == pytest.approx((*score, score[1] - score[0]))
    assert found.told.low <= found.told.difference <= found.told.high
    assert found.told.low < found.told.high, "eight answers are never certain"
    assert found.told.is_paired and found.everyone and not found.everyone.is_paired
    assert loop_effect.verdict([found]) == verdict


def test_people_are_compared_with_themselves_where_five_answered_both_times(leader: Session, town: Town) -> None:
    for name in NAMES:
        town.says(name)
    before, after = [3, 6, 7, 9, 5, 8, 2], [6, 9, 9, 10, 7, 9, 5]
    town.rates(NAMES[:7], before, days=40)
    action = asked(leader, town)
    town.rates(NAMES[1:], [*after[1:], 0], days=-30)  # the first never answers again, the last never did before
    (found,) = loop_effect.effect(later(leader, 40), action)
    moved = [_nps([now]) - _nps([then]) for then, now in zip(before[1:], after[1:], strict=True)]
    expected = stats.ttest_1samp(moved, 0).confidence_interval(0.95)
    assert found.told and found.told.is_paired and found.told.before_n == 6
    assert (found.told.low, found.told.high) == pytest.approx((expected.low, min(expected.high, 200)))


def test_where_too_few_answered_both_times_all_answers_are_compared(leader: Session, town: Town) -> None:
    names = [f"P{number}" for number in range(10)]
    for name in names:
        town.says(name)
    before, after = [3, 9, 7, 6, 2, 9], [9, 10, 9, 7, 9, 10]
    town.rates(names[:6], before, days=40)
    action = asked(leader, town)
    town.rates(names[4:], after, days=-30)
    (found,) = loop_effect.effect(later(leader, 40), action)
    sides = [[_nps([rating]) for rating in side] for side in (after, before)]
    expected = stats.ttest_ind(*sides, equal_var=False).confidence_interval(0.95)
    assert found.told and not found.told.is_paired and (found.told.before_n, found.told.after_n) == (6, 6)
    assert (found.told.low, found.told.high) == pytest.approx((expected.low, min(expected.high, 200)))


def test_a_paired_range_is_students_and_covers_the_truth_as_often_as_it_says() -> None:
    rng, hits, narrower = np.random.default_rng(5), 0, 0
    for _ in range(400):
        people = rng.normal(50, 30, 9)
        before, after = (people + rng.normal(mean, 8, 9) for mean in (0, 10))
        found, apart = paired(before.tolist(), after.tolist()), before_after(before.tolist(), after.tolist())
        expected = stats.ttest_rel(after, before).confidence_interval(0.95)
        assert found and apart and (found.low, found.high) == pytest.approx((expected.low, expected.high))
        hits += found.low <= 10 <= found.high
        narrower += found.high - found.low < apart.high - apart.low
    assert 0.92 <= hits / 400 <= 0.98 and narrower > 390


def test_ratings_between_the_change_and_the_telling_say_nothing_of_those_who_were_told(leader: Session, town: Town) -> None:
    for name in NAMES:
        town.says(name)
    town.rates(NAMES, [3] * 8, days=40)
    action = asked(leader, town)
    town.rates(NAMES, [9] * 8, days=-5)
    (found,) = loop_effect.effect(later(leader, 40), action)
    assert found.told is None
    assert found.everyone
    assert (found.everyone.before, found.everyone.after) == (-100, 100)


def test_four_answers_are_too_few_to_say(leader: Session, town: Town) -> None:
    for name in NAMES[:4]:
        town.says(name)
    town.rates(NAMES[:4], [3] * 4, days=40)
    action = asked(leader, town)
    town.rates(NAMES[:4], [9] * 4, days=-30)
    assert loop_effect.effect(later(leader, 40), action) == []
    assert loop_effect.verdict([]) == "too few to say"


def _nps(ratings: Sequence[int]) -> float:
    return 100 * (sum(rating >= 9 for rating in ratings) - sum(rating <= 6 for rating in ratings)) / len(ratings)


# On the profile, on the timeline, merged


def test_the_profile_says_what_became_of_what_they_said(leader: Session, town: Town) -> None:
    town.says("Bo")
    company, _ = town.people["Bo"]
    (told,) = complaints.of_customer(leader, company)
    assert (told["action_name"], told["told_at"]) == (None, None)
    action = started(leader, town)
    act.mark_changed(leader, action)
    (told,) = complaints.of_customer(leader, company)
    assert (told["action_name"], told["changed_on"], told["told_at"]) == ("A second carrier", NOON.date(), None)
    act.tell(leader, action, words="Done.")
    (told,) = complaints.of_customer(leader, company)
    assert told["told_at"] == NOON


def test_the_timeline_has_the_telling_and_the_change(leader: Session, town: Town) -> None:
    town.says("Bo")
    action = started(leader, town)
    act.mark_changed(leader, action, note="It comes the same day")
    act.tell(leader, action, words="Dear {name}")
    company, _ = town.people["Bo"]
    lines = {line["kind"]: line for line in timeline.of_customer(later(leader, 1), company)}
    assert (lines["email"]["title"], lines["email"]["body"]) == ("Told what changed: A second carrier", "Dear Bo")
    assert (lines["action"]["title"], lines["action"]["body"]) == ("changed: A second carrier", "It comes the same day")
    assert lines["feedback"]["duty"]["told_at"] == NOON
    assert "action" in {line["kind"] for line in timeline.of_everyone(later(leader, 1))}


def test_what_was_told_moves_with_a_merged_customer_and_comes_back(leader: Session, town: Town) -> None:
    for name in ("Bo", "Cy"):
        town.says(name)
    action = started(leader, town)
    act.mark_changed(leader, action)
    act.tell(leader, action, words="Done.")
    (winner, _), (loser, _) = town.people["Bo"], town.people["Cy"]
    merged = merge(leader, "customers", winner, loser)
    assert leader.value("select count(*) from tellings where customer_id = $winner", winner=winner) == 2
    assert merged.change_set_id
    undo(leader, merged.change_set_id)
    assert leader.value("select count(*) from tellings where customer_id = $loser", loser=loser) == 1


def test_a_narrowed_member_sees_only_tellings_of_the_own_customers(make_session: Make, session: Session, town: Town) -> None:
    with session.change("Narrow") as change:
        key = session.value("select setting_id from settings where name = 'member_reads'")
        change.update("settings", key, value="own")
    ann, mira = make_session("member", "Ann", now=NOON), make_session("manager", "Mira", now=NOON)
    town.person("Mine", ann.actor.employee_id)
    town.person("Theirs", mira.actor.employee_id)
    for name in ("Mine", "Theirs"):
        town.says(name)
    action = started(mira, town)
    act.mark_changed(mira, action)
    act.tell(mira, action, words="Done.")
    assert [row["contact_name"] for row in loop.raised_by(ann, action)] == ["Mine Li"]
    assert ann.value("select count(*) from tellings") == 1


def test_an_invitation_of_somebody_else_is_not_asking_those_who_were_told(leader: Session, town: Town) -> None:
    town.says("Bo")
    action = asked(leader, town)
    _, other = town.person("Cy")
    key = survey(leader)
    invite(later(leader, 20), key, [other], base_url="https://crm.example")
    assert state(later(leader, 20), town) == "told 1 of 1"
    assert loop.action(leader, action)
