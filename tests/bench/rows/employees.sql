select
    row_key('employee', n) as employee_id,
    first_name(n) || ' ' || last_name(n) || ' ' || n as name,
    'employee' || n || '@bench.example' as email,
    case when n = 1 then 'admin' when n <= 11 then 'manager' else 'member' end as role,
    row_key('team', 1 + n % 10) as team_id,
    pick(1 + n % 10, 'region', 'North|South|East|West|Central') as region,
from range(1, 101) as numbers (n)
