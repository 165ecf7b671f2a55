with numbered as (
    select
        n,
        2 * n as customer,
        pick(n, 'kind', 'survey_answer|survey_answer|survey_answer|complaint|compliment|suggestion') as kind,
        pick(n, 'scale', 'nps_0_10|nps_0_10|csat_1_5') as scale,
    from range(1, $customers // 2 + 1) as numbers (n)
)

select
    row_key('customer', customer) as customer_id,
    row_key('contact', customer) as contact_id,
    row_key('product', 1 + whole(n, 'product', 20)) as product_id,
    kind,
    pick(n, 'opening', 'The delivery was late|I like the new app|Support answered at once|The price went up') || ', '
    || pick(n, 'ending', 'and I told my colleagues.|please change that.|thank you!|again.') as text,
    case when kind = 'survey_answer' then case scale when 'nps_0_10' then whole(n, 'nps', 11) else 1 + whole(n, 'csat', 5) end end as rating,
    case when kind = 'survey_answer' then scale end as scale,
    pick(n, 'channel', 'email|phone|web') as channel,
    past_hour(n, 'feedback', $today) as received_at,
from numbered
