-- The way of each deal through the open stages to where it stands, evenly over its days.
with ways as (
    select
        deals.deal_id,
        deals.opened_on::timestamp + to_seconds(28800 + whole(deals.deal_id, 'hour', 36000)) as started_at,
        coalesce(deals.closed_on, $today) - deals.opened_on as days,
        stages.outcome,
        case stages.outcome
            when 'open' then stages.position
            when 'won' then 4
            else 1 + whole(deals.deal_id, 'reached', 4)
        end as reached,
        stages.position as ended,
    from deals
    inner join stages on stages.stage_id = deals.stage_id
),

steps as (
    select
        ways.*,
        step,
        case when step > reached then ended else step end as position,
    from ways
    cross join range(1, 6) as numbers (step)
    where step <= reached + (outcome <> 'open')::integer
)

select
    steps.deal_id,
    previous.stage_id as from_stage_id,
    later.stage_id as to_stage_id,
    steps.started_at + to_hours((24 * steps.days * (steps.step - 1) // steps.reached)::integer) as changed_at,
from steps
inner join stages as later on later.position = steps.position
left join stages as previous on previous.position = steps.step - 1
