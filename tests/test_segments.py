"""Segments: a rule finds exactly whom a person would find by hand, says so in a sentence, and filters every list."""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.cli import insight
from crm.commands import custom_fields
from crm.commands.history import undo_change
from crm.commands.segments import (
    add_segment,
    archive_segment,
    duplicate_segment,
    edit_segment,
    list_from,
    put_on_list,
    refresh_list,
    take_off_list,
)
from crm.commands.settings import change_settings
from crm.errors import Conflict, Refused
from crm.queries import customers, figures, lists, pipeline, sales, segments, stages, timeline
from crm.queries.comparisons import BY_KIND
from crm.queries.conditions import Condition, Group, as_json, parsed
from crm.queries.periods import Period
from crm.queries.subjects import FIXED, SUBJECTS, Subject
from crm.store.database import Database
from crm.store.migrate import migrate
from crm.store.session import Session, command_line
from tests import small
from tests.oracle.segments_by_hand import ByHand
from tests.segment_company import build

PAIRS = [
    (subject.key, name)
    for subject in SUBJECTS
    for name in BY_KIND[subject.kind]
    if not (subject.never_blank and name in ("filled", "blank"))
]


@pytest.fixture(scope="module")
def company() -> Iterator[Session]:
    """A random company, seen on a day of its history; nobody changes it."""
    database = Database("duckdb:///:memory:")
    migrate(database)
    yield build(Session(database, command_line("tester")), seed=11)
    database.close()


@pytest.fixture(scope="module")
def by_hand(company: Session) -> ByHand:
    return ByHand(company)


@pytest.fixture(scope="module")
def offered(company: Session) -> dict[str, list[str]]:
    """The words that each subject and part offers."""
    found = {subject.key: list(subject.options(company)) for subject in SUBJECTS if subject.options}
    parts = {(one.key, part.key): list(part.options(company)) for one in SUBJECTS for part in one.parts if part.options}
    return found | {f"{subject}.{part}": words for (subject, part), words in parts.items()}


def keys_of(session: Session, rule: Group) -> set[Any]:
    sql, values = segments.asked(session, rule)
    rows = [row["customer_id"] for row in session.rows(sql, **values)]
    assert len(rows) == len(set(rows))
    return set(rows)


def value_for(subject: Subject, name: str, dice: random.Random, offered: dict[str, list[str]], by_hand: ByHand) -> Any:
    """A value that makes sense, near what customers have."""
    takes = BY_KIND[subject.kind][name].takes
    if takes == "nothing":
        return None
    if takes == "parts":
        return record_value(subject, dice, offered)
    if takes == "several":
        words = [*offered.get(subject.key, []), "nothing known" if subject.kind == "choice" else str(small.NEW)]
        return dice.sample(words, min(len(words), dice.randint(1, 3)))
    near = by_hand.samples(subject.key)
    if takes == "text":
        text = dice.choice([*near, "Ł"])
        return {"is": text.upper(), "begins": text[:3].lower()}.get(name, text[1:5] or text)
    if takes in ("number", "numbers"):
        numbers = sorted(float(dice.choice(near or [3])) for _ in range(2))
        return numbers if takes == "numbers" else numbers[0]
    some = [dice.choice(near or [by_hand.today]) for _ in range(2)]
    if takes == "days":
        return abs((by_hand.today - some[0]).days)
    days = sorted(day.isoformat() for day in some)
    return days if takes == "two_days" else days[0]


def record_value(subject: Subject, dice: random.Random, offered: dict[str, list[str]]) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for part in subject.parts:
        if dice.random() < 0.6:
            continue
        if part.takes == "several":
            value[part.key] = dice.sample(words, min(2, len(words))) if (words := offered[f"{subject.key}.{part.key}"]) else []
        else:
            value[part.key] = {"text": "LATE", "times": 2, "days": 200, "least": 3, "most": 300}[part.key]
    return {key: each for key, each in value.items() if each != []}


