"""Who may be on the panel of a focus group, from which part of its segment, and who is left out and why."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from crm.insight import panel
from crm.queries import custom_fields, segments
from crm.store.session import Session

Row = dict[str, Any]
NOUNS = ("focus_groups", "focus_participants", "contacts", "feedback", "survey_invitations", "survey_refusals", *segments.NOUNS)
COOLDOWN_DAYS = 180
# By what a panel can be mixed: words, and SQL over `customers`, its owner and its latest NPS answer.
STRATA = {
    "lifecycle_stage": ("Lifecycle", "customers.lifecycle_stage"),
    "region": ("Region", "coalesce(customers.region, owners.region)"),
    "sector": ("Sector", "customers.sector"),
    "kind": ("Company or person", "customers.kind"),
    "size": (
        "Size",
        """case
            when customers.employee_count < 50 then 'under 50 employees'
            when customers.employee_count < 250 then '50 to 249 employees'
            when customers.employee_count >= 250 then '250 employees or more'
        end""",
    ),
    "nps": (
        "NPS answer",
        """case
            when answers.nps_rating >= 9 then 'would recommend us'
            when answers.nps_rating <= 6 then 'would not recommend us'
            when answers.nps_rating is not null then 'undecided'
        end""",
    ),
}
UNKNOWN = "not known"
EVERYBODY = "select customer_id from customers"
# In this order: the first that holds is the reason.
REASONS = {
    "no consent": "withdrew their consent",
    "refused": "asked not to be asked again",
    "unknown consent": "never said that we may write to them",
    "focus group": "on the panel of another focus group lately",
    "survey": "asked by a survey lately (Settings says how long that holds)",
    "no way": "without an e-mail address or a phone number",
}


def attributes(session: Session) -> dict[str, str]:
    """By what a panel of this company can be mixed: key → words; own fields with choices too."""
    own = {field.argument: field.name for field in _own(session)}
    return {key: words for key, (words, _) in STRATA.items()} | own


def candidates(session: Session, group: Mapping[str, Any]) -> list[Row]:
    """One row per contact of the group's segment: the part of it they belong to, and why they are left out, if they are.

    Who was invited to this group is none of them: they need not be drawn again.
    """
    sql, values = _candidates(session, group)
    return session.rows(f"from ({sql}) order by contact_id", **values)


def _candidates(session: Session, group: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    chosen, values = segments.within(session, group["segment_id"]) if group["segment_id"] else (EVERYBODY, {})
    sql = f"""
    with
    chosen as materialized (
        {chosen}
    ),

    panels as (
        select
            contact_id,
            bool_or(focus_group_id = $group::uuid and state <> 'drawn') as is_on_this,
            bool_or(focus_group_id <> $group::uuid and coalesce(invited_on, local_day(created_at)) > $since) as was_lately
        from focus_participants
        where archived_at is null
        group by contact_id
    )

    select
        contacts.contact_id,
        contacts.name,
        contacts.email,
        contacts.phone,
        customers.customer_id,
        customers.name as customer,
        concat_ws(' · ', {", ".join(_strata_sql(session, group)) or "null"}) as stratum,
        case
            when contacts.consent = 'withdrawn' then 'no consent'
            when contacts.has_refused then 'refused'
            when contacts.consent <> 'given' and not $asks_unknown then 'unknown consent'
            when panels.was_lately then 'focus group'
            when contacts.invited_at >= $survey_since then 'survey'
            when contacts.email is null and contacts.phone is null then 'no way'
        end as reason,
    from chosen
    inner join customers on customers.customer_id = chosen.customer_id
    inner join contacts_to_ask as contacts on contacts.customer_id = customers.customer_id
    left join employees as owners on owners.employee_id = customers.owner_id
    left join customer_answers as answers on answers.customer_id = customers.customer_id
    left join panels on panels.contact_id = contacts.contact_id
    where customers.archived_at is null and not coalesce(panels.is_on_this, false)
    """  # noqa: S608 - the segment's own SQL and the whitelist above
    return sql, values | {
        "group": group.get("focus_group_id"),
        "since": _days_ago(session, group["cooldown_days"]),
        "survey_since": session.start_of(_days_ago(session, int(session.settings["survey_cooldown_days"]))),
        "asks_unknown": group["asks_unknown"],
    }


def _days_ago(session: Session, days: int) -> date:
    return session.today - timedelta(days=days)


def _own(session: Session) -> list[custom_fields.CustomField]:
    return [field for field in custom_fields.of_noun(session, "customers") if field.kind in ("choice", "yes_no")]


def _strata_sql(session: Session, group: Mapping[str, Any]) -> list[str]:
    own = {field.argument: custom_fields.read_sql(field, "customers") for field in _own(session)}
    known = {key: sql for key, (_, sql) in STRATA.items()} | own
    wanted = json.loads(group["strata"]) if group["strata"] else []
    return [f"coalesce(({known[key]})::varchar, '{UNKNOWN}')" for key in wanted if key in known]


def drawn(
    session: Session,
    group: Mapping[str, Any],
    size: int,
    *,
    stratum: str | None = None,
    seed: int | None = None,
    without: Collection[UUID] = (),
) -> list[Row]:
    """One row per contact to invite: at most one of a customer, as mixed as the segment, the same for the same seed.

    Who was drawn before but not invited may be drawn again, but for the customers that are left `without`.
    """
    seed = int(group["seed"]) if seed is None else seed
    sql, values = _candidates(session, group)
    rows = session.rows(
        f"""
        select
            contact_id,
            customer_id,
            stratum,
        from ({sql})
        where
            reason is null
            and not list_contains($without::uuid[], customer_id)
            and ($stratum::varchar is null or stratum = $stratum)
        qualify row_number() over (partition by customer_id order by md5(contact_id::varchar || $seed), contact_id) = 1
        order by contact_id
        """,  # noqa: S608 - made above
        without=[*on_panel(session, group.get("focus_group_id")), *without],
        stratum=stratum,
        seed=str(seed),
        **values,
    )
    return [rows[place] for place in panel.draw([row["stratum"] for row in rows], size, seed)]


def on_panel(session: Session, focus_group_id: UUID | str | None) -> set[UUID]:
    """The customers of whom somebody was invited."""
    rows = session.rows(
        """
        select distinct customer_id
        from focus_participants
        where focus_group_id = $group::uuid and state <> 'drawn' and archived_at is null
        """,
        group=focus_group_id,
    )
    return {row["customer_id"] for row in rows}


def left_out(session: Session, group: Mapping[str, Any], limit: int | None = None) -> list[Row]:
    """One row per contact of the segment who may not be drawn, with the reason in words, by reason and name."""
    sql, values = _candidates(session, group)
    rows = session.rows(
        f"""
        select name, customer, reason
        from ({sql})
        where reason is not null
        order by list_position($reasons, reason), lower(name), contact_id
        limit $limit
        """,  # noqa: S608 - made above
        reasons=list(REASONS),
        limit=limit or 10_000_000,
        **values,
    )
    return [row | {"why": REASONS[row["reason"]]} for row in rows]


def why_left_out(session: Session, group: Mapping[str, Any]) -> list[tuple[str, int]]:
    """How many may not be drawn for each reason, in words."""
    sql, values = _candidates(session, group)
    found = session.rows(
        f"select reason, count(*) as many from ({sql}) where reason is not null group by reason",  # noqa: S608 - made above
        **values,
    )
    many = {row["reason"]: row["many"] for row in found}
    return [(words, many[reason]) for reason, words in REASONS.items() if reason in many]


def mixture(session: Session, group: Mapping[str, Any]) -> list[Row]:
    """One row per stratum: how many customers of the segment may be drawn from it, and how many are on the panel."""
    sql, values = _candidates(session, group)
    found = session.rows(
        f"""
        select stratum, count(distinct customer_id) as many
        from ({sql})
        where reason is null
        group by stratum
        """,  # noqa: S608 - made above
        **values,
    )
    free = Counter({row["stratum"]: row["many"] for row in found})
    chosen = Counter(row["stratum"] or "" for row in participants(session, group["focus_group_id"]))
    return [{"stratum": name, "may_be_drawn": free[name], "on_panel": chosen[name]} for name in sorted(free | chosen)]


def participants(session: Session, focus_group_id: UUID | str) -> list[Row]:
    """One row per person on the panel, by name: who, of which customer, how to reach them, whether we may, how far it is."""
    return session.rows(
        """
        select
            participants.focus_participant_id,
            participants.contact_id,
            participants.customer_id,
            participants.stratum,
            participants.state,
            participants.invited_on,
            participants.interaction_id,
            participants.version,
            contacts.name,
            contacts.email,
            contacts.phone,
            customers.name as customer,
            coalesce(asking.may_be_asked, false) as may_be_asked,
        from focus_participants as participants
        inner join contacts on contacts.contact_id = participants.contact_id
        inner join customers on customers.customer_id = participants.customer_id
        left join contacts_to_ask as asking on asking.contact_id = participants.contact_id
        where participants.focus_group_id = $group and participants.archived_at is null
        order by participants.state = 'declined', lower(contacts.name), participants.focus_participant_id
        """,
        group=focus_group_id,
    )
