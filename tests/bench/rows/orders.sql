-- Three each for every third customer; one in fifty is a return.
select
    row_key('customer', 3 + 3 * (n // 3)) as customer_id,
    row_key('product', 1 + whole(n, 'product', 20)) as product_id,
    'O-' || n as number,
    past_hour(n, 'order', $today) as ordered_at,
    (case when n % 50 = 0 then -1 else 1 end) * round(20 * exp(share(n, 'amount') * 5), 2) as amount,
    pick(n, 'channel', 'shop|phone|field') as channel,
    1 + whole(n, 'items', 12) as item_count,
from range(0, 3 * ($customers // 3)) as numbers (n)
