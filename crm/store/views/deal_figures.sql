-- after: deals, own_fields, spans
-- The figures over deals. Won and lost count by the day the deal closed; open is what stood open at the close of a day.

-- One row per deal that the filters leave, with the group it falls in: `dimension` is one of all, owner, team, customer,
-- product, region, or an own field (own_answers). Customers are read only where a region or a lifecycle asks for them.
create or replace macro chosen_deals(dimension, for_owner, for_team, for_pipeline, for_region, for_lifecycle) as table
select
    facts.*,
    coalesce(customers.region, facts.owner_region) as region,
    case dimension
        when 'owner' then facts.owner_id
        when 'team' then facts.team_id
        when 'customer' then facts.customer_id
        when 'product' then facts.product_id
    end as group_id,
    case when dimension = 'region' then coalesce(customers.region, facts.owner_region) else answers.answer end as group_region
from deal_facts as facts
left join (
    select
        customer_id,
        region,
        lifecycle_stage
    from customers
    where dimension = 'region' or for_region is not null or for_lifecycle is not null
) as customers on customers.customer_id = facts.customer_id
left join own_answers(dimension) as answers on answers.record_id = case split_part(dimension, ':', 1)
    when 'customers' then facts.customer_id
    when 'deals' then facts.deal_id
    when 'products' then facts.product_id
    when 'employees' then facts.owner_id
end
where (for_owner is null or facts.owner_id = for_owner)
and (for_team is null or facts.team_id = for_team)
and (for_pipeline is null or facts.pipeline_id = for_pipeline)
and (for_region is null or coalesce(customers.region, facts.owner_region) = for_region)
and (for_lifecycle is null or customers.lifecycle_stage = for_lifecycle);

-- One row per span and deal that was won or lost in it.
create or replace macro closed_deals(
    spans,
    dimension := 'all',
    for_owner := null::varchar,
    for_team := null::varchar,
    for_pipeline := null::varchar,
    for_region := null::varchar,
    for_lifecycle := null::varchar
) as table
select
    seen.position as span,
    deals.*
from chosen_deals(dimension, for_owner, for_team, for_pipeline, for_region, for_lifecycle) as deals
inner join spans_of(spans) as seen on deals.closed_on between seen.starts_on and seen.until_on
where deals.outcome <> 'open' and deals.closed_on between first_start(spans) and last_until(spans);

-- One row per span and deal that stood open at its close, with the stage of that day: the next change tells what was
-- before it, and a deal's first recorded change speaks for the days before as well.
create or replace macro open_deals(
    spans,
    dimension := 'all',
    for_owner := null::varchar,
    for_team := null::varchar,
    for_pipeline := null::varchar,
    for_region := null::varchar,
    for_lifecycle := null::varchar
) as table
with
standing as materialized (
    select
        seen.position as span,
        seen.until_at,
        deals.*,
        coalesce(deals.expected_close_on between seen.starts_on and seen.ends_on, false) as is_closing
    from chosen_deals(dimension, for_owner, for_team, for_pipeline, for_region, for_lifecycle) as deals
    inner join spans_of(spans) as seen
        on deals.opened_on <= seen.until_on
        and (deals.outcome = 'open' or deals.closed_on > seen.until_on)
    where deals.outcome = 'open' or deals.closed_on > first_until(spans)
),

next_changes as (
    select
        standing.span,
        standing.deal_id,
        arg_min(coalesce(changes.from_stage_id, changes.to_stage_id), changes.changed_at) as stage_id
    from stage_changes as changes
    inner join standing on standing.deal_id = changes.deal_id and standing.until_at <= changes.changed_at
    where changes.archived_at is null
    and changes.changed_at >= list_min(list_transform(spans, lambda span: span.until_at))
    group by standing.span, standing.deal_id
)

select
    standing.* exclude (until_at) replace (chances.stage_id as stage_id),
    chances.name as stage,
    not chances.is_first as is_past_first,
    chances.share_if_open as probability_share
from standing
left join next_changes on next_changes.span = standing.span and next_changes.deal_id = standing.deal_id
left join stage_chances(spans) as chances
    on chances.span = standing.span
    and chances.stage_id = coalesce(next_changes.stage_id, standing.stage_id);

