-- One per customer: half won, a quarter lost, a quarter open; the stages are those an empty company starts with.
with ended as (
    select
        n,
        case
            when share(n, 'outcome') < 0.50 then 8
            when share(n, 'outcome') < 0.75 then 9
            else 1 + whole(n, 'step', 4)
        end as position,
        past_day(n, 'closed', $today) as closed_on,
        5 + whole(n, 'cycle', 115)::integer as cycle_days,
    from range(1, $customers + 1) as numbers (n)
)

select
    row_key('deal', n) as deal_id,
    brand(n) || ' ' || pick(n, 'what', 'renewal|pilot|roll-out|extension') as name,
    row_key('customer', n) as customer_id,
    row_key('contact', n) as contact_id,
    owner_key(n) as owner_id,
    row_key('product', 1 + whole(n, 'product', 20)) as product_id,
    stages.stage_id,
    case when share(n, 'priced') < 0.9 then round(100 * exp(share(n, 'amount') * 6), 2) end as amount,
    case when stages.outcome = 'open' then $today - cycle_days else closed_on - cycle_days end as opened_on,
    case
        when stages.outcome <> 'open' then closed_on
        when share(n, 'expected') < 0.9 then $today - 30 + whole(n, 'due', 180)::integer
    end as expected_close_on,
    case when stages.outcome <> 'open' then closed_on end as closed_on,
    case
        when share(n, 'asked') < 0.8
        then json_object(row_key('own field', 4)::varchar, share(n, 'budget') < case when stages.outcome = 'won' then 0.7 else 0.3 end)
    end as own,
    case when stages.outcome = 'lost' then pick(n, 'lost', 'price|timing|competitor|no answer') end as lost_reason,
from ended
inner join stages on stages.position = ended.position
