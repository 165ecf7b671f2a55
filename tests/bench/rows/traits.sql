select
    row_key('customer', 2 * n) as customer_id,
    pick(n, 'kind', 'need|want|like|dislike|value|aspiration') as kind,
    pick(n, 'text', 'Delivery within 48 hours|One named contact person|No surprise price changes|Less paper') as text,
    case when pick(n, 'kind', 'need|want|like|dislike|value|aspiration') in ('need', 'want') then 'open' end as state,
    past_day(n, 'trait', $today) as observed_on,
from range(1, $customers // 2 + 1) as numbers (n)
