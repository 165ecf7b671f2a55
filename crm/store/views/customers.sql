-- after: basics
-- One row per customer: who they are, whose they are, and what stands with them. Aggregates are filtered inside `filter`,
-- not in `where`: a second predicate beside the key would lose the index.
-- twice: customer_summary, customers_summary(of_customers)
with
    {one wanted as materialized (
        select unnest(of_customers)::uuid as customer_id
    ),}

    talks as (
        select
            entry.customer_id,
            max(entry.occurred_at) filter (where entry.archived_at is null) as last_interaction_at,
            max(entry.occurred_at) filter (where entry.archived_at is null and is_two_way(entry.channel)) as last_two_way_at,
            arg_max(entry.channel, entry.occurred_at) filter (where entry.archived_at is null) as last_channel,
        from interactions as entry
        {one inner join wanted on wanted.customer_id = entry.customer_id}
        group by entry.customer_id
    ),

    their_deals as {one materialized} (
        select entry.*
        from deals as entry
        {one inner join wanted on wanted.customer_id = entry.customer_id}
    ),

    sales as (
        select
            entry.customer_id,
            count(*) filter (where entry.archived_at is null and stage.outcome = 'open') as open_count,
            sum(entry.amount) filter (where entry.archived_at is null and stage.outcome = 'open') as open_amount,
            count(*) filter (where entry.archived_at is null and stage.outcome = 'won') as won_count,
            sum(entry.amount) filter (where entry.archived_at is null and stage.outcome = 'won') as won_amount,
            min(entry.closed_on) filter (where entry.archived_at is null and stage.outcome = 'won') as first_won_on,
        from their_deals as entry
        left join stages as stage on stage.stage_id = entry.stage_id
        group by entry.customer_id
    ),

    purchases as (
        select
            entry.customer_id,
            count(*) filter (where entry.archived_at is null) as order_count,
            sum(entry.amount) filter (where entry.archived_at is null) as spent_amount,
            min(entry.ordered_at) filter (where entry.archived_at is null) as first_order_at,
            max(entry.ordered_at) filter (where entry.archived_at is null) as last_order_at,
        from orders as entry
        {one inner join wanted on wanted.customer_id = entry.customer_id}
        group by entry.customer_id
    ),

    labels as (
        select
            entry.customer_id,
            string_agg(tag.name, ', ' order by lower(tag.name)) filter (where entry.archived_at is null) as tags,
        from customer_tags as entry
        {one inner join wanted on wanted.customer_id = entry.customer_id}
        inner join tags as tag on tag.tag_id = entry.tag_id
        group by entry.customer_id
    )

select
    customer.customer_id,
    customer.name,
    customer.kind,
    customer.lifecycle_stage,
    customer.sector,
    customer.region,
    customer.city,
    customer.country,
    customer.owner_id,
    owner.name as owner_name,
    owner.team_id,
    team.name as team_name,
    labels.tags,
    talks.last_interaction_at,
    talks.last_channel,
    talks.last_two_way_at,
    coalesce(sales.open_count, 0) as open_count,
    coalesce(sales.open_amount, 0)::decimal(14, 2) as open_amount,
    coalesce(sales.won_count, 0) as won_count,
    coalesce(sales.won_amount, 0)::decimal(14, 2) as won_amount,
    coalesce(purchases.order_count, 0) as order_count,
    coalesce(purchases.spent_amount, 0)::decimal(14, 2) as spent_amount,
    purchases.last_order_at,
    purchases.first_order_at,
    sales.first_won_on,
    worth.value_amount,
    worth.expected_purchases,
    fits.fit_share,
    customer.own,
    customer.created_at,
    customer.archived_at,
    customer.version,
from customers as customer
{one inner join wanted on wanted.customer_id = customer.customer_id}
left join employees as owner on owner.employee_id = customer.owner_id
left join teams as team on team.team_id = owner.team_id
left join talks on talks.customer_id = customer.customer_id
left join sales on sales.customer_id = customer.customer_id
left join purchases on purchases.customer_id = customer.customer_id
left join labels on labels.customer_id = customer.customer_id
left join customer_values as worth on worth.customer_id = customer.customer_id
left join customer_fits as fits on fits.customer_id = customer.customer_id
{all where customer.archived_at is null}
