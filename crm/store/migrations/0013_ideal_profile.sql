-- Whom we want: what leadership states, each as a segment's rule with a weight.
create table ideal_attributes (
    ideal_attribute_id uuid not null,
    rule json not null,
    weight double not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

-- How near each customer comes to it, and what the data say of the best, as a job computed it: results, which no person writes or
-- undoes. The rows of the last run are kept.
create table fit_runs (
    fit_run_id uuid not null,
    as_of_on date not null,
    computed_at timestamp not null,
    customer_count integer not null,
    stated json not null,
    answers json not null,
    seen_versions json not null
);

create table customer_fits (
    fit_run_id uuid not null,
    customer_id uuid not null,
    fit_share double,
    met json,
    is_best_value boolean,
    is_best_retention boolean,
    is_best_win_rate boolean,
    likeness_share double
);
