"""A demo company to try everything on: Harbor, which sells an app, devices and labels to people who lose things.

Made from a day and a seed alone, always the same, with truths planted in it (crm/demo/truths.py) that every insight must find.
It knows nothing of the store: the frames have the tables' columns, and whoever calls this inserts them.
"""

from __future__ import annotations

from datetime import date

import pandas as pd

from crm.demo import (
    brand,
    cast,
    contacts,
    customers,
    deals,
    duplicates,
    events,
    feedback,
    focus,
    goals,
    ideal,
    ideas,
    interactions,
    lately,
    loop,
    meetings,
    orders,
    own_fields,
    products,
    segments,
    staff,
    stage_changes,
    surveys,
    tags,
    tasks,
    themes,
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
    heard = loop.loop(world, voices, parts, people, team)
    asked = surveys.surveys(world, heard.voices, people, team)
    aims = goals.objectives(world)
    said = ideas.ideas(world, team)
    borne, groups = tags.customer_tags(world, parts, labels), segments.segments(world, team, labels)
    planted = themes.themes(world)
    met = focus.focus_group(world, parts, people, team, planted)
    newest = lately.feedback(world, parts, people)
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
        "interactions": pd.concat([talks, heard.interactions, met.pop("interactions")], ignore_index=True).sort_values(
            "occurred_at", kind="stable"
        ),
        **asked.tables,
        "feedback": pd.concat([asked.voices, met.pop("feedback"), newest], ignore_index=True),
        "themes": pd.concat([planted, ideas.themes(world)], ignore_index=True),
        "theme_phrases": pd.concat([themes.theme_phrases(world), ideas.theme_phrases(world)], ignore_index=True),
        "theme_marks": themes.theme_marks(world, voices),
        "actions": pd.concat([loop.with_survey(heard.actions, asked.tables["surveys"]), met.pop("actions")], ignore_index=True),
        "tellings": heard.tellings,
        "traits": traits.traits(world, parts, talks, voices),
        "tasks": tasks.tasks(world, parts, people, sales, voices, team),
        "objectives": aims,
        "ideal_attributes": ideal.ideal_attributes(world),
        "external_events": events.external_events(world),
        **met,
        "brand_readings": brand.brand_readings(world),
        "ideas": said,
        "idea_votes": ideas.idea_votes(world, said, team),
        "enps_answers": ideas.enps_answers(world),
        "goals": goals.goals(world, team, sales, bought, voices, aims),
    }
