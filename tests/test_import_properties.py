"""Whatever a file holds, its rows add up, a dry run tells the truth, and the same file again changes nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.commands.imports import FATES, ORDERS, Mapping, Own, fields, import_file, rejected_csv
from crm.errors import Refused
from crm.exchange.aliases import ALIASES
from crm.exchange.headers import required
from crm.queries.custom_fields import NOUNS
from crm.store.database import Database
from crm.store.migrate import migrate
from crm.store.rules import key_of
from crm.store.session import Session, command_line
from crm.store.undo import undo
from tests.importing import fates, picture

KINDS = tuple(ALIASES)
CELLS = st.one_of(
    st.sampled_from(["", "", "Acme", "acme", "Bo", "1", "2", "a@x.org", "A@X.org", "b@x.org", "Won", "Lost", "New", "nps"]),
    st.sampled_from(["2017", "2017-01-02", "01.02.2017", "31/12/2017", "1,234.50", "-5", "12"]),
    st.sampled_from(["yes", "person", "call", "<b>", "=1"]),
    st.sampled_from([r"\N", r"\N", "EUR", "USD", "€ 5", "EUR 1.5", "XXX", "6.0E7", "5.7E+17", "a;b", "won"]),
    st.sampled_from(["01-03-17", "31-03-17"]),
    st.text(max_size=12),
)


@contextmanager
def company() -> Iterator[Session]:
    database = Database("duckdb:///:memory:")
    migrate(database)
    try:
        yield Session(database, command_line("tester"))
    finally:
        database.close()


GOOD = {
    **dict.fromkeys((fields.NAME, fields.SHORT, fields.TEXT), ("Acme", "acme", "Bo", "Umbrella", "Cy Fox")),
    **dict.fromkeys((fields.MONEY, fields.NUMBER, fields.WHOLE, fields.YEAR), ("5", "12", "1999", "2001")),
    **dict.fromkeys((fields.DAY, fields.INSTANT), ("2017-01-02", "31.12.2017", "2017-05-01")),
    fields.KEY: ("1", "2", "3"),
    fields.EMAIL: ("a@x.org", "A@X.org", "b@x.org"),
    fields.PHONE: ("+1 555 100", "030 1234"),
    **{name: tuple(sorted(words)) for name, words in fields.CHOICES.items()},
}
TELLING = {"stage": ["Won", "New", "Lost", "Proposal"], "figure": ["nps", "Won amount"], "period": ["2017", "2017-Q3"]}
SAYING = {**TELLING, "currency": ["USD", "EUR", ""], "tags": ["a;b", "c", r"\N"]}


def cells(kind: str, field: str) -> st.SearchStrategy[str]:
    """Mostly what fits the field, else anything."""
    good = st.sampled_from(SAYING.get(field) or GOOD[fields.FIELDS[kind].get(field, fields.SHORT)])
    return st.integers(0, 7).flatmap(lambda chance: CELLS if chance == 7 else good)


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, str]:
    """A kind, and the text of a file with what it needs, some of its other fields, and mostly cells that fit."""
    kind = draw(st.sampled_from(KINDS))
    known = sorted(set(ALIASES[kind]) - {fields.CRM_ID})
    needed = [draw(st.sampled_from(group)) for group in required(kind)]
    others = draw(st.lists(st.sampled_from(known), max_size=6, unique=True))
    header = list(dict.fromkeys([*needed, *others]))
    rows = draw(st.lists(st.tuples(*(cells(kind, field) for field in header)), max_size=8))
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    return kind, "\n".join([",".join(header), *quoted]) + "\n"


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables())
def test_rows_always_add_up_and_an_undo_takes_all_back(table: tuple[str, str]) -> None:
    kind, text = table
    with company() as session:
        before = picture(session)
        try:
            tried = import_file(session, kind, text.encode("utf-8", "surrogatepass"), dry_run=True)
        except Refused:
            assert picture(session) == before
            return
        assert picture(session) == before
        result = import_file(session, kind, text.encode("utf-8", "surrogatepass"))
        assert sum(fates(result)) == result.rows
        assert len(result.rejected_rows) == result.rejected
        assert (fates(tried), tried.records, tried.notes) == (fates(result), result.records, result.notes)
        assert (result.change_set_id is None) == (picture(session) == before)
        if result.change_set_id:
            undo(session, result.change_set_id)
            assert picture(session) == before


@st.composite
def choices(draw: st.DrawFn, kind: str, header: list[str]) -> Mapping:
    """What a person may say of these columns, right or wrong: each field once."""
    free = [None, *sorted(fields.FIELDS[kind])]
    owns = [Own("Size"), Own("Tier", "choice"), Own("Since", "date"), Own("Paid", "money")] if kind in NOUNS else []
    targets = draw(st.lists(st.sampled_from([*free, *owns, *owns]), max_size=2, unique=True))
    columns = dict(zip(draw(st.permutations(header)), targets, strict=False))
    names = draw(st.lists(st.sampled_from(sorted(fields.FIELDS[kind])), max_size=2, unique=True))
    values = {name: draw(st.dictionaries(CELLS, st.none() | CELLS, max_size=2)) for name in names}
    return Mapping(columns, values, draw(st.none() | st.sampled_from(sorted(ORDERS))))


@st.composite
def ways(draw: st.DrawFn, kind: str, header: list[str]) -> dict[str, Any]:
    """How a person may want a file taken."""
    return {
        "mapping": draw(st.none() | choices(kind, header)),
        "overwrite": draw(st.booleans()),
        "create_missing": draw(st.booleans()),
        "rates": draw(st.sampled_from([{}, {"EUR": Decimal("1.08")}, {"EUR": Decimal(2), "XXX": Decimal("0.1")}])),
    }


def edited(session: Session, kind: str, cells: list[str]) -> None:
    """A person changes what free text there is in the first records."""
    texts = ("note", "city", "region", "category", "subject", "text", "title")
    names = [name for name in texts if name in columns_of(session, kind)]
    keys = session.rows(f"select {key_of(kind)} as key from {kind} limit 2")
    with session.change("Edit") as change:
        for row, name, cell in zip(keys, names, cells, strict=False):
            change.update(kind, row["key"], **{name: cell})


def columns_of(session: Session, table: str) -> list[str]:
    return [row["column_name"] for row in session.rows(f"describe {table}")]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables(), st.data())
def test_rows_add_up_whatever_a_person_says_and_what_a_person_changed_stays(table: tuple[str, str], data: st.DataObject) -> None:
    kind, text = table
    header = text.split("\n", 1)[0].split(",")
    with company() as session:
        for turn in range(2):
            options = data.draw(ways(kind, header), label=f"way {turn}")
            before = picture(session)
            try:
                result = import_file(session, kind, text.encode("utf-8", "surrogatepass"), **options)
            except Refused:
                assert picture(session) == before
                continue
            assert sum(fates(result)) == result.rows
            assert len(result.rejected_rows) == result.rejected
            given_back = list(csv.reader(io.StringIO(rejected_csv(result).decode("utf-8-sig"), newline="")))
            assert len(given_back) == (result.rejected + 1 if result.rejected else 0)
            assert len(result.kept_values) == result.kept
            assert not (options["overwrite"] and result.kept)
            assert (result.change_set_id is None) == (picture(session) == before)
            if result.change_set_id and data.draw(st.booleans(), label="undone"):
                undo(session, result.change_set_id)
                assert picture(session) == before
            edited(session, kind, ["theirs", "theirs, too"])
            kept = import_file(session, kind, text.encode("utf-8", "surrogatepass"), **options | {"overwrite": False})
            assert sum(fates(kept)) == kept.rows


PEOPLE = st.tuples(
    st.sampled_from(["", "1", "2", "3"]),
    st.sampled_from(["Ann", "Bo", "Cy"]),
    st.sampled_from(["", "a@x.org", "b@x.org"]),
    st.sampled_from(["", "Acme", "Umbrella"]),
)


@settings(max_examples=20, deadline=None)
@given(st.lists(PEOPLE, max_size=6))
def test_importing_people_again_finds_those_of_the_first_time(people: list[tuple[str, ...]]) -> None:
    text = "external id,name,email,company\n" + "".join(",".join(person) + "\n" for person in people)
    with company() as session:
        import_file(session, "contacts", text.encode())
        number = session.value("select count(*) from contacts")
        again = import_file(session, "contacts", text.encode())
        assert again.created == 0, FATES
        assert session.value("select count(*) from contacts") == number
