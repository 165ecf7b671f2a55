-- after: deal_figures
-- Deals at the start and at the end of a period, as they were then: what the time machine, its bridge and the slip rate say.
-- An amount or an expected close of a past day comes from the history: the next change after that day says what stood there.

-- One row per span and deal that stood open at the close of the day before it or of its last day, or was open and ended in it.
-- `…_before` and `…_after` are as of those two days; `ended` is won or lost where that happened in it; `push_count` is how
-- often its expected close was put off in it; `is_due` in it at its start, `has_slipped` out of it at its end.
create or replace macro deals_between(
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
        seen.starts_on,
        seen.ends_on,
        seen.starts_at,
        seen.until_on,
        seen.until_at,
        deals.*,
        products.list_price_amount
    from chosen_deals(dimension, for_owner, for_team, for_pipeline, for_region, for_lifecycle) as deals
    inner join spans_of(spans) as seen
        on deals.opened_on <= seen.until_on
        and (deals.outcome = 'open' or deals.closed_on >= seen.starts_on)
    left join products on products.product_id = deals.product_id
    where deals.outcome = 'open' or deals.closed_on >= first_start(spans)
),

edits as materialized (
    select
        changes.record_id as deal_id,
        sets.made_at,
        row(sets.made_at, sets.change_set_id, changes.position) as place,
        changes.before,
        changes.after
    from changes
    inner join change_sets as sets on sets.change_set_id = changes.change_set_id
    where changes.table_name = 'deals'
    and changes.operation = 'update'
    and sets.made_at >= first_instant(spans)
    and (json_exists(changes.before, '$.amount') or json_exists(changes.before, '$.expected_close_on'))
),

undone as (
    select
        standing.span,
        standing.deal_id,
        arg_min(row(edits.before ->> 'amount'), place) filter (where json_exists(edits.before, '$.amount')) as amount_before,
        arg_min(row(edits.before ->> 'amount'), place)
            filter (where json_exists(edits.before, '$.amount') and edits.made_at >= standing.until_at)
        as amount_after,
        arg_min(row(edits.before ->> 'expected_close_on'), place)
            filter (where json_exists(edits.before, '$.expected_close_on'))
        as expected_before,
        arg_min(row(edits.before ->> 'expected_close_on'), place)
            filter (where json_exists(edits.before, '$.expected_close_on') and edits.made_at >= standing.until_at)
        as expected_after,
        count(*) filter (
            where edits.made_at < standing.until_at
            and (edits.after ->> 'expected_close_on')::date > (edits.before ->> 'expected_close_on')::date
        ) as push_count
    from edits
    inner join standing on standing.deal_id = edits.deal_id and edits.made_at >= standing.starts_at
    group by standing.span, standing.deal_id
),

next_stages as (
    select
        standing.span,
        standing.deal_id,
        arg_min(coalesce(moved.from_stage_id, moved.to_stage_id), moved.changed_at) as stage_id
    from stage_changes as moved
    inner join standing on standing.deal_id = moved.deal_id and moved.changed_at >= standing.until_at
    where moved.archived_at is null
    group by standing.span, standing.deal_id
),

seen as (
    select
        standing.* exclude (stage_id, starts_at, until_at, amount, expected_close_on, potential_amount, is_estimated),
        coalesce(next_stages.stage_id, standing.stage_id) as stage_id,
        standing.opened_on < standing.starts_on and (standing.outcome = 'open' or standing.closed_on >= standing.starts_on)
        as is_open_before,
        standing.outcome = 'open' or standing.closed_on > standing.until_on as is_open_after,
        case when standing.outcome <> 'open' and standing.closed_on <= standing.until_on then standing.outcome end as ended,
        if(undone.amount_before is null, standing.amount, struct_extract(undone.amount_before, 1)::decimal(14, 2))
        as raw_before,
        if(undone.amount_after is null, standing.amount, struct_extract(undone.amount_after, 1)::decimal(14, 2)) as raw_after,
        if(undone.expected_before is null, standing.expected_close_on, struct_extract(undone.expected_before, 1)::date)
        as expected_before,
        if(undone.expected_after is null, standing.expected_close_on, struct_extract(undone.expected_after, 1)::date)
        as expected_after,
        coalesce(undone.push_count, 0) as push_count
    from standing
    left join undone on undone.span = standing.span and undone.deal_id = standing.deal_id
    left join next_stages on next_stages.span = standing.span and next_stages.deal_id = standing.deal_id
)

select
    seen.* exclude (raw_before, raw_after, list_price_amount, ends_on, starts_on, until_on),
    coalesce(if(outcome = 'lost', nullif(raw_before, 0), raw_before), list_price_amount) as amount_before,
    case
        when ended = 'won' then coalesce(raw_after, 0)
        else coalesce(if(outcome = 'lost', nullif(raw_after, 0), raw_after), list_price_amount)
    end as amount_after,
    coalesce(is_open_before and expected_before between starts_on and ends_on, false) as is_due,
    is_due and is_open_after and not coalesce(expected_after <= ends_on, false) as has_slipped
from seen;

-- One row per span and group with deals that were due in it.
create or replace macro slip_figures(
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
    avg(has_slipped::integer) as slip_rate,
    count(*) as slip_rate_n
from deals_between(spans, dimension, for_owner, for_team, for_pipeline, for_region, for_lifecycle)
where is_due
group by span, group_id, group_region;
