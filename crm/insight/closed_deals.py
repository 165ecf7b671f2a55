"""What the closed deals say of those that are open: when deals close, and which are won.

By the age at which they close, by stage, by month of the quarter; all shrunk to the whole where few were closed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm.insight.deal_days import Bools, Deals, Floats, Ints, month_of

EDGES = np.array([0, 1, 3, 5, 8, 11, 15, 20, 30, 45, 60, 75, 90, 105, 120, 140, 180, 240, 365])
OLDEST = 1500  # an age beyond which all ages are alike
AGES = np.arange(OLDEST)
HAZARD_WEIGHT, WIN_WEIGHT, STAGE_WEIGHT = 20.0, 30.0, 30.0  # how much of the whole each part is mixed with
FEWEST = 20  # closed deals from which it is learned what an expected close says
TRUSTED = 0.8  # an expected close is evidence where it misses by less than this share of what an age misses by


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
    >>> made = Deals.of(opened=days, closed=days + 10, won=days % 2 == 0, amount=np.full(40, 5.0))
    >>> found = learn(made, 60)
    >>> found.n, found.win_rate
    (40, 0.5)
    """
    seen = deals.opened <= as_of
    closed = seen & (deals.closed <= as_of)
    age = np.minimum(np.where(closed, deals.closed, as_of) - deals.opened, OLDEST)
    won = deals.won[closed]
    base = (won.sum() + 1) / (len(won) + 2)
    season, shock = _seasons(month_of(deals.closed[closed]), won, base, first_month)
    trust, late = _expected(deals, closed)
    priced = closed & deals.won & (deals.list_price > 0) & (deals.amount > 0)
    return Learned(
        surviving=_surviving(age[seen], age[closed]),
        win_logit=_win_logit(age[closed], won, base),
        season=season,
        stage=_stages(deals, closed, base),
        shock=shock,
        ratio=deals.amount[priced] / deals.list_price[priced],
        win_rate=float(won.mean()) if len(won) else 0.5,
        n=len(won),
        trust=trust,
        late=late,
    )


def _surviving(lived: Ints, ended: Ints) -> Floats:
    """The chance to be open at each age, from the ages that deals have lived to and those at which some of them ended."""
    spans = zip(EDGES, np.r_[EDGES[1:], 10**9], strict=True)
    exposed = np.array([np.clip(np.minimum(lived + 1, end) - start, 0, None).sum() for start, end in spans])
    endings = np.bincount(_span_of(ended), minlength=len(EDGES)).astype(float)
    whole = endings.sum() / max(exposed.sum(), 1)
    hazard = np.clip((endings + HAZARD_WEIGHT * whole) / (exposed + HAZARD_WEIGHT), 0, 0.999)
    return np.asarray(np.r_[1.0, np.cumprod(1 - hazard[_span_of(AGES)])])


def _win_logit(ended: Ints, won: Bools, base: float) -> Floats:
    """How likely a deal that closes at an age is won."""
    spans = _span_of(ended)
    counts, wins = (np.bincount(spans, weights, len(EDGES)) for weights in (None, won.astype(float)))
    return logit((wins + WIN_WEIGHT * base) / (counts + WIN_WEIGHT))[_span_of(AGES)]


def _span_of(age: Ints) -> Ints:
    return np.digitize(age, EDGES) - 1


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
