select
    row_key('tag', n) as tag_id,
    'tag ' || brand(n) as name,
from range(1, 21) as numbers (n)
