"""Every figure there is: what it says, how it is made, and which rows stand behind it. KPIS.md in code.

A figure's value is a column of the macro named by its source, its n the column `<key>_n`; both are defined in
`crm/store/views/`, so that a page, the command line and any tool that opens the file see the same number.
"""

from __future__ import annotations

from dataclasses import dataclass

CUSTOMER_SPLITS = ("owner", "team", "customer", "region")
SPLITS = ("owner", "team", "customer", "product", "region")


@dataclass(frozen=True)
class Source:
    """A macro of figures: the tables that it reads, and what its figures can be split by."""

    macro: str
    nouns: tuple[str, ...]
    splits: tuple[str, ...] = SPLITS
    by_pipeline: bool = False


DEAL_NOUNS = ("deals", "stages", "stage_changes", "products", "employees", "customers", "goals", "settings")
CLOSED = Source("closed_figures", DEAL_NOUNS, by_pipeline=True)
OPEN = Source("open_figures", DEAL_NOUNS, by_pipeline=True)
MEDIANS = Source("median_figures", DEAL_NOUNS, by_pipeline=True)
# Holds every column of the first two as well.
DEALS = Source("deal_figures", DEAL_NOUNS, by_pipeline=True)
CUSTOMERS = Source("customer_figures", ("customers", "deals", "stages", "orders", "employees", "settings"), CUSTOMER_SPLITS)
QUIET = Source("quiet_figures", ("customers", "interactions", "orders", "employees", "settings"), CUSTOMER_SPLITS)
INTERACTIONS = Source("interaction_figures", ("interactions", "customers", "employees"), (*CUSTOMER_SPLITS, "channel"))
ORDERS = Source("order_figures", ("orders", "customers", "employees"))
FEEDBACK = Source("feedback_figures", ("feedback", "customers", "employees"))
TASKS = Source("task_figures", ("tasks", "customers", "employees"), CUSTOMER_SPLITS)

CLOSED_ROWS = """
    select
        entry.name as deal,
        customers.name as customer,
        owners.name as owner,
        deals.outcome,
        deals.amount,
        deals.potential_amount,
        deals.opened_on,
        deals.closed_on,
        deals.cycle_days,
        deals.deal_id,
        deals.customer_id
    from closed_deals{call} as deals
    inner join deals as entry on entry.deal_id = deals.deal_id
    left join customers on customers.customer_id = deals.customer_id
    left join employees as owners on owners.employee_id = deals.owner_id
    where {where}
    order by deals.closed_on desc, deals.amount desc, deals.deal_id
"""
OPEN_ROWS = """
    select
        entry.name as deal,
        customers.name as customer,
        owners.name as owner,
        deals.stage,
        deals.potential_amount,
        deals.is_estimated,
        deals.probability_share,
        deals.opened_on,
        deals.expected_close_on,
        deals.deal_id,
        deals.customer_id
    from open_deals{call} as deals
    inner join deals as entry on entry.deal_id = deals.deal_id
    left join customers on customers.customer_id = deals.customer_id
    left join employees as owners on owners.employee_id = deals.owner_id
    where {where}
    order by deals.potential_amount desc, deals.deal_id
"""
CUSTOMER_ROWS = """
    select
        entry.name as customer,
        owners.name as owner,
        customers.first_bought_on,
        customers.lifecycle_stage,
        customers.region,
        customers.customer_id
    from buying_customers{call} as customers
    inner join customers as entry on entry.customer_id = customers.customer_id
    left join employees as owners on owners.employee_id = customers.owner_id
    where {where}
    order by customers.first_bought_on desc, entry.name, customers.customer_id
"""
QUIET_ROWS = """
    select
        entry.name as customer,
        owners.name as owner,
        customers.last_touch_at,
        customers.days_quiet,
        customers.usual_gap_days,
        customers.limit_days,
        customers.customer_id
    from touched_customers{call} as customers
    inner join customers as entry on entry.customer_id = customers.customer_id
    left join employees as owners on owners.employee_id = customers.owner_id
    where customers.is_quiet
    order by customers.days_quiet desc, entry.name, customers.customer_id
"""
INTERACTION_ROWS = """
    select
        interactions.occurred_at,
        interactions.channel,
        interactions.subject,
        customers.name as customer,
        employees.name as employee,
        interactions.interaction_id,
        interactions.customer_id
    from interactions_seen{call} as interactions
    left join customers on customers.customer_id = interactions.customer_id
    left join employees on employees.employee_id = interactions.employee_id
    order by interactions.occurred_at desc, interactions.interaction_id
"""
ORDER_ROWS = """
    select
        orders.ordered_at,
        orders.number,
        customers.name as customer,
        products.name as product,
        orders.amount,
        orders.order_id,
        orders.customer_id
    from orders_seen{call} as orders
    left join customers on customers.customer_id = orders.customer_id
    left join products on products.product_id = orders.product_id
    order by orders.ordered_at desc, orders.order_id
"""
RATING_ROWS = """
    select
        ratings.received_at,
        customers.name as customer,
        contacts.name as contact,
        ratings.rating,
        ratings.text,
        ratings.feedback_id,
        ratings.customer_id
    from ratings_seen{call} as ratings
    left join customers on customers.customer_id = ratings.customer_id
    left join contacts on contacts.contact_id = ratings.contact_id
    where {where}
    order by ratings.received_at desc, ratings.feedback_id
"""
TASK_ROWS = """
    select
        tasks.title as task,
        tasks.due_on,
        tasks.days_late,
        customers.name as customer,
        owners.name as owner,
        tasks.task_id,
        tasks.customer_id
    from overdue_tasks{call} as tasks
    left join customers on customers.customer_id = tasks.customer_id
    left join employees as owners on owners.employee_id = tasks.owner_id
    order by tasks.due_on, tasks.task_id
"""