-- One row per span and group with a won-amount goal for exactly that period: the company's, or each owner's or team's.
create or replace macro won_targets(spans, dimension, for_owner, for_team, for_pipeline, for_region, for_lifecycle) as table
select
    seen.position as span,
    group_key(case dimension when 'owner' then goals.employee_id when 'team' then goals.team_id end, null) as group_key,
    seen.elapsed_share,
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

-- One row per group, day and outcome: what was decided that day, from the first day that a span or its year looks at.
-- Periods and years are sums of such days, so that a deal is looked at once and not once a span.
create or replace macro closed_days(
    spans,
    dimension := 'all',
    for_owner := null::varchar,
    for_team := null::varchar,
    for_pipeline := null::varchar,
    for_region := null::varchar,
    for_lifecycle := null::varchar
) as table
select
    group_key(group_id, group_region) as group_key,
    closed_on,
    outcome = 'won' as is_won,
    count(*) as deal_count,
    sum(amount) as amount,
    count(amount) as priced_count,
    sum(potential_amount) as potential_amount,
    count(potential_amount) as valued_count,
    sum(cycle_days) as cycle_days,
    count(cycle_days) as timed_count
from chosen_deals(dimension, for_owner, for_team, for_pipeline, for_region, for_lifecycle)
where outcome <> 'open' and closed_on between first_year_start(spans) and last_until(spans)
group by group_id, group_region, closed_on, outcome;

-- One row per span and group with deals closed in it or in the year up to its last day, or with a goal for it. The year's
-- rates are what speed is measured by.
create or replace macro closed_figures(
    spans,
    dimension := 'all',
    for_owner := null::varchar,
    for_team := null::varchar,
    for_pipeline := null::varchar,
    for_region := null::varchar,
    for_lifecycle := null::varchar
) as table
with
days as (
    select
        seen.position as span,
        days.*,
        days.closed_on >= seen.starts_on as is_now,
        days.closed_on >= seen.year_starts_on as is_year
    from closed_days(spans, dimension, for_owner, for_team, for_pipeline, for_region, for_lifecycle) as days
    inner join spans_of(spans) as seen
        on days.closed_on between least(seen.starts_on, seen.year_starts_on) and seen.until_on
),

sums as (
    select
        span,
        group_key,
        sum(amount) filter (where is_now and is_won) as won_amount,
        sum(deal_count) filter (where is_now and is_won) as won_count,
        sum(deal_count) filter (where is_now and not is_won) as lost_count,
        sum(priced_count) filter (where is_now and is_won) as priced_count,
        sum(potential_amount) filter (where is_now) as decided_amount,
        sum(valued_count) filter (where is_now) as decided_count,
        sum(cycle_days) filter (where is_now and is_won) as cycle_days,
        sum(timed_count) filter (where is_now and is_won) as timed_count,
        sum(deal_count) filter (where is_year and is_won) / sum(deal_count) filter (where is_year) as year_win_rate,
        sum(amount) filter (where is_year and is_won) / sum(priced_count) filter (where is_year and is_won) as year_amount,
        sum(cycle_days) filter (where is_year and is_won) / sum(timed_count) filter (where is_year and is_won) as year_cycle_days
    from days
    group by span, group_key
),

counted as (
    select
        * replace (
            coalesce(won_amount, 0) as won_amount,
            coalesce(won_count, 0)::bigint as won_count,
            coalesce(lost_count, 0)::bigint as lost_count,
            coalesce(priced_count, 0)::bigint as priced_count,
            coalesce(decided_count, 0)::bigint as decided_count,
            coalesce(timed_count, 0)::bigint as timed_count
        )
    from sums
    full join won_targets(spans, dimension, for_owner, for_team, for_pipeline, for_region, for_lifecycle) using (span, group_key)
)

