-- after: customer_figures
-- The figures over interactions: of an employee, their team, a customer, a region, or by channel.

-- One row per span and interaction in it that the filters leave, with the group it falls in.
create or replace macro interactions_seen(
    spans,
    dimension := 'all',
    for_owner := null::varchar,
    for_team := null::varchar,
    for_region := null::varchar,
    for_lifecycle := null::varchar
) as table
select
    seen.position as span,
    entry.interaction_id,
    entry.occurred_at,
    entry.channel,
    entry.subject,
    entry.customer_id,
    entry.employee_id,
    case dimension
        when 'owner' then entry.employee_id
        when 'team' then employees.team_id
        when 'customer' then entry.customer_id
    end as group_id,
    case dimension
        when 'region' then coalesce(customers.region, employees.region)
        when 'channel' then entry.channel
        else answers.answer
    end as group_region
from interactions as entry
inner join spans_of(spans) as seen on entry.occurred_at >= seen.starts_at and entry.occurred_at < seen.until_at
left join employees on employees.employee_id = entry.employee_id
left join (
    select
        customer_id,
        region,
        lifecycle_stage
    from customers
    where dimension = 'region' or for_region is not null or for_lifecycle is not null
) as customers on customers.customer_id = entry.customer_id
left join own_answers(dimension) as answers on answers.record_id = case split_part(dimension, ':', 1)
    when 'customers' then entry.customer_id
    when 'interactions' then entry.interaction_id
    when 'employees' then entry.employee_id
end
where entry.archived_at is null
and entry.occurred_at >= first_instant(spans)
and entry.occurred_at < last_instant(spans)
and (for_owner is null or entry.employee_id = for_owner)
and (for_team is null or employees.team_id = for_team)
and (for_region is null or coalesce(customers.region, employees.region) = for_region)
and (for_lifecycle is null or customers.lifecycle_stage = for_lifecycle);

-- One row per span and group with interactions.
create or replace macro interaction_figures(
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
    count(*) as interactions,
    count(*) as interactions_n
from interactions_seen(spans, dimension, for_owner, for_team, for_region, for_lifecycle)
group by span, group_id, group_region;
