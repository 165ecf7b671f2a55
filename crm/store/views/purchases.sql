-- after: spans, customer_figures
-- What customers bought, how it ranks them, and who of them stays. A purchase is an order that is no return; for a customer
-- without any order, a won deal. It is what lifetime value, RFM, cohorts, repeat rate, retention and lapsed are made of.

-- One row per order and won deal of a known customer. A deal counts until the day of the customer's first order (replaced_on):
-- from then on the orders tell what it became.
create or replace view purchases as
with
first_orders as (
    select
        customer_id,
        local_day(min(ordered_at)) as ordered_on
    from orders
    where archived_at is null and customer_id is not null
    group by customer_id
)

select
    customer_id,
    local_day(ordered_at) as purchased_on,
    amount,
    amount < 0 as is_return,
    null::date as replaced_on,
    number as name,
    deal_id
from orders
where archived_at is null and customer_id is not null
union all
select
    deals.customer_id,
    deals.closed_on as purchased_on,
    deals.amount,
    false as is_return,
    first_orders.ordered_on as replaced_on,
    deals.name,
    deals.deal_id
from deals
inner join stages on stages.stage_id = deals.stage_id
left join first_orders on first_orders.customer_id = deals.customer_id
where stages.outcome = 'won' and deals.archived_at is null and deals.closed_on is not null;

-- One row per purchase and return of a customer in use, as known at the close of a day.
create or replace macro purchases_until(on_day) as table
select purchases.*
from purchases
inner join customers on customers.customer_id = purchases.customer_id
where customers.archived_at is null
and purchases.purchased_on <= on_day::date
and (purchases.replaced_on is null or purchases.replaced_on > on_day::date);

-- The name of a place in the grid of recency and frequency, 1 to 5 each.
create or replace macro rfm_segment(recency, frequency) as case
    when recency >= 4 and frequency >= 4 then 'Champions'
    when recency >= 3 and frequency >= 4 then 'Loyal'
    when recency >= 4 and frequency >= 2 then 'Growing'
    when recency = 5 then 'New'
    when recency = 4 then 'Promising'
    when recency = 3 and frequency = 3 then 'Need attention'
    when recency = 3 then 'Cooling off'
    when frequency = 5 then 'Cannot lose'
    when frequency >= 3 then 'At risk'
    else 'Asleep'
end;

-- One row per customer who has bought by a day: how recently, how often, for how much, and the fifth that each puts them in,
-- 5 the best. Ties go by the key of the system that they came from. Fewer than five customers have no fifths.
create or replace macro rfm_scores(on_day) as table
with
sums as (
    select
        purchases.customer_id,
        min(purchases.purchased_on) filter (where is_return is not true) as first_purchased_on,
        max(purchases.purchased_on) filter (where is_return is not true) as last_purchased_on,
        count(*) filter (where is_return is not true) as purchase_count,
        coalesce(sum(purchases.amount), 0)::decimal(18, 2) as spent_amount
    from purchases_until(on_day) as purchases
    group by purchases.customer_id
    having purchase_count > 0
),

-- One sort by text and key, so that the three below are by numbers.
placed as (
    select
        sums.*,
        row_number() over (order by customers.external_id, sums.customer_id) as place
    from sums
    inner join customers on customers.customer_id = sums.customer_id
),

ranked as (
    select
        *,
        on_day::date - last_purchased_on as days_since,
        count(*) over () >= 5 as is_enough,
        ntile(5) over (order by last_purchased_on, place) as recency,
        ntile(5) over (order by purchase_count, place) as frequency,
        ntile(5) over (order by spent_amount, place) as money
    from placed
)

select
    * exclude (place, is_enough, recency, frequency, money),
    case when is_enough then recency end as recency_score,
    case when is_enough then frequency end as frequency_score,
    case when is_enough then money end as amount_score
from ranked;

