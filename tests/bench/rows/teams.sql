select
    row_key('team', n) as team_id,
    'Team ' || n as name,
    pick(n, 'region', 'North|South|East|West|Central') as region,
from range(1, 11) as numbers (n)
