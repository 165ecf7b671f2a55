"""Contacts: the people at each customer; a customer who is a person is their own single contact."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm.demo.customers import phones
from crm.demo.names import person_names
from crm.demo.staff import slug
from crm.demo.words.people import JOB_TITLES, PERSON_MAIL_HOSTS, STREETS
from crm.demo.words.places import CITIES
from crm.demo.world import World, table

MANY = (0.26, 0.30, 0.22, 0.13, 0.06, 0.03)
GIVEN, WITHDRAWN, UNKNOWN = "given", "withdrawn", "unknown"


def contacts(world: World, cast: pd.DataFrame) -> pd.DataFrame:
    """One row per contact, the main one of each customer first."""
    rng = world.rng("contacts")
    rows = seats(rng, world, cast)
    met = rows["known_on"] + pd.to_timedelta(rows["turn"] * rng.integers(5, 90, len(rows)), unit="D")
    met = met.clip(upper=pd.Timestamp(world.today))
    consent = np.where(rng.random(len(rows)) < 0.62, GIVEN, np.where(rng.random(len(rows)) < 0.2, WITHDRAWN, UNKNOWN))
    places = [CITIES[int(place)] for place in rows["place"]]
    known = rng.random(len(rows))
    return table(
        {
            "contact_id": world.ids("contacts", met),
            "customer_id": rows["customer_id"],
            "name": rows["first"] + " " + rows["last"],
            "first_name": rows["first"],
            "last_name": rows["last"],
            "title": pd.Series(rng.choice(JOB_TITLES, len(rows))).where(rows["kind"] == "company"),
            "email": emails(rows),
            "phone": pd.Series(phones(rows["place"], offset=20)).where(known < 0.85, None),
            "street": streets(rng, len(rows)).where(known < 0.6),
            "postcode": [postcode(rng, place[5]) for place in places],
            "city": [place[1] for place in places],
            "state": [place[2] or None for place in places],
            "country": [place[3] for place in places],
            "born_on": birthdays(world, rng, len(rows)).where((known < 0.25) | (rows["kind"] == "person")),
            "consent": consent,
            "consent_at": (met + pd.Timedelta(hours=10)).where((consent != UNKNOWN) & (met < pd.Timestamp(world.today))),
            "note": None,
        }
    )


def seats(rng: np.random.Generator, world: World, cast: pd.DataFrame) -> pd.DataFrame:
    """A row for each contact to be, with the customer's facts and a name nobody else has."""
    many = np.where(cast["kind"] == "person", 1, rng.choice(np.arange(1, 7), p=MANY, size=len(cast)))
    rows = cast.loc[cast.index.repeat(many), ["customer_id", "name", "kind", "place", "known_on"]].reset_index(drop=True)
    rows["turn"] = rows.groupby("customer_id").cumcount()
    person = (rows["kind"] == "person").to_numpy()
    names = person_names(world)
    own = {f"{first} {last}": (first, last) for first, last in names}
    others = iter(names[int(person.sum()) :])
    pairs = [own[name] if alone else next(others) for name, alone in zip(rows["name"], person, strict=True)]
    return rows.assign(first=[first for first, _ in pairs], last=[last for _, last in pairs])


def emails(rows: pd.DataFrame) -> list[str]:
    """first.last at the company's own domain, or at a mail host for persons; names differ, so addresses do."""
    hosts = [
        PERSON_MAIL_HOSTS[index % len(PERSON_MAIL_HOSTS)] if kind == "person" else f"{slug(name)}.example"
        for index, (name, kind) in enumerate(zip(rows["name"], rows["kind"], strict=True))
    ]
    return [f"{slug(first)}.{slug(last)}@{host}" for first, last, host in zip(rows["first"], rows["last"], hosts, strict=True)]


def streets(rng: np.random.Generator, size: int) -> pd.Series:
    """A number and a street."""
    return pd.Series(rng.integers(1, 240, size)).astype("str") + " " + pd.Series(rng.choice(STREETS, size))


def postcode(rng: np.random.Generator, pattern: str) -> str:
    """The city's pattern with its free digits drawn."""
    return "".join(str(rng.integers(1, 9)) if letter == "#" else letter for letter in pattern)


def birthdays(world: World, rng: np.random.Generator, size: int) -> pd.Series:
    """Ages from 23 to 64."""
    return pd.Series(world.day - rng.integers(23 * 365, 64 * 365, size).astype("timedelta64[D]"))
