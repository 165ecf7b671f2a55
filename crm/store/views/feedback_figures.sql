-- after: customer_figures
-- The figures over ratings. Each counts only its own scale, and a rating outside its scale counts nowhere.

-- One row per span and rating in it that the filters leave, with who gave it and the group it falls in.
create or replace macro ratings_seen(
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
    entry.received_at,
    entry.scale,
    entry.rating,
    entry.text,
    entry.customer_id,
    entry.contact_id,
    entry.product_id,
    coalesce(entry.contact_id, entry.customer_id, entry.feedback_id) as person_id,
    case dimension
        when 'owner' then customers.owner_id
        when 'team' then customers.team_id
        when 'customer' then entry.customer_id
        when 'product' then entry.product_id
    end as group_id,
    case when dimension = 'region' then customers.region else answers.answer end as group_region
from feedback as entry
inner join spans_of(spans) as seen on entry.received_at >= seen.starts_at and entry.received_at < seen.until_at
left join asked_customers(dimension, for_owner, for_team, for_region, for_lifecycle) as customers on customers.customer_id = entry.customer_id
left join own_answers(dimension) as answers on answers.record_id = case split_part(dimension, ':', 1)
    when 'customers' then entry.customer_id
    when 'feedback' then entry.feedback_id
    when 'products' then entry.product_id
end
where entry.archived_at is null
and entry.received_at >= first_instant(spans)
and entry.received_at < last_instant(spans)
and is_rating(entry.rating, entry.scale)
and (for_owner is null or customers.owner_id = for_owner)
and (for_team is null or customers.team_id = for_team)
and (for_region is null or customers.region = for_region)
and (for_lifecycle is null or customers.lifecycle_stage = for_lifecycle);

-- One row per span, group and person: the latest answer to “would you recommend us?”.
create or replace macro latest_nps(
    spans,
    dimension := 'all',
    for_owner := null::varchar,
    for_team := null::varchar,
    for_region := null::varchar,
    for_lifecycle := null::varchar
) as table
select
    span,
    group_id,
    group_region,
    person_id,
    arg_max(rating, (received_at, feedback_id)) as rating,
    arg_max(feedback_id, (received_at, feedback_id)) as feedback_id
from ratings_seen(spans, dimension, for_owner, for_team, for_region, for_lifecycle)
where scale = 'nps_0_10'
group by span, group_id, group_region, person_id;

-- One row per span and group with ratings.
create or replace macro feedback_figures(
    spans,
    dimension := 'all',
    for_owner := null::varchar,
    for_team := null::varchar,
    for_region := null::varchar,
    for_lifecycle := null::varchar
) as table
with
nps as (
    select
        span,
        group_key(group_id, group_region) as group_key,
        100.0 * (count(*) filter (where rating >= 9) - count(*) filter (where rating <= 6)) / count(*) as nps,
        count(*) as nps_n
    from latest_nps(spans, dimension, for_owner, for_team, for_region, for_lifecycle)
    group by span, group_id, group_region
),

answers as (
    select
        span,
        group_key(group_id, group_region) as group_key,
        avg((rating >= 4)::integer) filter (where scale = 'csat_1_5') as csat,
        count(*) filter (where scale = 'csat_1_5') as csat_n,
        avg(rating) filter (where scale = 'ces_1_7') as ces,
        count(*) filter (where scale = 'ces_1_7') as ces_n
    from ratings_seen(spans, dimension, for_owner, for_team, for_region, for_lifecycle)
    group by span, group_id, group_region
)

from nps
full join answers using (span, group_key);
