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

-- One row per deal, archived ones too, that chances are learned from: every one that a person sees, also where a question keeps
-- to some customers (`Session.among`), who may have closed too few.
create or replace view learned_deals as
select *
from deals;

-- One row per span and stage: the chance that a deal there is won, as known on the span's last day. A stated probability
-- stands; a stage without one learns from the closed deals that passed it, from 30 on; before that its pipeline's win rate.
-- `share_if_open` is for a deal that stood open then: where only its closed stage is recorded, the mean of the open ones.
-- With `all_learn`, stages that state one say beside it what they would have learned.
create or replace macro stage_chances(spans, all_learn := false) as table
with
learners as (
    select
        stage_id,
        pipeline_id
    from stages
    where outcome = 'open' and (all_learn or probability_share is null)
),

visits as (
    select distinct
        deal_id,
        unnest([from_stage_id, to_stage_id]) as stage_id
    from stage_changes
    where archived_at is null and exists (from learners)
),

learned as (
    select
        seen.position as span,
        learners.stage_id,
        count(visits.deal_id) as passed_count,
        avg((ends.outcome = 'won')::integer) filter (where visits.deal_id is not null) as passed_share,
        avg((ends.outcome = 'won')::integer) as pipeline_share
    from learners
    inner join stages as ends on ends.pipeline_id = learners.pipeline_id and ends.outcome <> 'open'
    inner join learned_deals as deals on deals.stage_id = ends.stage_id
    inner join spans_of(spans) as seen on deals.closed_on <= seen.until_on
    left join visits on visits.deal_id = deals.deal_id and visits.stage_id = learners.stage_id
    where deals.archived_at is null
    group by seen.position, learners.stage_id
),

chances as (
    select
        seen.position as span,
        stages.*,
        coalesce(learned.passed_count, 0) as learned_from,
        learned.passed_share as learned_share,
        case
            when stages.outcome = 'won' then 1
            when stages.outcome = 'lost' then 0
            when stages.probability_share is not null then stages.probability_share
            when learned.passed_count >= 30 then learned.passed_share
            else learned.pipeline_share
        end as used_share
    from stages
    cross join spans_of(spans) as seen
    left join learned on learned.span = seen.position and learned.stage_id = stages.stage_id
)

select
    span,
    stage_id,
    pipeline_id,
    name,
    position,
    outcome,
    outcome = 'open' and position = min(position) filter (where outcome = 'open' and archived_at is null) over same as is_first,
    probability_share as stated_share,
    learned_share,
    learned_from,
    used_share as probability_share,
    case when outcome = 'open' then used_share else avg(used_share) filter (where outcome = 'open') over same end as share_if_open
from chances
window same as (partition by span, pipeline_id);

-- One row per stage: the same with all that is known.
create or replace view stage_probabilities as
select * exclude (span, share_if_open)
from stage_chances(one_span('1900-01-01'::date, '2999-12-31'::date, '2999-12-31'::date));

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
