-- after: basics
-- How long deals stay in a stage, and how long is usual there: what tells a deal that is stuck from one that takes its time.

-- One row per stay of a deal in a stage, from the change that brought it there to the next; the last one has no end.
create or replace view stage_stays as
select
    deal_id,
    to_stage_id as stage_id,
    changed_at as entered_at,
    lead(changed_at) over (partition by deal_id order by changed_at, stage_change_id) as left_at
from stage_changes
where archived_at is null;

-- One row per stage that deals have left: in how many days half of them did, and three of four. Of the latest moves only:
-- what was usual years ago says little about a deal of today, and a page must not wait for all of history.
create or replace macro stage_paces(latest_moves := 5000) as table
with
moves as materialized (
    select
        stage_change_id,
        deal_id,
        from_stage_id,
        changed_at
    from stage_changes
    where archived_at is null and from_stage_id is not null
    order by changed_at desc
    limit latest_moves
),

stays as (
    select
        moves.from_stage_id as stage_id,
        moves.changed_at - max(entered.changed_at) as stay
    from moves
    inner join stage_changes as entered
        on entered.deal_id = moves.deal_id
        and entered.to_stage_id = moves.from_stage_id
        and entered.changed_at <= moves.changed_at
        and entered.stage_change_id <> moves.stage_change_id
    where entered.archived_at is null
    group by moves.stage_change_id, moves.from_stage_id, moves.changed_at
)

select
    stage_id,
    median(epoch(stay)) / 86400 as median_days,
    quantile_cont(epoch(stay), 0.75) / 86400 as usual_days,
    count(*) as stay_count
from stays
group by stage_id;
