-- after: basics
-- What a rule of a segment asks about a customer: one small view a source, so that a rule reads only what it names. Each has
-- one row per customer who has any; archived rows are left out.

create or replace view customer_talks as
select
    customer_id,
    count(*) as interaction_count,
    max(occurred_at) as last_interaction_at,
    max(occurred_at) filter (where is_two_way(channel)) as last_two_way_at,
    arg_max(channel, occurred_at) as last_channel
from interactions
where archived_at is null and customer_id is not null
group by customer_id;

create or replace view customer_purchases as
select
    customer_id,
    count(*) as order_count,
    sum(amount) as spent_amount,
    min(ordered_at) as first_order_at,
    max(ordered_at) as last_order_at
from orders
where archived_at is null and customer_id is not null
group by customer_id;

create or replace view customer_sales as
select
    deals.customer_id,
    count(*) filter (where stages.outcome = 'open') as open_count,
    sum(deals.amount) filter (where stages.outcome = 'open') as open_amount,
    count(*) filter (where stages.outcome = 'won') as won_count,
    sum(deals.amount) filter (where stages.outcome = 'won') as won_amount,
    count(*) filter (where stages.outcome = 'lost') as lost_count,
    min(deals.closed_on) filter (where stages.outcome = 'won') as first_won_on,
    max(deals.closed_on) filter (where stages.outcome = 'won') as last_won_on
from deals
inner join stages on stages.stage_id = deals.stage_id
where deals.archived_at is null and deals.customer_id is not null
group by deals.customer_id;

-- The latest answer on each scale; a rating outside its scale is none.
create or replace view customer_answers as
with
answers as (
    select
        customer_id,
        received_at,
        scale,
        case scale
            when 'nps_0_10' then case when rating between 0 and 10 then rating end
            when 'ces_1_7' then case when rating between 1 and 7 then rating end
            else case when rating between 1 and 5 then rating end
        end as rating,
        (received_at, feedback_id) as place
    from feedback
    where archived_at is null and customer_id is not null
)

select
    customer_id,
    count(*) as feedback_count,
    max(received_at) as last_feedback_at,
    arg_max(rating, place) filter (where scale = 'nps_0_10' and rating is not null) as nps_rating,
    arg_max(rating, place) filter (where scale = 'csat_1_5' and rating is not null) as csat_rating,
    arg_max(rating, place) filter (where scale = 'ces_1_7' and rating is not null) as ces_rating,
    arg_max(rating, place) filter (where scale = 'stars_1_5' and rating is not null) as stars_rating
from answers
group by customer_id;

create or replace view customer_people as
select
    customer_id,
    count(*) as contact_count
from contacts
where archived_at is null
group by customer_id;

create or replace view customer_work as
select
    customer_id,
    count(*) as open_task_count,
    min(due_on) as next_due_on
from tasks
where archived_at is null and done_at is null and customer_id is not null
group by customer_id;
