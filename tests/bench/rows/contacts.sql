-- The first contact of customer n has its number; the second ones, for every other customer, come after.
with numbered as (
    select
        n,
        case when n <= $customers then n else 2 * (n - $customers) end as customer,
    from range(1, $customers + $customers // 2 + 1) as numbers (n)
)

select
    row_key('contact', n) as contact_id,
    row_key('customer', customer) as customer_id,
    first_name(n) || ' ' || last_name(n) as name,
    first_name(n) as first_name,
    last_name(n) as last_name,
    nullif(pick(n, 'title', 'Head of purchasing|Owner|Engineer|Assistant|CFO|'), '') as title,
    case
        when share(n, 'mailed') < 0.9
            then lower(strip_accents(first_name(n) || '.' || last_name(n))) || n || '@' || domain(customer)
    end as email,
    case when share(n, 'phoned') < 0.7 then '+1646' || (2000000 + whole(n, 'phone', 7999999)) end as phone,
    pick(n, 'consent', 'unknown|given|given|withdrawn') as consent,
from numbered
