"""The data dictionary says what is there: no table, column, view, word or setting is missing from it, and none is stale."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from crm.queries import choices, custom_fields
from crm.store.database import Database
from crm.store.rules import key_of
from crm.store.session import Session
from tests.serving import ROOT

TEXT = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
COMMON = {"created_at", "updated_at", "version", "archived_at", "external_id", "source", "own"}
# Machinery explains even those itself: they mean something else there.
MACHINERY = {
    "enps_asked",
    "duplicate_pairs",
    "duplicate_searches",
    "value_runs",
    "customer_values",
    "fit_runs",
    "customer_fits",
    "goal_outlooks",
    "goal_milestones",
    "comment_readings",
    "comment_themes",
    "theme_proposals",
    "theme_runs",
    "theme_days",
    "change_sets",
    "changes",
    "jobs",
    "data_versions",
    "migrations",
}
WORDS = {
    ("employees", "role"): choices.ROLES,
    ("custom_fields", "noun"): custom_fields.NOUNS,
    ("custom_fields", "kind"): custom_fields.KINDS,
    ("customers", "kind"): choices.CUSTOMER_KINDS,
    ("customers", "lifecycle_stage"): choices.LIFECYCLE_STAGES,
    ("contacts", "consent"): choices.CONSENTS,
    ("traits", "kind"): choices.TRAIT_KINDS,
    ("traits", "state"): choices.TRAIT_STATES,
    ("stages", "outcome"): choices.OUTCOMES,
    ("stage_aliases", "outcome"): choices.OUTCOMES,
    ("interactions", "channel"): choices.CHANNELS,
    ("interactions", "direction"): choices.DIRECTIONS,
    ("tasks", "repeat_every"): choices.REPEATS,
    ("feedback", "kind"): choices.FEEDBACK_KINDS,
    ("feedback", "scale"): tuple(choices.SCALES),
    ("goals", "scope"): choices.GOAL_SCOPES,
    ("segments", "kind"): choices.SEGMENT_KINDS,
    ("survey_questions", "kind"): choices.QUESTION_KINDS,
    ("jobs", "state"): choices.JOB_STATES,
    ("focus_participants", "state"): choices.PANEL_STATES,
    ("ideas", "kind"): choices.IDEA_KINDS,
    ("ideas", "state"): choices.IDEA_STATES,
    ("brand_readings", "measure"): choices.BRAND_MEASURES,
}


def rows(text: str) -> Iterator[list[str]]:
    """The cells of the table lines of a text, without headings."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `"):
            yield [cells[0].strip("`"), *cells[1:]]


def documented() -> dict[str, dict[str, tuple[str, str]]]:
    """Type and meaning by table and column."""
    parts = re.split(r"^### `(\w+)`$", TEXT.split("\n## Views and macros")[0], flags=re.MULTILINE)
    return {
        table: {cells[0]: (cells[1], cells[2]) for cells in rows(part) if len(cells) == 3}
        for table, part in zip(parts[1::2], parts[2::2], strict=True)
    }


def after(heading: str) -> set[str]:
    """The names that the tables below a heading explain."""
    return {cells[0] for cells in rows(TEXT.split(heading)[1].split("\n## ")[0]) if len(cells) == 2}


@pytest.fixture
def schema(database: Database) -> dict[str, dict[str, str]]:
    """Type by table and column, as the engine knows it; what every row has left out."""
    found: dict[str, dict[str, str]] = {}
    for table, name, kind in database.cursor().execute(
        """
        select columns.table_name, columns.column_name, lower(columns.data_type)
        from duckdb_columns() as columns
        inner join duckdb_tables() as tables using (table_oid, database_name)
        where not tables.internal
        """
    ).fetchall():  # fmt: skip
        if table in MACHINERY or (name not in COMMON and name != key_of(table)):
            found.setdefault(table, {})[name] = kind
    return found


def test_every_table_and_column_is_explained_and_no_other(schema: dict[str, dict[str, str]]) -> None:
    explained = {table: {name: kind for name, (kind, _) in columns.items()} for table, columns in documented().items()}
    assert explained == schema


def test_an_explanation_is_a_sentence() -> None:
    texts = [words for columns in documented().values() for _, words in columns.values()]
    assert all(len(words) > 8 and words.rstrip(")").endswith(".") for words in texts)


def test_every_view_and_macro_is_explained_and_no_other(database: Database) -> None:
    found = database.cursor().execute(
        """
        select view_name
        from duckdb_views()
        where not internal
        union
        select function_name
        from duckdb_functions()
        where not internal
        """
    )
    names = {name for (name,) in found.fetchall()}
    explained = after("## Views and macros")
    assert not names - explained, f"missing in data/README.md: {sorted(names - explained)}"
    assert not explained - names, f"stale in data/README.md: {sorted(explained - names)}"


@pytest.mark.parametrize(("table", "column"), WORDS)
def test_the_words_that_a_column_may_hold_are_those(table: str, column: str) -> None:
    _, words = documented()[table][column]
    assert set(re.findall(r"`(\w+)`", words)) == set(WORDS[table, column])


def test_every_setting_is_explained_and_no_other(session: Session) -> None:
    known = {row["name"] for row in session.rows("select name from settings")}
    assert after("## How the company is set") == known
