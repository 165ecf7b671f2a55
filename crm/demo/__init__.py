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
    feedback,
    goals,
    interactions,
    meetings,
    orders,
    products,
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
    return {
        "teams": staff.teams(world, team),
        "employees": team,
        "products": goods,
        "tags": labels,
        "customers": customers.customers(world, parts),
        "contacts": people,
        "customer_tags": tags.customer_tags(world, parts, labels),
        "deals": sales.drop(columns=["stage", "depth", "quantity"]),
        "stage_changes": stage_changes.stage_changes(world, sales),
        "orders": bought,
        "interactions": talks,
        "feedback": voices,
        "traits": traits.traits(world, parts, talks, voices),
        "tasks": tasks.tasks(world, parts, people, sales, voices, team),
        "objectives": aims,
        "goals": goals.goals(world, team, sales, bought, voices, aims),
    }