@pytest.mark.parametrize(("key", "name"), PAIRS)
def test_every_subject_and_comparison_finds_whom_one_finds_by_hand(
    key: str, name: str, company: Session, by_hand: ByHand, offered: dict[str, list[str]]
) -> None:
    dice = random.Random(f"{key} {name}")  # noqa: S311 - the same values each time
    for _ in range(4 if FIXED[key].kind == "record" else 1):
        value = value_for(FIXED[key], name, dice, offered, by_hand)
        rule = Group("all", (Condition(key, name, value),))
        assert keys_of(company, rule) == by_hand.fits(rule), as_json(rule)
    assert "{" not in segments.sentence(company, rule)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_rule_finds_whom_one_finds_by_hand(
    data: st.DataObject, company: Session, by_hand: ByHand, offered: dict[str, list[str]]
) -> None:
    dice = random.Random(data.draw(st.integers(0, 10_000)))  # noqa: S311 - drawn by hypothesis

    def condition() -> Condition:
        key, name = dice.choice(PAIRS)
        return Condition(key, name, value_for(FIXED[key], name, dice, offered, by_hand))

    matches = ("all", "any", "none")
    parts: list[Condition | Group] = [condition() for _ in range(dice.randint(0, 3))]
    for _ in range(dice.randint(0, 2)):
        parts.append(Group(dice.choice(matches), tuple(condition() for _ in range(dice.randint(1, 3)))))
    rule = Group(dice.choice(matches), tuple(parts)) if parts else Group()
    assert parsed(as_json(rule)) == rule
    found = keys_of(company, rule)
    assert found == by_hand.fits(rule), as_json(rule)
    everybody = keys_of(company, Group())
    if parts:
        assert keys_of(company, Group("none", (rule,))) == everybody - found  # in a segment, or in what it leaves out


