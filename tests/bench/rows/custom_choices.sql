select
    row_key('own choice', n) as custom_choice_id,
    row_key('own field', 1) as custom_field_id,
    ['Golden', 'Silver', 'Bronze'][n] as name,
    n as position,
from range(1, 4) as numbers (n)
