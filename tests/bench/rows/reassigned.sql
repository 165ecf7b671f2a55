-- A bulk edit, so that timelines have changes of fields to show: every twentieth customer was handed to somebody else.
select
    customer_id,
    row_key('employee', 1 + whole(customer_id, 'new owner', 100)) as owner_id,
from customers
where whole(customer_id, 'handed over', 20) = 0