@dataclass(frozen=True)
class Figure:
    """One figure. `flow`: it adds up over time; `standing`: it is read at the close of a day, not over the period.

    `zero`: with no rows it is 0, not unknown. `missing`: the words for a value that is not there.
    `also`: columns of the macro beside its value and n.
    """

    key: str
    title: str
    words: str
    formula: str
    unit: str
    source: Source
    rows: str
    where: str = "true"
    flow: bool = False
    standing: bool = False
    more_is_better: bool = True
    zero: bool = False
    missing: str = "too few to say"
    also: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns in the macro; what nobody asks for is not computed."""
        return (self.key, f"{self.key}_n", *self.also)

    @property
    def macro(self) -> str:
        """The macro whose column it is."""
        return self.source.macro

    @property
    def nouns(self) -> tuple[str, ...]:
        """The tables that it reads: the freshness part of a cache key."""
        return self.source.nouns


NO_GOAL = "no goal for this period"
WON = "deals.outcome = 'won'"

_ALL = (
    Figure(
        "won_amount",
        "Won amount",
        "The amounts of the deals won in the period, by the day they closed. Not revenue: that comes from orders.",
        "sum of amount of deals won in the period",
        "money",
        CLOSED,
        CLOSED_ROWS,
        where=WON,
        flow=True,
        zero=True,
    ),
    Figure(
        "won_count",
        "Deals won",
        "How many deals were won in the period, by the day they closed.",
        "number of deals won in the period",
        "count",
        CLOSED,
        CLOSED_ROWS,
        where=WON,
        flow=True,
        zero=True,
    ),
    Figure(
        "lost_count",
        "Deals lost",
        "How many deals were lost in the period, by the day they closed.",
        "number of deals lost in the period",
        "count",
        CLOSED,
        CLOSED_ROWS,
        where="deals.outcome = 'lost'",
        flow=True,
        more_is_better=False,
        zero=True,
    ),
    Figure(
        "open_count",
        "Open deals",
        "Deals that stood open at the close of the day: opened by then, not closed by then. A deal without an opening date "
        "counts from the day it was entered.",
        "number of deals opened on or before, not closed on or before, the day",
        "count",
        OPEN,
        OPEN_ROWS,
        standing=True,
        zero=True,
    ),
    Figure(
        "open_amount",
        "Open pipeline",
        "What the open deals could bring: the amount, or the product's list price where a deal has none.",
        "sum of potential amount of open deals",
        "money",
        OPEN,
        OPEN_ROWS,
        where="deals.potential_amount is not null",
        standing=True,
        zero=True,
    ),
    Figure(
        "win_rate",
        "Win rate",
        "Of the deals decided in the period, the share that was won. Open deals are not in it.",
        "won / (won + lost), closed in the period",
        "share",
        CLOSED,
        CLOSED_ROWS,
        missing="too few to say: no deal was decided in this period",
    ),
    Figure(
        "win_rate_by_amount",
        "Win rate by value",
        "Of the value decided in the period, the share that was won. A lost deal counts with its amount or list price.",
        "won potential amount / potential amount of won and lost deals, closed in the period",
        "share",
        CLOSED,
        CLOSED_ROWS,
        where="deals.potential_amount is not null",
        missing="too few to say: no deal with a value was decided in this period",
    ),
    Figure(
        "average_deal_amount",
        "Average deal",
        "The mean amount of the deals won in the period. A few large deals pull it up: see the median.",
        "won amount / deals won with an amount",
        "money",
        CLOSED,
        CLOSED_ROWS,
        where=f"{WON} and deals.amount is not null",
        missing="too few to say: no deal was won in this period",
    ),
    Figure(
        "median_deal_amount",
        "Median deal",
        "Half of the deals won in the period brought less, half brought more.",
        "median amount of deals won in the period",
        "money",
        MEDIANS,
        CLOSED_ROWS,
        where=f"{WON} and deals.amount is not null",
        missing="too few to say: no deal was won in this period",
    ),
    Figure(
        "sales_cycle_days",
        "Sales cycle",
        "How many days a deal won in the period took, on average, from opened to closed.",
        "mean days from opened to closed, deals won in the period",
        "days",
        CLOSED,
        CLOSED_ROWS,
        where=f"{WON} and deals.cycle_days is not null",
        more_is_better=False,
        missing="too few to say: no deal with an opening date was won in this period",
    ),
    Figure(
        "weighted_pipeline_amount",
        "Weighted pipeline",
        "What the open deals expected to close in the period will probably bring: each counts with the chance of its stage. "
        "Won and lost deals are not in it.",
        "sum of potential amount × chance to win by stage, open deals with expected close in the period",
        "money",
        OPEN,
        OPEN_ROWS,
        where="deals.is_closing and deals.potential_amount * deals.probability_share is not null",
        standing=True,
        zero=True,
        missing="too few to say: no stage has a probability, and no deal has been decided to learn one from",
    ),
    Figure(
        "pipeline_coverage",
        "Pipeline coverage",
        "How often the open pipeline closing in the period covers what is still missing to the won-amount goal. "
        "Enough is 1 / win rate by value.",
        "open pipeline closing in the period / (target − won so far)",
        "ratio",
        DEALS,
        OPEN_ROWS,
        where="deals.is_closing",
        standing=True,
        missing=NO_GOAL,
        also=("pipeline_coverage_reason",),
    ),
    Figure(
        "sales_velocity",
        "Sales velocity",
        "What the pipeline brings a day at the pace of the last 12 months.",
        "open deals past the first stage × win rate × average won amount / cycle days; rates of the last 12 months",
        "money_per_day",
        DEALS,
        OPEN_ROWS,
        where="deals.is_past_first",
        standing=True,
        missing="too few to say: no deal with an opening date was won in the last 12 months",
    ),
    Figure(
        "attainment",
        "Attainment",
        "How much of the won-amount goal for exactly this period has been reached.",
        "won amount / target",
        "share",
        CLOSED,
        CLOSED_ROWS,
        where=WON,
        missing=NO_GOAL,
        also=("attainment_reason", "target"),
    ),
    Figure(
        "pace",
        "Pace",
        "Attainment against the share of the period that is over: 1.00× is exactly on course.",
        "attainment / share of the period elapsed, the as-of day included",
        "ratio",
        CLOSED,
        CLOSED_ROWS,
        where=WON,
        missing=NO_GOAL,
        also=("pace_reason",),
    ),
    Figure(
        "customers",
        "Customers",
        "Who has ever bought: not archived, with a won deal or an order by the day. Leads and prospects are not counted.",
        "customers with a won deal or an order on or before the day",
        "count",
        CUSTOMERS,
        CUSTOMER_ROWS,
        standing=True,
        zero=True,
    ),
    Figure(
        "new_customers",
        "New customers",
        "Who bought for the first time in the period.",
        "customers whose first won deal or order is in the period",
        "count",
        CUSTOMERS,
        CUSTOMER_ROWS,
        where="customers.is_new",
        flow=True,
        zero=True,
    ),
    Figure(
        "interactions",
        "Interactions",
        "What happened between us and our customers in the period, over all channels.",
        "number of interactions in the period",
        "count",
        INTERACTIONS,
        INTERACTION_ROWS,
        flow=True,
        zero=True,
    ),
    Figure(
        "revenue",
        "Revenue",
        "The amounts of all orders in the period, returns negative, whether the customer is known or not.",
        "sum of order amounts in the period",
        "money",
        ORDERS,
        ORDER_ROWS,
        flow=True,
        zero=True,
    ),
    Figure(
        "orders",
        "Orders",
        "How many orders there were in the period, returns included.",
        "number of orders in the period",
        "count",
        ORDERS,
        ORDER_ROWS,
        flow=True,
        zero=True,
    ),
    Figure(
        "quiet_customers",
        "Quiet customers",
        "Customers whose last two-way interaction or order is longer ago than 1.5 × their own usual gap (from 3 gaps on), else "
        "than the limit set for their lifecycle stage. n is everyone ever in touch.",
        "customers with days since the last touch > 1.5 × own median gap, else > the limit in Settings",
        "count",
        QUIET,
        QUIET_ROWS,
        standing=True,
        more_is_better=False,
        zero=True,
    ),
    Figure(
        "nps",
        "NPS",
        "Would they recommend us? The share of 9–10 less the share of 0–6, from the latest answer of each person.",
        "100 × (share of 9–10 − share of 0–6), latest answer of each person in the period",
        "score",
        FEEDBACK,
        RATING_ROWS,
        where="ratings.feedback_id in (select feedback_id from latest_nps{call})",
        missing="too few to say: nobody answered in this period",
    ),
    Figure(
        "csat",
        "CSAT",
        "The share of satisfied answers, 4 or 5 of 5. Other scales are not mixed in.",
        "answers 4–5 of 5 / answers",
        "share",
        FEEDBACK,
        RATING_ROWS,
        where="ratings.scale = 'csat_1_5'",
        missing="too few to say: nobody answered in this period",
    ),
    Figure(
        "ces",
        "CES",
        "How easy it is to deal with us, from 1 to 7. Here 7 is very easy.",
        "mean of answers 1–7, 7 = very easy",
        "score",
        FEEDBACK,
        RATING_ROWS,
        where="ratings.scale = 'ces_1_7'",
        missing="too few to say: nobody answered in this period",
    ),
    Figure(
        "tasks_overdue",
        "Tasks overdue",
        "Tasks due before the day and not done by its close.",
        "number of tasks due before, not done by, the day",
        "count",
        TASKS,
        TASK_ROWS,
        standing=True,
        more_is_better=False,
        zero=True,
    ),
)
FIGURES: dict[str, Figure] = {figure.key: figure for figure in _ALL}
