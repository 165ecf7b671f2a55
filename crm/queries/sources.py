"""Where figures come from: a macro in `crm/store/views/`, the tables that it reads, and the rows behind its figures."""

from __future__ import annotations

from dataclasses import dataclass

CUSTOMER_SPLITS = ("owner", "team", "customer", "region")
SPLITS = ("owner", "team", "customer", "product", "region")


@dataclass(frozen=True)
class Source:
    """A macro of figures: the tables that it reads, the rows behind its figures, and what these can be split by.

    `own` are the nouns by whose own fields they can be split: the macro joins `own_answers`. In `rows`, `{call}` stands for the
    macro's arguments and `{where}` for the rows that one figure counts.
    """

    macro: str
    nouns: tuple[str, ...]
    rows: str
    splits: tuple[str, ...] = SPLITS
    own: tuple[str, ...] = ("customers", "employees")
    by_pipeline: bool = False

    def splits_by(self, by: str) -> bool:
        """Whether its figures can be split by this: a name, or an own field as `noun:key`."""
        noun, is_own, _ = by.partition(":")
        return noun in self.own if is_own else by in self.splits

    @property
    def is_of_group(self) -> str:
        """The condition that one of its rows is of a group."""
        rows = self.rows.partition("{call} as ")[2].split()[0]
        return f"group_key({rows}.group_id, {rows}.group_region) = $group"


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
SLIP_ROWS = """
    select
        entry.name as deal,
        customers.name as customer,
        owners.name as owner,
        deals.expected_before as expected_close_on,
        deals.expected_after as moved_to_on,
        deals.has_slipped,
        deals.amount_before as amount,
        deals.deal_id,
        deals.customer_id
    from deals_between{call} as deals
    inner join deals as entry on entry.deal_id = deals.deal_id
    left join customers on customers.customer_id = deals.customer_id
    left join employees as owners on owners.employee_id = deals.owner_id
    where {where}
    order by deals.has_slipped desc, deals.amount_before desc, deals.deal_id
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
BUYER_ROWS = """
    select
        entry.name as customer,
        owners.name as owner,
        buyers.purchase_count,
        buyers.last_purchased_on,
        buyers.year_amount,
        buyers.year_before_amount,
        buyers.customer_id
    from buyers_seen{call} as buyers
    inner join customers as entry on entry.customer_id = buyers.customer_id
    left join employees as owners on owners.employee_id = buyers.owner_id
    where {where}
    order by buyers.purchase_count desc, entry.name, buyers.customer_id
"""
LAPSE_ROWS = """
    select
        entry.name as customer,
        owners.name as owner,
        buyers.last_purchased_on,
        buyers.days_since,
        buyers.usual_gap_days,
        buyers.limit_days,
        buyers.is_lapsed,
        buyers.customer_id
    from buyer_rhythms{call} as buyers
    inner join customers as entry on entry.customer_id = buyers.customer_id
    left join employees as owners on owners.employee_id = buyers.owner_id
    where {where}
    order by buyers.days_since, entry.name, buyers.customer_id
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
    where {where}
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
    where {where}
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
    where {where}
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
COMPLAINT_ROWS = """
    select
        complaints.received_at,
        complaints.due_on,
        complaints.text as complaint,
        customers.name as customer,
        owners.name as owner,
        complaints.told_at,
        complaints.days_to_told,
        complaints.feedback_id,
        complaints.customer_id
    from complaints_due{call} as complaints
    left join customers on customers.customer_id = complaints.customer_id
    left join employees as owners on owners.employee_id = complaints.owner_id
    where {where}
    order by complaints.told_at is not null, complaints.due_on, complaints.feedback_id
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
    where {where}
    order by tasks.due_on, tasks.task_id
"""
READING_ROWS = """
    select
        readings.value_share,
        readings.sample_count,
        readings.taken_from,
        readings.starts_on,
        readings.ends_on,
        readings.note,
        readings.brand_reading_id
    from brand_readings_seen{call} as readings
    where {where}
    order by readings.ends_on desc, readings.brand_reading_id
"""
PRICE_ROWS = """
    select
        sales.sold_on,
        sales.sale,
        customers.name as customer,
        products.name as product,
        sales.item_count,
        sales.list_amount,
        sales.paid_amount,
        sales.sale_id,
        sales.customer_id
    from prices_seen{call} as sales
    left join customers on customers.customer_id = sales.customer_id
    left join products on products.product_id = sales.product_id
    where {where}
    order by sales.sold_on desc, sales.sale_id
"""
ARRIVAL_ROWS = """
    select
        entry.name as customer,
        owners.name as owner,
        arrivals.first_bought_on,
        arrivals.answer as found_us,
        arrivals.is_referral,
        arrivals.customer_id
    from arrivals{call} as arrivals
    inner join customers as entry on entry.customer_id = arrivals.customer_id
    left join employees as owners on owners.employee_id = arrivals.owner_id
    where {where}
    order by arrivals.is_referral desc, arrivals.first_bought_on desc, arrivals.customer_id
"""

