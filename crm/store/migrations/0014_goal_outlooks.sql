-- What was expected of goals, one row a goal and day as a job computed it, and what became of it: results, which no person
-- writes or undoes. Rows without a goal are trials on the company's own past.
create table goal_outlooks (
    goal_outlook_id uuid not null,
    goal_id uuid,
    figure varchar not null,
    scope varchar not null,
    starts_on date not null,
    ends_on date not null,
    as_of_on date not null,
    made_on date not null,
    computed_at timestamp not null,
    target double not null,
    actual double,
    probability_share double,
    middle double,
    quantiles json,
    fan json,
    drivers json,
    method varchar not null,
    reason varchar,
    case_count integer not null,
    seen_versions json not null,
    ended_value double,
    is_reached boolean
);

create table goal_milestones (
    goal_milestone_id uuid not null,
    goal_id uuid not null,
    share double not null,
    reached_on date not null,
    noted_at timestamp not null,
    is_announced boolean not null
);