def test_a_row_that_is_not_complete_is_left_out_while_building_and_refused_when_kept(session: Session) -> None:
    small.company(session)
    assert segments.count(session, Group()) == 3
    half = Group("all", (Condition("lifecycle_stage", "one_of", ["lead"]), Condition("spent_amount", "over", None)))
    assert segments.count(session, half) == 1
    assert segments.sentence(session, half) == "Customers whose lifecycle is lead"
    with pytest.raises(Refused, match=r"Row 2 \(Spent\): its value is missing"):
        add_segment(session, name="Half", rule=half)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"match": "all", "rules": []}, "at least one row"),
        ("{", "no JSON"),
        ({"match": "most", "rules": []}, "A group of a rule has a match"),
        ({"match": "all", "rules": [{"subject": "shoe size", "is": "over", "value": 3}]}, "not known"),
        ({"match": "all", "rules": [{"subject": "name", "is": "over", "value": 3}]}, "not known"),
        ({"match": "all", "rules": [{"subject": "spent_amount", "is": "over", "value": "lots"}]}, "not a number"),
        ({"match": "all", "rules": [{"subject": "spent_amount", "is": "over", "value": float("nan")}]}, "too large"),
        ({"match": "all", "rules": [{"subject": "order_count", "is": "between", "value": [5, 1]}]}, "larger than the second"),
        ({"match": "all", "rules": [{"subject": "created_at", "is": "within", "value": -1}]}, "whole number"),
        ({"match": "all", "rules": [{"subject": "created_at", "is": "since", "value": "soon"}]}, "not a day"),
        ({"match": "all", "rules": [{"subject": "owner", "is": "one_of", "value": ["Ann"]}]}, "not a key"),
        ({"match": "all", "rules": [{"subject": "feedback", "is": "did", "value": {"least": 3}}]}, "Choose the scale"),
        ({"match": "all", "rules": [{"subject": "order", "is": "did", "value": {"colour": 3}}]}, "no “colour”"),
        ({"rules": [{"rules": [{"rules": []}]}]}, "cannot hold another group"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_in_words(session: Session, rule: Any, words: str) -> None:
    with pytest.raises(Refused, match=words):
        add_segment(session, name="Nonsense", rule=rule)
    assert not segments.every(session)


def test_what_people_type_never_becomes_sql(session: Session) -> None:
    small.company(session)
    hostile = "x'); drop table customers; --"
    for key, name, value in (("name", "contains", hostile), ("region", "one_of", [hostile]), ("city", "none_of", [hostile])):
        assert segments.count(session, Group("all", (Condition(key, name, value),))) in (0, 3)
    assert segments.count(session, Group("all", (Condition("customer.name) or (true", "is", "x"),))) == 0


def rule_of(*parts: Any, match: str = "all") -> Group:
    return Group(match, parts)


def test_a_rule_is_a_sentence(session: Session) -> None:
    keys = small.company(session)
    west, quiet = Condition("region", "one_of", ["West"]), Condition("interaction", "did_not", {"days": 60})
    spent = Condition("spent_amount", "over", 10_000)
    said = {
        "Customers in West with no interaction for 60 days and spent over 10,000": rule_of(west, quiet, spent),
        "Customers in West or East": rule_of(Condition("region", "one_of", ["West", "East"])),
        "Customers not in West": rule_of(Condition("region", "none_of", ["West"])),
        "Customers that nobody owns": rule_of(Condition("owner", "blank")),
        "Customers owned by Ann who spent over 10,000": rule_of(Condition("owner", "one_of", [str(keys["ann"])]), spent),
        "Customers in West but not those who spent over 10,000": rule_of(west, Group("none", (spent,))),
        "Customers with at least 3 orders of Pump in the last 90 days": rule_of(
            Condition("order", "did", {"product": [str(keys["pump"])], "days": 90, "times": 3})
        ),
        "Customers with no contact whose job title contains “boss”": rule_of(Condition("contact_title", "lacks", "boss")),
        "Customers with at least 1 open deal": rule_of(Condition("open_count", "at_least", 1)),
        "Customers with between 1 and 5 open deals": rule_of(Condition("open_count", "between", [1, 5])),
        "Customers who have not gone quiet": rule_of(Condition("quiet", "no")),
        "Customers never in touch": rule_of(Condition("last_interaction_at", "blank")),
        "Customers whose last order was more than 90 days ago": rule_of(Condition("last_order_at", "ago", 90)),
        "Customers with feedback (complaint) in the last 30 days": rule_of(
            Condition("feedback", "did", {"kind": ["complaint"], "days": 30})
        ),
        "Customers in West and either tagged something no longer there or who spent over 10,000": rule_of(
            west, Group("any", (Condition("tag", "any_of", [str(small.NEW)]), spent))
        ),
        "All customers": Group(),
    }
    for words, rule in said.items():
        assert segments.sentence(session, rule) == words


def test_a_rule_that_names_an_archived_tag_or_own_field_says_so_and_still_counts(session: Session) -> None:
    keys = small.company(session)
    tier = custom_fields.define_field(session, noun="customers", name="Tier {a}", kind="choice", choices=["Gold", "Tin"])
    gold = session.value("select custom_choice_id from custom_choices where name = 'Gold'")
    with session.change("Label") as change:
        tag = change.insert("tags", name="VIP")
        change.insert("customer_tags", customer_id=keys["acme"], tag_id=tag)
        change.update("customers", keys["acme"], own=f'{{"{tier.key}":"{gold}"}}')
    rule = rule_of(Condition("tag", "any_of", [str(tag)]), Condition(f"own_{tier.key}", "one_of", [str(gold)]))
    assert segments.sentence(session, rule) == "Customers tagged VIP whose Tier {a} is Gold"
    with session.change("Put aside") as change:
        change.archive("tags", tag)
        change.archive("custom_fields", tier.key)
    assert segments.count(session, rule) == 1
    assert segments.sentence(session, rule).endswith("(this field is archived)")
    assert [text.split(":")[0] for text in segments.problems(session, rule)] == [
        "The tag “VIP” is archived",
        "The own field “Tier {a}” is archived",
    ]
    gone = rule_of(Condition(f"own_{small.NEW}", "filled"))
    assert segments.count(session, gone) == 0
    assert "no longer known" in segments.sentence(session, gone) + segments.problems(session, gone)[0]


OWN = {
    "text": ("Zürich", [("contains", "ZURICH"), ("is", "zürich"), ("begins", "zü")], [("contains", "Bern")]),
    "number": (12.5, [("over", 12), ("between", [12.5, 13])], [("under", 12.5)]),
    "money": (99.99, [("is", 99.99), ("at_most", 99.99)], [("over", 99.99)]),
    "date": ("2026-05-01", [("since", "2026-05-01"), ("between", ["2026-04-30", "2026-05-01"])], [("since", "2026-05-02")]),
    "yes_no": (True, [("yes", None)], [("no", None)]),
    "link": ("https://a.example", [("contains", "A.example")], [("blank", None)]),
}


@pytest.mark.parametrize("noun", ["customers", "contacts", "orders"])
def test_own_fields_of_every_kind_are_asked_about(session: Session, noun: str) -> None:
    keys = small.company(session)
    made = {kind: custom_fields.define_field(session, noun=noun, name=f"Own {kind}", kind=kind).key for kind in OWN}
    patch = json.dumps({str(made[kind]): value for kind, (value, _, _) in OWN.items()})
    with session.change("Fill") as change:
        if noun == "customers":
            change.update("customers", keys["bolt"], own=patch)
        elif noun == "contacts":
            change.insert("contacts", customer_id=keys["bolt"], name="Bo", consent="unknown", own=patch)
        else:
            change.insert("orders", customer_id=keys["bolt"], ordered_at=small.noon("05-01"), amount=3, own=patch)
    for kind, (_, fitting, others) in OWN.items():
        for name, wanted in [*fitting, *([] if kind == "yes_no" else [("filled", None)])]:
            assert keys_of(session, rule_of(Condition(f"own_{made[kind]}", name, wanted))) == {keys["bolt"]}, (kind, name)
        for name, wanted in others:
            assert keys["bolt"] not in keys_of(session, rule_of(Condition(f"own_{made[kind]}", name, wanted))), (kind, name)


def test_several_choices_are_asked_for_any_for_all_and_for_none(session: Session) -> None:
    keys = small.company(session)
    field = custom_fields.define_field(session, noun="customers", name="Needs", kind="choices", choices=["A", "B", "C"])
    choice = {row["name"]: str(row["custom_choice_id"]) for row in session.rows("from custom_choices")}
    with session.change("Fill") as change:
        change.update("customers", keys["acme"], own=f'{{"{field.key}":["{choice["A"]}","{choice["B"]}"]}}')
        change.update("customers", keys["bolt"], own=f'{{"{field.key}":["{choice["A"]}"]}}')

    def who(name: str, *words: str) -> set[Any]:
        return keys_of(session, rule_of(Condition(f"own_{field.key}", name, [choice[word] for word in words] or None)))

    assert who("any_of", "B", "C") == {keys["acme"]}
    assert who("all_of", "A", "B") == {keys["acme"]}
    assert who("none_of", "B") == {keys["bolt"], keys["cove"]}
    assert who("blank") == {keys["cove"]}


@pytest.fixture
def world(session: Session) -> dict[str, Any]:
    """The small company with a rule that finds Acme, a list that holds Bolt."""
    keys = small.company(session)
    rule = {"match": "all", "rules": [{"subject": "region", "is": "one_of", "value": ["North Sea"]}]}
    return keys | {
        "rule": add_segment(session, name="North Sea", rule=rule).key,
        "list": put_on_list(session, [keys["bolt"]], name="Panel").key,
        "json": rule,
    }


def test_a_segment_filters_customers(session: Session, world: dict[str, Any]) -> None:
    assert [row["name"] for row in customers.page(session, segment=world["rule"]).rows] == ["Acme"]
    assert [row["name"] for row in customers.page(session, "bolt", segment=world["list"], sort="spent_amount").rows] == ["Bolt"]
    assert customers.page(session, "bolt", segment=world["rule"]).total == 0


def test_a_segment_filters_the_timeline(session: Session, world: dict[str, Any]) -> None:
    now = Session(session.database, session.actor, small.noon("12-01"))
    for segment, name in ((world["rule"], "Acme"), (world["list"], "Bolt")):
        for kinds in (None, ["deal"], ["change"], ["order"], ["feedback"]):
            lines = timeline.of_everyone(now, segment=segment, kinds=kinds)
            whole = timeline.of_everyone(now, kinds=kinds, limit=500)
            assert [line["record_id"] for line in lines] == [
                line["record_id"] for line in whole if line["customer_name"] == name
            ], (name, kinds)


def test_a_segment_filters_the_pipeline(session: Session, world: dict[str, Any]) -> None:
    pipeline_id = stages.pipelines(session)[0]["pipeline_id"]
    board = pipeline.board(session, pipeline_id, segment=world["rule"])
    assert [key for stage in board.stages for key in stage["deal_ids"]] == [world["big"]]
    assert board.gaps["without_customer"]["count"] == 0
    needed = pipeline.needed(session, Period(small.day("04-01"), small.day("06-30")), for_segment=world["rule"])
    assert needed["missing_amount"] is None  # the goal is the company's, not that of a few customers


def test_a_segment_filters_every_figure(session: Session, world: dict[str, Any]) -> None:
    quarter = Period(small.day("04-01"), small.day("06-30"))
    found = figures.figures(session, quarter, small.day("06-30"), for_segment=world["rule"])
    wanted = {
        "won_amount": 300.0,
        "won_count": 1,
        "open_amount": 2000.0,
        "open_count": 1,
        "customers": 1,
        "interactions": 6,
        "orders": 0,
        "nps": 100.0,
        "attainment": None,
    }
    assert {key: found[key]["value"] for key in wanted} == wanted
    whole = figures.figures(session, quarter, small.day("06-30"))
    chances = figures.rows_behind(session, "open_count", quarter, small.day("06-30"), for_segment=world["rule"])
    everyones = figures.rows_behind(session, "open_count", quarter, small.day("06-30"))
    acme = everyones[everyones["customer"] == "Acme"].reset_index(drop=True)
    assert chances["probability_share"].tolist() == acme["probability_share"].tolist()  # learned from all deals
    assert whole["won_amount"]["value"] == 300.0 and whole["open_count"]["value"] > 1


def test_the_questions_behind_overview_know_segments(session: Session, world: dict[str, Any]) -> None:
    quarter, june = Period(small.day("01-01"), small.day("06-30")), small.day("06-30")
    assert [row["owner"] for row in sales.win_rates(session, quarter, june, for_segment=world["list"])] == ["Bob"]
    assert sales.funnel(session, quarter, for_segment=world["rule"])[0]["deal_count"] == 3
    assert sum(row["deal_count"] for row in sales.closing_by_month(session, june, for_segment=world["rule"])) == 1
    assert set(sales.movers(session, june, for_segment=world["list"])["customer"]) == {"Bolt"}
    assert sales.movers(session, june, for_segment=world["rule"]).empty is False


def test_an_export_takes_a_segment(session: Session, world: dict[str, Any]) -> None:
    def rows(kind: str, **only: Any) -> int:
        return sum(batch.num_rows for batch in lists.batches(session, kind, **only))

    assert [rows(kind, segment=world["rule"]) for kind in ("customers", "deals", "interactions", "orders")] == [1, 4, 6, 0]
    assert rows("deals") > 4


def test_a_list_takes_customers_once_and_lets_them_go(session: Session, world: dict[str, Any]) -> None:
    put_on_list(session, [world["acme"], world["bolt"], world["acme"]], segment_id=world["list"])
    assert segments.members(session, world["list"])["name"].tolist() == ["Acme", "Bolt"]
    again = put_on_list(session, [world["acme"]], name="PANEL")
    assert again.key == world["list"] and again.change_set_id is None
    taken = take_off_list(session, world["list"], [world["acme"]])
    assert segments.count_of(session, world["list"]) == 1
    undo_change(session, taken.change_set_id)  # type: ignore[arg-type]
    assert segments.count_of(session, world["list"]) == 2
    with pytest.raises(Refused, match="follows a rule"):
        put_on_list(session, [world["bolt"]], name="north sea")


def test_an_archived_customer_is_in_no_segment(session: Session, world: dict[str, Any]) -> None:
    with session.change("Archive") as change:
        change.archive("customers", world["acme"])
        change.archive("customers", world["bolt"])
    assert segments.count_of(session, world["rule"]) == segments.count_of(session, world["list"]) == 0


def test_a_list_from_a_rule_stays_until_it_is_refreshed(session: Session, world: dict[str, Any]) -> None:
    kept = list_from(session, world["rule"], "Kept").key
    with session.change("Move") as change:
        change.update("customers", world["acme"], region="South")
        change.update("customers", world["cove"], region="North Sea")
    assert segments.members(session, kept)["name"].tolist() == ["Acme"]
    assert segments.members(session, world["rule"])["name"].tolist() == ["Cove"]
    refresh_list(session, kept)
    assert segments.members(session, kept)["name"].tolist() == ["Cove"]
    assert segments.words(session, segments.one(session, kept)) == "A fixed list, taken from: Customers in North Sea"
    with pytest.raises(Refused, match="nothing to refresh"):
        refresh_list(session, world["list"])


def test_a_segment_is_edited_duplicated_and_put_aside(session: Session, world: dict[str, Any]) -> None:
    copy = duplicate_segment(session, world["rule"]).key
    twin = duplicate_segment(session, world["list"]).key
    assert segments.one(session, copy)["name"] == "North Sea (copy)"
    assert segments.members(session, twin)["name"].tolist() == ["Bolt"]
    seen = segments.one(session, copy)["version"]
    wider = world["json"] | {"rules": [{"subject": "name", "is": "contains", "value": "o"}]}
    edited = edit_segment(session, copy, version=seen, name="With an o", rule=wider)
    assert segments.members(session, copy)["name"].tolist() == ["Bolt", "Cove"]
    with pytest.raises(Conflict):
        edit_segment(session, copy, version=seen, note="late")
    undo_change(session, edited.change_set_id)  # type: ignore[arg-type]
    assert segments.members(session, copy)["name"].tolist() == ["Acme"]
    with pytest.raises(Refused, match="already has the name"):
        edit_segment(session, copy, name="north SEA")
    with pytest.raises(Refused, match="A list has no rule"):
        edit_segment(session, world["list"], rule=world["json"])
    archive_segment(session, copy)
    assert [row["name"] for row in segments.every(session)] == ["North Sea", "Panel", "Panel (copy)"]


def test_members_change_their_own_segments_and_managers_all(
    session: Session, world: dict[str, Any], make_session: Callable[..., Session]
) -> None:
    mo, max_ = make_session("member", "Mo"), make_session("manager", "Max")
    hers = add_segment(max_, name="Hers", rule=world["json"]).key
    guests = put_on_list(max_, [world["acme"]], name="Guests").key
    with pytest.raises(Refused, match="segments that you own"):
        edit_segment(mo, hers, name="Mine")
    with pytest.raises(Refused, match="lists that you own"):
        put_on_list(mo, [world["bolt"]], segment_id=guests)
    his = duplicate_segment(mo, guests).key
    put_on_list(mo, [world["bolt"]], segment_id=his)
    take_off_list(max_, his, [world["acme"]])
    assert segments.members(mo, his)["name"].tolist() == ["Bolt"]


def test_a_narrowed_member_sees_only_visible_members(
    session: Session, world: dict[str, Any], make_session: Callable[..., Session]
) -> None:
    change_settings(session, member_reads="own")
    mo = make_session("member", "Mo")
    put_on_list(session, [world["acme"], world["cove"]], segment_id=world["list"])
    everybody = add_segment(session, name="Everybody", rule={"rules": [{"subject": "name", "is": "filled"}]}).key
    for segment in (world["list"], everybody):  # Acme is Ann's, Bolt is Bob's, Cove is nobody's
        assert segments.members(mo, segment)["name"].tolist() == ["Cove"]
        assert segments.count_of(mo, segment) == 1
        assert customers.page(mo, segment=segment).total == 1
        quarter = Period(small.day("04-01"), small.day("06-30"))
        won = figures.figures(mo, quarter, small.day("06-30"), keys=("won_amount",), for_segment=segment)["won_amount"]
        assert won["value"] == 0
    with_deals = rule_of(Condition("won_amount", "over", 0))
    assert segments.count(mo, with_deals) == 0


def test_a_narrowed_member_who_asks_about_a_segment_is_told_of_nobody_outside_it(
    session: Session, world: dict[str, Any], make_session: Callable[..., Session]
) -> None:
    change_settings(session, member_reads="own")
    mo = make_session("member", "Mo")
    assert mo.value("select count(*) from customers where name = 'Cove'") == 1  # nobody's: Mo sees it, the list is without it
    among, _ = segments.kept_to(mo, {"segment": put_on_list(session, [world["acme"]], name="Acme alone").key})
    assert among.rows("select name from customers") == []


def test_the_command_line_lists_segments(session: Session, world: dict[str, Any]) -> None:
    told = json.loads(insight.segments_(session, argparse.Namespace(json=True)))
    assert [(one["name"], one["kind"], one["count"]) for one in told] == [("North Sea", "rule", 1), ("Panel", "list", 1)]
    assert told[0]["sentence"] == "Customers in North Sea"
    assert "1  North Sea: Customers in North Sea" in insight.segments_(session, argparse.Namespace(json=False))
