-- after: basics
-- A span is a period seen as of a day. Every figure takes a list of spans, so that one scan gives its value, the value of
-- the period before, or a year by months. Flows run from starts_on to until_on, stocks stand at the close of until_on.

-- The instant at which a day of the company begins, as instants are stored: the counterpart of local_day.
create or replace macro day_start(day) as
    (day::timestamp at time zone setting('time_zone')) at time zone 'UTC';

-- A list of one span, for whoever asks in SQL: `from deal_figures(one_span('2017-04-01', '2017-06-30', '2017-12-31'))`.
create or replace macro one_span(starts_on, ends_on, as_of_on) as
    [{
        'position': 0,
        'starts_on': starts_on::date,
        'ends_on': ends_on::date,
        'as_of_on': as_of_on::date,
        'starts_at': day_start(starts_on::date),
        'until_at': day_start(least(ends_on::date, as_of_on::date) + 1)
    }];

-- The first day of the twelve months up to a day.
create or replace macro year_start(day) as (day - interval 12 month)::date + 1;

-- The bounds of all spans together, as constants by which a scan can skip rows before it looks at each span.
create or replace macro first_start(spans) as list_min(list_transform(spans, lambda span: span.starts_on));
create or replace macro first_until(spans) as list_min(list_transform(spans, lambda span: least(span.ends_on, span.as_of_on)));
create or replace macro last_until(spans) as list_max(list_transform(spans, lambda span: least(span.ends_on, span.as_of_on)));
create or replace macro first_instant(spans) as list_min(list_transform(spans, lambda span: span.starts_at));
create or replace macro last_instant(spans) as list_max(list_transform(spans, lambda span: span.until_at));
create or replace macro first_year_start(spans) as
    list_min(list_transform(spans, lambda span: least(span.starts_on, year_start(least(span.ends_on, span.as_of_on)))));

-- One row per span, with its last day that is seen and how much of it is over.
create or replace macro spans_of(spans) as table
select
    *,
    least(ends_on, as_of_on) as until_on,
    year_start(least(ends_on, as_of_on)) as year_starts_on,
    greatest(least(ends_on, as_of_on) - starts_on + 1, 0)::double / (ends_on - starts_on + 1) as elapsed_share
from (select unnest(spans, recursive := true));

-- The group that a row falls in: the key of an employee, team, customer or product, the name of a region; blank for none.
create or replace macro group_key(id, region) as coalesce(id::varchar, region, '');
