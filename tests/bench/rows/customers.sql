select
    row_key('customer', n) as customer_id,
    case
        when is_person(n) then first_name(n) || ' ' || last_name(n)
        else brand(n) || pick(n, 'form', '|| GmbH| Ltd| Inc.| & Co| Group| AS')
    end as name,
    case when is_person(n) then 'person' else 'company' end as kind,
    pick(n, 'stage', 'lead|lead|prospect|customer|customer|customer|loyal|lapsed') as lifecycle_stage,
    case when share(n, 'owned') < 0.95 then owner_key(n) end as owner_id,
    nullif(pick(n, 'sector', 'retail|software|medical|finance|education|transport|energy|'), '') as sector,
    pick(n, 'region', 'North|South|East|West|Central') as region,
    pick(n, 'country', 'US|US|DE|GB|FR|ES|NO|JP') as country,
    capital(syllable(n % 900, 'town') || syllable(n % 900, 'ship')) || pick(n % 900, 'place', 'ton|burg|ville| City') as city,
    case when not is_person(n) then 'https://' || domain(n) end as website,
    case when share(n, 'phoned') < 0.6 then '+1212' || (2000000 + whole(n, 'phone', 7999999)) end as phone,
    case when not is_person(n) then 1 + (exp(share(n, 'size') * 9))::integer end as employee_count,
    1970 + whole(n, 'founded', 54) as founded_year,
    case when share(n, 'paced') < 0.2 then 30 * (1 + whole(n, 'cadence', 6)) end as cadence_days,
    case
        when share(n, 'own') < 0.6 then json_object(
            row_key('own field', 1)::varchar, row_key('own choice', 1 + whole(n, 'tier', 3))::varchar,
            row_key('own field', 2)::varchar, ($today + whole(n, 'ends', 900)::integer)::varchar,
            row_key('own field', 3)::varchar, 'M-' || n
        )
    end as own,
    past_hour(n, 'made', $today) as created_at,
from range(1, $customers + 1) as numbers (n)
