-- after: customer_figures, deal_figures, order_figures
-- The figures of the brand: what was measured outside and entered, what customers paid of the list price, who came by a
-- recommendation. They stand beside NPS and repeat rate; nothing adds them up to one index.

-- One row per span and measure: the latest reading that ended by its close. A reading is of the whole company.
create or replace macro brand_readings_seen(
    spans,
    dimension := 'all',
    for_owner := null::varchar,
    for_team := null::varchar,
    for_region := null::varchar,
    for_lifecycle := null::varchar
) as table
select
    seen.position as span,
    null::uuid as group_id,
    null::varchar as group_region,
    entry.*
from brand_readings as entry
inner join spans_of(spans) as seen on entry.ends_on <= seen.until_on
where entry.archived_at is null
and dimension = 'all'
and coalesce(for_owner::varchar, for_team::varchar, for_region, for_lifecycle) is null
qualify row_number() over (
    partition by seen.position, entry.measure
    order by entry.ends_on desc, entry.starts_on desc, entry.created_at desc, entry.brand_reading_id desc
) = 1;

-- One row per span with a reading.
create or replace macro reading_figures(
    spans,
    dimension := 'all',
    for_owner := null::varchar,
    for_team := null::varchar,
    for_region := null::varchar,
    for_lifecycle := null::varchar
) as table
select
    span,
    '' as group_key,
    max(value_share) filter (where measure = 'share_of_voice') as share_of_voice,
    count(*) filter (where measure = 'share_of_voice') as share_of_voice_n,
    max(value_share) filter (where measure = 'awareness') as awareness,
    count(*) filter (where measure = 'awareness') as awareness_n
from brand_readings_seen(spans, dimension, for_owner, for_team, for_region, for_lifecycle)
group by span;

-- One row per span and sale of which it is known what the list asks for: an order by its items, returns left out; of a customer
-- without orders, a won deal as one piece of its product. A deal far above the list price is of several pieces, and nobody wrote
-- down of how many.
create or replace macro prices_seen(
    spans,
    dimension := 'all',
    for_owner := null::varchar,
    for_team := null::varchar,
    for_region := null::varchar,
    for_lifecycle := null::varchar
) as table
select
    orders.span,
    orders.group_id,
    orders.group_region,
    local_day(orders.ordered_at) as sold_on,
    orders.number as sale,
    orders.customer_id,
    orders.product_id,
    orders.item_count,
    orders.amount as paid_amount,
    (orders.item_count * products.list_price_amount)::decimal(18, 2) as list_amount,
    orders.order_id as sale_id
from orders_seen(spans, dimension, for_owner, for_team, for_region, for_lifecycle) as orders
inner join products on products.product_id = orders.product_id
where orders.amount > 0 and orders.item_count > 0 and products.list_price_amount > 0
union all
select
    deals.span,
    deals.group_id,
    deals.group_region,
    deals.closed_on as sold_on,
    entry.name as sale,
    deals.customer_id,
    deals.product_id,
    1 as item_count,
    deals.amount as paid_amount,
    products.list_price_amount as list_amount,
    deals.deal_id as sale_id
from closed_deals(spans, dimension, for_owner, for_team, null, for_region, for_lifecycle) as deals
inner join deals as entry on entry.deal_id = deals.deal_id
inner join products on products.product_id = deals.product_id
left join (
    select distinct customer_id
    from orders
    where archived_at is null
) as ordering on ordering.customer_id = deals.customer_id
where deals.outcome = 'won'
and ordering.customer_id is null
and deals.amount > 0
and deals.amount <= 1.5 * products.list_price_amount;

-- One row per span and group with such sales.
create or replace macro price_figures(
    spans,
    dimension := 'all',
    for_owner := null::varchar,
    for_team := null::varchar,
    for_region := null::varchar,
    for_lifecycle := null::varchar
) as table
select
    span,
    group_key(group_id, group_region) as group_key,
    sum(paid_amount)::double / sum(list_amount)::double as price_realisation,
    count(*) as price_realisation_n
from prices_seen(spans, dimension, for_owner, for_team, for_region, for_lifecycle)
group by span, group_id, group_region;

-- Whether words say that somebody was recommended to us.
create or replace macro is_referral(words) as regexp_matches(lower(words), 'referr|recommend|word of mouth');

-- One row per customer and own field that says how they found us: a text or a choice called so, or with a choice that says
-- “recommended”.
create or replace view ways_in as
with
asked as (
    select
        custom_field_id::varchar as field,
        name
    from custom_fields
    where noun = 'customers'
    and kind in ('text', 'choice')
    and archived_at is null
    and (
        regexp_matches(lower(name), '\bsource\b|found us|heard (of|about) us|came to us|referr|recommend')
        or custom_field_id in (
            select custom_field_id
            from custom_choices
            where is_referral(name)
        )
    )
)

select
    customers.customer_id,
    asked.name as field,
    coalesce(choices.name, (customers.own ->> asked.field)) as answer,
    is_referral(coalesce(choices.name, (customers.own ->> asked.field))) as is_referral
from customers
cross join asked
left join custom_choices as choices on choices.custom_choice_id::varchar = (customers.own ->> asked.field)
where (customers.own ->> asked.field) is not null;

-- One row per span and new customer of whom it is known how they found us.
create or replace macro arrivals(
    spans,
    dimension := 'all',
    for_owner := null::varchar,
    for_team := null::varchar,
    for_region := null::varchar,
    for_lifecycle := null::varchar
) as table
select
    buyers.span,
    buyers.group_id,
    buyers.group_region,
    buyers.customer_id,
    buyers.owner_id,
    buyers.first_bought_on,
    ways.answer,
    ways.is_referral
from buying_customers(spans, dimension, for_owner, for_team, for_region, for_lifecycle) as buyers
inner join (
    select
        customer_id,
        string_agg(answer, ', ' order by answer) as answer,
        bool_or(is_referral) as is_referral
    from ways_in
    group by customer_id
) as ways on ways.customer_id = buyers.customer_id
where buyers.is_new;

-- One row per span and group with such customers.
create or replace macro referral_figures(
    spans,
    dimension := 'all',
    for_owner := null::varchar,
    for_team := null::varchar,
    for_region := null::varchar,
    for_lifecycle := null::varchar
) as table
select
    span,
    group_key(group_id, group_region) as group_key,
    avg(is_referral::integer) as referral_share,
    count(*) as referral_share_n
from arrivals(spans, dimension, for_owner, for_team, for_region, for_lifecycle)
group by span, group_id, group_region;
