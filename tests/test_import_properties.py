"""Whatever a file holds, its rows add up, a dry run tells the truth, and the same file again changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.commands.imports import FATES, import_file
from crm.errors import Refused
from crm.exchange.aliases import ALIASES
from crm.store.database import Database
from crm.store.migrate import migrate
from crm.store.session import Session, command_line
from crm.store.undo import undo
from tests.importing import fates, picture

KINDS = tuple(ALIASES)
CELLS = st.one_of(
    st.sampled_from(["", "", "Acme", "acme", "Bo", "1", "2", "a@x.org", "A@X.org", "b@x.org", "Won", "Lost", "New", "nps"]),
    st.sampled_from(["2017", "2017-01-02", "01.02.2017", "31/12/2017", "1,234.50", "-5", "12"]),
    st.sampled_from(["yes", "person", "call", "<b>", "=1"]),
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


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, str]:
    """A kind, and the text of a file with some of its fields and any cells."""
    kind = draw(st.sampled_from(KINDS))
    fields = draw(st.lists(st.sampled_from(sorted(ALIASES[kind])), min_size=2, max_size=7, unique=True))
    rows = draw(st.lists(st.lists(CELLS, min_size=len(fields), max_size=len(fields)), max_size=12))
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    return kind, "\n".join([",".join(fields), *quoted]) + "\n"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
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


PEOPLE = st.tuples(
    st.sampled_from(["", "1", "2", "3"]),
    st.sampled_from(["Ann", "Bo", "Cy"]),
    st.sampled_from(["", "a@x.org", "b@x.org"]),
    st.sampled_from(["", "Acme", "Umbrella"]),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(PEOPLE, max_size=6))
def test_importing_people_again_finds_those_of_the_first_time(people: list[tuple[str, ...]]) -> None:
    text = "external id,name,email,company\n" + "".join(",".join(person) + "\n" for person in people)
    with company() as session:
        import_file(session, "contacts", text.encode())
        number = session.value("select count(*) from contacts")
        again = import_file(session, "contacts", text.encode())
        assert again.created == 0, FATES
        assert session.value("select count(*) from contacts") == number
