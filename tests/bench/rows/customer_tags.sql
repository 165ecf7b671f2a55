select
    row_key('customer', 5 * n) as customer_id,
    row_key('tag', 1 + whole(n, 'tag', 20)) as tag_id,
from range(1, $customers // 5 + 1) as numbers (n)
