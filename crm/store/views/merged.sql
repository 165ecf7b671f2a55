-- One row per record that was merged into another: who it is now, over any number of merges.
create or replace view merged_into as
with recursive ways as (
    select
        noun,
        loser_id,
        winner_id,
        1 as step
    from merges
    where archived_at is null
    union all
    select
        ways.noun,
        ways.loser_id,
        merges.winner_id,
        ways.step + 1 as step
    from ways
    inner join merges on merges.noun = ways.noun and merges.loser_id = ways.winner_id and merges.archived_at is null
    where ways.step < 1000
)

select
    noun,
    loser_id,
    arg_max(winner_id, step) as winner_id
from ways
group by noun, loser_id;
