-- What people say a theme is: its name, phrases that mean it or rule it out, comments that are or are not about it. A theme that was
-- merged into another is archived and knows which. A comment is a piece of feedback or an idea, so that no one table holds its key.
create table themes (
    theme_id uuid not null,
    corpus varchar not null,
    name varchar not null,
    note varchar,
    merged_into_id uuid,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table theme_phrases (
    theme_phrase_id uuid not null,
    theme_id uuid not null,
    phrase varchar not null,
    is_excluded boolean not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table theme_marks (
    theme_mark_id uuid not null,
    theme_id uuid not null,
    comment_id uuid not null,
    fits boolean not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table sentiment_marks (
    sentiment_mark_id uuid not null,
    comment_id uuid not null,
    sentiment varchar not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table theme_dismissals (
    theme_dismissal_id uuid not null,
    corpus varchar not null,
    name varchar not null,
    phrases json not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

-- What the machine makes of it, comment by comment, as a job computed it: results, which no person writes or undoes.
create table comment_readings (
    comment_id uuid not null,
    corpus varchar not null,
    text_hash ubigint not null,
    sentiment double not null,
    read_by varchar not null
);

create table comment_themes (
    comment_id uuid not null,
    theme_id uuid not null,
    clause_start integer not null,
    clause_end integer not null,
    sentiment double not null,
    found_by varchar not null
);

create table theme_proposals (
    theme_proposal_id uuid not null,
    corpus varchar not null,
    name varchar not null,
    phrases json not null,
    comment_ids json not null,
    comment_count integer not null,
    made_at timestamp not null
);

create table theme_runs (
    theme_run_id uuid not null,
    corpus varchar not null,
    computed_at timestamp not null,
    comment_count integer not null,
    read_count integer not null,
    theme_count integer not null,
    stated_hash varchar not null,
    sentiment_reason varchar not null,
    seen_versions json not null
);
