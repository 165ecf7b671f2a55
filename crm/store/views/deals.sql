-- after: basics, spans
-- What a deal says: how it ended, when, what it is worth, how likely it is to be won. No code knows a stage by its name.

-- One row per deal with keys only: what a figure over all deals reads.
-- An amount of 0 on a lost deal is what it brought, not what it could have: there the list price stands in.
-- A deal without an opening date is open from the day it was entered; closed without a closing date it is in no period.
-- The closing date is as stated, for the scan to filter by: it counts only where the outcome is not open.
create or replace view deal_facts as
select
    deals.deal_id,
    deals.customer_id,
    deals.owner_id,
    owners.team_id,
    owners.region as owner_region,
    deals.product_id,
    deals.stage_id,
    stages.pipeline_id,
    stages.outcome,
    deals.amount,
    case
        when stages.outcome = 'won' then deals.amount
        when stages.outcome = 'lost' then coalesce(nullif(deals.amount, 0), products.list_price_amount)
        else coalesce(deals.amount, products.list_price_amount)
    end as potential_amount,
    stages.outcome <> 'won'
    and (deals.amount is null or (stages.outcome = 'lost' and deals.amount = 0))
    and products.list_price_amount is not null as is_estimated,
    coalesce(deals.opened_on, local_day(deals.created_at)) as opened_on,
    deals.expected_close_on,
    deals.closed_on,
    deals.closed_on - deals.opened_on as cycle_days
from deals
left join stages on stages.stage_id = deals.stage_id
left join products on products.product_id = deals.product_id
left join employees as owners on owners.employee_id = deals.owner_id
where deals.archived_at is null;

-- One row per span and stage: the chance that a deal there is won, as known on the span's last day. A stated probability
-- stands; a stage without one learns from the closed deals that passed it, from 30 on; before that its pipeline's win rate.
create or replace macro stage_chances(spans) as table
with
seen as (
    from spans_of(spans)
),

unstated as (
    select
        stage_id,
        pipeline_id
    from stages
    where probability_share is null and outcome = 'open'
),

closed as (
    select
        seen.position as span,
        facts.deal_id,
        facts.pipeline_id,
        (facts.outcome = 'won')::integer as is_won
    from deal_facts as facts
    inner join seen on facts.closed_on <= seen.until_on
    where facts.outcome <> 'open' and facts.pipeline_id in (select pipeline_id from unstated)
),

visits as (
    select
        changes.deal_id,
        unstated.stage_id
    from stage_changes as changes
    inner join unstated on unstated.stage_id = changes.to_stage_id
    where changes.archived_at is null
    union
    select
        changes.deal_id,
        unstated.stage_id
    from stage_changes as changes
    inner join unstated on unstated.stage_id = changes.from_stage_id
    where changes.archived_at is null
),

passed as (
    select
        closed.span,
        visits.stage_id,
        count(*) as deal_count,
        avg(closed.is_won) as won_share
    from visits
    inner join closed on closed.deal_id = visits.deal_id
    group by closed.span, visits.stage_id
),

pipeline_rates as (
    select
        span,
        pipeline_id,
        avg(is_won) as won_share
    from closed
    group by span, pipeline_id
)

select
    seen.position as span,
    stages.stage_id,
    stages.pipeline_id,
    stages.name,
    stages.position,
    stages.outcome,
    stages.outcome = 'open'
    and stages.position = min(stages.position) filter (where stages.outcome = 'open' and stages.archived_at is null)
        over (partition by seen.position, stages.pipeline_id) as is_first,
    stages.probability_share as stated_share,
    passed.won_share as learned_share,
    coalesce(passed.deal_count, 0) as learned_from,
    case
        when stages.outcome = 'won' then 1
        when stages.outcome = 'lost' then 0
        when stages.probability_share is not null then stages.probability_share
        when passed.deal_count >= 30 then passed.won_share
        else pipeline_rates.won_share
    end as probability_share
from stages
cross join seen
left join passed on passed.span = seen.position and passed.stage_id = stages.stage_id
left join pipeline_rates on pipeline_rates.span = seen.position and pipeline_rates.pipeline_id = stages.pipeline_id;

-- One row per stage: the same with all that is known.
create or replace view stage_probabilities as
select * exclude (span)
from stage_chances(one_span('0001-01-01'::date, '9999-01-01'::date, '9999-01-01'::date));

-- One row per deal with every name a page shows.
create or replace view deal_outcomes as
select
    deals.deal_id,
    deals.version,
    deals.name,
    facts.outcome,
    facts.customer_id,
    customers.name as customer,
    customers.lifecycle_stage,
    coalesce(customers.region, facts.owner_region) as region,
    deals.contact_id,
    facts.owner_id,
    owners.name as owner,
    facts.team_id,
    teams.name as team,
    facts.product_id,
    products.name as product,
    facts.pipeline_id,
    pipelines.name as pipeline,
    facts.stage_id,
    stages.name as stage,
    stages.position as stage_position,
    chances.probability_share,
    facts.amount,
    facts.potential_amount,
    facts.is_estimated,
    facts.potential_amount * chances.probability_share as weighted_amount,
    facts.opened_on,
    facts.expected_close_on,
    case when facts.outcome <> 'open' then facts.closed_on end as closed_on,
    case when facts.outcome <> 'open' then facts.cycle_days end as cycle_days,
    deals.lost_reason,
    deals.note,
    deals.created_at,
    deals.updated_at
from deal_facts as facts
inner join deals on deals.deal_id = facts.deal_id
left join stages on stages.stage_id = facts.stage_id
left join stage_probabilities as chances on chances.stage_id = facts.stage_id
left join pipelines on pipelines.pipeline_id = facts.pipeline_id
left join customers on customers.customer_id = facts.customer_id
left join employees as owners on owners.employee_id = facts.owner_id
left join teams on teams.team_id = facts.team_id
left join products on products.product_id = facts.product_id;
