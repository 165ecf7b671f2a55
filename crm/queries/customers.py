"""Customers: a page of them, and all that a profile's head says about one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crm.queries import custom_fields, segments
from crm.store.session import Session

FILTERS = {
    "search": "contains(search_text, search_key($search))",
    "lifecycle": "lifecycle_stage = $lifecycle",
    "kind": "kind = $kind",
    "owner": "owner_id = $owner",
    "team": "owner_id in (select employee_id from employees where team_id = $team)",
    "region": "region = $region",
    "sector": "sector = $sector",
    "quiet_on": "customer_id in (select customer_id from quiet_customers($quiet_on))",
    "tag": "customer_id in (select customer_id from customer_tags where tag_id = $tag and archived_at is null)",
}
# `search_text` begins with the name as people sort it: without case and accents.
OWN_SORTS = {
    "name": "search_text, customer_id",
    "newest": "known_at desc, customer_id",
}
SUMMARY_SORTS = {
    "last_interaction": "last_interaction_at desc nulls last, customer_id",
    "longest_silent": "last_interaction_at nulls first, customer_id",
    "open_amount": "open_amount desc, customer_id",
    "won_amount": "won_amount desc, customer_id",
    "spent_amount": "spent_amount desc, customer_id",
    "value": "value_amount desc nulls last, customer_id",
    "fit": "fit_share desc nulls last, customer_id",
}
SORTS = OWN_SORTS | SUMMARY_SORTS


@dataclass(frozen=True)
class Page:
    """The customers on one page, and how many there are on all of them."""

    rows: list[dict[str, Any]]
    total: int


def page(session: Session, search: str = "", *, sort: str = "name", limit: int = 50, first: int = 0, **filters: Any) -> Page:
    """One row per customer who fits, with owner, last interaction, deals, orders and tags: first the keys, then the rest.

    Filters: lifecycle, kind, owner, team, region, sector, tag, segment, `quiet_on` (the day on which they have gone quiet), and
    own fields by their `argument`. `sort` is one of SORTS or an own field's `argument`.
    """
    given = {name: value for name, value in {"search": search.strip(), **filters}.items() if value not in (None, "")}
    keys, total = _keys(session, given, sort, limit, first)
    found = {row["customer_id"]: row for row in summaries(session, keys)}
    return Page([found[key] for key in keys], total)


def _keys(session: Session, given: dict[str, Any], sort: str, limit: int, first: int) -> tuple[list[UUID], int]:
    """The customers of the page, in order, and how many fit in all."""
    where, values = fitting(session, given)
    own_value, order = ordering(session, sort)
    ranked = "customer_summary inner join fits using (customer_id)" if sort in SUMMARY_SORTS else "fits"
    rows = session.rows(
        f"""
        with fits as materialized (
            select
                customer_id,
                search_text,
                created_at as known_at,
                {own_value} as own_value,
            from customers
            where {where}
        )

        select
            customer_id,
            (select count(*) from fits) as total,
        from {ranked}
        order by {order}
        limit $limit
        offset $first
        """,  # noqa: S608 - fragments above
        limit=limit,
        first=first,
        **values,
    )
    return [row["customer_id"] for row in rows], int(rows[0]["total"]) if rows else 0


def fitting(session: Session, filters: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The condition over `customers` that these filters make, and its parameters; blank ones filter nothing."""
    given = {name: value for name, value in filters.items() if value not in (None, "")}
    members, values = _members(session, given)
    answers, sought = custom_fields.fitting(session, "customers", given)
    known = [FILTERS[name] for name in given if name in FILTERS]
    of_others = {name: value for name, value in values.items() if not name.startswith(custom_fields.PREFIX)}
    return " and ".join(["archived_at is null", *members, *known, *answers]), of_others | sought


def ordering(session: Session, sort: str) -> tuple[str, str]:
    """What a list is sorted by: SQL for the value of an own field, null where it is none, and the order that uses it."""
    own = custom_fields.called(session, "customers", sort)
    if own:
        return custom_fields.order_sql(own, "customers"), f"own_value {custom_fields.order_of(own)}, search_text, customer_id"
    return "null", SORTS.get(sort, SORTS["name"])


def _members(session: Session, given: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """The condition that a segment adds, if one is given, and the parameters of all filters."""
    if "segment" not in given:
        return [], given
    sql, values = segments.within(session, given["segment"])
    return [f"customer_id in ({sql})"], {name: value for name, value in given.items() if name != "segment"} | values


def summaries(session: Session, keys: list[UUID]) -> list[dict[str, Any]]:
    """One row per customer of these keys, archived ones too, in any order."""
    return session.rows("select * from customers_summary($keys)", keys=keys) if keys else []


def profile(session: Session, customer_id: UUID | str) -> dict[str, Any] | None:
    """One row: everything a profile's head says about a customer, with the version an edit must name; None if not there."""
    row = session.row("select * exclude (search_text) from customers where customer_id = $customer_id", customer_id=customer_id)
    if row is None:
        return None
    summary = summaries(session, [row["customer_id"]])[0]
    bought = summary["first_order_at"] and session.local(summary["first_order_at"]).date()
    since = min((day for day in (bought, summary["first_won_on"]) if day), default=None)
    more = {"customer_since_on": since, "parent_name": row["parent_id"] and name_of(session, row["parent_id"])}
    return summary | row | more | _latest_nps(session, row["customer_id"])


def _latest_nps(session: Session, customer_id: UUID) -> dict[str, Any]:
    found = session.row(
        """
        with answers as materialized (
            select *
            from feedback
            where customer_id = $customer_id
        )

        select
            rating as nps_rating,
            received_at as nps_at,
        from answers
        where scale = 'nps_0_10' and rating is not null and archived_at is null
        order by received_at desc
        limit 1
        """,
        customer_id=customer_id,
    )
    return found or {"nps_rating": None, "nps_at": None}


def name_of(session: Session, customer_id: UUID | str) -> str | None:
    """The name of one customer."""
    found: str | None = session.value("select name from customers where customer_id = $customer_id", customer_id=customer_id)
    return found


def exist(session: Session) -> bool:
    """Whether there is any customer."""
    return session.value("select 1 from customers limit 1") is not None


def tags(session: Session) -> list[dict[str, Any]]:
    """One row per tag, by name, with how many customers bear it."""
    return session.rows(
        """
        select
            tags.tag_id,
            tags.name,
            count(borne.customer_id) as customer_count,
        from tags
        left join customer_tags as borne on borne.tag_id = tags.tag_id and borne.archived_at is null
        where tags.archived_at is null
        group by all
        order by name
        """
    )


def tags_of(session: Session, customer_id: UUID | str) -> list[dict[str, Any]]:
    """One row per tag that a customer bears, by name."""
    return session.rows(
        """
        select distinct
            tags.tag_id,
            tags.name,
        from customer_tags as borne
        inner join tags on tags.tag_id = borne.tag_id
        where borne.customer_id = $customer_id and borne.archived_at is null and tags.archived_at is null
        order by name
        """,
        customer_id=customer_id,
    )
