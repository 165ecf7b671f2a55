"""Customers that are companies: when two of them are one. Sisters of one group share name and website, but not the place."""

from __future__ import annotations

from crm.queries.likeness.model import ALIKE, PART, TYPO, Comparison, Kind

ROWS = """
    select
        customer_id as record_id,
        company_name(name) as called,
        replace(company_name(name), ' ', '') as closed_up,
        left(company_name(name), 6) as beginning_of_name,
        web_domain(website) as domain,
        phone_number(phone) as phone,
        bare_words(city) as city,
        bare_words(country) as country,
        founded_year,
        name_key,
    from customers
    where archived_at is null and kind = 'company'
"""

COMPANIES = Kind(
    table="customers",
    rows=ROWS,
    comparisons=(
        Comparison("called", "name", ((TYPO, PART), (ALIKE,)), (0.75, 0.17, 0.04, 0.04), (0.05, 0.30, 0.15, 0.50), rarest=0.002),
        Comparison("domain", "website", ((TYPO,),), (0.80, 0.05, 0.15), (0.30, 0.05, 0.65), usual=1e-6, rarest=0.01),
        Comparison("phone", "phone", (), (0.70, 0.30), (0.10, 0.90), usual=1e-6, rarest=0.05),
        Comparison("city", "city", ((TYPO,),), (0.85, 0.06, 0.09), (0.25, 0.03, 0.72), usual=0.01),
        Comparison("country", "country", (), (0.96, 0.04), (0.60, 0.40), usual=0.2),
        Comparison("founded_year", "year of founding", (), (0.85, 0.15), (0.20, 0.80), usual=0.02),
    ),
    alone=(
        ("called",),
        ("closed_up",),
        ("domain",),
        ("phone",),
        ("beginning_of_name", "city"),
        ("beginning_of_name", "country"),
        ("beginning_of_name",),
        ("name_key", "city"),
        ("name_key",),
    ),
    together=(("city", "country"),),
)
