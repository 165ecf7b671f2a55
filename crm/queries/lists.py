"""Lists that people take away: every row of a kind with its names spelt out, under headings that an import knows again.

A row's own key comes along as “CRM id”, so that a list that was edited in a spreadsheet finds its rows again when it comes
back. Rows stream in batches; whatever narrows the session narrows the list.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]

from crm.errors import Refused
from crm.exchange.aliases import OWN_KEY, OWN_RAW_KEY
from crm.exchange.rows import clean_header
from crm.queries import segments
from crm.queries.custom_fields import NOUNS, of_noun, read_sql
from crm.store.rules import key_of
from crm.store.session import Session

BATCH = 20_000
RAW_KEY, KEY = OWN_RAW_KEY, OWN_KEY
HEADINGS = {"email": "E-mail", "contact_email": "Contact e-mail"}


def called(table: str, alias: str, column: str, otherwise: str) -> str:
    """A join that calls a record by its name, or by something else where another bears the same name."""
    key = key_of(table)
    named = f"case when count(*) over (partition by lower(name)) > 1 then coalesce({otherwise}, {key}::varchar) else name end"
    return f"left join (select {key}, {named} as name from {table}) as {alias} on {alias}.{key} = {column}"  # noqa: S608


CUSTOMERS = """
    left join (
        select *, count(*) over (partition by lower(name)) > 1 as is_doubled
        from customers
    ) as customer on customer.customer_id = entry.customer_id
"""
CUSTOMER_ID = "coalesce(customer.external_id, case when customer.is_doubled then customer.customer_id::varchar end)"
NAMES = f"{CUSTOMERS} left join contacts as contact on contact.contact_id = entry.contact_id"
OWNER = called("employees", "owner", "entry.owner_id", "email")
EMPLOYEE = called("employees", "owner", "entry.employee_id", "email")
ANSWERS = called("employees", "answers", "entry.owner_id", "email")
PRODUCT = called("products", "product", "entry.product_id", "external_id")
DEAL = called("deals", "deal", "entry.deal_id", "external_id")
CUSTOMER = {
    "customer": "case when customer.kind = 'person' and contact.contact_id is not null then null else customer.name end",
    "customer_external_id": CUSTOMER_ID,
    "contact": "contact.name",
    "contact_email": "contact.email",
}


@dataclass(frozen=True)
class Listing:
    """A kind of list: what each column says in SQL over `entry`, the tables that say it, and the order of its rows."""

    columns: dict[str, str]
    joins: str
    order: str


def own(*names: str) -> dict[str, str]:
    """Columns that stand in the row itself."""
    return {name: f"entry.{name}" for name in names}


def moment(name: str) -> dict[str, str]:
    """An instant on the company's clock."""
    return {name: f"((entry.{name} at time zone 'UTC') at time zone $zone)"}


LISTS: dict[str, Listing] = {
    "customers": Listing(
        own("external_id", "name", "kind", "lifecycle_stage")
        | {"owner": "owner.name"}
        | own("sector", "region", "country", "city", "website", "phone", "employee_count", "annual_revenue_amount")
        | own("founded_year")
        | {"parent": "parent.name"}
        | own("cadence_days", "note")
        | {"tags": "worn.tags"},
        f"""
        {OWNER}
        left join customers as parent on parent.customer_id = entry.parent_id
        left join worn on worn.customer_id = entry.customer_id
        """,
        "entry.search_text",
    ),
    "contacts": Listing(
        own("external_id", "name", "first_name", "last_name", "title", "email", "phone", "street", "postcode", "city", "state")
        | own("country", "born_on", "consent")
        | moment("consent_at")
        | own("note")
        | {
            "customer": "case when customer.kind = 'company' then customer.name end",
            "customer_external_id": f"case when customer.kind = 'company' then {CUSTOMER_ID} end",
        },
        CUSTOMERS,
        "entry.search_text",
    ),
    "employees": Listing(
        own("external_id", "name", "email", "role") | {"team": "team.name"} | own("region", "title"),
        "left join teams as team on team.team_id = entry.team_id",
        "lower(entry.name)",
    ),
    "products": Listing(own("external_id", "name", "category", "list_price_amount"), "", "lower(entry.name)"),
    "deals": Listing(
        own("external_id", "name")
        | CUSTOMER
        | {"owner": "owner.name", "product": "product.name", "pipeline": "pipeline.name", "stage": "stage.name"}
        | own("amount", "opened_on", "expected_close_on", "closed_on", "lost_reason", "note"),
        NAMES
        + f"""
        {OWNER}
        {PRODUCT}
        left join stages as stage on stage.stage_id = entry.stage_id
        left join pipelines as pipeline on pipeline.pipeline_id = stage.pipeline_id
        """,
        "coalesce(entry.closed_on, entry.expected_close_on) desc nulls first",
    ),
    "orders": Listing(
        own("external_id", "number")
        | CUSTOMER
        | {"product": "product.name"}
        | moment("ordered_at")
        | own("amount", "channel", "item_count", "note"),
        f"{NAMES} {PRODUCT}",
        "entry.ordered_at desc",
    ),
    "interactions": Listing(
        own("external_id")
        | CUSTOMER
        | {"deal": "deal.name", "owner": "owner.name"}
        | own("channel", "direction")
        | moment("occurred_at")
        | own("subject", "note", "duration_minutes", "campaign"),
        NAMES
        + f"""
        {DEAL}
        {EMPLOYEE}
        """,
        "entry.occurred_at desc",
    ),
    "feedback": Listing(
        own("external_id")
        | CUSTOMER
        | {"product": "product.name", "owner": "owner.name"}
        | own("kind", "text", "rating", "scale", "channel")
        | moment("received_at")
        | {"complaint_owner": "answers.name"}
        | own("due_on"),
        NAMES
        + f"""
        {PRODUCT}
        {EMPLOYEE}
        {ANSWERS}
        """,
        "entry.received_at desc",
    ),
    "goals": Listing(
        own("external_id", "figure", "scope")
        | {"team": "team.name", "owner": "owner.name"}
        | own("starts_on", "ends_on", "target", "note"),
        f"""
        left join teams as team on team.team_id = entry.team_id
        {EMPLOYEE}
        """,
        "entry.starts_on desc, entry.figure, entry.scope",
    ),
    "tasks": Listing(
        own("external_id", "title")
        | CUSTOMER
        | {"deal": "deal.name", "owner": "owner.name"}
        | own("due_on")
        | moment("done_at")
        | own("repeat_every", "note"),
        NAMES
        + f"""
        {DEAL}
        {OWNER}
        """,
        "entry.due_on nulls last",
    ),
}
KINDS = tuple(LISTS)
ONLY: dict[tuple[str, str], str] = {
    **{(kind, "keys"): f"list_contains($keys::uuid[], entry.{key_of(kind)})" for kind in KINDS},
    **{(kind, "owner"): "entry.owner_id = $owner" for kind in ("customers", "deals", "tasks")},
    ("deals", "pipeline"): "stage.pipeline_id = $pipeline",
    ("deals", "is_open"): "stage.outcome = 'open'",
    ("deals", "without_customer"): "entry.customer_id is null",
    ("deals", "without_expected_close"): "entry.expected_close_on is null",
    ("deals", "past_expected_close"): "entry.expected_close_on < $past_expected_close",
    ("tasks", "is_open"): "entry.done_at is null",
}
WORN = """
    with worn as (
        select borne.customer_id, string_agg(distinct tags.name, ', ' order by tags.name) as tags
        from customer_tags as borne
        inner join tags on tags.tag_id = borne.tag_id
        where borne.archived_at is null and tags.archived_at is null
        group by borne.customer_id
    )
"""


