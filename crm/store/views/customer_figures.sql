-- after: own_fields, spans
-- The figures over customers: who buys, who is new, who has gone quiet.

-- One row per customer with what figures are split and filtered by. Where nobody wrote a region, the owner's stands in.
create or replace view customer_facts as
select
    customers.customer_id,
    customers.owner_id,
    owners.team_id,
    coalesce(customers.region, owners.region) as region,
    customers.lifecycle_stage,
    customers.archived_at
from customers
left join employees as owners on owners.employee_id = customers.owner_id;

-- One row per customer where a split or a filter asks about customers; none where it does not, which costs nothing.
create or replace macro asked_customers(dimension, for_owner, for_team, for_region, for_lifecycle) as table
select *
from customer_facts
where dimension in ('owner', 'team', 'customer', 'region')
or for_owner is not null
or for_team is not null
or for_region is not null
or for_lifecycle is not null;

-- One row per customer who ever bought: the day of the first won deal or order.
create or replace view first_purchases as
with
purchases as (
    select
        deals.customer_id,
        min(deals.closed_on) as bought_on
    from deals
    inner join stages on stages.stage_id = deals.stage_id
    where stages.outcome = 'won' and deals.archived_at is null and deals.customer_id is not null
    group by deals.customer_id
    union all
    select
        customer_id,
        local_day(min(ordered_at)) as bought_on
    from orders
    where archived_at is null and customer_id is not null
    group by customer_id
)

select
    customer_id,
    min(bought_on) as first_bought_on
from purchases
group by customer_id;

-- One row per customer, archived ones left out, that the filters leave, with the group it falls in.
create or replace macro chosen_customers(dimension, for_owner, for_team, for_region, for_lifecycle) as table
select
    customer_facts.*,
    case dimension when 'owner' then owner_id when 'team' then team_id when 'customer' then customer_id end as group_id,
    case when dimension = 'region' then region else answers.answer end as group_region
from customer_facts
left join own_answers(dimension) as answers on answers.record_id = case split_part(dimension, ':', 1)
    when 'customers' then customer_id
    when 'employees' then owner_id
end
where archived_at is null
and (for_owner is null or owner_id = for_owner)
and (for_team is null or team_id = for_team)
and (for_region is null or region = for_region)
and (for_lifecycle is null or lifecycle_stage = for_lifecycle);

-- One row per span and customer who had bought by its last day.
create or replace macro buying_customers(
    spans,
    dimension := 'all',
    for_owner := null::varchar,
    for_team := null::varchar,
    for_region := null::varchar,
    for_lifecycle := null::varchar
) as table
select
    seen.position as span,
    customers.*,
    first_purchases.first_bought_on,
    first_purchases.first_bought_on >= seen.starts_on as is_new
from first_purchases
inner join chosen_customers(dimension, for_owner, for_team, for_region, for_lifecycle) as customers on customers.customer_id = first_purchases.customer_id
inner join spans_of(spans) as seen on first_purchases.first_bought_on <= seen.until_on;

-- One row per span and group with customers who have bought.
create or replace macro customer_figures(
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
    count(*) as customers,
    count(*) as customers_n,
    count(*) filter (where is_new) as new_customers,
    count(*) filter (where is_new) as new_customers_n
from buying_customers(spans, dimension, for_owner, for_team, for_region, for_lifecycle)
group by span, group_id, group_region;
