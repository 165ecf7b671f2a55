-- after: customer_figures
-- Who has gone quiet: longer without a word than is usual for them. A touch is a two-way interaction or an order; touches
-- on one day are one, so a gap is between two days. From three gaps on a customer's own median tells what is usual.

-- One row per span and customer ever in touch by its last day: the last touch, the usual gap, after how many days it is quiet.
-- The filters stand where touches are read: sorting those of one owner's customers takes a hundredth of sorting all.
create or replace macro customer_rhythms(spans, for_owner, for_team, for_region, for_lifecycle) as table
with
all_touches as (
    select
        customer_id,
        occurred_at as touched_at,
        local_day(occurred_at) as touched_on
    from interactions
    where is_two_way(channel) and archived_at is null and customer_id is not null
    union all
    select
        customer_id,
        ordered_at as touched_at,
        local_day(ordered_at) as touched_on
    from orders
    where archived_at is null and customer_id is not null
),

touches as (
    select *
    from all_touches
    where (for_owner is null and for_team is null and for_region is null and for_lifecycle is null)
    or customer_id in (select customer_id from chosen_customers('all', for_owner, for_team, for_region, for_lifecycle))
),

gaps as (
    select
        customer_id,
        touched_at,
        touched_on,
        nullif(touched_on - lag(touched_on) over (partition by customer_id order by touched_on), 0) as gap_days
    from touches
),

rhythms as (
    select
        seen.position as span,
        gaps.customer_id,
        max(gaps.touched_at) as last_touch_at,
        seen.until_on - max(gaps.touched_on) as days_quiet,
        count(gaps.gap_days) as gap_count,
        median(gaps.gap_days) as median_gap_days
    from gaps
    inner join spans_of(spans) as seen on gaps.touched_on <= seen.until_on
    group by seen.position, seen.until_on, gaps.customer_id
)

select
    rhythms.span,
    rhythms.customer_id,
    rhythms.last_touch_at,
    rhythms.days_quiet,
    case when rhythms.gap_count >= 3 then rhythms.median_gap_days end as usual_gap_days,
    case
        when rhythms.gap_count >= 3 then 1.5 * rhythms.median_gap_days
        else coalesce(try_cast(limits.value as double), 60)
    end as limit_days
from rhythms
inner join customers on customers.customer_id = rhythms.customer_id
left join settings as limits
    on limits.name = 'quiet_days_' || customers.lifecycle_stage
    and limits.archived_at is null;

-- One row per span and customer ever in touch that the filters leave, archived ones left out.
create or replace macro touched_customers(
    spans,
    dimension := 'all',
    for_owner := null::varchar,
    for_team := null::varchar,
    for_region := null::varchar,
    for_lifecycle := null::varchar
) as table
select
    rhythms.*,
    rhythms.days_quiet > rhythms.limit_days as is_quiet,
    customers.* exclude (customer_id)
from customer_rhythms(spans, for_owner, for_team, for_region, for_lifecycle) as rhythms
inner join chosen_customers(dimension, for_owner, for_team, for_region, for_lifecycle) as customers on customers.customer_id = rhythms.customer_id;

-- One row per customer who has gone quiet by the close of a day, for lists that say why; of one owner, or of all (null).
create or replace macro quiet_customers_of(on_day, of_owner) as table
select
    customer_id,
    owner_id,
    lifecycle_stage,
    last_touch_at,
    days_quiet,
    usual_gap_days,
    limit_days
from touched_customers(one_span(on_day, on_day, on_day), 'all', of_owner, null, null, null)
where is_quiet;

-- The same of everybody's customers.
create or replace macro quiet_customers(on_day) as table
from quiet_customers_of(on_day, null::varchar);

-- One row per span and group with customers ever in touch: n is how many of them there are.
create or replace macro quiet_figures(
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
    count(*) filter (where is_quiet) as quiet_customers,
    count(*) as quiet_customers_n
from touched_customers(spans, dimension, for_owner, for_team, for_region, for_lifecycle)
group by span, group_id, group_region;
