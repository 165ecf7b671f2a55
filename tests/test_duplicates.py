"""Likely duplicates: found with their fields mistyped, told from families and colleagues, decided by people, remembered."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest

from crm.cli import data
from crm.commands.contacts import add_contact
from crm.commands.customers import add_customer, edit_customer
from crm.commands.duplicates import find_duplicates, keep_apart, reconsider
from crm.commands.history import undo_change
from crm.commands.imports import import_file
from crm.demo.truths import DUPLICATE_PEOPLE
from crm.errors import Refused
from crm.queries import duplicates, likeness
from crm.store.session import Session
from tests.people import judged, people, stored
from tests.shared import shared_data

MakeSession = Callable[..., Session]


def printed(session: Session, score: float = likeness.SURE) -> list[dict[str, Any]]:
    """What the command line prints as JSON."""
    rows: list[dict[str, Any]] = json.loads(data.duplicates_(session, Namespace(json=True, score=score)))
    return rows


def test_the_febrl_people_are_found_by_all_but_their_insurance_number(session: Session) -> None:
    result = import_file(session, "contacts", shared_data() / "febrl" / "dataset1.csv")
    assert result.created >= 995
    assert "soc_sec_id" not in result.columns.values()
    found = printed(session)
    right = sum(_record(pair["a_external"]) == _record(pair["b_external"]) for pair in found)
    precision, recall = right / len(found), right / 500
    assert precision >= 0.999
    assert 2 * precision * recall / (precision + recall) >= 0.96


def _record(external_id: str) -> str:
    return external_id.split("-")[1]


@pytest.mark.parametrize(
    ("asked", "least_f1"),
    [
        ({"originals": 1500, "copies": 1500, "faults": 3}, 0.985),
        ({"originals": 600, "copies": 900, "most": 5, "faults": 4}, 0.96),
        ({"originals": 3000, "copies": 60, "faults": 2}, 0.93),
    ],
    ids=("twice", "up to six times", "rarely"),
)
def test_people_who_were_entered_several_times_are_found(session: Session, asked: dict[str, int], least_f1: float) -> None:
    stored(session, people(**asked))
    precision, _, f1 = judged(session)
    assert precision >= 0.998
    assert f1 >= least_f1


def test_families_are_not_one_person(session: Session) -> None:
    stored(session, people(1500, 100, families=700, faults=2))
    precision, recall, _ = judged(session)
    assert precision >= 0.96
    assert recall >= 0.85


def test_a_store_without_duplicates_shows_none(session: Session) -> None:
    stored(session, people(2000, 0, families=200))
    assert len(likeness.duplicates(session, "contacts")) <= 2


def test_colleagues_share_all_but_what_is_theirs(session: Session) -> None:
    konex = add_customer(session, name="Konex").key
    shared = {"customer_id": konex, "phone": "+12125550123", "street": "1 Main Street", "postcode": "10001", "city": "New York"}
    for name in ("Ann Miller", "Bo Miller", "Cy Adams", "Di Brown", "Eve Clark"):
        add_contact(session, name=name, email=f"{name.split()[0].lower()}@konex.example", **shared)
    assert likeness.duplicates(session, "contacts").empty
    add_contact(session, name="Anne Miller", email="ann@konex.example", customer_id=konex)
    assert len(likeness.duplicates(session, "contacts")) == 1


def test_companies_are_known_by_name_and_website_but_branches_stay_apart(session: Session) -> None:
    for name, fields in (
        ("Konex Industries", {"website": "https://www.konex.example", "city": "Bonn"}),
        ("Konex Industries GmbH", {"website": "konex.example", "city": "Bonn"}),
        ("Brightwater", {"city": "Paris", "phone": "+33123456789"}),
        ("Brightwater", {"city": "Lyon", "phone": "+33987654321"}),
        ("Alder", {"city": "Rome"}),
        ("Elder", {"city": "Oslo"}),
    ):
        add_customer(session, name=name, **fields)
    find_duplicates(session)
    assert [(row["one_name"], row["other_name"]) for row in duplicates.pairs(session, "customers")] == [
        ("Konex Industries", "Konex Industries GmbH")
    ]


def test_a_customer_who_is_a_person_is_found_once_as_a_contact(session: Session) -> None:
    for email in ("ann@x.example", "Ann@X.example"):
        add_contact(session, name="Ann Miller", email=email, phone="+12125550123")
    find_duplicates(session)
    assert duplicates.count(session, "contacts") == 1
    assert duplicates.count(session, "customers") == 0


def test_the_demo_has_the_duplicates_that_were_planted(demo_session: Session) -> None:
    find_duplicates(demo_session)
    names = [{row["one_name"], row["other_name"]} for row in duplicates.pairs(demo_session, "contacts")]
    assert len(names) == DUPLICATE_PEOPLE
    (company,) = duplicates.pairs(demo_session, "customers")
    assert company["other_name"] == f"{company['one_name']} Ltd"


def test_nothing_and_nobody_give_no_pairs(session: Session) -> None:
    for noun in duplicates.NOUNS:
        assert likeness.duplicates(session, noun).empty
    add_contact(session, name="@")
    add_contact(session, name="@")
    assert likeness.duplicates(session, "contacts").empty


@pytest.fixture
def twins(session: Session) -> Session:
    for name in ("Ann Miller", "Anne Miller", "Ann Miler"):
        add_contact(session, name=name, email="ann@x.example", phone="+12125550123")
    find_duplicates(session)
    return session


def named(session: Session) -> set[frozenset[str]]:
    return {frozenset((row["one_name"], row["other_name"])) for row in duplicates.pairs(session, "contacts")}


def test_not_a_duplicate_is_remembered_and_can_be_taken_back(twins: Session) -> None:
    every = {frozenset(pair) for pair in combinations(("Ann Miller", "Anne Miller", "Ann Miler"), 2)}
    assert named(twins) == every
    pair = duplicates.pairs(twins, "contacts")[0]
    saved = keep_apart(twins, "contacts", pair["other_id"], pair["one_id"])
    assert named(twins) == every - {frozenset((pair["one_name"], pair["other_name"]))}
    assert keep_apart(twins, "contacts", pair["one_id"], pair["other_id"]).key == saved.key
    find_duplicates(twins)
    assert len(named(twins)) == 2
    (said,) = duplicates.not_duplicates(twins)
    reconsider(twins, said["not_duplicate_id"])
    assert named(twins) == every and duplicates.not_duplicates(twins) == []
    again = keep_apart(twins, "contacts", pair["one_id"], pair["other_id"])
    undo_change(twins, again.change_set_id or "")
    assert named(twins) == every


def test_a_pair_that_is_gone_cannot_be_kept_apart(twins: Session) -> None:
    pair = duplicates.pairs(twins, "contacts")[0]
    with pytest.raises(Refused, match="no longer there"):
        keep_apart(twins, "contacts", pair["one_id"], pair["one_id"])
    with pytest.raises(Refused, match="contacts and customers"):
        keep_apart(twins, "deals", pair["one_id"], pair["other_id"])


def test_a_search_knows_when_something_was_written_since(twins: Session) -> None:
    search = duplicates.last_search(twins, "contacts")
    assert search and search["is_fresh"] and search["row_count"] == 3 and search["pair_count"] == 3
    edit_customer(twins, add_customer(twins, name="Konex").key, city="Bonn")
    assert (duplicates.last_search(twins, "contacts") or {})["is_fresh"] is False


def test_the_command_line_prints_the_pairs(twins: Session) -> None:
    rows = printed(twins, 0.5)
    assert {frozenset((row["a_name"], row["b_name"])) for row in rows} == named(twins)
    assert set(rows[0]) == {"kind", "a", "b", "a_external", "b_external", "a_name", "b_name", "score", "agrees"}
    assert all(0.5 <= row["score"] <= 1 for row in rows)
    assert "e-mail" in rows[0]["agrees"]


def test_a_member_who_sees_only_some_searches_nothing_and_is_shown_only_those(
    session: Session, make_session: MakeSession, twins: Session
) -> None:
    with session.change("Narrow") as change:
        change.update("settings", session.value("select setting_id from settings where name = 'member_reads'"), value="own")
        owner = change.insert("employees", name="Bo", role="member")
        change.update_from("customers", "select customer_id, $owner::uuid as owner_id from customers", owner=owner)
    mo = make_session("member", "Mo")
    assert duplicates.pairs(mo, "contacts") == []
    with pytest.raises(Refused, match="see all customers"):
        find_duplicates(mo)
