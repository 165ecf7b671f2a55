-- One for every tenth customer, two thirds of them done.
select
    pick(n, 'title', 'Send offer|Call back|Prepare visit|Ask for feedback') as title,
    row_key('customer', 10 * n) as customer_id,
    owner_key(10 * n) as owner_id,
    case when n % 3 = 0 then $today - 10 + whole(n, 'due', 40)::integer else past_day(n, 'task', $today) end as due_on,
    case when n % 3 > 0 then past_day(n, 'task', $today)::timestamp + interval 15 hours end as done_at,
from range(1, $customers // 10 + 1) as numbers (n)
