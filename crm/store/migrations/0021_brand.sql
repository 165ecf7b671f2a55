-- What was measured of our brand outside this company's own records: by whom, over which days, of how many. `taken_from` is the
-- source that a person names (`source` elsewhere is the system that a row was imported from).
create table brand_readings (
    brand_reading_id uuid not null,
    measure varchar not null,
    starts_on date not null,
    ends_on date not null,
    value_share double not null,
    sample_count integer,
    taken_from varchar not null,
    note varchar,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);
