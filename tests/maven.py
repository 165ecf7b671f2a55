"""The Maven files straight into a store: what the figures must say about them is known to the cent."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from crm.store.session import Session

FILES = ("accounts", "products", "sales_teams", "sales_pipeline")
STAGES = pd.DataFrame(
    [("Prospecting", "open", 11), ("Engaging", "open", 12), ("Won", "won", 18), ("Lost", "lost", 19)],
    columns=["name", "outcome", "position"],
)
TEAMS = "select distinct manager as name from file_sales_teams"
EMPLOYEES = """
    select
        sales_agent as name,
        regional_office as region,
        'member' as role,
        teams.team_id
    from file_sales_teams
    inner join teams on teams.name = manager
"""
CUSTOMERS = "select account as name, sector, 'company' as kind, 'customer' as lifecycle_stage from file_accounts"
PRODUCTS = "select product as name, series as category, sales_price as list_price_amount from file_products"
PIPELINE = "select 'Maven' as name, 2 as position"
STAGE_ROWS = "select stages.*, pipeline_id from file_stages as stages, pipelines where pipelines.name = 'Maven'"
DEALS = """
    select
        opportunity_id as name,
        opportunity_id as external_id,
        'maven' as source,
        customers.customer_id,
        owners.employee_id as owner_id,
        products.product_id,
        stages.stage_id,
        close_value as amount,
        engage_date::date as opened_on,
        close_date::date as closed_on
    from file_sales_pipeline
    inner join stages on stages.name = deal_stage
    inner join pipelines on pipelines.pipeline_id = stages.pipeline_id and pipelines.name = 'Maven'
    inner join employees as owners on owners.name = sales_agent
    inner join products on products.name = replace(product, 'GTXPro', 'GTX Pro')
    left join customers on customers.name = account
"""


def load(session: Session, folder: Path) -> None:
    """Make the teams (a manager's), employees, customers, products, stages and deals of the files."""
    with session.change("Import the Maven company") as change:
        for name in FILES:
            change.stage(f"file_{name}", pd.read_csv(folder / f"{name}.csv"))
        change.stage("file_stages", STAGES)
        rows = {"teams": TEAMS, "employees": EMPLOYEES, "customers": CUSTOMERS, "products": PRODUCTS}
        rows |= {"pipelines": PIPELINE, "stages": STAGE_ROWS, "deals": DEALS}
        for table, sql in rows.items():
            change.insert_from(table, sql)
