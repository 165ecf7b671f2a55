select
    row_key('product', n) as product_id,
    'Product ' || brand(n) as name,
    pick(n, 'category', 'device|licence|service') as category,
    50 * (1 + whole(n, 'price', 200)) as list_price_amount,
from range(1, 21) as numbers (n)
