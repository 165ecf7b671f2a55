"""Duplicates: a company that was entered twice with its contact, and people who were; what a search must find."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm.demo.truths import DUPLICATE_PEOPLE
from crm.demo.world import World

DAYS_AGO = 12
FORGOTTEN = ("title", "street", "note", "own")


def again(world: World, customers: pd.DataFrame, people: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The two frames with the duplicates at their end: entered lately and in haste."""
    entered = world.day - np.timedelta64(DAYS_AGO, "D")
    companies = customers.loc[customers["kind"] == "company", "customer_id"]
    known = people[people["phone"].notna() & people["customer_id"].isin(companies)]
    twice = known.drop_duplicates("customer_id").iloc[9::70].head(DUPLICATE_PEOPLE)
    company = customers[customers["customer_id"] == twice["customer_id"].iat[0]]
    copy = company.assign(
        customer_id=world.ids("duplicates/customers", np.repeat(entered, 1)),
        name=company["name"] + " Ltd",
        lifecycle_stage="lead",
        **dict.fromkeys(("parent_id", "note", "owner_id", "cadence_days", "own")),
    )
    copies = twice.assign(
        contact_id=world.ids("duplicates/contacts", np.repeat(entered, len(twice))),
        customer_id=[copy["customer_id"].iat[0], *twice["customer_id"].iloc[1:]],
        name=[f"{mistyped(first)} {last}" for first, last in zip(twice["first_name"], twice["last_name"], strict=True)],
        first_name=twice["first_name"].map(mistyped),
        email=twice["email"].str.replace(r"^(.)[^.]*\.", r"\1.", regex=True),  # w.choi in place of wei.choi
        consent="unknown",
        consent_at=pd.NaT,
        **dict.fromkeys(FORGOTTEN),
    )
    return pd.concat([customers, copy], ignore_index=True), pd.concat([people, copies], ignore_index=True)


def mistyped(name: str) -> str:
    """A name with two letters in each other's place.

    >>> mistyped("Martina")
    'Mratina'
    """
    return name[:1] + name[2:3] + name[1:2] + name[3:]
