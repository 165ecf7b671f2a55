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
select customer_id as record_id, own ->> split_part(dimension, ':', 2) as answer
from customers
where starts_with(dimension, 'customers:')
union all
select deal_id, own ->> split_part(dimension, ':', 2)
from deals
where starts_with(dimension, 'deals:')
union all
select order_id, own ->> split_part(dimension, ':', 2)
from orders
where starts_with(dimension, 'orders:')
union all
select interaction_id, own ->> split_part(dimension, ':', 2)
from interactions
where starts_with(dimension, 'interactions:')
union all
select feedback_id, own ->> split_part(dimension, ':', 2)
from feedback
where starts_with(dimension, 'feedback:')
union all
select task_id, own ->> split_part(dimension, ':', 2)
from tasks
where starts_with(dimension, 'tasks:')
union all
select product_id, own ->> split_part(dimension, ':', 2)
from products
where starts_with(dimension, 'products:')
union all
select employee_id, own ->> split_part(dimension, ':', 2)
from employees
where starts_with(dimension, 'employees:');
