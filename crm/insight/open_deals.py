"""What the open deals, and those that will be opened, bring in the days to come: simulated deal by deal.

A deal closes at the hazard of its age and is won with the chance of the age at which it closes, its stage and the month of
the quarter; everything is learned from the deals that were closed by the day one looks from, and shrunk to the whole where
few were. One shock a path ties the deals of a period together: without it a sum of many deals looks far too certain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NEVER = 2**40  # a day that does not come: the deal is open
UNKNOWN = -1  # a stage that nobody recorded
EDGES = np.array([0, 1, 3, 5, 8, 11, 15, 20, 30, 45, 60, 75, 90, 105, 120, 140, 180, 240, 365])
OLDEST = 1500  # an age beyond which all ages are alike
HAZARD_WEIGHT, WIN_WEIGHT, STAGE_WEIGHT = 20.0, 30.0, 30.0  # how much of the whole each part is mixed with
RECENT = 90  # days whose openings go on
SPREAD_OF_OPENINGS = 0.15
MOST = 4_000  # deals drawn one by one; of more, so many stand for all
FEWEST = 20  # closed deals from which a chance is learned
KNOWN = 0.5  # the share of open deals with an amount from which amounts are believed to be known before the end
TRUSTED = 0.8  # an expected close is evidence where it misses by less than this share of what an age misses by


@dataclass(frozen=True)
class Deals:
    """Deals as arrays of equal length; days are whole numbers since 1970.

    `closed` is NEVER for one that is open, `amount`, `list_price` and `expected` (day) are nan where unknown, `group` is a
    number from 0. `step_deal`, `step_day`, `step_stage`: which deal entered which stage when, by day.
    """

    opened: Ints
    closed: Ints
    won: Bools
    amount: Floats
    list_price: Floats
    expected: Floats
    group: Ints
    step_deal: Ints
    step_day: Ints
    step_stage: Ints

    @property
    def groups(self) -> int:
        """How many groups there are, at least one."""
        return int(self.group.max(initial=0)) + 1

    def stages_on(self, day: int) -> Ints:
        """The stage of each deal on a day, UNKNOWN before its first recorded step."""
        stages = np.full(len(self.opened), UNKNOWN)
        seen = self.step_day <= day
        stages[self.step_deal[seen]] = self.step_stage[seen]  # the last one stands
        return stages

    def won_by_month(self, months: Ints, until: int, *, counted: bool = False) -> Floats:
        """(groups, months): what was won in each month (months since 1970) by the close of a day."""
        taken = self.won & (self.closed <= until)
        month = month_of(self.closed[taken]) - months[0]
        within = (month >= 0) & (month < len(months))
        place = self.group[taken][within] * len(months) + month[within]
        worth = None if counted else np.nan_to_num(self.amount[taken][within])
        return np.bincount(place, worth, self.groups * len(months)).reshape(self.groups, -1).astype(float)

    def won_between(self, after: int, until: int, *, counted: bool = False) -> Floats:
        """(groups,): what was won after one day, up to and including another."""
        taken = self.won & (self.closed > after) & (self.closed <= until)
        worth = None if counted else np.nan_to_num(self.amount[taken])
        return np.bincount(self.group[taken], worth, self.groups).astype(float)


@dataclass(frozen=True)
class Learned:
    """What the closed deals of the past say: by age, by stage, by month of the quarter."""

    surviving: Floats  # the chance to be open at an age
    win_logit: Floats  # by age at close
    season: Floats  # (3,) on the logit
    stage: Floats  # on the logit, by stage; the last one is UNKNOWN's
    shock: float
    ratio: Floats  # amounts of won deals over their list price
    win_rate: float
    n: int
    trust: float  # how far an expected close is believed, 0 to 1
    late: Floats  # days by which closes missed what was expected


def month_of(days: Ints) -> Ints:
    """Months since 1970 of days since 1970.

    >>> month_of(np.array([0, 31, 365])).tolist()
    [0, 1, 12]
    """
    return days.astype("datetime64[D]").astype("datetime64[M]").astype("int64")


def logit(share: Floats | float) -> Floats:
    """The log odds.

    >>> float(logit(0.5))
    0.0
    """
    return np.asarray(np.log(share) - np.log1p(-np.asarray(share)))


def learn(deals: Deals, as_of: int, first_month: int = 1) -> Learned:
    """What the deals closed by a day say of those that are open.

    Source: discrete-time hazard with exposure, J. Singer & J. Willett, “Applied Longitudinal Data Analysis” (2003), ch. 10;
    shrinking of each share to the whole by a number of imagined cases: A. Gelman et al., “Bayesian Data Analysis”, ch. 2.

    >>> days = np.arange(40)
    >>> made = of(opened=days, closed=days + 10, won=days % 2 == 0, amount=np.full(40, 5.0))
    >>> found = learn(made, 60)
    >>> found.n, found.win_rate
    (40, 0.5)
    """
    seen = deals.opened <= as_of
    closed = seen & (deals.closed <= as_of)
    age = np.minimum(np.where(closed, deals.closed, as_of) - deals.opened, OLDEST)[seen]
    place = np.digitize(np.arange(OLDEST), EDGES) - 1
    ended = np.bincount(np.digitize(age[closed[seen]], EDGES) - 1, minlength=len(EDGES)).astype(float)
    starts, ends = EDGES, np.r_[EDGES[1:], 10**9]
    spans = zip(starts, ends, strict=True)
    exposed = np.array([np.clip(np.minimum(age + 1, end) - start, 0, None).sum() for start, end in spans])
    whole = ended.sum() / max(exposed.sum(), 1)
    hazard = np.clip((ended + HAZARD_WEIGHT * whole) / (exposed + HAZARD_WEIGHT), 0, 0.999)
    won = deals.won[closed]
    base = (won.sum() + 1) / (len(won) + 2)
    by_age = np.digitize(age[closed[seen]], EDGES) - 1
    counts, wins = (np.bincount(by_age, weights, len(EDGES)) for weights in (None, won.astype(float)))
    chance = (wins + WIN_WEIGHT * base) / (counts + WIN_WEIGHT)
    season, shock = _seasons(month_of(deals.closed[closed]), won, base, first_month)
    trust, late = _expected(deals, closed)
    priced = closed & deals.won & (deals.list_price > 0) & (deals.amount > 0)
    return Learned(
        surviving=np.r_[1.0, np.cumprod(1 - hazard[place])],
        win_logit=logit(chance)[place],
        season=season,
        stage=_stages(deals, closed, base),
        shock=shock,
        ratio=deals.amount[priced] / deals.list_price[priced],
        win_rate=float(won.mean()) if len(won) else 0.5,
        n=len(won),
        trust=trust,
        late=late,
    )


def _seasons(month: Ints, won: Bools, base: float, first_month: int) -> tuple[Floats, float]:
    """How much better each month of the quarter is, and how much months differ beyond that."""
    if not len(month):
        return np.zeros(3), 0.3
    known, index = np.unique(month, return_inverse=True)
    wins, counts = np.bincount(index, won.astype(float)), np.bincount(index)
    off = np.log((wins + 1) / (counts - wins + 1)) - logit(base)
    phase = (known - (first_month - 1)) % 3
    season = np.array([off[phase == each].sum() / (np.sum(phase == each) + 0.3) for each in range(3)])
    rest = off - season[phase]
    return season, float(np.sqrt(max((rest**2).sum() / max(len(known) - 2, 1), 0.01)))


def _stages(deals: Deals, closed: Bools, base: float) -> Floats:
    """How much better the chances of deals that passed a stage are; none where a stage was never recorded."""
    many = int(deals.step_stage.max(initial=-1)) + 1
    passed = closed[deals.step_deal]
    visits = np.unique(np.stack([deals.step_deal[passed], deals.step_stage[passed]]), axis=1)
    counts = np.bincount(visits[1], minlength=many)
    wins = np.bincount(visits[1], deals.won[visits[0]].astype(float), many)
    better = logit((wins + STAGE_WEIGHT * base) / (counts + STAGE_WEIGHT)) - logit(base)
    return np.asarray(np.append(better, 0.0))


def _expected(deals: Deals, closed: Bools) -> tuple[float, Floats]:
    """Whether expected closes say more than the age does: how far they are trusted, and by how much they miss."""
    known = closed & np.isfinite(deals.expected)
    late = deals.closed[known] - deals.expected[known]
    if len(late) < FEWEST:
        return 0.0, np.zeros(1)
    cycle = deals.closed[known] - deals.opened[known]
    by_age = float(np.abs(cycle - np.median(cycle)).mean())
    miss = float(np.abs(late - np.median(late)).mean())
    share = miss / by_age if by_age else 1.0
    return (1.0 - share if share < TRUSTED else 0.0), late.astype(float)


def simulate(
    deals: Deals, as_of: int, days: Ints, *, paths: int = 400, seed: int = 0, first_month: int = 1, learned: Learned | None = None
) -> tuple[Floats, Floats]:
    """What is won from the day after `as_of` to each of `days`: (paths, groups, days) of amounts, and of numbers of deals.

    >>> opened = np.arange(100)
    >>> made = of(opened=opened, closed=np.where(opened < 80, opened + 15, NEVER), won=opened < 80, amount=np.full(100, 10.0))
    >>> amounts, counts = simulate(made, 99, np.array([110, 130]), paths=50)
    >>> amounts.shape, bool((amounts[:, 0, 1] >= amounts[:, 0, 0]).all()), bool(np.allclose(amounts, 10 * counts))
    ((50, 1, 2), True, True)
    """
    random = np.random.default_rng(seed)
    known = learned or learn(deals, as_of, first_month)
    span = int(days[-1]) - as_of
    shock = random.normal(0, known.shock, paths)
    standing = np.flatnonzero((deals.opened <= as_of) & (deals.closed > as_of))
    chosen, weight = (standing, 1.0) if len(standing) <= MOST else (random.choice(standing, MOST, False), len(standing) / MOST)
    which, who, when = _old(deals, chosen, as_of, span, known, random, paths)
    fresh = _new(deals, as_of, span, known, random, paths)
    path, deal = np.r_[which, fresh[0]], np.r_[who, fresh[1]]
    age, day = np.r_[when[0], fresh[2]], np.r_[when[1], fresh[3]]
    share = np.r_[np.full(len(which), weight), fresh[4]]
    stage = np.r_[deals.stages_on(as_of)[who], np.full(len(fresh[0]), UNKNOWN)]
    phase = (month_of(day) - (first_month - 1)) % 3
    odds = known.win_logit[np.minimum(age, OLDEST - 1)] + known.season[phase] + known.stage[stage] + shock[path]
    won = random.random(len(odds)) < 1 / (1 + np.exp(-odds))
    path, deal, day, share = path[won], deal[won], day[won], share[won]
    place = (path * deals.groups + deals.group[deal]) * len(days) + np.searchsorted(days, day)
    worth = _worth(deals, deal, as_of, known, random)
    size, shape = paths * deals.groups * len(days), (paths, deals.groups, len(days))
    amounts, counts = (np.bincount(place, each, size).reshape(shape).cumsum(axis=2) for each in (worth * share, share))
    return amounts, counts


def _old(
    deals: Deals, chosen: Ints, as_of: int, span: int, known: Learned, random: np.random.Generator, paths: int
) -> tuple[Ints, Ints, tuple[Ints, Ints]]:
    """Which open deals close within the days on which path: path, deal, (age, day) of the close."""
    age = np.minimum(as_of - deals.opened[chosen], OLDEST - 1)
    left = known.surviving[np.minimum(age + 1, OLDEST)]
    within = 1 - known.surviving[np.minimum(age + 1 + span, OLDEST)] / left
    chance = random.random((paths, len(chosen)))
    path, one = np.nonzero(chance < within)
    closing = _closing(known, left[one] * (1 - chance[path, one]))
    day = as_of + np.maximum(closing - age[one], 1)
    if known.trust:
        path, one, day = _as_expected(deals, chosen, as_of, span, known, random, paths, (path, one, day))
    return path, chosen[one], (np.minimum(day - deals.opened[chosen[one]], OLDEST - 1), np.minimum(day, as_of + span))


def _as_expected(
    deals: Deals,
    chosen: Ints,
    as_of: int,
    span: int,
    known: Learned,
    random: np.random.Generator,
    paths: int,
    by_age: tuple[Ints, Ints, Ints],
) -> tuple[Ints, Ints, Ints]:
    """Of the deals with an expected close, the trusted share of paths closes around it, the rest by age."""
    expected = deals.expected[chosen]
    dated = np.isfinite(expected) & (expected + np.quantile(known.late, 0.9) > as_of)
    believed = random.random((paths, len(chosen))) < np.where(dated, known.trust, 0.0)
    kept = ~believed[by_age[0], by_age[1]]
    path, one = np.nonzero(believed)
    day = (expected[one] + random.choice(known.late, len(one))).astype("int64")
    day = np.where(day > as_of, day, as_of + 1 + random.integers(0, 30, len(day)))  # past its time: soon
    inside = day <= as_of + span
    return (
        np.r_[by_age[0][kept], path[inside]],
        np.r_[by_age[1][kept], one[inside]],
        np.r_[by_age[2][kept], day[inside]],
    )


def _closing(known: Learned, target: Floats) -> Ints:
    """The age at which the chance to be open has fallen to a target."""
    return np.minimum(np.searchsorted(-known.surviving, -target) - 1, OLDEST - 1)


def _new(
    deals: Deals, as_of: int, span: int, known: Learned, random: np.random.Generator, paths: int
) -> tuple[Ints, Ints, Ints, Ints, Floats]:
    """Deals opened in the days to come, as those of the last months were: path, a deal like it, age and day, weight."""
    recent = np.flatnonzero((deals.opened > as_of - RECENT) & (deals.opened <= as_of))
    since = min(RECENT, as_of - int(deals.opened.min(initial=as_of)) + 1)
    rate = len(recent) / max(since, 1) * span
    weight = max(rate / MOST, 1.0)
    many = random.poisson(rate / weight * np.exp(random.normal(0, SPREAD_OF_OPENINGS, paths) - SPREAD_OF_OPENINGS**2 / 2))
    path = np.repeat(np.arange(paths), many)
    like = random.choice(recent, len(path)) if len(recent) else np.zeros(0, dtype="int64")
    born = random.integers(1, span + 1, len(path))
    closing = _closing(known, 1 - random.random(len(path)))
    day = as_of + born + closing
    inside = day <= as_of + span
    return path[inside], like[inside], closing[inside], day[inside], np.full(int(inside.sum()), weight)


def _worth(deals: Deals, deal: Ints, as_of: int, known: Learned, random: np.random.Generator) -> Floats:
    """What each won deal brings: its amount where amounts are known before the end, else list price by a drawn ratio."""
    price = deals.list_price[deal]
    ratio = random.choice(known.ratio, len(deal)) if len(known.ratio) else np.ones(len(deal))
    standing = deals.closed == NEVER
    believed = bool(standing.any()) and float(np.isfinite(deals.amount[standing]).mean()) > KNOWN
    estimate = price * ratio
    past = deals.amount[deals.won & (deals.closed <= as_of) & np.isfinite(deals.amount)]
    unknown = random.choice(past, len(deal)) if len(past) else np.zeros(len(deal))
    estimate = np.where(np.isfinite(estimate), estimate, unknown)
    stated = deals.amount[deal]
    lost = ~deals.won[deal] & (deals.closed[deal] < NEVER) & ~(stated > 0)  # a lost deal of 0 says what it brought
    return np.where(np.isfinite(stated) & ~lost & believed, stated, estimate)


def of(
    opened: Ints,
    closed: Ints,
    won: Bools,
    amount: Floats,
    *,
    list_price: Floats | None = None,
    expected: Floats | None = None,
    group: Ints | None = None,
    steps: tuple[Ints, Ints, Ints] | None = None,
) -> Deals:
    """Deals from what is known of them; what is not given is unknown.

    >>> of(np.array([1]), np.array([3]), np.array([True]), np.array([9.0])).groups
    1
    """
    size, none = len(opened), np.zeros(0, dtype="int64")
    unknown = np.full(size, np.nan)
    return Deals(
        opened=np.asarray(opened, dtype="int64"),
        closed=np.asarray(closed, dtype="int64"),
        won=np.asarray(won, dtype=bool),
        amount=np.asarray(amount, dtype=float),
        list_price=unknown if list_price is None else np.asarray(list_price, dtype=float),
        expected=unknown if expected is None else np.asarray(expected, dtype=float),
        group=np.zeros(size, dtype="int64") if group is None else np.asarray(group, dtype="int64"),
        step_deal=none if steps is None else steps[0],
        step_day=none if steps is None else steps[1],
        step_stage=none if steps is None else steps[2],
    )
