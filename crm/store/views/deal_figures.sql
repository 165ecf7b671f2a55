-- after: deals, spans
-- The figures over deals. Won and lost count by the day the deal closed; open is what stood open at the close of a day.

-- One row per span and deal that a figure of it looks at, with the group it falls in: `dimension` is one of all, owner,
-- team, customer, product, region. Customers are read only where a region or a lifecycle asks for them.
-- An open deal has the stage of that day: the next change tells what was before it, and a deal's first recorded change
-- speaks for the days before as well. Where nothing is recorded, the mean chance of the pipeline's open stages stands in.
create or replace macro deals_seen(
    spans, dimension, for_owner, for_team, for_pipeline, for_region, for_lifecycle
) as table
with
chances as (
    from stage_chances(spans)
    where outcome = 'open'
),

unknown as (
    select
        span,
        pipeline_id,
        avg(probability_share) as probability_share
    from chances
    group by span, pipeline_id
),

seen as materialized (
    select
        spans.position as span,
        spans.until_at,
        facts.*,
        coalesce(customers.region, facts.owner_region) as region,
        case dimension
            when 'owner' then facts.owner_id
            when 'team' then facts.team_id
            when 'customer' then facts.customer_id
            when 'product' then facts.product_id
        end as group_id,
        case when dimension = 'region' then coalesce(customers.region, facts.owner_region) end as group_region,
        facts.outcome <> 'open' and facts.closed_on between spans.starts_on and spans.until_on as is_closed,
        facts.outcome <> 'open' and facts.closed_on between spans.year_starts_on and spans.until_on as is_closed_in_year,
        facts.opened_on <= spans.until_on and (facts.outcome = 'open' or facts.closed_on > spans.until_on) as is_open,
        facts.expected_close_on between spans.starts_on and spans.ends_on as is_due
    from deal_facts as facts
    inner join spans_of(spans) as spans
        on facts.closed_on between least(spans.starts_on, spans.year_starts_on) and spans.until_on
        or (facts.opened_on <= spans.until_on and (facts.outcome = 'open' or facts.closed_on > spans.until_on))
    left join (
        select
            customer_id,
            region,
            lifecycle_stage
        from customers
        where dimension = 'region' or for_region is not null or for_lifecycle is not null
    ) as customers on customers.customer_id = facts.customer_id
    where (for_owner is null or facts.owner_id = for_owner)
    and (for_team is null or facts.team_id = for_team)
    and (for_pipeline is null or facts.pipeline_id = for_pipeline)
    and (for_region is null or coalesce(customers.region, facts.owner_region) = for_region)
    and (for_lifecycle is null or customers.lifecycle_stage = for_lifecycle)
),

next_changes as (
    select
        seen.span,
        seen.deal_id,
        arg_min(coalesce(changes.from_stage_id, changes.to_stage_id), changes.changed_at) as stage_id
    from stage_changes as changes
    inner join seen on seen.deal_id = changes.deal_id and seen.until_at <= changes.changed_at
    where seen.is_open and changes.archived_at is null
    group by seen.span, seen.deal_id
)

select
    seen.* exclude (until_at, stage_id),
    coalesce(next_changes.stage_id, seen.stage_id) as stage_id,
    seen.is_open and seen.is_due as is_closing,
    seen.is_open and not coalesce(chances.is_first, false) as is_past_first,
    case when seen.is_open then coalesce(chances.probability_share, unknown.probability_share) end as probability_share
from seen
left join next_changes on next_changes.span = seen.span and next_changes.deal_id = seen.deal_id
left join chances
    on chances.span = seen.span
    and chances.stage_id = coalesce(next_changes.stage_id, seen.stage_id)
left join unknown on unknown.span = seen.span and unknown.pipeline_id = seen.pipeline_id;

-- One row per span and group with a won-amount goal for exactly that period: the company's, or each owner's or team's.
create or replace macro won_targets(
    spans, dimension, for_owner, for_team, for_pipeline, for_region, for_lifecycle
) as table
select
    seen.position as span,
    group_key(case dimension when 'owner' then goals.employee_id when 'team' then goals.team_id end, null) as group_key,
    arg_max(goals.target, goals.updated_at) as target
from goals
inner join spans_of(spans) as seen on seen.starts_on = goals.starts_on and seen.ends_on = goals.ends_on
where goals.figure = 'won_amount'
and goals.archived_at is null
and goals.scope = case
    when dimension = 'owner' or (dimension = 'all' and for_owner is not null) then 'employee'
    when dimension = 'team' or (dimension = 'all' and for_team is not null) then 'team'
    when dimension = 'all' then 'company'
end
and (for_owner is null or goals.employee_id = for_owner)
and (for_team is null or goals.team_id = for_team)
and for_pipeline is null
and for_region is null
and for_lifecycle is null
group by all;

