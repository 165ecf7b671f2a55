-- after: basics
-- One row per goal, archived ones too, with the names that people know it by. `team_id` is the team whose goal it is, or
-- to which its employee belongs.
create or replace view goal_details as
select
    goals.goal_id,
    goals.version,
    goals.figure,
    goals.scope,
    coalesce(goals.team_id, employees.team_id) as team_id,
    goals.employee_id,
    case goals.scope
        when 'team' then teams.name
        when 'employee' then employees.name
        else setting('company_name')
    end as scope_name,
    coalesce(goals.team_id, goals.employee_id)::varchar as scope_key,
    goals.starts_on,
    goals.ends_on,
    goals.target,
    objectives.objective_id,
    goals.note,
    goals.updated_at,
    goals.archived_at
from goals
left join teams on teams.team_id = goals.team_id
left join employees on employees.employee_id = goals.employee_id
left join objectives on objectives.objective_id = goals.objective_id and objectives.archived_at is null;
