-- What customers are worth, as a job computed it: results, which no person writes or undoes. The rows of the last run are kept.
create table value_runs (
    value_run_id uuid not null,
    as_of_on date not null,
    computed_at timestamp not null,
    method varchar not null,
    reason varchar not null,
    customer_count integer not null,
    parameters json not null,
    seen_versions json not null
);

create table customer_values (
    value_run_id uuid not null,
    customer_id uuid not null,
    first_purchased_on date not null,
    last_purchased_on date not null,
    purchase_count integer not null,
    spent_amount decimal(18, 2) not null,
    recency_score integer,
    frequency_score integer,
    amount_score integer,
    usual_gap_days double,
    active_share double,
    expected_purchases double,
    expected_amount decimal(18, 2),
    value_amount decimal(18, 2)
);