-- One row per span and group: every figure over deals, each with its n.
create or replace macro deal_figures(
    spans,
    dimension := 'all',
    for_owner := null,
    for_team := null,
    for_pipeline := null,
    for_region := null,
    for_lifecycle := null
) as table
with
sums as (
    select
        span,
        group_key(group_id, group_region) as group_key,
        count(*) filter (where is_closed and outcome = 'won') as won_count,
        count(*) filter (where is_closed and outcome = 'lost') as lost_count,
        coalesce(sum(amount) filter (where is_closed and outcome = 'won'), 0) as won_amount,
        count(amount) filter (where is_closed and outcome = 'won') as priced_count,
        median(amount) filter (where is_closed and outcome = 'won') as median_deal_amount,
        sum(potential_amount) filter (where is_closed) as decided_amount,
        count(potential_amount) filter (where is_closed) as decided_count,
        avg(cycle_days) filter (where is_closed and outcome = 'won') as sales_cycle_days,
        median(cycle_days) filter (where is_closed and outcome = 'won') as median_cycle_days,
        count(cycle_days) filter (where is_closed and outcome = 'won') as timed_count,
        count(*) filter (where is_open) as open_count,
        coalesce(sum(potential_amount) filter (where is_open), 0) as open_amount,
        count(potential_amount) filter (where is_open) as open_amount_n,
        sum(potential_amount * probability_share) filter (where is_closing) as weighted_pipeline_amount,
        count(potential_amount * probability_share) filter (where is_closing) as weighted_pipeline_amount_n,
        count(*) filter (where is_closing) as closing_count,
        coalesce(sum(potential_amount) filter (where is_closing), 0) as closing_amount,
        count(*) filter (where is_past_first) as past_first_count,
        avg((outcome = 'won')::integer) filter (where is_closed_in_year) as year_win_rate,
        avg(amount) filter (where is_closed_in_year and outcome = 'won') as year_amount,
        avg(cycle_days) filter (where is_closed_in_year and outcome = 'won') as year_cycle_days
    from deals_seen(spans, dimension, for_owner, for_team, for_pipeline, for_region, for_lifecycle)
    group by span, group_id, group_region
),

targets as (
    from won_targets(spans, dimension, for_owner, for_team, for_pipeline, for_region, for_lifecycle)
),

parts as (
    select
        *,
        target - coalesce(won_amount, 0) as remaining_amount,
        case when target > 0 then coalesce(won_amount, 0) / target end as attainment
    from sums
    full join targets using (span, group_key)
)

select
    parts.span,
    parts.group_key,
    parts.won_amount,
    parts.won_count as won_amount_n,
    parts.won_count,
    parts.won_count as won_count_n,
    parts.lost_count,
    parts.lost_count as lost_count_n,
    parts.open_count,
    parts.open_count as open_count_n,
    parts.open_amount,
    parts.open_amount_n,
    parts.won_count / nullif(parts.won_count + parts.lost_count, 0) as win_rate,
    parts.won_count + parts.lost_count as win_rate_n,
    parts.won_amount / nullif(parts.decided_amount, 0) as win_rate_by_amount,
    parts.decided_count as win_rate_by_amount_n,
    parts.won_amount / nullif(parts.priced_count, 0) as average_deal_amount,
    parts.priced_count as average_deal_amount_n,
    parts.median_deal_amount,
    parts.priced_count as median_deal_amount_n,
    parts.sales_cycle_days,
    parts.timed_count as sales_cycle_days_n,
    case
        when parts.closing_count = 0 then 0
        when parts.weighted_pipeline_amount_n > 0 then parts.weighted_pipeline_amount
    end as weighted_pipeline_amount,
    parts.weighted_pipeline_amount_n,
    case when parts.remaining_amount > 0 then parts.closing_amount / parts.remaining_amount end as pipeline_coverage,
    parts.closing_count as pipeline_coverage_n,
    case
        when parts.target is null then 'no goal for this period'
        when parts.remaining_amount <= 0 then 'met'
    end as pipeline_coverage_reason,
    parts.past_first_count * parts.year_win_rate * parts.year_amount / nullif(parts.year_cycle_days, 0) as sales_velocity,
    parts.past_first_count as sales_velocity_n,
    parts.target,
    parts.attainment,
    parts.won_count as attainment_n,
    parts.attainment / nullif(seen.elapsed_share, 0) as pace,
    parts.won_count as pace_n,
    case
        when parts.target is null then 'no goal for this period'
        when parts.target <= 0 then 'the target is not above 0'
    end as attainment_reason,
    attainment_reason as pace_reason
from parts
inner join spans_of(spans) as seen on seen.position = parts.span;
