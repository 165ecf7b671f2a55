-- Focus groups: a few customers drawn from a segment, asked in one session along a guide, and what was found.
create table focus_groups (
    focus_group_id uuid not null,
    name varchar not null,
    purpose varchar,
    segment_id uuid,
    size integer not null,
    strata json,
    cooldown_days integer not null,
    asks_unknown boolean not null,
    seed integer not null,
    held_at timestamp,
    place varchar,
    owner_id uuid,
    note varchar,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

-- The guide: what is asked, in order, and what is noted to it while people talk.
create table focus_questions (
    focus_question_id uuid not null,
    focus_group_id uuid not null,
    position integer not null,
    text varchar not null,
    note varchar,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

-- Who was drawn from which part of the segment, how they answered the invitation, and the interaction of those who came.
create table focus_participants (
    focus_participant_id uuid not null,
    focus_group_id uuid not null,
    customer_id uuid not null,
    contact_id uuid not null,
    stratum varchar,
    state varchar not null,
    invited_on date,
    interaction_id uuid,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

-- What somebody said: the words are feedback like any other, this says in which session and to which question.
create table focus_quotes (
    focus_quote_id uuid not null,
    focus_group_id uuid not null,
    focus_question_id uuid,
    focus_participant_id uuid,
    feedback_id uuid not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

-- What we take from a session, the quotes that it stands on, and the themes, actions and traits that it became.
create table focus_findings (
    focus_finding_id uuid not null,
    focus_group_id uuid not null,
    text varchar not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table finding_quotes (
    finding_quote_id uuid not null,
    focus_finding_id uuid not null,
    focus_quote_id uuid not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table finding_outcomes (
    finding_outcome_id uuid not null,
    focus_finding_id uuid not null,
    theme_id uuid,
    action_id uuid,
    trait_id uuid,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);
