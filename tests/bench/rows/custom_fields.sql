select
    row_key('own field', n) as custom_field_id,
    case when n = 4 then 'deals' else 'customers' end as noun,
    ['Company tier', 'Contract end', 'Membership', 'Budget confirmed'][n] as name,
    ['choice', 'date', 'text', 'yes_no'][n] as kind,
    false as is_required,
    n <= 2 as is_listed,
    n as position,
from range(1, 5) as numbers (n)
