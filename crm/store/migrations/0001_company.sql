-- The nouns of the company. Portable to DuckLake: no keys, no constraints but NOT NULL (0002 adds keys on a file).
-- Every row carries the change set that wrote it as its version; see crm/store/changes.py.

create table teams (
    team_id uuid not null,
    name varchar not null,
    manager_id uuid,
    region varchar,
    external_id varchar,
    source varchar,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table employees (
    employee_id uuid not null,
    name varchar not null,
    email varchar,
    role varchar not null,
    team_id uuid,
    region varchar,
    title varchar,
    external_id varchar,
    source varchar,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table customers (
    customer_id uuid not null,
    name varchar not null,
    kind varchar not null,
    lifecycle_stage varchar not null,
    owner_id uuid,
    sector varchar,
    region varchar,
    country varchar,
    city varchar,
    website varchar,
    phone varchar,
    employee_count integer,
    annual_revenue_amount decimal(14, 2),
    founded_year integer,
    parent_id uuid,
    cadence_days integer,
    note varchar,
    search_text varchar,
    external_id varchar,
    source varchar,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table contacts (
    contact_id uuid not null,
    customer_id uuid not null,
    name varchar not null,
    first_name varchar,
    last_name varchar,
    title varchar,
    email varchar,
    phone varchar,
    street varchar,
    postcode varchar,
    city varchar,
    state varchar,
    country varchar,
    born_on date,
    consent varchar not null,
    consent_at timestamp,
    note varchar,
    search_text varchar,
    external_id varchar,
    source varchar,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table traits (
    trait_id uuid not null,
    customer_id uuid not null,
    contact_id uuid,
    kind varchar not null,
    text varchar not null,
    state varchar,
    promised_on date,
    evidence varchar,
    observed_on date,
    interaction_id uuid,
    feedback_id uuid,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table products (
    product_id uuid not null,
    name varchar not null,
    category varchar,
    list_price_amount decimal(14, 2),
    external_id varchar,
    source varchar,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table pipelines (
    pipeline_id uuid not null,
    name varchar not null,
    position integer not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table stages (
    stage_id uuid not null,
    pipeline_id uuid not null,
    name varchar not null,
    position integer not null,
    outcome varchar not null,
    probability_share double,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table stage_aliases (
    stage_alias_id uuid not null,
    alias varchar not null,
    outcome varchar not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table deals (
    deal_id uuid not null,
    name varchar not null,
    customer_id uuid,
    contact_id uuid,
    owner_id uuid,
    product_id uuid,
    stage_id uuid not null,
    amount decimal(14, 2),
    original_amount varchar,
    opened_on date,
    expected_close_on date,
    closed_on date,
    lost_reason varchar,
    note varchar,
    external_id varchar,
    source varchar,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table stage_changes (
    stage_change_id uuid not null,
    deal_id uuid not null,
    from_stage_id uuid,
    to_stage_id uuid not null,
    changed_at timestamp not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table orders (
    order_id uuid not null,
    customer_id uuid,
    contact_id uuid,
    deal_id uuid,
    product_id uuid,
    number varchar,
    ordered_at timestamp not null,
    amount decimal(14, 2) not null,
    original_amount varchar,
    channel varchar,
    item_count integer,
    note varchar,
    external_id varchar,
    source varchar,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table interactions (
    interaction_id uuid not null,
    customer_id uuid,
    contact_id uuid,
    deal_id uuid,
    employee_id uuid,
    channel varchar not null,
    direction varchar,
    occurred_at timestamp not null,
    subject varchar,
    note varchar,
    duration_minutes integer,
    campaign varchar,
    external_id varchar,
    source varchar,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table tasks (
    task_id uuid not null,
    title varchar not null,
    customer_id uuid,
    contact_id uuid,
    deal_id uuid,
    feedback_id uuid,
    owner_id uuid,
    due_on date,
    done_at timestamp,
    repeat_every varchar,
    note varchar,
    external_id varchar,
    source varchar,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table tags (
    tag_id uuid not null,
    name varchar not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table customer_tags (
    customer_tag_id uuid not null,
    customer_id uuid not null,
    tag_id uuid not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table feedback (
    feedback_id uuid not null,
    customer_id uuid,
    contact_id uuid,
    product_id uuid,
    employee_id uuid,
    kind varchar not null,
    text varchar,
    rating integer,
    scale varchar,
    channel varchar,
    received_at timestamp not null,
    external_id varchar,
    source varchar,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table objectives (
    objective_id uuid not null,
    name varchar not null,
    reason varchar,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table goals (
    goal_id uuid not null,
    figure varchar not null,
    scope varchar not null,
    team_id uuid,
    employee_id uuid,
    starts_on date not null,
    ends_on date not null,
    target double not null,
    objective_id uuid,
    note varchar,
    external_id varchar,
    source varchar,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table settings (
    setting_id uuid not null,
    name varchar not null,
    value varchar,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

-- Long work in the background. Machinery like the history below: progress is not a change that a person undoes.
create table jobs (
    job_id uuid not null,
    kind varchar not null,
    state varchar not null,
    progress_share double,
    message varchar,
    asked_by varchar,
    created_at timestamp not null,
    started_at timestamp,
    finished_at timestamp
);

-- The history: who changed what, when; what each change replaced.
create table change_sets (
    change_set_id uuid not null,
    title varchar not null,
    actor_kind varchar not null,
    actor_id uuid,
    actor_name varchar not null,
    made_at timestamp not null,
    undoes uuid,
    undone_by uuid,
    counts json
);

create table changes (
    change_set_id uuid not null,
    position integer not null,
    table_name varchar not null,
    record_id uuid not null,
    operation varchar not null,
    before json,
    after json,
    version uuid
);

-- One counter a table, raised by each commit that touches it: the freshness part of every cache key.
create table data_versions (
    noun varchar not null,
    version bigint not null
);
