"""Teams and employees: three regions with a manager each, one leader, one admin, seven who sell."""

from __future__ import annotations

from unicodedata import combining, normalize

import numpy as np
import pandas as pd

from crm.demo.truths import BEST_SELLER
from crm.demo.world import World, table

REGIONS = ("West", "East", "Central")
STAFF: tuple[tuple[str, str, str | None, str, float], ...] = (
    # name, role, region, title, how many customers fall to them compared with a colleague
    ("Miriam Adler", "leader", None, "Managing Director", 0),
    ("Tobias Grünwald", "admin", None, "Systems Administrator", 0),
    ("Renée Castillo", "manager", "West", "Sales Manager West", 1),
    ("Hiroshi Tanabe", "manager", "East", "Sales Manager East", 1),
    ("Oluwaseun Bello", "manager", "Central", "Sales Manager Central", 1),
    (BEST_SELLER, "member", "West", "Account Manager", 5),
    ("Søren Kristensen", "member", "West", "Account Manager", 2),
    ("Łukasz Mazur", "member", "East", "Account Manager", 2),
    ("Aoife Brennan", "member", "East", "Account Manager", 2),
    ("Priyanka Rao", "member", "East", "Account Manager", 2),
    ("Diego Fuentes", "member", "Central", "Account Manager", 2),
    ("Hannah Osei", "member", "Central", "Account Manager", 2),
)


def teams(world: World, staff: pd.DataFrame) -> pd.DataFrame:
    """One row per team."""
    managers = staff[staff["role"] == "manager"].set_index("region")["employee_id"]
    return table(
        {
            "team_id": team_ids(world),
            "name": list(REGIONS),
            "manager_id": [managers[region] for region in REGIONS],
            "region": list(REGIONS),
        }
    )


def employees(world: World) -> pd.DataFrame:
    """One row per employee."""
    names = [person[0] for person in STAFF]
    regions = [person[2] for person in STAFF]
    team_of = dict(zip(REGIONS, team_ids(world), strict=True))
    return table(
        {
            "employee_id": world.ids("employees", founding(world, len(STAFF))),
            "name": names,
            "email": [f"{slug(name).replace('-', '.')}@harbor.example" for name in names],
            "role": [person[1] for person in STAFF],
            "team_id": [team_of.get(region or "") for region in regions],
            "region": regions,
            "title": [person[3] for person in STAFF],
        }
    )


def team_ids(world: World) -> list[str]:
    """Known before the rows: a team names its manager, and the manager the team."""
    return world.ids("teams", founding(world, len(REGIONS)))


def founding(world: World, size: int) -> np.ndarray:
    """When the company began to keep records: five years ago."""
    return np.full(size, world.day - np.timedelta64(5 * 365, "D"))


def sellers(staff: pd.DataFrame) -> pd.DataFrame:
    """The employees who own customers, with their share of the work."""
    return staff.assign(share=[person[4] for person in STAFF]).query("share > 0")


_PLAIN = str.maketrans({"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ß": "ss", "æ": "ae", "ı": "i", "đ": "d", "'": "", "&": " and "})


def slug(name: str) -> str:
    """A name as it stands in an address: plain letters, words joined by a hyphen.

    >>> slug("Łukasz Nguyễn & Søn")
    'lukasz-nguyen-and-son'
    """

    plain = "".join(letter for letter in normalize("NFKD", name.translate(_PLAIN)) if not combining(letter))
    return "-".join("".join(letter if letter.isalnum() else " " for letter in plain.lower()).split())
