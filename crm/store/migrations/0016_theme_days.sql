-- How many comments of each day spoke of each theme, and in which tone, as the job counted it: so that half a million comments are
-- asked about as fast as a few. Without a theme: all comments of the day, and how many of them have none.
create table theme_days (
    corpus varchar not null,
    theme_id uuid,
    received_at timestamp not null,
    mentions integer not null,
    positive integer not null,
    neutral integer not null,
    negative integer not null,
    unassigned integer not null
);
