-- What happens outside the company and moves its figures: a price war, a trade fair, a law. `figures` are the keys that it is
-- expected to move, `effect_share` by how much while it lasts (-0.1: a tenth less).
create table external_events (
    external_event_id uuid not null,
    name varchar not null,
    starts_on date not null,
    ends_on date not null,
    figures json,
    effect_share double,
    note varchar,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);
