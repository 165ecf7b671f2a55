-- In no order of time, as an export from elsewhere comes: nothing may rest on the newest rows lying last.
with numbered as (
    select
        n,
        1 + n % $customers as customer,
        pick(n, 'channel', 'call|call|email|email|email|meeting|visit|note|newsletter|post') as channel,
    from range(0, $entries) as numbers (n)
)

select
    row_key('customer', customer) as customer_id,
    row_key('contact', customer) as contact_id,
    owner_key(customer) as employee_id,
    channel,
    case when channel <> 'note' then pick(n, 'direction', 'inbound|outbound') end as direction,
    past_hour(n, 'interaction', $today) as occurred_at,
    pick(n, 'subject', 'Offer|Question about an order|Delivery|Renewal|Complaint|First talk|Price') as subject,
    case
        when share(n, 'noted') < 0.6
            then 'Spoke about ' || brand(n) || ' and the next delivery; they will answer after talking to ' || first_name(n) || '.'
    end as note,
    case when channel in ('call', 'meeting', 'visit') then 5 + whole(n, 'minutes', 85) end as duration_minutes,
    case when channel in ('newsletter', 'post') then 'Campaign ' || (1 + whole(n, 'campaign', 24)) end as campaign,
from numbered
