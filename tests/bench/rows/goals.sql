-- Won amount by quarter, this one and the three before: of the company, each team and each employee.
with quarters as (
    select (date_trunc('quarter', $today) - to_months(3 * n::integer))::date as starts_on,
    from range(0, 4) as numbers (n)
),

scopes as (
    select 'company' as scope, null::uuid as team_id, null::uuid as employee_id, 1.0 as part
    union all
    select 'team' as scope, team_id, null::uuid as employee_id, 0.1 as part from teams
    union all
    select 'employee' as scope, null::uuid as team_id, employee_id, 0.01 as part from employees
)

select
    'won_amount' as figure,
    scopes.scope,
    scopes.team_id,
    scopes.employee_id,
    quarters.starts_on,
    (quarters.starts_on + interval 3 months)::date - 1 as ends_on,
    round($customers * 400 * scopes.part) as target,
from quarters
cross join scopes
