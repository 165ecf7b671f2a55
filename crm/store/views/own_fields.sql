-- after: basics
-- The own fields of a row: one json, keyed by the field's id, blank ones left out, keys in order, so that equal values are
-- equal texts and an undo finds what it left.

create or replace macro in_key_order(fields) as (
    '{'
    || array_to_string(
        list_transform(list_sort(json_keys(fields)), lambda name: to_json(name)::varchar || ':' || (fields -> name)::varchar),
        ','
    )
    || '}'
)::json;

-- What a row holds after a patch: its keys replaced, those that are null taken out, the others as they were.
create or replace macro own_patched(own, patch) as
    nullif(in_key_order(json_merge_patch(coalesce(own, '{}'::json), coalesce(patch, '{}'::json)))::varchar, '{}')::json;

-- All that can be found by typing it: texts, links and days, but not the keys of choices, which are looked up by name.
create or replace macro own_text(own) as array_to_string(
    list_filter(
        list_transform(json_keys(own), lambda name: case when json_type(own, name) = 'VARCHAR' then own ->> name end),
        lambda value: value is not null and not regexp_full_match(value, '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')
    ),
    ' '
);

-- One row per record of the noun whose own field a split asks for (`customers:` and the field's id), with its answer; none
-- where a split asks for something else, which costs nothing.
create or replace macro own_answers(dimension) as table
select record_id, own ->> split_part(dimension, ':', 2) as answer
from (
    select 'customers' as noun, customer_id as record_id, own from customers
    union all
    select 'deals', deal_id, own from deals
    union all
    select 'orders', order_id, own from orders
    union all
    select 'interactions', interaction_id, own from interactions
    union all
    select 'feedback', feedback_id, own from feedback
    union all
    select 'tasks', task_id, own from tasks
    union all
    select 'products', product_id, own from products
    union all
    select 'employees', employee_id, own from employees
)
where noun = split_part(dimension, ':', 1);