DEAL_NOUNS = ("deals", "stages", "stage_changes", "products", "employees", "customers", "goals", "settings")
DEAL_OWN = ("customers", "deals", "products", "employees")
CLOSED = Source("closed_figures", DEAL_NOUNS, CLOSED_ROWS, own=DEAL_OWN, by_pipeline=True)
OPEN = Source("open_figures", DEAL_NOUNS, OPEN_ROWS, own=DEAL_OWN, by_pipeline=True)
MEDIANS = Source("median_figures", DEAL_NOUNS, CLOSED_ROWS, own=DEAL_OWN, by_pipeline=True)
SLIPS = Source("slip_figures", DEAL_NOUNS, SLIP_ROWS, own=DEAL_OWN, by_pipeline=True)
# Holds every column of the first two as well.
DEALS = Source("deal_figures", DEAL_NOUNS, OPEN_ROWS, own=DEAL_OWN, by_pipeline=True)
BUYER_NOUNS = ("customers", "deals", "stages", "orders", "employees", "settings")
TOUCH_NOUNS = ("customers", "interactions", "orders", "employees", "settings")
CUSTOMERS = Source("customer_figures", BUYER_NOUNS, CUSTOMER_ROWS, CUSTOMER_SPLITS)
REPEAT = Source("repeat_figures", BUYER_NOUNS, BUYER_ROWS, CUSTOMER_SPLITS)
LAPSE = Source("lapse_figures", BUYER_NOUNS, LAPSE_ROWS, CUSTOMER_SPLITS)
QUIET = Source("quiet_figures", TOUCH_NOUNS, QUIET_ROWS, CUSTOMER_SPLITS)
TALK_NOUNS = ("interactions", "customers", "employees")
INTERACTIONS = Source(
    "interaction_figures",
    TALK_NOUNS,
    INTERACTION_ROWS,
    (*CUSTOMER_SPLITS, "channel"),
    own=("customers", "interactions", "employees"),
)
ORDERS = Source("order_figures", ("orders", "customers", "employees"), ORDER_ROWS, own=("customers", "orders", "products"))
FEEDBACK = Source(
    "feedback_figures", ("feedback", "customers", "employees"), RATING_ROWS, own=("customers", "feedback", "products")
)
LOOP = Source(
    "loop_figures",
    ("feedback", "tellings", "customers", "employees"),
    COMPLAINT_ROWS,
    own=("customers", "feedback", "products", "employees"),
)
TASKS = Source(
    "task_figures", ("tasks", "customers", "employees"), TASK_ROWS, CUSTOMER_SPLITS, own=("customers", "tasks", "employees")
)
READINGS = Source("reading_figures", ("brand_readings",), READING_ROWS, splits=(), own=())
PRICES = Source(
    "price_figures",
    ("orders", "products", "deals", "stages", "customers", "employees"),
    PRICE_ROWS,
    own=("customers", "products"),
)
ARRIVALS = Source("referral_figures", (*BUYER_NOUNS, "custom_fields", "custom_choices"), ARRIVAL_ROWS, CUSTOMER_SPLITS)
