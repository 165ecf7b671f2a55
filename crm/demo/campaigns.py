"""What we sent to many at once and what came back: newsletters to those who agreed, reactions to our posts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm.demo.contacts import GIVEN
from crm.demo.words.talk import POST_CAMPAIGNS, SEASONS
from crm.demo.world import World, at_work

NEWSLETTER_READERS, POST_REACTIONS = 120, 52


def newsletters(world: World, rng: np.random.Generator, seats: pd.DataFrame) -> pd.DataFrame:
    """Twelve issues, one a quarter, to contacts who agreed and whom we knew by then."""
    issues = []
    for number in range(12):
        day = pd.Timestamp(world.today) - pd.Timedelta(days=17 + 91 * number)
        readers = seats.index[(seats["consent"] == GIVEN) & (seats["known_on"] <= day)]
        readers = readers[np.sort(rng.choice(len(readers), min(NEWSLETTER_READERS, len(readers)), replace=False))]
        name = f"{SEASONS[day.month % 12 // 3]} newsletter {day.year + (day.month == 12)}"
        sent = day + pd.Timedelta(hours=9)
        issues.append(pd.DataFrame({"part": seats["part"].loc[readers], "seat": readers, "occurred_at": sent, "campaign": name}))
    return pd.concat(issues).assign(channel="newsletter", direction="outbound")


def posts(world: World, rng: np.random.Generator, seats: pd.DataFrame) -> pd.DataFrame:
    """Reactions to our posts within a few days of each."""
    out = []
    for number, name in enumerate(POST_CAMPAIGNS):
        day = world.day - np.timedelta64(9 + 120 * number, "D")
        free = seats.index[(seats["known_on"] <= pd.Timestamp(day)) & ~seats["is_quiet"]]
        seat = free[np.sort(rng.choice(len(free), min(POST_REACTIONS, len(free)), replace=False))]
        moment = at_work(rng, day + rng.geometric(0.4, len(seat)).clip(0, 8), world.day)
        out.append(pd.DataFrame({"part": seats["part"].loc[seat], "seat": seat, "occurred_at": moment, "campaign": name}))
    return pd.concat(out).assign(channel="post", direction="inbound")
