-- after: customer_figures
-- The figures over orders: what was bought, returns negative. Split and filtered by the customer's owner.

-- One row per span and order in it that the filters leave, with the group it falls in.
create or replace macro orders_seen(
    spans,
    dimension := 'all',
    for_owner := null::varchar,
    for_team := null::varchar,
    for_region := null::varchar,
    for_lifecycle := null::varchar
) as table
select
    seen.position as span,
    entry.order_id,
    entry.ordered_at,
    entry.number,
    entry.amount,
    entry.item_count,
    entry.customer_id,
    entry.product_id,
    case dimension
        when 'owner' then customers.owner_id
        when 'team' then customers.team_id
        when 'customer' then entry.customer_id
        when 'product' then entry.product_id
    end as group_id,
    case when dimension = 'region' then customers.region else answers.answer end as group_region
from orders as entry
inner join spans_of(spans) as seen on entry.ordered_at >= seen.starts_at and entry.ordered_at < seen.until_at
left join asked_customers(dimension, for_owner, for_team, for_region, for_lifecycle) as customers on customers.customer_id = entry.customer_id
left join own_answers(dimension) as answers on answers.record_id = case split_part(dimension, ':', 1)
    when 'customers' then entry.customer_id
    when 'orders' then entry.order_id
    when 'products' then entry.product_id
end
where entry.archived_at is null
and entry.ordered_at >= first_instant(spans)
and entry.ordered_at < last_instant(spans)
and (for_owner is null or customers.owner_id = for_owner)
and (for_team is null or customers.team_id = for_team)
and (for_region is null or customers.region = for_region)
and (for_lifecycle is null or customers.lifecycle_stage = for_lifecycle);

-- One row per span and group with orders.
create or replace macro order_figures(
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
    sum(amount) as revenue,
    count(*) as revenue_n,
    count(*) as orders,
    count(*) as orders_n
from orders_seen(spans, dimension, for_owner, for_team, for_region, for_lifecycle)
group by span, group_id, group_region;
