-- after: customer_figures, loop
-- The figures over complaints that were due: of who answers them, by the day they were due.

-- One row per span and complaint due in it, with when its customer was first told what became of it, as far as known then.
create or replace macro complaints_due(
    spans,
    dimension := 'all',
    for_owner := null::varchar,
    for_team := null::varchar,
    for_region := null::varchar,
    for_lifecycle := null::varchar
) as table
select
    seen.position as span,
    entry.feedback_id,
    entry.text,
    entry.received_at,
    entry.due_on,
    entry.customer_id,
    entry.owner_id,
    case when answers.told_at < day_start(seen.as_of_on + 1) then answers.told_at end as told_at,
    case when answers.told_at < day_start(seen.as_of_on + 1) then local_day(answers.told_at) - local_day(entry.received_at) end as days_to_told,
    case dimension
        when 'owner' then entry.owner_id
        when 'team' then owners.team_id
        when 'customer' then entry.customer_id
        when 'product' then entry.product_id
    end as group_id,
    case when dimension = 'region' then coalesce(customers.region, owners.region) else own.answer end as group_region
from feedback as entry
inner join spans_of(spans) as seen on entry.due_on >= seen.starts_on and entry.due_on <= seen.until_on
left join feedback_answers as answers on answers.feedback_id = entry.feedback_id
left join employees as owners on owners.employee_id = entry.owner_id
left join (
    select
        customer_id,
        region,
        lifecycle_stage
    from customers
    where dimension = 'region' or for_region is not null or for_lifecycle is not null
) as customers on customers.customer_id = entry.customer_id
left join own_answers(dimension) as own on own.record_id = case split_part(dimension, ':', 1)
    when 'customers' then entry.customer_id
    when 'feedback' then entry.feedback_id
    when 'products' then entry.product_id
    when 'employees' then entry.owner_id
end
where entry.archived_at is null
and entry.kind = 'complaint'
and entry.due_on >= first_start(spans)
and entry.due_on <= last_until(spans)
and (for_owner is null or entry.owner_id = for_owner)
and (for_team is null or owners.team_id = for_team)
and (for_region is null or coalesce(customers.region, owners.region) = for_region)
and (for_lifecycle is null or customers.lifecycle_stage = for_lifecycle);

-- One row per span and group with complaints due.
create or replace macro loop_figures(
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
    avg((told_at is not null)::integer) as loop_closed,
    count(*) as loop_closed_n,
    median(days_to_told) as days_to_told,
    count(days_to_told) as days_to_told_n
from complaints_due(spans, dimension, for_owner, for_team, for_region, for_lifecycle)
group by span, group_id, group_region;
