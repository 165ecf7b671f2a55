-- after: customer_figures
-- The figures over tasks: of their owner.

-- One row per span and task that was overdue at its close: due before that day, not done by then.
create or replace macro overdue_tasks(
    spans,
    dimension := 'all',
    for_owner := null::varchar,
    for_team := null::varchar,
    for_region := null::varchar,
    for_lifecycle := null::varchar
) as table
select
    seen.position as span,
    tasks.task_id,
    tasks.title,
    tasks.due_on,
    seen.until_on - tasks.due_on as days_late,
    tasks.customer_id,
    tasks.owner_id,
    case dimension
        when 'owner' then tasks.owner_id
        when 'team' then owners.team_id
        when 'customer' then tasks.customer_id
    end as group_id,
    case when dimension = 'region' then coalesce(customers.region, owners.region) else answers.answer end as group_region
from tasks
inner join spans_of(spans) as seen
    on tasks.due_on < seen.until_on
    and (tasks.done_at is null or tasks.done_at >= seen.until_at)
left join employees as owners on owners.employee_id = tasks.owner_id
left join (
    select
        customer_id,
        region,
        lifecycle_stage
    from customers
    where dimension = 'region' or for_region is not null or for_lifecycle is not null
) as customers on customers.customer_id = tasks.customer_id
left join own_answers(dimension) as answers on answers.record_id = case split_part(dimension, ':', 1)
    when 'customers' then tasks.customer_id
    when 'tasks' then tasks.task_id
    when 'employees' then tasks.owner_id
end
where tasks.archived_at is null
and (for_owner is null or tasks.owner_id = for_owner)
and (for_team is null or owners.team_id = for_team)
and (for_region is null or coalesce(customers.region, owners.region) = for_region)
and (for_lifecycle is null or customers.lifecycle_stage = for_lifecycle);

-- One row per span and group with overdue tasks.
create or replace macro task_figures(
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
    count(*) as tasks_overdue,
    count(*) as tasks_overdue_n
from overdue_tasks(spans, dimension, for_owner, for_team, for_region, for_lifecycle)
group by span, group_id, group_region;