-- One row per span and customer in use who had bought by its last day, that the filters leave: how often, and for how much in
-- the twelve months up to it and in the twelve before.
create or replace macro buyers_seen(
    spans,
    dimension := 'all',
    for_owner := null::varchar,
    for_team := null::varchar,
    for_region := null::varchar,
    for_lifecycle := null::varchar
) as table
with
sums as (
    select
        seen.position as span,
        purchases.customer_id,
        count(*) filter (where purchases.is_return is not true) as purchase_count,
        max(purchases.purchased_on) as last_purchased_on,
        sum(purchases.amount) filter (where purchases.purchased_on >= seen.year_starts_on) as year_amount,
        sum(purchases.amount)
            filter (where purchases.purchased_on between year_start(seen.year_starts_on - 1) and seen.year_starts_on - 1)
        as year_before_amount,
        bool_or(
            purchases.is_return is not true
            and purchases.purchased_on between year_start(seen.year_starts_on - 1) and seen.year_starts_on - 1
        ) as has_bought_year_before
    from purchases
    inner join spans_of(spans) as seen
        on purchases.purchased_on <= seen.until_on
        and (purchases.replaced_on is null or purchases.replaced_on > seen.until_on)
    group by seen.position, purchases.customer_id
    having purchase_count > 0
)

select
    sums.*,
    customers.* exclude (customer_id)
from sums
inner join chosen_customers(dimension, for_owner, for_team, for_region, for_lifecycle) as customers
    on customers.customer_id = sums.customer_id;

-- One row per span and group with customers who have bought.
create or replace macro repeat_figures(
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
    avg((purchase_count >= 2)::integer) as repeat_rate,
    count(*) as repeat_rate_n,
    (coalesce(sum(year_amount) filter (where has_bought_year_before), 0))::double
    / nullif(greatest(sum(year_before_amount) filter (where has_bought_year_before), 0), 0)::double as net_revenue_retention,
    count(*) filter (where has_bought_year_before) as net_revenue_retention_n
from buyers_seen(spans, dimension, for_owner, for_team, for_region, for_lifecycle)
group by span, group_id, group_region;

-- One row per span, customer in use that the filters leave, and moment (the close of the day before the span, its last day)
-- by which they had bought: when last, what gap is usual for them, whether they are lapsed.
create or replace macro buyer_rhythms(
    spans,
    dimension := 'all',
    for_owner := null::varchar,
    for_team := null::varchar,
    for_region := null::varchar,
    for_lifecycle := null::varchar
) as table
with
moments as (
    select
        position,
        starts_on,
        until_on as on_day,
        true as is_end
    from spans_of(spans)
    union all
    select
        position,
        starts_on,
        starts_on - 1 as on_day,
        false as is_end
    from spans_of(spans)
),

days as (
    select distinct
        moments.position,
        moments.starts_on,
        moments.on_day,
        moments.is_end,
        purchases.customer_id,
        purchases.purchased_on
    from purchases
    inner join moments
        on purchases.purchased_on <= moments.on_day
        and (purchases.replaced_on is null or purchases.replaced_on > moments.on_day)
    where purchases.is_return is not true
),

gaps as (
    select
        *,
        purchased_on - lag(purchased_on) over (partition by position, is_end, customer_id order by purchased_on) as gap_days
    from days
),

rhythms as (
    select
        position,
        starts_on,
        on_day,
        is_end,
        customer_id,
        min(purchased_on) as first_purchased_on,
        max(purchased_on) as last_purchased_on,
        on_day - max(purchased_on) as days_since,
        median(gap_days) as usual_gap_days,
        greatest(90, coalesce(3 * median(gap_days), 0)) as limit_days
    from gaps
    group by position, starts_on, on_day, is_end, customer_id
)

select
    rhythms.position as span,
    rhythms.* exclude (position, starts_on, on_day),
    rhythms.days_since > rhythms.limit_days as is_lapsed,
    rhythms.first_purchased_on >= rhythms.starts_on as is_new,
    customers.* exclude (customer_id)
from rhythms
inner join chosen_customers(dimension, for_owner, for_team, for_region, for_lifecycle) as customers
    on customers.customer_id = rhythms.customer_id;

-- One row per span and group with customers who have bought. Whoever is lapsed is no customer at the start or the end of a
-- span for retention; archived customers are left out throughout.
create or replace macro lapse_figures(
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
    count(*) filter (where is_end and is_lapsed) as lapsed_customers,
    count(*) filter (where is_end) as lapsed_customers_n,
    count(*) filter (where is_end and not is_lapsed and not is_new)
    / nullif(count(*) filter (where not is_end and not is_lapsed), 0) as retention,
    count(*) filter (where not is_end and not is_lapsed) as retention_n
from buyer_rhythms(spans, dimension, for_owner, for_team, for_region, for_lifecycle)
group by span, group_id, group_region;