select
    span,
    group_key,
    won_amount,
    won_count as won_amount_n,
    won_count,
    won_count as won_count_n,
    lost_count,
    lost_count as lost_count_n,
    won_count / nullif(won_count + lost_count, 0) as win_rate,
    won_count + lost_count as win_rate_n,
    won_amount / nullif(decided_amount, 0) as win_rate_by_amount,
    decided_count as win_rate_by_amount_n,
    won_amount / nullif(priced_count, 0) as average_deal_amount,
    priced_count as average_deal_amount_n,
    cycle_days / nullif(timed_count, 0) as sales_cycle_days,
    timed_count as sales_cycle_days_n,
    target,
    case when target > 0 then won_amount / target end as attainment,
    won_count as attainment_n,
    case when target <= 0 then 'the target is not above 0' end as attainment_reason,
    attainment / nullif(elapsed_share, 0) as pace,
    won_count as pace_n,
    attainment_reason as pace_reason,
    year_win_rate,
    year_amount,
    year_cycle_days
from counted;

-- One row per span and group with deals won in it. A median is no sum of days: it has its own look at the deals.
create or replace macro median_figures(
    spans,
    dimension := 'all',
    for_owner := null::varchar,
    for_team := null::varchar,
    for_pipeline := null::varchar,
    for_region := null::varchar,
    for_lifecycle := null::varchar
) as table
select
    span,
    group_key(group_id, group_region) as group_key,
    median(amount) as median_deal_amount,
    count(amount) as median_deal_amount_n
from closed_deals(spans, dimension, for_owner, for_team, for_pipeline, for_region, for_lifecycle)
where outcome = 'won'
group by span, group_id, group_region;

-- One row per span and group with deals open at its close.
create or replace macro open_figures(
    spans,
    dimension := 'all',
    for_owner := null::varchar,
    for_team := null::varchar,
    for_pipeline := null::varchar,
    for_region := null::varchar,
    for_lifecycle := null::varchar
) as table
with
sums as (
    select
        span,
        group_key(group_id, group_region) as group_key,
        count(*) as open_count,
        coalesce(sum(potential_amount), 0) as open_amount,
        count(potential_amount) as open_amount_n,
        sum(potential_amount * probability_share) filter (where is_closing) as weighted_amount,
        count(potential_amount * probability_share) filter (where is_closing) as weighted_count,
        coalesce(sum(potential_amount) filter (where is_closing), 0) as closing_amount,
        count(*) filter (where is_closing) as closing_count,
        count(*) filter (where is_past_first) as past_first_count
    from open_deals(spans, dimension, for_owner, for_team, for_pipeline, for_region, for_lifecycle)
    group by span, group_id, group_region
)

select
    span,
    group_key,
    open_count,
    open_count as open_count_n,
    open_amount,
    open_amount_n,
    case when closing_count = 0 then 0 when weighted_count > 0 then weighted_amount end as weighted_pipeline_amount,
    weighted_count as weighted_pipeline_amount_n,
    closing_amount,
    closing_count,
    past_first_count
from sums;

-- One row per span and group: the figures of both kinds, and those that need both.
create or replace macro deal_figures(
    spans,
    dimension := 'all',
    for_owner := null::varchar,
    for_team := null::varchar,
    for_pipeline := null::varchar,
    for_region := null::varchar,
    for_lifecycle := null::varchar
) as table
select
    * exclude (year_win_rate, year_amount, year_cycle_days) replace (
        coalesce(won_amount, 0) as won_amount,
        coalesce(won_count, 0) as won_count,
        coalesce(lost_count, 0) as lost_count,
        coalesce(open_count, 0) as open_count,
        coalesce(open_amount, 0) as open_amount,
        coalesce(weighted_pipeline_amount, case when open_count is null then 0 end) as weighted_pipeline_amount
    ),
    case when target > coalesce(won_amount, 0) then coalesce(closing_amount, 0) / (target - coalesce(won_amount, 0)) end
        as pipeline_coverage,
    coalesce(closing_count, 0) as pipeline_coverage_n,
    case when target <= coalesce(won_amount, 0) then 'met' end as pipeline_coverage_reason,
    coalesce(past_first_count, 0) * year_win_rate * year_amount / nullif(year_cycle_days, 0) as sales_velocity,
    coalesce(past_first_count, 0) as sales_velocity_n
from closed_figures(spans, dimension, for_owner, for_team, for_pipeline, for_region, for_lifecycle)
full join open_figures(spans, dimension, for_owner, for_team, for_pipeline, for_region, for_lifecycle) using (span, group_key);