def count(session: Session, kind: str) -> int:
    """How many rows a list has."""
    return int(session.value(f"select count(*) from {_known(kind)} where archived_at is null"))  # noqa: S608 - one of KINDS


def batches(session: Session, kind: str, *, raw: bool = False, **only: Any) -> Iterator[pa.RecordBatch]:
    """One row per record in use of a kind, own fields included, in batches that come as they are read; an empty one first.

    Only some: `owner`, `segment`, `keys`, `is_open`; of deals also `pipeline`, and those that lack something or are late.
    """
    session, only = segments.kept_to(session, only)
    given = {name: value for name, value in only.items() if value is not None}
    columns = _columns(session, _known(kind))
    names = [RAW_KEY if raw else KEY, *clean_header([KEY, *(name for name, _ in columns)])[1:]]
    cells = ", ".join(f"{cell} as c{place}" for place, (_, cell) in enumerate(columns))
    sql = f"""
        {WORN if kind == "customers" else ""}
        select entry.{key_of(kind)}::varchar as key, {cells}
        from {kind} as entry
        {LISTS[kind].joins}
        where {" and ".join(["entry.archived_at is null", *(ONLY[kind, name] for name in given)])}
        order by {LISTS[kind].order}, entry.{key_of(kind)}
    """  # noqa: S608 - constants above
    zone = {"zone": str(session.zone)} if "$zone" in cells else {}
    return read(session, sql, names, **{name: value for name, value in given.items() if f"${name}" in sql}, **zone)


def read(session: Session, sql: str, names: Sequence[str], **values: Any) -> Iterator[pa.RecordBatch]:
    """The rows of a question under other names, batch by batch; first one without rows, so that there is always a heading."""
    with session.database.passing():
        found = session.apart().execute(sql, values).to_arrow_reader(BATCH)
        yield pa.RecordBatch.from_arrays([pa.array([], field.type) for field in found.schema], names)
        for batch in found:
            yield pa.RecordBatch.from_arrays(batch.columns, names)


def heading(name: str) -> str:
    """The heading of a column.

    >>> heading("lifecycle_stage"), heading("contact_email")
    ('Lifecycle stage', 'Contact e-mail')
    """
    return HEADINGS.get(name) or name.replace("_", " ").capitalize()


def _columns(session: Session, kind: str) -> list[tuple[str, str]]:
    """Heading and SQL of each column after the key: those of the kind, then the company's own fields."""
    fields = of_noun(session, kind) if kind in NOUNS else []
    known = [(heading(name), cell) for name, cell in LISTS[kind].columns.items()]
    return [*known, *((field.name, read_sql(field, "entry")) for field in fields)]


def _known(kind: str) -> str:
    if kind not in LISTS:
        raise Refused(f"There is no list “{kind}”: choose one of {', '.join(KINDS)}.", "kind")
    return kind
