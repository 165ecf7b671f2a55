"""A demo company to try everything on: Harbor, which sells an app, devices and labels to people who lose things.

Made from a day and a seed alone, always the same, with truths planted in it (crm/demo/truths.py) that every insight must find.
It knows nothing of the store: the frames have the tables' columns, and whoever calls this inserts them.
"""

from __future__ import annotations

from datetime import date

import pandas as pd

from crm.demo import (
    cast,
    contacts,
    customers,
    deals,
    duplicates,
    events,
    feedback,
    goals,
    ideal,
    interactions,
    meetings,
    orders,
    own_fields,
    products,
    segments,
    staff,
    stage_changes,
    tags,
    tasks,
    traits,
)
from crm.demo.world import World


def company(today: date, seed: int = 7) -> dict[str, pd.DataFrame]:
    """One frame per table, in insert order, up to and including `today`; see truths.py for what is planted."""
    world = World(today, seed)
    team = staff.employees(world)
    parts = customers.with_ids(world, cast.cast(world, team))
    beat = meetings.meetings(world, parts)
    goods, people, labels = products.products(world), contacts.contacts(world, parts), tags.tags(world)
    sales = deals.deals(world, parts, beat, people, team, goods)
    bought = orders.orders(world, parts, beat, sales, people, goods)
    talks = interactions.interactions(world, parts, beat, sales, bought, people, team)
    voices = feedback.feedback(world, parts, people, team, goods)
    aims = goals.objectives(world)
    borne, groups = tags.customer_tags(world, parts, labels), segments.segments(world, team, labels)
    own = own_fields.custom_fields(world)
    offered = own_fields.custom_choices(world, own)
    filler = own_fields.Filler(world, own, offered)
    twice = duplicates.again(
        world,
        customers.customers(world, parts).assign(own=own_fields.of_customers(filler, parts)),
        people.assign(own=own_fields.of_contacts(filler, people)),
    )
    return {
        "teams": staff.teams(world, team),
        "employees": team,
        "custom_fields": own,
        "custom_choices": offered,
        "products": goods.assign(own=own_fields.of_products(filler, goods)),
        "tags": labels,
        "customers": twice[0],
        "contacts": twice[1],
        "customer_tags": borne,
        "segments": groups,
        "segment_members": segments.segment_members(world, groups, labels, borne),
        "deals": sales.drop(columns=["stage", "depth", "quantity"]).assign(own=own_fields.of_deals(filler, sales)),
        "stage_changes": stage_changes.stage_changes(world, sales),
        "orders": bought,
        "interactions": talks,
        "feedback": voices,
        "traits": traits.traits(world, parts, talks, voices),
        "tasks": tasks.tasks(world, parts, people, sales, voices, team),
        "objectives": aims,
        "ideal_attributes": ideal.ideal_attributes(world),
        "external_events": events.external_events(world),
        "goals": goals.goals(world, team, sales, bought, voices, aims),
    }
